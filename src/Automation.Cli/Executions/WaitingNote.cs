using Automation.Aws.Sdk;
using Automation.Core;
using Automation.Core.Workflow;

namespace Automation.Cli.Executions;

/// <summary>Why and until when an execution waits, read from the last state that it entered.</summary>
/// <param name="Until">Null if no time is set.</param>
internal sealed record WaitingNote(string State, DateTimeOffset? Until, string Why)
{
    public bool IsApproval => State == WorkflowStates.WaitForApproval;

    public override string ToString() => Until is { } until ? $"waits until {HumanText.At(until)}: {Why}" : $"waits: {Why}";

    /// <summary>Null if the execution is not waiting.</summary>
    public static WaitingNote? Of(string execution, IReadOnlyList<ExecutionEvent> history) =>
        history.LastOrDefault(entry => entry.IsEntry || entry.IsExit) is { IsEntry: true, State: { } state } entered ? Of(execution, entered, state) : null;

    /// <summary>Null for a state that does not wait.</summary>
    public static WaitingNote? Of(string execution, ExecutionEvent entered, string state)
    {
        var input = WorkflowJson.TryReadState(entered.Input);
        return state switch
        {
            WorkflowStates.WaitUntilDue => new WaitingNote(state, input?.Plan?.Until, Reason(input?.Plan?.Reasons)),
            WorkflowStates.WaitForScan or WorkflowStates.WaitForNextCheck => new WaitingNote(state, input?.Scan?.Until, Reason(input?.Scan?.Reasons)),
            WorkflowStates.Soak => new WaitingNote(state, input?.VersionTags?.WaitUntil, "floating tags wait after the version tags"),
            WorkflowStates.WaitForApproval => new WaitingNote(
                state,
                input?.Release?.ApprovalSeconds is { } seconds ? entered.At.AddSeconds(seconds) : null,
                $"approval needed: automation approve {execution}"),
            _ => null,
        };
    }

    private static string Reason(IReadOnlyList<ReasonText>? reasons) => reasons is [var first, ..] ? first.Text : "no reason given";
}
