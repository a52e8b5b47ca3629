using System.Runtime.CompilerServices;
using Amazon.Lambda.Annotations;
using Amazon.Lambda.Core;
using Automation.Aws;
using Automation.Aws.Facts;
using Automation.Aws.Sdk;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Ports;
using Automation.Core.Retention;
using Microsoft.Extensions.Logging;

namespace Automation.Functions.Steps;

/// <summary>
/// Deletes the builds of one image that nothing needs, in all its Regions, or only reports them (mode report). The stack's own
/// Region comes last because it has the build records. A record is deleted after its image is deleted in every Region, so that a retry
/// can still find the rest. If time runs out, the function returns its progress and the workflow calls it again.
/// </summary>
public sealed class PruneFunction(FleetReader fleet, IRegistry registry, IImageBuilder imageBuilder, AwsScope scope, Metrics metrics, ILogger logger)
{
    public PruneFunction()
        : this(Startup.FromEnvironment())
    {
    }

    internal PruneFunction(Startup parts)
        : this(parts.Fleet, parts.Registry, parts.ImageBuilder, parts.Scope, parts.Metrics, parts.Logger)
    {
    }

    /// <exception cref="InvalidEventException"><c>maxDeletePercent</c> is not 1 to 100, or comes without <c>delete</c>.</exception>
    [LambdaFunction(ResourceName = nameof(Prune))]
    public Task<PruneResult> Prune(StepInput input, ILambdaContext context) => Deadline.RunAsync(context, async cancellationToken =>
    {
        var step = Step.Read(input);
        var image = AsAsked(fleet.Image(step.State.Image), step.State);

        var calls = ApiCalls.Begin();
        var before = step.State.Prune is { Done: false } cutOff ? cutOff : PruneResult.Nothing(image.Retain.Mode.ToString().ToLowerInvariant());
        var result = before;
        var report = new PruneReport(logger, step.Execution, image.Name, before);
        try
        {
            var (pipeline, records) = await fleet.Pipelines.RecordsAsync(image, cancellationToken);
            var sources = fleet.Retention.Sources();
            var elsewhere = new ImagesElsewhere();

            // Regions that an earlier call finished are only read, for the sake of the records, and only after the others are done.
            foreach (var region in fleet.Retention.RegionsOf(image).OrderBy(region => region == scope.Region ? 2 : before.Regions.Contains(region) ? 1 : 0))
            {
                var isFinished = before.Regions.Contains(region);
                if (await fleet.Retention.ReadAsync(image, region, pipeline, records, sources, step.Now, cancellationToken) is { } facts)
                {
                    var plan = RetentionPlanner.Plan(facts with { Elsewhere = elsewhere });
                    if (!isFinished && plan is { Execute: true, Counts: { DeleteImages: > 0 } or { DeleteRecords: > 0 } })
                    {
                        // Reading a large repository takes minutes. Meanwhile a workload may start, and a person may promote or roll back to a build
                        // that would be deleted.
                        facts = await RetentionFactsReader.LookAgainAsync(facts, sources, cancellationToken);
                        var (pipelineNow, recordsNow) = await fleet.Pipelines.RecordsAsync(image, cancellationToken);
                        if (pipelineNow.Hold != pipeline.Hold || !recordsNow.SequenceEqual(records))
                        {
                            // Two plans at once would take twice the memory.
                            plan = null;
                            plan = RetentionPlanner.Plan(facts with { Elsewhere = elsewhere, BuildsNow = recordsNow, Hold = pipelineNow.Hold });
                        }
                    }

                    var remaining = new Dictionary<Digest, string>();
                    if (isFinished)
                    {
                        foreach (var item in plan.ToDo.Where(item => item.Action == PruneAction.Delete))
                        {
                            remaining[item.Digest!] = "could not be deleted";
                        }
                    }
                    else
                    {
                        await foreach (var (item, stillThere) in ApplyAsync(image, plan, remaining, step.Now, cancellationToken))
                        {
                            report.Add(plan, item, stillThere);
                        }

                        result = result with
                        {
                            ImagesKept = result.ImagesKept + plan.Counts.Keep,
                            Kept = Sum(result.Kept ?? new Dictionary<string, int>(), plan.Counts.KeptBy),
                            DeletionLimit = result.DeletionLimit ?? plan.DeletionLimit.Reason?.Text,
                            Unknown = result.Unknown ?? facts.UsageUnknown,
                        };
                    }

                    elsewhere.Add(plan, remaining);
                }

                if (!isFinished)
                {
                    result = result with { Regions = [.. result.Regions, region] };
                }
            }

            await DeleteRecipesAsync(step, image, pipeline, records, cancellationToken);
            result = result with { Done = true };
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && (report.HasItems || result != before))
        {
            // Time ran out. The next call plans from what is left. A call without any progress fails instead.
        }
        finally
        {
            report.Flush();
        }

        result = report.In(result) with { Calls = Sum(before.Calls, calls.Counts) };
        Log.PruneEnded(
            logger, step.Execution, image.Name, result.Done, result.Mode, result.Applied.Images, result.Applied.Records, result.Applied.Superseded,
            result.ImagesKept,
            Text(result.Kept), Text(result.Calls));
        var deleted = result.Applied.Images + result.Applied.Records - before.Applied.Images - before.Applied.Records;
        metrics.Write(step.Now, [new Metric(MetricNames.Deleted, deleted)], ("image", image.Name));
        return result;
    });

    /// <summary>A person's parameters override the catalog for this one execution.</summary>
    private static ImageSpec AsAsked(ImageSpec image, LifecycleState state)
    {
        if (state.MaxDeletePercent is { } percent && (percent is < 1 or > 100 || state.Delete != true))
        {
            throw new InvalidEventException($"The state's \"maxDeletePercent\" must be 1 to 100 and needs \"delete\": true; it is {percent}.");
        }

        return image with
        {
            Retain = image.Retain with
            {
                Mode = state.Delete switch { true => RetentionMode.Delete, false => RetentionMode.Report, null => image.Retain.Mode },
                MaxDeletePercent = state.MaxDeletePercent ?? image.Retain.MaxDeletePercent,
            },
        };
    }

    /// <summary>Applies the plan in order: images first, then the records of deleted images, then the marks.</summary>
    /// <param name="remaining">Receives what could not be deleted, with the reason.</param>
    /// <returns>Every due item, with the reason if it failed. If the plan must not run, all items are unchanged.</returns>
    private async IAsyncEnumerable<(PruneItem Item, string? StillThere)> ApplyAsync(
        ImageSpec image, PrunePlan plan, Dictionary<Digest, string> remaining, DateTimeOffset now, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!plan.Execute)
        {
            foreach (var item in plan.Items.Where(item => item.Action != PruneAction.Keep))
            {
                yield return (item, null);
            }

            yield break;
        }

        await foreach (var (digest, stillThere) in registry.DeleteAsync(plan.Region, image.Repository, plan.Deletions, cancellationToken))
        {
            if (stillThere is not null)
            {
                remaining[digest] = stillThere;
            }

            yield return (plan.Deleted(digest), stillThere);
        }

        foreach (var item in plan.RecordsToDo)
        {
            if (item is { Action: PruneAction.Delete, Digest: { } digest } && remaining.ContainsKey(digest))
            {
                yield return (item, "its image still exists");
                continue;
            }

            cancellationToken.ThrowIfCancellationRequested();
            yield return (item, await ApplyToRecordAsync(item, now, cancellationToken));
        }
    }

    /// <summary>
    /// Finally deletes recipe versions of the stack without builds. Versions that cannot be deleted remain for the next prune.
    /// </summary>
    private async Task DeleteRecipesAsync(
        Step step, ImageSpec image, PipelineFacts pipeline, IReadOnlyList<BuildRecord> builds, CancellationToken cancellationToken)
    {
        if (image.Pipeline is not PipelineSpec.Defined)
        {
            return;
        }

        var recipes = await imageBuilder.ListOwnRecipesAsync(image.PipelineName, cancellationToken);
        foreach (var verdict in RecipePlan.Of(pipeline, recipes, builds, image.Retain.GraceDays, step.Now).Where(verdict => verdict.Delete))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var isReport = image.Retain.Mode != RetentionMode.Delete;
            var stillThere = isReport ? null : await imageBuilder.DeleteRecipeAsync(verdict.Recipe.Arn, cancellationToken);
            Log.Pruned(
                logger, step.Execution, image.Name, scope.Region, "delete", 1, !isReport && stillThere is null,
                stillThere is null ? verdict.Reason.Code : ReasonCode.StillThere.Name(), stillThere ?? verdict.Reason.Text, $"recipe {verdict.Recipe.Version}");
        }
    }

    private async Task<string?> ApplyToRecordAsync(PruneItem item, DateTimeOffset now, CancellationToken cancellationToken)
    {
        switch (item.Action)
        {
            case PruneAction.Delete:
                return await imageBuilder.DeleteBuildAsync(item.RecordArn!, cancellationToken);
            case PruneAction.Supersede:
                await imageBuilder.TagAsync(
                    item.RecordArn!, new Dictionary<string, string> { [BuildTags.SupersededAt] = BuildTags.Format(now) }, cancellationToken);
                return null;
            default:
                await imageBuilder.UntagAsync(item.RecordArn!, [BuildTags.SupersededAt], cancellationToken);
                return null;
        }
    }

    private static SortedDictionary<string, int> Sum(IReadOnlyDictionary<string, int> left, IReadOnlyDictionary<string, int> right)
    {
        var sum = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var (key, count) in left.Concat(right))
        {
            sum[key] = sum.GetValueOrDefault(key) + count;
        }

        return sum;
    }

    private static string Text(IReadOnlyDictionary<string, int>? counts) =>
        counts is { Count: > 0 } ? string.Join(", ", counts.Select(count => $"{count.Key} {count.Value}")) : Log.None;
}
