using Amazon.Lambda.Annotations;
using Amazon.Lambda.Core;
using Automation.Aws.Facts;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Incidents;
using Automation.Core.Ports;
using Automation.Core.Promotion;
using Automation.Core.Retention;
using Automation.Functions.Events;
using Microsoft.Extensions.Logging;

namespace Automation.Functions.Triggers;

/// <summary>
/// Runs on a schedule and reaches from the APIs alone the state that events would have reached: due builds, finished builds
/// without a release, releases and rollbacks that stopped half-way, missing or moved tags, and the daily prune. Any event may be lost, but
/// the schedule fires again.
/// </summary>
public sealed class ReconcileFunction(
    ImageCatalog catalog, FleetReader fleet, IImageBuilder imageBuilder, IWorkflow workflow, Dispatcher dispatcher, IncidentReporter incidents, Metrics metrics,
    ILogger logger)
{
    public ReconcileFunction()
        : this(Startup.FromEnvironment())
    {
    }

    internal ReconcileFunction(Startup parts)
        : this(parts.Catalog, parts.Fleet, parts.ImageBuilder, parts.Workflow, parts.Dispatcher, parts.Incidents, parts.Metrics, parts.Logger)
    {
    }

    /// <exception cref="InvalidEventException">The event lacks a time.</exception>
    /// <exception cref="ImageNotInCatalogException">The catalog does not list the event's image.</exception>
    /// <exception cref="TransientException">Some image could not be processed; the others were.</exception>
    [LambdaFunction(ResourceName = nameof(Reconcile))]
    public Task<TriggerResult> Reconcile(ReconcileRequest request, ILambdaContext context) => Deadline.RunAsync(context, async cancellationToken =>
    {
        var now = request?.Time
            ?? throw new InvalidEventException("The event lacks \"time\": expected {\"time\":\"2026-01-05T08:00:00Z\"}, as the schedule sends it.");
        if (!PlausibleTime.IsPlausible(now))
        {
            throw new InvalidEventException($"The event's \"time\" {now:u} is not {PlausibleTime.Expected}.");
        }

        var images = request.Image is null ? catalog.Images : [fleet.Image(request.Image)];
        var running = await workflow.ListRunningAsync(cancellationToken);

        var decisions = new List<TriggerDecision>();
        var overdue = new List<OverdueImage>();
        var faults = new ItemFaults(cancellationToken);
        var renewal = fleet.Renewal();

        // If the open incidents cannot be read, all other work can still be done.
        IReadOnlyList<OpenIncident> open = [];
        var regions = new Dictionary<string, Dictionary<string, string?>>(StringComparer.Ordinal);
        var canReport = await faults.TryAsync(
            message => Log.ImageFailed(logger, "incidents", message), async () => open = await incidents.ListOpenAsync(cancellationToken)) is null;
        foreach (var image in images)
        {
            var observed = new List<Observation>();
            var fault = await faults.TryAsync(
                message => Log.ImageFailed(logger, image.Name, message),
                () => ReconcileImageAsync(image, renewal, running, now, open, decisions, overdue, observed, regions, cancellationToken));
            if (fault is null)
            {
                observed.Add(new Observation.Healthy(
                    image.Name, IncidentArea.Reconcile, new Reason(ReasonCode.Readable, $"The reconcile can read the facts of {image.Name} again.")));
            }
            else if (fault is not TransientException)
            {
                observed.Add(new Observation.Problem(ReconcileObservations.OfFault(image.Name, fault.Message)));
            }

            await ReportAsync(image.Name, observed);
        }

        var promotedTo = catalog.Images.SelectMany(image => fleet.RegionsOf(image), (image, region) => (image, region))
            .ToLookup(each => each.region, each => each.image.Name);
        foreach (var region in promotedTo)
        {
            var read = regions.GetValueOrDefault(region.Key) ?? [];
            await ReportAsync(region.Key, [ReconcileObservations.OfRegion(region.Key, read, region.All(read.ContainsKey))]);
        }

        if (request.Image is null)
        {
            await faults.TryAsync(
                message => Log.ImageFailed(logger, "incidents", message),
                () => incidents.EndAsync(IncidentPlanner.Forgotten(catalog.Images.Select(image => image.Name), promotedTo.Select(region => region.Key), open),
                    now, cancellationToken));
            foreach (var incident in open)
            {
                Log.OpenIncident(logger, incident.Id.Image, incident.Id.Kind.Code(), BuildTags.Format(incident.Since));
            }

            metrics.Write(
                now,
                [
                    new Metric(MetricNames.OpenIncidents, open.Count),
                    new Metric(MetricNames.VulnerableImages, open.Count(incident => incident.Id.Kind == IncidentKind.Vulnerable)),
                    new Metric(MetricNames.OverdueImages, overdue.Count),
                    new Metric(MetricNames.OldestOverdueDays, overdue.Select(image => image.Age.TotalDays).DefaultIfEmpty(0).Max(), "None"),
                ],
                ("reasons", HumanText.Join(overdue.Select(image => $"{image.Image}: {image.Reason.Text}"))));
        }

        faults.ThrowIfAny();
        return new TriggerResult(decisions);

        async Task ReportAsync(string subject, IEnumerable<Observation> observed)
        {
            foreach (var observation in canReport ? observed : [])
            {
                await faults.TryAsync(
                    message => Log.ImageFailed(logger, subject, message), () => incidents.ReportAsync(observation, open, now, cancellationToken));
            }
        }
    });

    private async Task ReconcileImageAsync(
        ImageSpec image,
        BaseRenewal renewal,
        IReadOnlySet<string> running,
        DateTimeOffset now,
        IReadOnlyList<OpenIncident> open,
        List<TriggerDecision> decisions,
        List<OverdueImage> overdue,
        List<Observation> observed,
        Dictionary<string, Dictionary<string, string?>> regions,
        CancellationToken cancellationToken)
    {
        var facts = await fleet.Builds.ReadAsync(image, null, now, cancellationToken);
        if (facts.Pipeline.Hold?.Over(now) is { } over)
        {
            await imageBuilder.UntagAsync(facts.Pipeline.Arn, BuildTags.HoldKeys, cancellationToken);
            decisions.Add(dispatcher.Unheld(image.Name, over));
            facts = await fleet.Builds.ReadAsync(image, null, now, cancellationToken);
        }

        var renewals = await renewal.RenewAsync(facts, cancellationToken);
        decisions.AddRange(renewals.Select(each => dispatcher.Pulled(image.Name, each)));
        if (renewals.Any(each => each.IsNew))
        {
            facts = await fleet.Builds.ReadAsync(image, null, now, cancellationToken);
        }

        if (ImageAge.Of(image, facts.Builds, now) is { } old)
        {
            Log.Overdue(logger, image.Name, old.Reason.Code, old.Reason.Text);
            overdue.Add(old);
        }

        var promoted = await fleet.Findings.ReadAsync(facts, cancellationToken);
        if (promoted?.Unreadable is { } fault)
        {
            Log.FindingsUnreadable(logger, image.Name, fault);
        }

        if (await fleet.Findings.RenewAsync(facts, promoted, cancellationToken) is { } scan)
        {
            Log.ScanRenewed(logger, image.Name, promoted!.Build.Version.ToString(), scan);
        }

        facts = facts with { Findings = promoted?.ForBuild(image, now) };
        var decision = BuildPlanner.Decide(facts);
        observed.Add(ReconcileObservations.OfFindings(facts, promoted));
        observed.Add(ReconcileObservations.OfBuild(facts, decision, open));
        observed.Add(ReconcileObservations.OfDistribution(facts));
        decisions.Add(await dispatcher.BuildAsync(facts, decision, again: now, cancellationToken));

        // An execution that ended before it could mark the build has used up the name, so take the next round's name.
        var found = await fleet.Releases.ReadAsync(facts, running, cancellationToken);
        foreach (var region in fleet.RegionsOf(image))
        {
            if (!regions.TryGetValue(region, out var read))
            {
                regions[region] = read = new(StringComparer.Ordinal);
            }

            read[image.Name] = found.UnreadRegions.GetValueOrDefault(region);
        }

        var releases = ReleasePlanner.Due(found);
        observed.Add(ReconcileObservations.OfReleases(image.Name, facts.Builds, releases));
        foreach (var vain in facts.Pipeline.Exists && image.Promote.ApprovalHours is not null ? ReleaseGuard.InVain(image.Name, facts.Builds, running) : [])
        {
            if (await workflow.EndApprovalAsync(vain.Execution, vain.Why.Text, cancellationToken))
            {
                decisions.Add(dispatcher.Ended(image.Name, vain.Execution, vain.Why));
            }
        }

        foreach (var order in releases.Due)
        {
            decisions.Add(await dispatcher.StartAsync(
                order.ExecutionName,
                new ExecutionInput(
                    order.IsRollback ? WorkflowActions.Rollback : WorkflowActions.Release,
                    image.Name,
                    order.Build.Version.ToString(),
                    order.IsRollback ? null : order.Attempt,
                    order.Resumes ? true : null,
                    order.Explicit ? true : null),
                order.Build.Digest,
                [order.Reason],
                again: now,
                cancellationToken));
        }

        // Without the builds it is unknown which build an image in the repository belongs to.
        if (!facts.Pipeline.Exists)
        {
            return;
        }

        var prune = PruneSchedule.Due(image.Name, now);
        decisions.Add(await dispatcher.StartAsync(
            prune.ExecutionName, new ExecutionInput(WorkflowActions.Prune, image.Name), null, [prune.Reason], again: null, cancellationToken));
    }
}
