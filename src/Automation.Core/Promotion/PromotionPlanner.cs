using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Promotion;

/// <summary>Decides which tags a build gets in one Region. Version tags first, in every Region; floating tags only when all of those
/// stand, which the caller sees to by planning them afterwards.</summary>
public static class PromotionPlanner
{
    /// <summary>One tag per build that never moves: on the same digest it is done, on another one it is a conflict, mutable or not.</summary>
    public static TagPlan PlanVersionTags(PromotionFacts facts) => Plan(facts, facts.Image.Promote.VersionTags, VersionStep);

    /// <summary>
    /// Each floating tag goes to the build it belongs to: its owner, or the candidate where that is newer and nothing keeps it back. Tags
    /// move forward by recipe version and build number; backwards only in a rollback, and from a build that a hold or a rollback
    /// overtook while its tags were put (those are given back). A digest that no build is known for (pushed by hand, or its record is
    /// gone) is moved over, and the reason says so: refusing would end the automation for good, and who wants to keep it sets a hold.
    /// </summary>
    public static TagPlan PlanFloatingTags(PromotionFacts facts)
    {
        var owners = Owners(facts.Image, facts.Builds);
        return Plan(facts, facts.Image.Promote.FloatingTags, (facts, tag, current) => FloatingStep(facts, tag, current, owners.GetValueOrDefault(tag)));
    }

    /// <summary>Whose each floating tag is: of the builds that are marked as promoted and render it, the newest.</summary>
    public static IReadOnlyDictionary<string, Candidate> Owners(ImageSpec image, IEnumerable<BuildRecord> builds)
    {
        var owners = new Dictionary<string, Candidate>(StringComparer.Ordinal);
        foreach (var build in builds.Where(build => build is { Release.State: ReleaseState.Promoted, State: BuildState.Available, Digest: not null }).OrderBy(build => build.Version))
        {
            var owner = new Candidate(build.Version, build.Digest!, build.CreatedAt);
            foreach (var template in image.Promote.FloatingTags)
            {
                owners[template.Render(owner.Version, owner.BuiltAt, owner.Digest)] = owner;
            }
        }

        return owners;
    }

    /// <summary>Until when the floating tags of a build wait.</summary>
    /// <param name="build">Where its version tags do not stand yet, or nobody wrote down since when, it is counted from now.</param>
    public static DateTimeOffset SoakUntil(ImageSpec image, BuildRecord? build, DateTimeOffset now) =>
        (build?.VersionTagsAt ?? build?.PromotedAt ?? now).AddHours(image.Promote.SoakHours);

    /// <summary>The builds that a rollback to <paramref name="target"/> takes back.</summary>
    public static IEnumerable<BuildRecord> TakenBack(ImageVersion target, IEnumerable<BuildRecord> builds) =>
        builds.Where(build => build.Release?.State == ReleaseState.Promoted && build.Version > target);

    /// <summary>What the plans of all Regions come to, for the mark on the build.</summary>
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
                ? Step(facts, tag, null, TagAction.Conflict, "repository-missing", $"there is no repository {facts.Image.Repository} in {facts.Region}")
                : decide(facts, tag, current));
        }

        return new TagPlan(facts.Region, steps);
    }

    private static TagStep Present(PromotionFacts facts, string tag, Digest? current) =>
        Step(facts, tag, current, TagAction.Present, "already-there", $"{tag} is on {facts.Candidate.Version} already");

    private static TagStep VersionStep(PromotionFacts facts, string tag, Digest? current) => current is null
        ? Step(facts, tag, null, TagAction.Put, "new-tag", $"{tag} is put on {facts.Candidate.Version}")
        : current == facts.Candidate.Digest ? Present(facts, tag, current)
        : Step(facts, tag, current, TagAction.Conflict,
            facts.Repository.Mutability.IsImmutable(tag) ? "immutable-tag" : "version-tag-taken",
            $"{tag} is on {Name(facts, current)}; a version tag names one build for ever");

    private static TagStep FloatingStep(PromotionFacts facts, string tag, Digest? current, Candidate? owner)
    {
        var candidate = facts.Candidate.Version;
        var isOurs = current == facts.Candidate.Digest;
        if (current is not null && !isOurs && facts.Repository.Mutability.IsImmutable(tag))
        {
            return Step(facts, tag, current, TagAction.Conflict, "immutable-tag",
                $"{tag} is immutable and on {Name(facts, current)}; exclude it from the repository's immutability");
        }

        var known = current is null ? null : facts.Versions.GetValueOrDefault(current);
        var standing = known is null ? null : facts.Builds.FirstOrDefault(build => build.Version == known);
        var isRolledBack = standing?.Release?.State == ReleaseState.RolledBack;
        if (!facts.IsRollback)
        {
            if (KeptBack(facts) is { } why)
            {
                // What is on a build that is not promoted got there in a race, ours or another one's.
                var isStray = isOurs || standing is { Release.State: not ReleaseState.Promoted };
                return isOurs && owner?.Version == candidate ? Present(facts, tag, current)
                    : isStray && owner is not null && owner.Digest != current
                        ? GiveBack(facts, tag, current, owner, $"{tag} goes back to {owner.Version}: {why.Text}")
                    : Step(facts, tag, current, TagAction.Held, why.Code, why.Text);
            }

            if (known > candidate && !isRolledBack && !(owner?.Version > known))
            {
                return Step(facts, tag, current, TagAction.NotForward, "newer-build-there", $"{tag} is on {known}, which is newer than {candidate}");
            }

            if (owner?.Version > candidate)
            {
                return owner.Digest == current
                    ? Step(facts, tag, current, TagAction.NotForward, "newer-build-there", $"{tag} is on {owner.Version}, which is newer than {candidate}")
                    : GiveBack(facts, tag, current, owner, $"{tag} belongs to {owner.Version}, which was promoted and is newer than {candidate}");
            }
        }

        if (isOurs)
        {
            return Present(facts, tag, current);
        }

        if (!facts.IsRollback && !facts.IsExplicit && SoakUntil(facts.Image, Own(facts), facts.Now) is var until && until > facts.Now)
        {
            return Step(facts, tag, current, TagAction.Soaking, "soaking",
                $"floating tags wait {Wording.Of(facts.Image.Promote.SoakHours, "hour")} after the version tags, until {BuildTags.Format(until)}");
        }

        var (code, text) = (current, known) switch
        {
            (null, _) => ("new-tag", $"{tag} is put on {candidate}, there was none"),
            (_, null) => ("foreign-digest", $"{tag} is on {Name(facts, current)}; it is taken over, restore it by that digest"),
            _ when known > candidate => ("rollback", $"{tag} goes back from {known} to {candidate}"),
            _ when known == candidate => ("other-digest-of-build", $"{tag} is on another digest of {candidate}"),
            _ => ("forward", $"{tag} moves from {known} to {candidate}"),
        };
        return Step(facts, tag, current, TagAction.Put, code, text);
    }

    private static BuildRecord? Own(PromotionFacts facts) => facts.Builds.FirstOrDefault(build => build.Version == facts.Candidate.Version);

    // What keeps a build from its floating tags although it is the newest.
    private static Reason? KeptBack(PromotionFacts facts) =>
        Own(facts)?.Release is { State: ReleaseState.RolledBack } mark ? new Reason("rolled-back", mark.Why ?? $"{facts.Candidate.Version} was rolled back")
        : facts.Hold is { } hold && !facts.IsExplicit ? new Reason("held", $"held until an explicit promote: {hold.Why}")
        : null;

    private static TagStep GiveBack(PromotionFacts facts, string tag, Digest? current, Candidate owner, string text) =>
        Step(facts, tag, current, TagAction.Put, "given-back", text) with { To = owner.Digest };

    private static TagStep Step(PromotionFacts facts, string tag, Digest? current, TagAction action, string code, string text) =>
        new(tag, action, current, facts.Candidate.Digest, new Reason(code, text));

    private static string Name(PromotionFacts facts, Digest digest) =>
        facts.Versions.TryGetValue(digest, out var version) ? $"{version} ({digest.Short12})" : $"{digest.Short12}, of which no build is known";
}
