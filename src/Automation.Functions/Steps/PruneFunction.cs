using Amazon.Lambda.Annotations;
using Amazon.Lambda.Core;
using Automation.Aws;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Ports;
using Automation.Core.Retention;
using Microsoft.Extensions.Logging;

namespace Automation.Functions.Steps;

/// <summary>
/// Removes what nobody needs of one image, in all its Regions, or only says what it would remove (mode report). The deployment's own
/// Region comes last, because it owns the build records, and those go last of all: a retry can still find what is left.
/// </summary>
public sealed class PruneFunction(FleetReader fleet, IRegistry registry, IImageBuilder imageBuilder, AwsScope scope, Metrics metrics, ILogger<PruneFunction> logger)
{
    /// <summary>The state of an execution is limited to 256 KiB: the log has every item, the answer this many.</summary>
    private const int MostItems = 100;

    /// <summary>Stops in time to answer <c>done: false</c>; the workflow then calls again.</summary>
    private static readonly TimeSpan Reserve = TimeSpan.FromSeconds(30);

    [LambdaFunction]
    public Task<PruneResult> Prune(StepInput input, ILambdaContext context) => Deadline.RunAsync(context, async cancellationToken =>
    {
        var step = Step.Read(input);
        var image = fleet.Image(step.State.Image);
        if (step.State.Delete is { } delete)
        {
            image = image with { Retain = image.Retain with { Mode = delete ? RetentionMode.Delete : RetentionMode.Report } };
        }

        var (_, builds) = await fleet.BuildsAsync(image, cancellationToken);
        var usages = await fleet.UsagesAsync(cancellationToken);
        var total = new PruneResult(true, image.Retain.Mode.ToString().ToLowerInvariant(), 0, 0, 0, null, []);
        try
        {
            foreach (var region in fleet.RegionsOf(image).OrderBy(region => region == scope.Region))
            {
                if (context.RemainingTime < Reserve)
                {
                    return total with { Done = false };
                }

                if (await fleet.RetentionFactsAsync(image, region, builds, usages, step.Now, cancellationToken) is { } facts)
                {
                    total = Add(total, await ApplyAsync(image, RetentionPlanner.Plan(facts), step.Now, cancellationToken));
                }
            }

            return total;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Time ran out in the middle: what is done is done, and the next call plans on what is left.
            return total with { Done = false };
        }
    });

    private async Task<PruneResult> ApplyAsync(ImageSpec image, PrunePlan plan, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var failures = plan.Execute ? await ExecuteAsync(image, plan, now, cancellationToken) : new Dictionary<PruneItem, string>();
        var items = new List<PrunedItem>();
        foreach (var item in plan.Items.Where(item => item.Action != PruneAction.Keep))
        {
            var failed = failures.GetValueOrDefault(item);
            var applied = plan.Execute && failed is null;
            var reasons = failed is null ? item.Reasons : [new Reason("still-there", failed), .. item.Reasons];
            var target = Target(item);
            var action = item.Action.ToString().ToLowerInvariant();
            Log.Pruned(logger, image.Name, target, plan.Region, action, applied, reasons[0].Code, reasons[0].Text);
            items.Add(new PrunedItem(plan.Region, target, action, applied, ReasonText.From(reasons)));
        }

        var deleted = items.Count(item => item is { Action: "delete", Applied: true });
        metrics.Write(now, [new Metric(MetricNames.Deleted, deleted)], ("image", image.Name), ("region", plan.Region));
        return new PruneResult(
            true,
            image.Retain.Mode.ToString().ToLowerInvariant(),
            plan.Counts.Keep,
            items.Count(item => item is { Action: "supersede", Applied: true }),
            deleted,
            plan.Brake.Reason?.Text,
            items);
    }

    /// <summary>In the plan's order: images first, then the records of images that are really gone, then the marks.</summary>
    private async Task<Dictionary<PruneItem, string>> ExecuteAsync(ImageSpec image, PrunePlan plan, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var failures = new Dictionary<PruneItem, string>();
        var images = plan.ToDo.Where(item => item is { Action: PruneAction.Delete, RecordArn: null }).ToDictionary(item => item.Digest!);
        var targets = images.Values.Select(item => new DeletionTarget(item.Digest!, item.Tags)).ToList();
        foreach (var left in await registry.DeleteAsync(plan.Region, image.Repository, targets, cancellationToken))
        {
            failures.Add(images[left.Digest], left.Reason);
        }

        var standing = failures.Keys.Select(item => item.Digest!).ToHashSet();
        foreach (var item in plan.ToDo.Where(item => item.RecordArn is not null))
        {
            switch (item)
            {
                case { Action: PruneAction.Delete } when item.Digest is not null && standing.Contains(item.Digest):
                    failures.Add(item, "its image is still there");
                    break;
                case { Action: PruneAction.Delete }:
                    await imageBuilder.DeleteBuildAsync(item.RecordArn!, cancellationToken);
                    break;
                case { Action: PruneAction.Supersede }:
                    var mark = new Dictionary<string, string> { [BuildTags.SupersededAt] = BuildTags.Format(now) };
                    await imageBuilder.TagAsync(item.RecordArn!, mark, cancellationToken);
                    break;
                case { Unmark: true }:
                    await imageBuilder.UntagAsync(item.RecordArn!, [BuildTags.SupersededAt], cancellationToken);
                    break;
            }
        }

        return failures;
    }

    // "record 1.0.0/2", "image 1.0.0/2 26f937d7a98a [1.0.0-2, latest]"
    private static string Target(PruneItem item) =>
        string.Join(' ', new[] { item.Action == PruneAction.Delete && item.RecordArn is not null ? "record" : "image", item.Version?.ToString(), item.Digest?.Short12, item.Tags.Count > 0 ? $"[{string.Join(", ", item.Tags)}]" : null }.Where(part => part is not null));

    private static PruneResult Add(PruneResult total, PruneResult region) => new(
        total.Done && region.Done,
        total.Mode,
        total.Kept + region.Kept,
        total.Superseded + region.Superseded,
        total.Deleted + region.Deleted,
        total.Brake ?? region.Brake,
        [.. total.Items.Concat(region.Items).Take(MostItems)]);
}
