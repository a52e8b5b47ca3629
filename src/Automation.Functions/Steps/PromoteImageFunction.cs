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
/// Puts tags on a finished image in all Regions, in phases: the version tags (checked again after the soak), the floating tags, and a final
/// verification. Each phase reads the current state, stops if the release must not continue, and plans all Regions before the first tag
/// moves, so running it again changes nothing. The builds record what a later release must know: the digest that passed gate and approval,
/// since when the version tags exist, and the owner of the floating tags.
/// </summary>
public sealed class PromoteImageFunction(FleetReader fleet, IRegistry registry, IImageBuilder imageBuilder, ILogger logger)
{
    public PromoteImageFunction()
        : this(Startup.FromEnvironment())
    {
    }

    internal PromoteImageFunction(Startup parts)
        : this(parts.Fleet, parts.Registry, parts.ImageBuilder, parts.Logger)
    {
    }

    /// <summary>Each round except the last moves a tag or writes a mark. Needing more rounds means that somebody else keeps moving tags.</summary>
    private const int MaxRounds = 6;

    /// <exception cref="TagConflictException">A tag cannot be written in some Region; no tag was moved in any Region.</exception>
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
            // Recorded before the first tag moves, so that a release that resumes after a failure does not ask again.
            await imageBuilder.TagAsync(own.Arn, BuildTags.Cleared(step.Digest, step.Now), cancellationToken);
        }

        // A conflict of the floating tags also stops the version tags.
        var (regions, _) = await FactsAsync(step, image, marks, cancellationToken);
        Check(image, PromotionPlanner.PlanAll(regions));

        // A version tag that is put is new.
        var plans = regions.ConvertAll(PromotionPlanner.PlanVersionTags);
        var steps = await ApplyAsync(step.Execution, image, plans, cancellationToken);

        // All version tags exist in every Region.
        if (own.VersionTagsAt is null)
        {
            await imageBuilder.TagAsync(own.Arn, new Dictionary<string, string> { [BuildTags.VersionTagsAt] = BuildTags.Format(own.PromotedAt ?? step.Now) }, cancellationToken);
        }

        // A hold makes the soak pointless.
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
    /// Reads all tags again and corrects what others moved meanwhile, until nothing is left to do. Once the floating tags are in place, the build is
    /// marked as promoted and everything is read once more. Of two concurrent releases each writes its mark before it reads, so the one
    /// that verifies last sees the other's mark, and the tags end on their owners.
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

            // This release must not demote a build that was promoted before it began.
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
                // The hold ends only now, so that a failure before all tags are in place leaves it set. It ends before the mark is written: if the
                // function stops in between, the release still counts as running, and the reconcile resumes it.
                if (marks.Pipeline.Hold is { } hold && IsExplicit(step, marks))
                {
                    await EndAsync(hold, marks, step, cancellationToken);
                    continue;
                }

                var why = steps.FirstOrDefault(each => each.Action == Word(TagAction.Put))?.Reason.Text ?? $"{step.Execution} put all tags on {own.Version}";
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

    /// <summary>Records the owners of the tags before a rollback moves one.</summary>
    /// <returns>False if everything was recorded already.</returns>
    private async Task<bool> TakeBackAsync(Step step, Marks marks, CancellationToken cancellationToken)
    {
        var due = Rollback.Marks(marks.Pipeline.Hold!, marks.Builds, step.Now);
        foreach (var (build, mark) in due)
        {
            await imageBuilder.TagAsync(build.Arn, BuildTags.Write(mark), cancellationToken);
        }

        return due.Count > 0;
    }

    // Builds that the rollback replaced keep that mark, even if it died before it could write it.
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

    /// <returns>All Regions. For a promoted build a Region that does not answer may be missing: missing tags of the others are restored
    /// before its fault is thrown. A step that moves a tag needs all Regions.</returns>
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

    // A failing Region does not stop the others: all were checked together, and the rest follows later.
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
                // The workflow retries a transient error.
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

    /// <summary>The marks on the pipeline and its builds, read at one time.</summary>
    /// <param name="Own">The build to promote; null if its record no longer exists.</param>
    private sealed record Marks(PipelineFacts Pipeline, IReadOnlyList<BuildRecord> Builds, BuildRecord? Own);
}
