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
/// Puts tags on a finished image, phase by phase: the version tags of one Region, the floating tags of one Region, and at last a
/// look at all of them. Each phase plans on what stands now, so running it again changes nothing.
/// </summary>
public sealed class PromoteImageFunction(FleetReader fleet, IRegistry registry, IImageBuilder imageBuilder, ILogger<PromoteImageFunction> logger)
{
    /// <exception cref="TagConflictException">A tag that must not move stands on another digest; nothing was moved.</exception>
    [LambdaFunction(ResourceName = nameof(PromoteImage))]
    public Task<PromoteImageResult> PromoteImage(StepInput input, ILambdaContext context) => Deadline.RunAsync(context, async cancellationToken =>
    {
        var step = Step.Read(input);
        var image = fleet.Image(step.State.Image);
        return step.State.Phase switch
        {
            "version" => await PutAsync(step, image, PromotionPlanner.PlanVersionTags, cancellationToken),
            "floating" => await PutAsync(step, image, PromotionPlanner.PlanFloatingTags, cancellationToken),
            "verify" => await VerifyAsync(step, image, cancellationToken),
            _ => throw new InvalidEventException($"\"phase\" must be version, floating or verify, not \"{step.State.Phase}\"."),
        };
    });

    private async Task<PromoteImageResult> PutAsync(Step step, ImageSpec image, Func<PromotionFacts, TagPlan> plan, CancellationToken cancellationToken)
    {
        var region = step.State.Region ?? throw new InvalidEventException("The state has no \"region\".");
        var tags = plan(await FactsAsync(step, image, region, cancellationToken));
        var steps = await ApplyAsync(step.Execution, image, tags, cancellationToken);
        return new PromoteImageResult(step.State.Phase!, region, step.Now, tags.WaitUntil is { } until ? Step.WaitUntil(until) : null, Word(PromotionPlanner.Outcome([tags])), steps);
    }

    /// <summary>
    /// Plans once more on what stands now, and puts what another promotion moved meanwhile back by the same rules. If a newer build was
    /// promoted in between, its floating tags are put back: they may have been overwritten by ours.
    /// </summary>
    private async Task<PromoteImageResult> VerifyAsync(Step step, ImageSpec image, CancellationToken cancellationToken)
    {
        var steps = new List<TagStepText>();
        var standing = new List<TagPlan>();
        foreach (var place in step.Release.Regions)
        {
            var facts = await FactsAsync(step, image, place.Region, cancellationToken);
            steps.AddRange(await ApplyAsync(step.Execution, image, PromotionPlanner.PlanVersionTags(facts), cancellationToken));
            steps.AddRange(await ApplyAsync(step.Execution, image, PromotionPlanner.PlanFloatingTags(facts), cancellationToken));
            standing.Add(PromotionPlanner.PlanFloatingTags(await FactsAsync(step, image, place.Region, cancellationToken)));
        }

        var (pipeline, builds) = await fleet.BuildsAsync(image, cancellationToken);
        if (PromotionPlanner.NewerPromoted(CandidateOf(step, step.Release.Regions[0]), builds, pipeline.Hold, step.IsRollback) is { } newer)
        {
            foreach (var place in step.Release.Regions)
            {
                var facts = await fleet.PromotionFactsAsync(image, newer, place.Region, false, false, step.State.VersionTagsSince, step.Now, cancellationToken);
                steps.AddRange(await ApplyAsync(step.Execution, image, PromotionPlanner.PlanFloatingTags(facts), cancellationToken));
            }

            return new PromoteImageResult("verify", null, step.Now, null, Word(ReleaseState.Overtaken), steps);
        }

        var outcome = PromotionPlanner.Outcome(standing);
        if (step.IsRollback)
        {
            var hold = new Hold($"Rolled back to {step.Version} by {step.Execution}", HoldScope.Promotion, step.Now);
            await imageBuilder.TagAsync(pipeline.Arn, BuildTags.Write(hold), cancellationToken);
        }
        else if (step.Release.Explicit && outcome == ReleaseState.Promoted)
        {
            // Only now: until every tag stands, a failure leaves the hold in place.
            await imageBuilder.UntagAsync(pipeline.Arn, BuildTags.HoldKeys, cancellationToken);
        }

        return new PromoteImageResult("verify", null, step.Now, null, Word(outcome), steps);
    }

    private async Task<PromotionFacts> FactsAsync(Step step, ImageSpec image, string region, CancellationToken cancellationToken)
    {
        var release = step.Release;
        var place = release.Regions.FirstOrDefault(place => place.Region == region)
            ?? throw new InvalidEventException($"\"release.regions\" has no Region {region}.");
        return await fleet.PromotionFactsAsync(image, CandidateOf(step, place), region, step.IsRollback, isExplicit: step.IsRollback || release.Explicit, step.State.VersionTagsSince, step.Now, cancellationToken);
    }

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

    private static string Word(ReleaseState outcome) => outcome.ToString().ToLowerInvariant();

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
}
