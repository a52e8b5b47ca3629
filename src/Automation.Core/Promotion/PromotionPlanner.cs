using Automation.Core.Builds;
using Automation.Core.Images;

namespace Automation.Core.Promotion;

/// <summary>Decides which tags a build gets in one Region. Version tags first, in every Region; floating tags only when all of those
/// stand, which the caller sees to by planning them afterwards.</summary>
public static class PromotionPlanner
{
    /// <summary>One tag per build that never moves: on the same digest it is done, on another one it is a conflict, mutable or not.</summary>
    public static TagPlan PlanVersionTags(PromotionFacts facts) => Plan(facts, facts.Image.Promote.VersionTags, VersionStep);

    /// <summary>Tags that move forward by recipe version and build number; backwards only in a rollback. A digest that no build is known
    /// for (pushed by hand, or its record is gone) is moved over, and the reason says so: refusing would end the automation for good,
    /// and who wants to keep it sets a hold.</summary>
    public static TagPlan PlanFloatingTags(PromotionFacts facts) => Plan(facts, facts.Image.Promote.FloatingTags, FloatingStep);

    /// <summary>After a race: the newer build that was promoted meanwhile and whose floating tags must be put back; null: none, or a
    /// rollback or hold says that the newest is not wanted.</summary>
    public static Candidate? NewerPromoted(Candidate written, IEnumerable<BuildRecord> builds, Hold? hold, bool isRollback) =>
        hold is not null || isRollback ? null : builds
            .Where(build => build is { Release.State: ReleaseState.Promoted, Digest: not null, State: BuildState.Available }
                && build.Version > written.Version)
            .MaxBy(build => build.Version) is { } newest
                ? new Candidate(newest.Version, newest.Digest!, newest.CreatedAt)
                : null;

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
                : current == candidate.Digest
                    ? Step(facts, tag, current, TagAction.Present, "already-there", $"{tag} is on {candidate.Version} already")
                    : decide(facts, tag, current));
        }

        return new TagPlan(facts.Region, steps);
    }

    private static TagStep VersionStep(PromotionFacts facts, string tag, Digest? current) => current is null
        ? Step(facts, tag, null, TagAction.Put, "new-tag", $"{tag} is put on {facts.Candidate.Version}")
        : Step(facts, tag, current, TagAction.Conflict,
            facts.Repository.Mutability.IsImmutable(tag) ? "immutable-tag" : "version-tag-taken",
            $"{tag} is on {Name(facts, current)}; a version tag names one build for ever");

    private static TagStep FloatingStep(PromotionFacts facts, string tag, Digest? current)
    {
        var candidate = facts.Candidate.Version;
        if (current is not null && facts.Repository.Mutability.IsImmutable(tag))
        {
            return Step(facts, tag, current, TagAction.Conflict, "immutable-tag",
                $"{tag} is immutable and on {Name(facts, current)}; exclude it from the repository's immutability");
        }

        var known = current is null ? null : facts.Versions.GetValueOrDefault(current);
        if (known > candidate && !facts.IsRollback)
        {
            return Step(facts, tag, current, TagAction.NotForward, "newer-build-there", $"{tag} is on {known}, which is newer than {candidate}");
        }

        if (!facts.IsRollback && !facts.IsExplicit)
        {
            if (facts.Hold is { } hold)
            {
                return Step(facts, tag, current, TagAction.Held, "held", $"held until an explicit promote: {hold.Why}");
            }

            var until = (facts.VersionTagsSince ?? facts.Now).AddHours(facts.Image.Promote.SoakHours);
            if (until > facts.Now)
            {
                return Step(facts, tag, current, TagAction.Soaking, "soaking",
                    $"floating tags wait {facts.Image.Promote.SoakHours} hours after the version tags, until {BuildTags.Format(until)}") with
                { Until = until };
            }
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

    private static TagStep Step(PromotionFacts facts, string tag, Digest? current, TagAction action, string code, string text) =>
        new(tag, action, current, facts.Candidate.Digest, new Reason(code, text));

    private static string Name(PromotionFacts facts, Digest digest) =>
        facts.Versions.TryGetValue(digest, out var version) ? $"{version} ({digest.Short12})" : $"{digest.Short12}, of which no build is known";
}
