using Automation.Aws.Facts;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Ports;
using Automation.Core.Promotion;
using Microsoft.Extensions.Logging;

namespace Automation.Functions.Steps.Promoting;

/// <summary>What the phases of a promotion share: the facts that they read, the tags that they put, and the result.</summary>
internal sealed class PromotionContext(Step step, ImageSpec image, FleetReader fleet, IRegistry registry, IImageBuilder imageBuilder, ILogger logger)
{
    public Step Step => step;

    public ImageSpec Image => image;

    public IImageBuilder ImageBuilder => imageBuilder;

    public async Task<PromotionMarks> MarksAsync(CancellationToken cancellationToken)
    {
        var (pipeline, builds) = await fleet.Pipelines.BuildsAsync(image, cancellationToken);
        return new PromotionMarks(pipeline, builds, builds.FirstOrDefault(build => build.Version.ToString() == step.Release.Version));
    }

    /// <returns>All Regions of the catalog, which may have changed since the inspection. For a promoted build a Region that does not answer may be missing:
    /// missing tags of the others are restored
    /// before its fault is thrown. A step that moves a tag needs all Regions.</returns>
    public async Task<(List<PromotionFacts> Regions, TransientException? Unread)> RegionsAsync(PromotionMarks marks, CancellationToken cancellationToken)
    {
        var candidate = new Candidate(step.Version, step.Digest, step.Release.BuiltAt ?? step.Now);
        var regions = new List<PromotionFacts>();
        var isRepair = step.Release is { Promoted: true, Explicit: false } && !step.IsRollback;
        TransientException? unread = null;
        foreach (var region in fleet.RegionsOf(image))
        {
            try
            {
                var facts = await fleet.Releases.PromotionFactsAsync(image, candidate, region, marks.Pipeline.Hold, marks.Builds, step.Now, cancellationToken);
                regions.Add(facts with { IsExplicit = IsExplicit(marks) });
            }
            catch (TransientException e) when (isRepair)
            {
                unread = e;
            }
        }

        return regions.Count > 0 ? (regions, unread) : throw unread!;
    }

    public Reason? Stop(PromotionMarks marks) => ReleaseGuard.Stop(step.Version, step.Digest, marks.Own)
        ?? (step.IsRollback
            ? ReleaseGuard.Superseded(step.Version, marks.Pipeline.Hold)
            : ReleaseGuard.Overtaken(marks.Own!, step.Execution) ?? Outdated(marks.Own!));

    // Until the first phase records the checks on the build, they are only in this release's inspection.
    private Reason? Outdated(BuildRecord own) => own.ClearedAt is null && own.Release?.State != ReleaseState.Promoted
        ? Clearance.Outdated(image.Promote, own.Version, step.Release.Checks)
        : Clearance.Outdated(image.Promote, own);

    public bool IsExplicit(PromotionMarks marks) => step.Release.Explicit && marks.Pipeline.Hold?.IsEndedBy(step.Release.At) != false;

    /// <exception cref="TagConflictException">There is a conflict in one of the plans.</exception>
    public void RefuseConflicts(IEnumerable<TagPlan> plans)
    {
        var conflicts =
            plans.SelectMany(plan => plan.Conflicts.Select(conflict => $"{image.Repository}:{conflict.Tag} in {plan.Region}: {conflict.Reason.Text}."))
                .Distinct().ToList();
        if (conflicts.Count > 0)
        {
            throw new TagConflictException($"{string.Join(' ', conflicts)} No tag was moved in any Region.");
        }
    }

    // A failing Region does not stop the others: all were checked together, and the rest follows later.
    public async Task<IReadOnlyList<TagStepText>> ApplyAsync(IEnumerable<TagPlan> plans, CancellationToken cancellationToken)
    {
        var steps = new List<TagStepText>();
        AutomationException? fault = null;
        foreach (var plan in plans)
        {
            try
            {
                foreach (var each in plan.Steps)
                {
                    if (each.Action == TagAction.Put)
                    {
                        await registry.PutTagAsync(plan.Region, image.Repository, each.To, each.Tag, cancellationToken);
                    }

                    Log.Tag(logger, step.Execution, image.Name, each.Tag, plan.Region, Name(each.Action), each.From?.Value ?? Log.None, each.To.Value,
                        each.Reason.Code, each.Reason.Text);
                    steps.Add(new TagStepText(
                        plan.Region, each.Tag, Name(each.Action), each.From?.Value, each.To.Value, new ReasonText(each.Reason.Code, each.Reason.Text)));
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

    /// <summary>Records the owners of the tags before a rollback moves one.</summary>
    /// <returns>False if everything was recorded already.</returns>
    public async Task<bool> RecordOwnersAsync(PromotionMarks marks, CancellationToken cancellationToken)
    {
        var due = Rollback.Marks(marks.Pipeline.Hold!, marks.Builds, step.Now);
        foreach (var (build, mark) in due)
        {
            await imageBuilder.TagAsync(build.Arn, BuildTags.Write(mark), cancellationToken);
        }

        return due.Count > 0;
    }

    /// <summary>Records beside the image what it was made from and what it passed, in each Region, if the catalog asks for it.</summary>
    public async Task AttachStatementAsync(BuildRecord own, PipelineFacts pipeline, CancellationToken cancellationToken)
    {
        if (!image.Promote.Statement || step.IsRollback)
        {
            return;
        }

        var statement = PromotionStatement.Of(step.State, step.Digest, own, pipeline, step.Execution, step.Now);
        foreach (var region in fleet.RegionsOf(image))
        {
            await registry.AttachAsync(region, image.Repository, step.Digest, statement, cancellationToken);
        }
    }

    public PromoteImageResult Result(ReleaseState outcome, IReadOnlyList<TagStepText> steps) =>
        new(step.State.Phase!, step.Now, null, BuildTags.ToTagValue(outcome), false, [], steps);

    public PromoteImageResult Stopped(Reason why, IReadOnlyList<TagStepText> steps)
    {
        step.Decided(logger, nameof(PromoteImageFunction.PromoteImage), step.Digest.Value, "stopped", ReasonText.From([why]));
        return Result(ReleaseState.Failed, steps) with { Stopped = true, Reasons = ReasonText.From([why]) };
    }

    public static string Name(TagAction action) => action switch
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
