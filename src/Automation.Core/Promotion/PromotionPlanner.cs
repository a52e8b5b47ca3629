using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Promotion;

/// <summary>Decides which tags a build gets in one Region. Version tags come first, in every Region. The caller plans the floating tags after
/// all version tags exist. The plans of all Regions are complete before the first tag moves: a conflict in one Region stops the move in
/// all of them.</summary>
public static class PromotionPlanner
{
    /// <summary>A version tag names one build forever. On the same digest it is done; on another digest it is a conflict, even if the tag is mutable.</summary>
    public static TagPlan PlanVersionTags(PromotionFacts facts)
    {
        var plan = Plan(facts, facts.Image.Promote.VersionTags, VersionStep);
        return OwnTagStep(facts) is { } changed ? plan with { Steps = [.. plan.Steps.Where(step => step.Tag != changed.Tag), changed] } : plan;
    }

    /// <summary>
    /// Each floating tag goes to its owner (<see cref="FloatingTagOwners"/>), or to the candidate if that is newer and nothing holds it back. So a
    /// release moves tags only forward, and in a rollback the candidate is the owner. A tag that somebody moved to another build or to an unknown
    /// digest is moved back. A person who wants to keep such a move sets a hold.
    /// </summary>
    public static TagPlan PlanFloatingTags(PromotionFacts facts)
    {
        var owners = FloatingTagOwners.Of(facts.Image, facts.Builds, HoldInForce(facts));
        return Plan(facts, facts.Image.Promote.FloatingTags, (facts, tag, current) => FloatingStep(facts, tag, current, owners.GetValueOrDefault(tag)));
    }

    /// <summary>Both plans for all Regions, made before the first tag moves.</summary>
    public static IReadOnlyList<TagPlan> PlanAll(IEnumerable<PromotionFacts> regions) =>
        [.. regions.SelectMany(facts => new[] { PlanVersionTags(facts), PlanFloatingTags(facts) })];

    /// <summary>The end of the soak for a build's floating tags.</summary>
    /// <param name="build">If its version tags do not exist yet, or their time is not recorded, the soak counts from now.</param>
    public static DateTimeOffset SoakUntil(ImageSpec image, BuildRecord? build, DateTimeOffset now) =>
        (build?.VersionTagsAt ?? build?.PromotedAt ?? now).AddHours(image.Promote.SoakHours);

    /// <summary>Summarises the plans of all Regions for the mark on the build.</summary>
    public static ReleaseState Outcome(IEnumerable<TagPlan> plans)
    {
        var actions = plans.SelectMany(plan => plan.Steps).Select(step => step.Action).ToHashSet();
        return actions.Contains(TagAction.Conflict) ? ReleaseState.Failed
            : actions.Contains(TagAction.Put) || actions.Contains(TagAction.Soaking) ? ReleaseState.Running
            : actions.Contains(TagAction.Held) ? ReleaseState.Held
            : actions.Contains(TagAction.NotForward) && !actions.Contains(TagAction.Present) ? ReleaseState.Overtaken
            : ReleaseState.Promoted;
    }

    private static TagPlan Plan(
        PromotionFacts facts, IEnumerable<TagTemplate> templates, Func<PromotionFacts, string, Digest?, TagStep> decide)
    {
        var candidate = facts.Candidate;
        var steps = new List<TagStep>();
        foreach (var tag in templates.Select(template => template.Render(candidate.Version, candidate.BuiltAt, candidate.Digest))
            .Distinct(StringComparer.Ordinal))
        {
            var current = facts.Repository.Tags.GetValueOrDefault(tag);
            steps.Add(!facts.Repository.Exists
                ? Step(facts, tag, null, TagAction.Conflict, ReasonCode.RepositoryMissing,
                    $"there is no repository {facts.Image.Repository} in {facts.Region}; create it")
                : decide(facts, tag, current));
        }

        return new TagPlan(facts.Region, steps);
    }

    private static TagStep Present(PromotionFacts facts, string tag, Digest? current) =>
        Step(facts, tag, current, TagAction.Present, ReasonCode.AlreadyThere, $"{tag} is already on {facts.Candidate.Version}");

    // Image Builder's own tag of the build. If it is on another image before the promotion, the build's image is uncertain.
    private static TagStep? OwnTagStep(PromotionFacts facts)
    {
        var tag = facts.Candidate.Version.Tag;
        return facts.Repository.Tags.GetValueOrDefault(tag) is { } current && current != facts.Candidate.Digest
            && Own(facts)?.Release?.State is not (ReleaseState.Promoted or ReleaseState.RolledBack)
            ? Step(facts, tag, current, TagAction.Conflict, ReasonCode.DigestChanged,
                $"{tag} is now on {current.Short12}, but the build was inspected as {facts.Candidate.Digest.Short12}; move the tag back, or build the image again")
            : null;
    }

    private static TagStep VersionStep(PromotionFacts facts, string tag, Digest? current) => current is null
        ? ImageMissing(facts, tag, current, facts.Candidate)
            ?? Step(facts, tag, null, TagAction.Put, ReasonCode.NewTag, $"{tag} is added to {facts.Candidate.Version}")
        : current == facts.Candidate.Digest ? Present(facts, tag, current)
        : Step(facts, tag, current, TagAction.Conflict,
            facts.Repository.Mutability.IsImmutable(tag) ? ReasonCode.ImmutableTag : ReasonCode.VersionTagTaken,
            $"{tag} is on {Name(facts, current)}; a version tag never moves: delete it there, or build the image again");

    private static TagStep FloatingStep(PromotionFacts facts, string tag, Digest? current, Candidate? owner)
    {
        var candidate = facts.Candidate;
        var heldBack = HeldBack(facts);
        var isOwner = owner?.Version == candidate.Version;
        var claims = !isOwner && heldBack is null && !(owner?.Version > candidate.Version);
        if ((isOwner || claims ? candidate : owner) is not { } target)
        {
            return Step(facts, tag, current, TagAction.Held, heldBack!);
        }

        var isCandidate = target.Version == candidate.Version;
        var known = current is null ? null : facts.Versions.GetValueOrDefault(current);
        var tagged = known is null ? null : facts.Builds.FirstOrDefault(build => build.Version == known);
        var stays = heldBack is not null && !(owner?.Version > candidate.Version)
            ? Step(facts, tag, current, TagAction.Held, heldBack)
            : Step(facts, tag, current, TagAction.NotForward, ReasonCode.NewerBuildThere,
                $"{tag} is on {known ?? target.Version}, which is newer than {candidate.Version}");
        var soaks = claims && !facts.IsExplicit && SoakUntil(facts.Image, Own(facts), facts.Now) is var until && until > facts.Now
            ? Step(facts, tag, current, TagAction.Soaking, ReasonCode.Soaking,
                $"floating tags wait {HumanText.Of(facts.Image.Promote.SoakHours, "hour")} after the version tags, until {BuildTags.Format(until)}")
            : null;
        if (current == target.Digest)
        {
            // A tag that somebody else, such as the pipeline's own distribution, put on the candidate does not end the soak.
            return !isCandidate ? stays : soaks ?? Present(facts, tag, current);
        }

        if (tagged?.Version > target.Version && IsBeingReleased(facts, tagged))
        {
            return stays;
        }

        // Only a rollback moves a floating tag backwards. A value that cannot be read is not a rollback.
        if (FloatingTagOwners.Hidden(facts.Builds, HoldInForce(facts), target.Version) is { } hidden)
        {
            return Step(facts, tag, current, TagAction.Held, ReasonCode.TagUnreadable,
                $"{tag} may belong to {hidden.Version}: correct or remove its tag {(hidden.IsReleaseUnreadable ? BuildTags.Release : BuildTags.Digest)}");
        }

        // A person's hold freezes the tags. It undoes only what a release moved before it saw the hold, never promoted builds or foreign digests.
        if (HoldInForce(facts) is { Target: null } && !(tagged?.Release is { State: not ReleaseState.Promoted } || (current == candidate.Digest && !isOwner)))
        {
            return Step(facts, tag, current, TagAction.Held, heldBack!);
        }

        if (current is not null && facts.Repository.Mutability.IsImmutable(tag))
        {
            return Step(facts, tag, current, TagAction.Conflict, ReasonCode.ImmutableTag,
                $"{tag} is immutable and on {Name(facts, current)}; exclude it from the repository's immutability");
        }

        if (ImageMissing(facts, tag, current, target) is { } missing)
        {
            return missing;
        }

        if (soaks is not null)
        {
            return soaks;
        }

        if (!isCandidate)
        {
            var why = heldBack is null
                ? $"{tag} belongs to {target.Version}, which was promoted and is newer than {candidate.Version}"
                : $"{tag} goes back to {target.Version}: {heldBack.Text}";
            return Step(facts, tag, current, TagAction.Put, ReasonCode.GivenBack, why) with { To = target.Digest };
        }

        var (code, text) = (current, known) switch
        {
            (null, _) => (ReasonCode.NewTag, $"{tag} is added to {candidate.Version}; it did not exist"),
            (_, null) => (ReasonCode.ForeignDigest, $"{tag} is on {Name(facts, current)}; it moves to {candidate.Version}; use that digest to restore it"),
            _ when known > candidate.Version => (ReasonCode.Rollback, $"{tag} goes back from {known} to {candidate.Version}"),
            _ when known == candidate.Version => (ReasonCode.OtherDigestOfBuild, $"{tag} is on another digest of {candidate.Version}"),
            _ => (ReasonCode.Forward, $"{tag} moves from {known} to {candidate.Version}"),
        };
        return Step(facts, tag, current, TagAction.Put, code, text);
    }

    private static BuildRecord? Own(PromotionFacts facts) => facts.Builds.FirstOrDefault(build => build.Version == facts.Candidate.Version);

    private static Hold? HoldInForce(PromotionFacts facts) => facts.IsExplicit ? null : facts.Hold;

    // Why the newest build does not get floating tags that it does not own yet.
    private static Reason? HeldBack(PromotionFacts facts) =>
        Own(facts)?.Release is { State: ReleaseState.RolledBack } mark
            ? new Reason(ReasonCode.RolledBack, mark.Why ?? $"{facts.Candidate.Version} was rolled back")
        : HoldInForce(facts) is { } hold ? new Reason(ReasonCode.Held, $"held until an explicit promote: {hold.Why}")
        : null;

    // A running or imminent release moves the tag and records that, so this plan leaves it alone.
    private static bool IsBeingReleased(PromotionFacts facts, BuildRecord build) => build switch
    {
        { State: not BuildState.Available } => false,
        { Release: { State: ReleaseState.Running } mark } => facts.Hold is null || (mark.Explicit && facts.Hold.IsEndedBy(mark.At)),
        { Release: null } => HoldInForce(facts) is null
            && (build.Cause is not null || facts.Builds.All(other => other.State != BuildState.Available || other.Version <= build.Version)),
        _ => false,
    };

    private static TagStep? ImageMissing(PromotionFacts facts, string tag, Digest? current, Candidate target) =>
        facts.PresentImages?.Contains(target.Digest) == false
            ? Step(facts, tag, current, TagAction.Conflict, ReasonCode.ImageMissing,
                $"{tag} belongs on {target.Version}, but {facts.Image.Repository} has no image {target.Digest.Short12} in {facts.Region}; copy the image there")
            : null;

    private static TagStep Step(PromotionFacts facts, string tag, Digest? current, TagAction action, ReasonCode code, string text) =>
        Step(facts, tag, current, action, new Reason(code, text));

    private static TagStep Step(PromotionFacts facts, string tag, Digest? current, TagAction action, Reason reason) =>
        new(tag, action, current, facts.Candidate.Digest, reason);

    private static string Name(PromotionFacts facts, Digest digest) =>
        facts.Versions.TryGetValue(digest, out var version) ? $"{version} ({digest.Short12})" : $"{digest.Short12}, which belongs to no known build";
}
