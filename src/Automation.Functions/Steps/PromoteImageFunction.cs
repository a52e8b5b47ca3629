using Amazon.Lambda.Annotations;
using Amazon.Lambda.Core;
using Automation.Aws.Facts;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Ports;
using Automation.Core.Promotion;
using Microsoft.Extensions.Logging;

namespace Automation.Functions.Steps;

/// <summary>
/// Puts tags on a finished image in all Regions, phase by phase: the version tags, asked again after the soak; the floating tags; at last a look
/// at all of them. Each phase reads what is written now, stops where the release must not go on, and plans all Regions before it puts the first
/// tag, so running it again changes nothing. What a later release must know is written on the builds: which digest passed gate and approval,
/// since when the version tags stand, and whose the floating tags are.
/// </summary>
public sealed class PromoteImageFunction(FleetReader fleet, IRegistry registry, IImageBuilder imageBuilder, ILogger<PromoteImageFunction> logger)
{
    /// <summary>Each round but the last moves a tag or writes a mark; who needs more is in a fight with somebody.</summary>
    private const int MaxRounds = 6;

    /// <exception cref="TagConflictException">In some Region a tag cannot be put where it belongs; no tag was put in any Region.</exception>
    [LambdaFunction(ResourceName = nameof(PromoteImage))]
    public Task<PromoteImageResult> PromoteImage(StepInput input, ILambdaContext context) => Deadline.RunAsync(context, async cancellationToken =>
    {
        var step = Step.Read(input);
        var image = fleet.Image(step.State.Image);
        Func<Step, ImageSpec, Marks, CancellationToken, Task<PromoteImageResult>> phase = step.State.Phase switch
        {
            PromotionPhases.Version => PutVersionTagsAsync,
            PromotionPhases.Floating => PutFloatingTagsAsync,
            PromotionPhases.Verify => VerifyAsync,
            _ => throw new InvalidEventException($"\"phase\" must be version, floating or verify, not \"{step.State.Phase}\"."),
        };
        _ = step.Release;
        var marks = await MarksAsync(step, image, cancellationToken);
        return Stop(step, marks) is { } stop ? Stopped(step, stop, []) : await phase(step, image, marks, cancellationToken);
    });

    private async Task<PromoteImageResult> PutVersionTagsAsync(Step step, ImageSpec image, Marks marks, CancellationToken cancellationToken)
    {
        var own = marks.Own!;
        if (!step.IsRollback && (own.ClearedAt is null || own.ClearedDigest != step.Digest))
        {
            // Before the first tag moves: a release that goes on after a failure does not ask again.
            await imageBuilder.TagAsync(own.Arn, BuildTags.Cleared(step.Digest, step.Now), cancellationToken);
        }

        // What will be in the way of the floating tags keeps the version tags back as well.
        var (regions, _) = await FactsAsync(step, image, marks, cancellationToken);
        Check(image, PromotionPlanner.PlanAll(regions));

        // A version tag that is put is new.
        var plans = regions.ConvertAll(PromotionPlanner.PlanVersionTags);
        var steps = await ApplyAsync(step.Execution, image, plans, cancellationToken);

        // All version tags stand, in every Region.
        if (own.VersionTagsAt is null)
        {
            await imageBuilder.TagAsync(own.Arn, new Dictionary<string, string> { [BuildTags.VersionTagsAt] = BuildTags.Format(own.PromotedAt ?? step.Now) }, cancellationToken);
        }

        // Under a hold there is nothing to wait for.
        var waits = regions.Exists(facts => PromotionPlanner.PlanFloatingTags(facts).Steps.Any(each => each.Action == TagAction.Soaking));
        var until = PromotionPlanner.SoakUntil(image, own, step.Now);
        return Result(step, PromotionPlanner.Outcome(plans), steps) with { WaitUntil = waits && until > step.Now ? Step.WaitUntil(until) : null };
    }

    private async Task<PromoteImageResult> PutFloatingTagsAsync(Step step, ImageSpec image, Marks marks, CancellationToken cancellationToken)
    {
        if (step.IsRollback && await TakeBackAsync(step, marks, cancellationToken))
        {
            marks = await MarksAsync(step, image, cancellationToken);
        }

        var (regions, unread) = await FactsAsync(step, image, marks, cancellationToken);
        var plans = regions.ConvertAll(facts => PromotionPlanner.PlanFloatingTags(facts) is var plan && unread is null ? plan : plan.WithoutMoves());
        Check(image, plans);
        var steps = await ApplyAsync(step.Execution, image, plans, cancellationToken);
        return unread is null ? Result(step, PromotionPlanner.Outcome(plans), steps) : Result(step, ReleaseState.Running, steps) with
        {
            Reasons = ReasonText.From([new Reason(ReasonCode.RegionUnreadable, $"no floating tag moves while a Region does not answer: {unread.Message}")]),
        };
    }

    /// <summary>
    /// Reads everything back and puts right what others moved meanwhile, until nothing is to be put any more. As soon as the floating tags
    /// stand, the build is marked as promoted, and after that all is read once more: of two that come between each other, each writes
    /// its mark before it reads, so the one that verifies last sees the other's, and the tags end where they belong.
    /// </summary>
    private async Task<PromoteImageResult> VerifyAsync(Step step, ImageSpec image, Marks marks, CancellationToken cancellationToken)
    {
        var steps = new List<TagStepText>();
        for (var round = 1; round <= MaxRounds; round++)
        {
            if (round > 1)
            {
                marks = await MarksAsync(step, image, cancellationToken);
            }

            if (Stop(step, marks) is { } stop)
            {
                return Stopped(step, stop, steps);
            }

            var own = marks.Own!;
            if (step.IsRollback && await TakeBackAsync(step, marks, cancellationToken))
            {
                continue;
            }

            // What was promoted before this release began is not this release's to take back.
            if (!step.IsRollback && !step.Release.Promoted && !IsExplicit(step, marks)
                && ReleaseMarks.DemoteToHeld(own, marks.Pipeline.Hold, step.Now) is { } withdrawn)
            {
                await imageBuilder.TagAsync(own.Arn, BuildTags.Write(withdrawn), cancellationToken);
                continue;
            }

            var (regions, unread) = await FactsAsync(step, image, marks, cancellationToken);
            var plans = PromotionPlanner.PlanAll(regions);
            Check(image, plans);
            plans = unread is null ? plans : [.. plans.Select(plan => plan.WithoutMoves())];
            steps.AddRange([.. (await ApplyAsync(step.Execution, image, plans, cancellationToken)).Except(steps)]);
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
                // The hold ends only now: until every tag stands, a failure leaves it in place. And it ends before the mark is written: should
                // this stop in between, the release is still running for the reconcile, and goes on.
                if (marks.Pipeline.Hold is { } hold && IsExplicit(step, marks))
                {
                    await EndAsync(hold, marks, step, cancellationToken);
                    continue;
                }

                var why = steps.FirstOrDefault(each => each.Action == Word(TagAction.Put))?.Reason.Text ?? $"all tags stand on {own.Version}, by {step.Execution}";
                if (ReleaseMarks.MarkPromoted(own, why, step.Now) is { } claim)
                {
                    await imageBuilder.TagAsync(own.Arn, BuildTags.Write(claim, step.Digest), cancellationToken);
                    continue;
                }
            }

            return Result(step, own.Release?.State == ReleaseState.RolledBack ? ReleaseState.RolledBack : outcome, steps);
        }

        return Result(step, ReleaseState.Running, steps);
    }

    /// <summary>Whose the tags are, written before a rollback moves one.</summary>
    /// <returns>False: all of it was written already.</returns>
    private async Task<bool> TakeBackAsync(Step step, Marks marks, CancellationToken cancellationToken)
    {
        var due = Rollback.Marks(marks.Pipeline.Hold!, marks.Builds, step.Now);
        foreach (var (build, mark) in due)
        {
            await imageBuilder.TagAsync(build.Arn, BuildTags.Write(mark), cancellationToken);
        }

        return due.Count > 0;
    }

    // What the rollback took back stays so, also where it died before it could write that.
    private async Task EndAsync(Hold hold, Marks marks, Step step, CancellationToken cancellationToken)
    {
        foreach (var (build, mark) in Rollback.Marks(hold, marks.Builds, step.Now).Where(due => due.Build.Version != marks.Own!.Version))
        {
            await imageBuilder.TagAsync(build.Arn, BuildTags.Write(mark), cancellationToken);
        }

        await imageBuilder.UntagAsync(marks.Pipeline.Arn, BuildTags.HoldKeys, cancellationToken);
    }

    private static Reason? Stop(Step step, Marks marks) => ReleaseGuard.Stop(step.Version, step.Digest, marks.Own)
        ?? (step.IsRollback ? ReleaseGuard.Superseded(step.Version, marks.Pipeline.Hold) : ReleaseGuard.Overtaken(marks.Own!, step.Execution));

    private static bool IsExplicit(Step step, Marks marks) => step.Release.Explicit && marks.Pipeline.Hold?.IsEndedBy(step.Release.At) != false;

    private async Task<Marks> MarksAsync(Step step, ImageSpec image, CancellationToken cancellationToken)
    {
        var (pipeline, builds) = await fleet.Pipelines.BuildsAsync(image, cancellationToken);
        return new Marks(pipeline, builds, builds.FirstOrDefault(build => build.Version.ToString() == step.Release.Version));
    }

    /// <returns>All Regions. Of a build that is promoted already, one that does not answer may be missing: what is gone in the others is put back
    /// before its fault is thrown. Whatever moves a tag needs all Regions first.</returns>
    private async Task<(List<PromotionFacts> Regions, TransientException? Unread)> FactsAsync(Step step, ImageSpec image, Marks marks, CancellationToken cancellationToken)
    {
        var candidate = new Candidate(step.Version, step.Digest, step.Release.BuiltAt ?? step.Now);
        var regions = new List<PromotionFacts>();
        var isRepair = step.Release is { Promoted: true, Explicit: false } && !step.IsRollback;
        TransientException? unread = null;
        foreach (var place in step.Release.Regions)
        {
            try
            {
                var facts = await fleet.Releases.PromotionFactsAsync(image, candidate, place.Region, marks.Pipeline.Hold, marks.Builds, step.Now, cancellationToken);
                regions.Add(facts with { IsExplicit = IsExplicit(step, marks) });
            }
            catch (TransientException e) when (isRepair)
            {
                unread = e;
            }
        }

        return regions.Count > 0 ? (regions, unread) : throw unread!;
    }

    private static PromoteImageResult Result(Step step, ReleaseState outcome, IReadOnlyList<TagStepText> steps) =>
        new(step.State.Phase!, step.Now, null, BuildTags.ToTagValue(outcome), false, [], steps);

    private PromoteImageResult Stopped(Step step, Reason why, IReadOnlyList<TagStepText> steps)
    {
        step.Decided(logger, nameof(PromoteImage), step.Digest.Value, "stopped", ReasonText.From([why]));
        return Result(step, ReleaseState.Failed, steps) with { Stopped = true, Reasons = ReasonText.From([why]) };
    }

    /// <exception cref="TagConflictException">There is a conflict in one of the plans.</exception>
    private static void Check(ImageSpec image, IEnumerable<TagPlan> plans)
    {
        var conflicts = plans.SelectMany(plan => plan.Conflicts.Select(step => $"{image.Repository}:{step.Tag} in {plan.Region}: {step.Reason.Text}.")).Distinct().ToList();
        if (conflicts.Count > 0)
        {
            throw new TagConflictException($"{string.Join(' ', conflicts)} No tag was moved in any Region.");
        }
    }

    // One Region that fails does not keep the others back: they have been checked together, and what is left is put when it can be.
    private async Task<IReadOnlyList<TagStepText>> ApplyAsync(string execution, ImageSpec image, IEnumerable<TagPlan> plans, CancellationToken cancellationToken)
    {
        var steps = new List<TagStepText>();
        AutomationException? fault = null;
        foreach (var plan in plans)
        {
            try
            {
                foreach (var step in plan.Steps)
                {
                    if (step.Action == TagAction.Put)
                    {
                        await registry.PutTagAsync(plan.Region, image.Repository, step.To, step.Tag, cancellationToken);
                    }

                    Log.Tag(logger, execution, image.Name, step.Tag, plan.Region, Word(step.Action), step.From?.Value ?? Log.None, step.To.Value, step.Reason.Code, step.Reason.Text);
                    steps.Add(new TagStepText(plan.Region, step.Tag, Word(step.Action), step.From?.Value, step.To.Value, new ReasonText(step.Reason.Code, step.Reason.Text)));
                }
            }
            catch (AutomationException e)
            {
                // A transient one is what the workflow tries again.
                fault = fault is null || e is TransientException ? e : fault;
            }
        }

        return fault is null ? steps : throw fault;
    }

    private static string Word(TagAction action) => action switch
    {
        TagAction.Put => "put",
        TagAction.Present => "present",
        TagAction.Held => "held",
        TagAction.NotForward => "not-forward",
        TagAction.Soaking => "soaking",
        TagAction.Conflict => "conflict",
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>What is written on the pipeline and its builds, read at one time.</summary>
    /// <param name="Own">The build that is promoted; null: its record is gone.</param>
    private sealed record Marks(PipelineFacts Pipeline, IReadOnlyList<BuildRecord> Builds, BuildRecord? Own);
}
