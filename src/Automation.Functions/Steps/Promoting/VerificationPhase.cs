using Automation.Core.Builds;
using Automation.Core.Promotion;

namespace Automation.Functions.Steps.Promoting;

/// <summary>
/// Reads all tags again and corrects what others moved meanwhile, until nothing is left to do. Once the floating tags are in place, the build is
/// marked as promoted and everything is read once more. Of two concurrent releases each writes its mark before it reads, so the one
/// that verifies last sees the other's mark, and the tags end on their owners.
/// </summary>
internal static class VerificationPhase
{
    /// <summary>Each round except the last moves a tag or writes a mark. Needing more rounds means that somebody else keeps moving tags.</summary>
    private const int MaxRounds = 6;

    public static async Task<PromoteImageResult> RunAsync(PromotionContext context, PromotionMarks marks, CancellationToken cancellationToken)
    {
        var steps = new List<TagStepText>();
        for (var round = 1; round <= MaxRounds; round++)
        {
            if (round > 1)
            {
                marks = await context.MarksAsync(cancellationToken);
            }

            if (context.Stop(marks) is { } stop)
            {
                return context.Stopped(stop, steps);
            }

            var own = marks.Own!;
            if (context.Step.IsRollback && await context.RecordOwnersAsync(marks, cancellationToken))
            {
                continue;
            }

            // This release must not demote a build that was promoted before it began.
            if (!context.Step.IsRollback && !context.Step.Release.Promoted && !context.IsExplicit(marks)
                && ReleaseMarks.DemoteToHeld(own, marks.Pipeline.Hold, context.Step.Now) is { } withdrawn)
            {
                await context.ImageBuilder.TagAsync(own.Arn, BuildTags.Write(withdrawn), cancellationToken);
                continue;
            }

            var (regions, unread) = await context.RegionsAsync(marks, cancellationToken);
            var plans = PromotionPlanner.PlanAll(regions);
            context.RefuseConflicts(plans);
            plans = unread is null ? plans : [.. plans.Select(plan => plan.WithoutMoves())];
            steps.AddRange([.. (await context.ApplyAsync(plans, cancellationToken)).Except(steps)]);
            if (plans.Any(plan => plan.ToPut.Any()))
            {
                continue;
            }

            if (unread is not null)
            {
                throw unread;
            }

            var outcome = PromotionPlanner.Outcome(regions.Select(PromotionPlanner.PlanFloatingTags));
            if (outcome == ReleaseState.Promoted)
            {
                // The hold ends only now, so that a failure before all tags are in place leaves it set. It ends before the mark is written: if the
                // function stops in between, the release still counts as running, and the reconcile resumes it.
                if (marks.Pipeline.Hold is { } hold && context.IsExplicit(marks))
                {
                    await EndHoldAsync(context, hold, marks, cancellationToken);
                    continue;
                }

                var why = steps.FirstOrDefault(each => each.Action == PromotionContext.Name(TagAction.Put))?.Reason.Text
                    ?? $"{context.Step.Execution} put all tags on {own.Version}";
                if (ReleaseMarks.MarkPromoted(own, why, context.Step.Now) is { } claim)
                {
                    // Before the mark: if the function stops in between, the reconcile resumes the release.
                    await context.AttachStatementAsync(own, marks.Pipeline, cancellationToken);
                    await context.ImageBuilder.TagAsync(own.Arn, BuildTags.Write(claim, context.Step.Digest), cancellationToken);
                    continue;
                }
            }

            return context.Result(own.Release?.State == ReleaseState.RolledBack ? ReleaseState.RolledBack : outcome, steps);
        }

        return context.Result(ReleaseState.Running, steps);
    }

    // Builds that the rollback replaced keep that mark, even if it died before it could write it.
    private static async Task EndHoldAsync(PromotionContext context, Hold hold, PromotionMarks marks, CancellationToken cancellationToken)
    {
        foreach (var (build, mark) in Rollback.Marks(hold, marks.Builds, context.Step.Now).Where(due => due.Build.Version != marks.Own!.Version))
        {
            await context.ImageBuilder.TagAsync(build.Arn, BuildTags.Write(mark), cancellationToken);
        }

        await context.ImageBuilder.UntagAsync(marks.Pipeline.Arn, BuildTags.HoldKeys, cancellationToken);
    }
}
