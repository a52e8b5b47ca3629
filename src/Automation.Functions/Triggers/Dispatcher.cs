using Automation.Aws.Facts;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.Core.Ports;
using Microsoft.Extensions.Logging;

namespace Automation.Functions.Triggers;

/// <summary>Starts executions for what a trigger found due, and logs every decision. The triggers themselves change nothing.</summary>
public sealed class Dispatcher(IWorkflow workflow, ILogger logger)
{
    /// <summary>A build that is due now or later becomes an execution, which waits if it must. A "no" is only reported.</summary>
    /// <param name="again">See <see cref="IWorkflow.StartAsync"/>: null leaves unfinished work of an ended execution to the reconcile.</param>
    public Task<TriggerDecision> BuildAsync(BuildFacts facts, DateTimeOffset? again, CancellationToken cancellationToken) =>
        BuildAsync(facts, BuildPlanner.Decide(facts), again, cancellationToken);

    /// <param name="decision">The decision of <see cref="BuildPlanner"/> on the facts.</param>
    public async Task<TriggerDecision> BuildAsync(BuildFacts facts, BuildDecision decision, DateTimeOffset? again, CancellationToken cancellationToken)
    {
        var order = decision switch
        {
            BuildDecision.Start start => start.Order,
            BuildDecision.NotYet notYet => notYet.Order,
            _ => null,
        };
        var digest = facts.Base?.Digest;
        return order is null
            ? Answer(facts.Image.Name, digest, "no", null, decision.Reasons)
            : await StartAsync(order.ExecutionName, new ExecutionInput(WorkflowActions.Build, order.Image), digest, decision.Reasons, again, cancellationToken);
    }

    public async Task<TriggerDecision> StartAsync(
        string name, ExecutionInput input, Digest? digest, IReadOnlyList<Reason> reasons, DateTimeOffset? again, CancellationToken cancellationToken)
    {
        var started = await workflow.StartAsync(name, WorkflowJson.Write(input), again, cancellationToken);
        return Answer(input.Image, digest, started.IsNew ? "started" : "already-started", started.Name, reasons);
    }

    /// <summary>Reports the pull of a cached base for an image.</summary>
    internal TriggerDecision Pulled(string image, Renewal renewal) =>
        Answer(image, renewal.Pulled.Digest, renewal.Pulled.Failure is null ? "pulled" : "pull-failed", null, renewal.Reasons);

    /// <summary>Reports the end of an execution that waited in vain.</summary>
    public TriggerDecision Ended(string image, string execution, Reason why) => Answer(image, null, "ended", execution, [why]);

    /// <summary>Reports the end of a hold.</summary>
    public TriggerDecision Unheld(string image, Reason why) => Answer(image, null, "unheld", null, [why]);

    /// <summary>Reports an event that does not concern Automation.</summary>
    public TriggerDecision NotOurs(string subject, Reason reason) => Answer(subject, null, "not-ours", null, [reason]);

    private TriggerDecision Answer(string subject, Digest? digest, string decision, string? execution, IReadOnlyList<Reason> reasons)
    {
        Log.Decided(logger, subject, digest?.Value ?? Log.None, decision, execution ?? Log.None, reasons[0].Code, reasons[0].Text);
        return new TriggerDecision(subject, decision, execution, ReasonText.From(reasons));
    }
}
