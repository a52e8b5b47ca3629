using Amazon.Lambda.Annotations;
using Amazon.Lambda.Core;
using Automation.Aws;
using Automation.Core;
using Automation.Core.Catalog;
using Automation.Core.Ports;
using Automation.Core.Promotion;
using Automation.Core.Retention;
using Automation.Functions.Events;
using Microsoft.Extensions.Logging;

namespace Automation.Functions.Triggers;

/// <summary>
/// Comes by on a schedule and reaches from the APIs alone what events would have reached: builds that are due, builds that ended
/// without a release, releases and rollbacks that stopped half-way, tags that are gone or elsewhere, the daily prune. Any event may be lost; this
/// one comes again.
/// </summary>
public sealed class ReconcileFunction(
    ImageCatalog catalog, FleetReader fleet, IWorkflow workflow, Dispatcher dispatcher, Metrics metrics, ILogger<ReconcileFunction> logger)
{
    /// <exception cref="InvalidEventException">The event has no time.</exception>
    /// <exception cref="ImageNotInCatalogException">The event names an image that is not there.</exception>
    /// <exception cref="TransientException">Some image could not be looked at; the others were.</exception>
    [LambdaFunction(ResourceName = nameof(Reconcile))]
    public Task<TriggerResult> Reconcile(ReconcileRequest request, ILambdaContext context) => Deadline.RunAsync(context, async cancellationToken =>
    {
        var now = request?.Time ?? throw new InvalidEventException("The event has no \"time\": expected {\"time\":\"2026-01-05T08:00:00Z\"}, as the schedule sends it.");
        var images = request.Image is null ? catalog.Images : [fleet.Image(request.Image)];
        var running = await workflow.ListRunningAsync(cancellationToken);

        var decisions = new List<TriggerDecision>();
        var overdue = new List<OverdueImage>();
        var faults = new ItemFaults();
        var renewal = fleet.Renewal();
        foreach (var image in images)
        {
            await faults.TryAsync(
                message => Log.ImageFailed(logger, image.Name, message),
                () => LookAtAsync(image, renewal, running, now, decisions, overdue, cancellationToken));
        }

        if (request.Image is null)
        {
            metrics.Write(
                now,
                [new Metric(MetricNames.OverdueImages, overdue.Count), new Metric(MetricNames.OldestOverdueDays, overdue.Select(image => image.Age.TotalDays).DefaultIfEmpty(0).Max(), "None")],
                ("reasons", Wording.Join(overdue.Select(image => $"{image.Image}: {image.Reason.Text}"))));
        }

        faults.ThrowIfAny();
        return new TriggerResult(decisions);
    });

    private async Task LookAtAsync(
        ImageSpec image,
        BaseRenewal renewal,
        IReadOnlySet<string> running,
        DateTimeOffset now,
        List<TriggerDecision> decisions,
        List<OverdueImage> overdue,
        CancellationToken cancellationToken)
    {
        var facts = await fleet.BuildFactsAsync(image, null, now, cancellationToken);
        var renewals = await renewal.RenewAsync(facts, cancellationToken);
        decisions.AddRange(renewals.Select(each => dispatcher.Pulled(image.Name, each)));
        if (renewals.Any(each => each.IsNew))
        {
            facts = await fleet.BuildFactsAsync(image, null, now, cancellationToken);
        }

        if (ImageAge.Of(image, facts.Builds, now) is { } old)
        {
            Log.Overdue(logger, image.Name, old.Reason.Code, old.Reason.Text);
            overdue.Add(old);
        }

        decisions.Add(await dispatcher.BuildAsync(facts, again: now, cancellationToken));

        // An execution that ended before it could mark the build has used up the name: the next round's is taken.
        var releases = ReleasePlanner.Due(await fleet.ReleaseFactsAsync(facts, running, cancellationToken));
        foreach (var order in releases.Due)
        {
            decisions.Add(await dispatcher.StartAsync(
                order.ExecutionName,
                new ExecutionInput(
                    order.IsRollback ? "rollback" : "release",
                    image.Name,
                    order.Build.Version.ToString(),
                    order.IsRollback ? null : order.Attempt,
                    order.Resumes ? true : null,
                    order.Explicit ? true : null),
                order.Build.Digest,
                [order.Reason],
                again: order.Tells ? null : now,
                cancellationToken));
        }

        // Without its builds nobody knows what an image in the repository is.
        if (!facts.Pipeline.Exists)
        {
            return;
        }

        var prune = PruneSchedule.Due(image.Name, now);
        decisions.Add(await dispatcher.StartAsync(
            prune.ExecutionName, new ExecutionInput("prune", image.Name), null, [prune.Reason], again: null, cancellationToken));
    }
}
