using Amazon.Lambda.Annotations;
using Amazon.Lambda.Core;
using Automation.Aws;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Ports;
using Automation.Core.Promotion;
using Microsoft.Extensions.Logging;

namespace Automation.Functions.Steps;

/// <summary>
/// Puts tags on a finished image, phase by phase: the version tags of one Region, the soak, the floating tags of one Region, and at last a
/// look at all of them. Each phase plans on what stands now, so running it again changes nothing. What a later release must know is
/// written on the builds: that gate and approval were passed, since when the version tags stand, and whose the floating tags are.
/// </summary>
public sealed class PromoteImageFunction(FleetReader fleet, IRegistry registry, IImageBuilder imageBuilder, ILogger<PromoteImageFunction> logger)
{
    /// <summary>Each round but the last moves a tag or writes a mark; who needs more is in a fight with somebody.</summary>
    private const int MostRounds = 6;

    /// <exception cref="TagConflictException">A tag that must not move stands on another digest; no tag of that phase was moved in that Region.</exception>
    [LambdaFunction(ResourceName = nameof(PromoteImage))]
    public Task<PromoteImageResult> PromoteImage(StepInput input, ILambdaContext context) => Deadline.RunAsync(context, async cancellationToken =>
    {
        var step = Step.Read(input);
        var image = fleet.Image(step.State.Image);
        return step.State.Phase switch
        {
            "version" => await PutVersionTagsAsync(step, image, cancellationToken),
            "soak" => await SoakAsync(step, image, cancellationToken),
            "floating" => await PutFloatingTagsAsync(step, image, cancellationToken),
            "verify" => await VerifyAsync(step, image, cancellationToken),
            _ => throw new InvalidEventException($"\"phase\" must be version, soak, floating or verify, not \"{step.State.Phase}\"."),
        };
    });

    private async Task<PromoteImageResult> PutVersionTagsAsync(Step step, ImageSpec image, CancellationToken cancellationToken)
    {
        var place = PlaceOf(step);
        var marks = await MarksAsync(step, image, cancellationToken);
        if (!step.IsRollback && marks.Own is { ClearedAt: null } own)
        {
            await WriteTimeAsync(own, BuildTags.ClearedAt, step.Now, cancellationToken);
        }

        var plan = PromotionPlanner.PlanVersionTags(await FactsAsync(step, image, place, marks, cancellationToken));
        return Result(step, PromotionPlanner.Outcome([plan]), await ApplyAsync(step.Execution, image, plan, cancellationToken));
    }

    // All version tags stand, in every Region.
    private async Task<PromoteImageResult> SoakAsync(Step step, ImageSpec image, CancellationToken cancellationToken)
    {
        var own = (await MarksAsync(step, image, cancellationToken)).Own;
        if (own is { VersionTagsAt: null })
        {
            await WriteTimeAsync(own, BuildTags.VersionTagsAt, own.PromotedAt ?? step.Now, cancellationToken);
        }

        var until = PromotionPlanner.SoakUntil(image, own, step.Now);
        var waits = until > step.Now && !step.IsRollback && !step.Release.Explicit;
        return Result(step, ReleaseState.Running, []) with { WaitUntil = waits ? Step.WaitUntil(until) : null };
    }

    private async Task<PromoteImageResult> PutFloatingTagsAsync(Step step, ImageSpec image, CancellationToken cancellationToken)
    {
        var place = PlaceOf(step);
        var marks = await MarksAsync(step, image, cancellationToken);
        var plan = PromotionPlanner.PlanFloatingTags(await FactsAsync(step, image, place, marks, cancellationToken));
        if (step.IsRollback && !plan.HasConflict)
        {
            await TakeBackAsync(step, marks, cancellationToken);
        }

        return Result(step, PromotionPlanner.Outcome([plan]), await ApplyAsync(step.Execution, image, plan, cancellationToken));
    }

    /// <summary>
    /// Reads everything back and puts right what others moved meanwhile, until nothing is to be put any more. As soon as the floating tags
    /// stand, the build is marked as promoted, and after that all is read once more: of two that come between each other, each writes
    /// its mark before it reads, so the one that verifies last sees the other's, and the tags end where they belong.
    /// </summary>
    private async Task<PromoteImageResult> VerifyAsync(Step step, ImageSpec image, CancellationToken cancellationToken)
    {
        var steps = new List<TagStepText>();
        for (var round = 1; round <= MostRounds; round++)
        {
            var marks = await MarksAsync(step, image, cancellationToken);
            if (step.IsRollback && await TakeBackAsync(step, marks, cancellationToken))
            {
                continue;
            }

            if (await WithdrawAsync(step, marks, cancellationToken))
            {
                continue;
            }

            var plans = new List<TagPlan>();
            foreach (var place in step.Release.Regions)
            {
                var facts = await FactsAsync(step, image, place, marks, cancellationToken);
                foreach (var plan in new[] { PromotionPlanner.PlanVersionTags(facts), PromotionPlanner.PlanFloatingTags(facts) })
                {
                    steps.AddRange([.. (await ApplyAsync(step.Execution, image, plan, cancellationToken)).Except(steps)]);
                    plans.Add(plan);
                }
            }

            if (plans.Any(plan => plan.ToPut.Any()))
            {
                continue;
            }

            var outcome = PromotionPlanner.Outcome(plans.Where((_, i) => i % 2 == 1));
            if (outcome == ReleaseState.Promoted && await ClaimAsync(step, marks, steps, cancellationToken))
            {
                continue;
            }

            if (outcome == ReleaseState.Promoted && marks.Pipeline.Hold is not null && IsExplicit(step, marks))
            {
                // Only now: until every tag stands, a failure leaves the hold in place.
                await imageBuilder.UntagAsync(marks.Pipeline.Arn, BuildTags.HoldKeys, cancellationToken);
            }

            return Result(step, marks.Own?.Release?.State == ReleaseState.RolledBack ? ReleaseState.RolledBack : outcome, steps);
        }

        return Result(step, ReleaseState.Running, steps);
    }

    /// <summary>What a rollback writes before it moves a tag: the hold, then whose the tags are.</summary>
    /// <returns>False: all of it was written already.</returns>
    private async Task<bool> TakeBackAsync(Step step, Marks marks, CancellationToken cancellationToken)
    {
        var why = $"Rolled back to {step.Version} by {step.Execution}";
        var wrote = false;
        if (marks.Pipeline.Hold?.Why != BuildTags.Shorten(why))
        {
            await imageBuilder.TagAsync(marks.Pipeline.Arn, BuildTags.Write(new Hold(why, HoldScope.Promotion, step.Now)), cancellationToken);
            wrote = true;
        }

        wrote |= await ClaimAsync(step, marks, [], cancellationToken);
        foreach (var build in PromotionPlanner.TakenBack(step.Version, marks.Builds))
        {
            await imageBuilder.TagAsync(build.Arn, BuildTags.Write(new ReleaseMark(ReleaseState.RolledBack, build.Release!.Attempt, step.Now, why)), cancellationToken);
            wrote = true;
        }

        return wrote;
    }

    /// <returns>False: there is nothing to take back.</returns>
    private async Task<bool> WithdrawAsync(Step step, Marks marks, CancellationToken cancellationToken)
    {
        // What was promoted before this release began is not this release's to take back.
        if (step.IsRollback || step.Release.Promoted || marks is not { Own: { Release.State: ReleaseState.Promoted } own, Pipeline.Hold: { } hold } || IsExplicit(step, marks))
        {
            return false;
        }

        var mark = new ReleaseMark(ReleaseState.Held, own.Release!.Attempt, step.Now, $"held until an explicit promote: {hold.Why}");
        await imageBuilder.TagAsync(own.Arn, BuildTags.Write(mark), cancellationToken);
        return true;
    }

    private static bool IsExplicit(Step step, Marks marks) => step.Release.Explicit && marks.Pipeline.Hold?.IsEndedBy(step.Release.At) != false;

    /// <returns>False: it is marked already.</returns>
    private async Task<bool> ClaimAsync(Step step, Marks marks, IEnumerable<TagStepText> steps, CancellationToken cancellationToken)
    {
        if (marks.Own is not { Release: null or { State: not ReleaseState.Promoted } } own)
        {
            return false;
        }

        var why = steps.FirstOrDefault(each => each.Action == Word(TagAction.Put))?.Reason.Text ?? $"all tags stand on {own.Version}, by {step.Execution}";
        var mark = new ReleaseMark(ReleaseState.Promoted, own.Release?.Attempt ?? 1, step.Now, why);
        await imageBuilder.TagAsync(own.Arn, BuildTags.Write(mark, Digest.Parse(step.Release.Regions[0].Digest)), cancellationToken);
        return true;
    }

    private async Task<Marks> MarksAsync(Step step, ImageSpec image, CancellationToken cancellationToken)
    {
        var (pipeline, builds) = await fleet.BuildsAsync(image, cancellationToken);
        return new Marks(pipeline, builds, builds.FirstOrDefault(build => build.Version.ToString() == step.Release.Version));
    }

    private static RegionDigest PlaceOf(Step step)
    {
        var region = step.State.Region ?? throw new InvalidEventException("The state has no \"region\".");
        return step.Release.Regions.FirstOrDefault(place => place.Region == region)
            ?? throw new InvalidEventException($"\"release.regions\" has no Region {region}.");
    }

    private async Task<PromotionFacts> FactsAsync(Step step, ImageSpec image, RegionDigest place, Marks marks, CancellationToken cancellationToken)
    {
        var facts = await fleet.PromotionFactsAsync(image, CandidateOf(step, place), place.Region, marks.Pipeline, marks.Builds, step.Now, cancellationToken);
        return facts with { IsRollback = step.IsRollback, IsExplicit = IsExplicit(step, marks) };
    }

    private Task WriteTimeAsync(BuildRecord build, string tag, DateTimeOffset time, CancellationToken cancellationToken) =>
        imageBuilder.TagAsync(build.Arn, new Dictionary<string, string> { [tag] = BuildTags.Format(time) }, cancellationToken);

    private static PromoteImageResult Result(Step step, ReleaseState outcome, IReadOnlyList<TagStepText> steps) =>
        new(step.State.Phase!, step.State.Phase is "version" or "floating" ? step.State.Region : null, step.Now, null, BuildTags.Word(outcome), steps);

    private static Candidate CandidateOf(Step step, RegionDigest place) =>
        new(ImageVersion.Parse(step.Release.Version), Digest.Parse(place.Digest), step.Release.BuiltAt ?? step.Now);

    private async Task<IReadOnlyList<TagStepText>> ApplyAsync(string execution, ImageSpec image, TagPlan plan, CancellationToken cancellationToken)
    {
        if (plan.HasConflict)
        {
            throw new TagConflictException(string.Join(" ", plan.Conflicts.Select(step => $"{image.Repository}:{step.Tag} in {plan.Region}: {step.Reason.Text}")));
        }

        var steps = new List<TagStepText>();
        foreach (var step in plan.Steps)
        {
            if (step.Action == TagAction.Put)
            {
                await registry.PutTagAsync(plan.Region, image.Repository, step.To, step.Tag, cancellationToken);
            }

            Log.Tag(logger, execution, image.Name, step.Tag, plan.Region, Word(step.Action), step.From?.Value ?? Log.None, step.To.Value, step.Reason.Code, step.Reason.Text);
            steps.Add(new TagStepText(plan.Region, step.Tag, Word(step.Action), step.From?.Value, step.To.Value, new ReasonText(step.Reason.Code, step.Reason.Text)));
        }

        return steps;
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
