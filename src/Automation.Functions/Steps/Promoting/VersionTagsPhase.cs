using Automation.Core.Builds;
using Automation.Core.Promotion;

namespace Automation.Functions.Steps.Promoting;

/// <summary>Puts the version tags in all Regions; run again after the soak.</summary>
internal static class VersionTagsPhase
{
    public static async Task<PromoteImageResult> RunAsync(PromotionContext context, PromotionMarks marks, CancellationToken cancellationToken)
    {
        var own = marks.Own!;
        if (!context.Step.IsRollback && (own.ClearedAt is null || own.ClearedDigest != context.Step.Digest))
        {
            // Recorded before the first tag moves, so that a release that resumes after a failure does not ask again.
            await context.ImageBuilder.TagAsync(
                own.Arn, BuildTags.Cleared(context.Step.Digest, context.Step.Now, context.Step.Release.Checks), cancellationToken);
        }

        // A conflict of the floating tags also stops the version tags.
        var (regions, _) = await context.RegionsAsync(marks, cancellationToken);
        context.RefuseConflicts(PromotionPlanner.PlanAll(regions));

        // A version tag that is put is new.
        var plans = regions.ConvertAll(PromotionPlanner.PlanVersionTags);
        var steps = await context.ApplyAsync(plans, cancellationToken);

        // All version tags exist in every Region.
        if (own.VersionTagsAt is null)
        {
            await context.ImageBuilder.TagAsync(
                own.Arn, new Dictionary<string, string> { [BuildTags.VersionTagsAt] = BuildTags.Format(own.PromotedAt ?? context.Step.Now) },
                cancellationToken);
        }

        // A hold makes the soak pointless.
        var waits = regions.Exists(facts => PromotionPlanner.PlanFloatingTags(facts).Steps.Any(each => each.Action == TagAction.Soaking));
        var until = PromotionPlanner.SoakUntil(context.Image, own, context.Step.Now);
        return context.Result(PromotionPlanner.Outcome(plans), steps) with { WaitUntil = waits && until > context.Step.Now ? Step.WaitUntil(until) : null };
    }
}
