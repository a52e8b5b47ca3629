using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Promotion;

namespace Automation.Functions.Steps.Promoting;

/// <summary>Moves the floating tags in all Regions. A rollback first records the owners of the tags.</summary>
internal static class FloatingTagsPhase
{
    public static async Task<PromoteImageResult> RunAsync(PromotionContext context, PromotionMarks marks, CancellationToken cancellationToken)
    {
        if (context.Step.IsRollback && await context.RecordOwnersAsync(marks, cancellationToken))
        {
            marks = await context.MarksAsync(cancellationToken);
        }

        var (regions, unread) = await context.RegionsAsync(marks, cancellationToken);

        // A version tag that somebody has moved meanwhile also stops the floating tags.
        context.RefuseConflicts(PromotionPlanner.PlanAll(regions));
        var plans = regions.ConvertAll(facts => PromotionPlanner.PlanFloatingTags(facts) is var plan && unread is null ? plan : plan.WithoutMoves());
        var steps = await context.ApplyAsync(plans, cancellationToken);
        return unread is null ? context.Result(PromotionPlanner.Outcome(plans), steps) : context.Result(ReleaseState.Running, steps) with
        {
            Reasons = ReasonText.From([new Reason(ReasonCode.RegionUnreadable, $"no floating tag moves while a Region does not answer: {unread.Message}")]),
        };
    }
}
