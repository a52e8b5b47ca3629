using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.Aws.Sdk;
using Automation.Cli.Deployment;
using Automation.Cli.Reports;
using Automation.Core.Workflow;

namespace Automation.Cli.Executions;

/// <summary>
/// <c>--watch</c>: shows the steps of an execution with their decisions and reasons until it ends. Step Functions sends no
/// notification of a step, so the history is read every few seconds.
/// </summary>
internal sealed class ExecutionFollower(Connection connection, CommandContext context, Narration narration)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongPause = TimeSpan.FromSeconds(10);

    /// <param name="wanted">An outcome that counts as success for this command, although it usually does not.</param>
    /// <returns>The exit code: 1 when the execution failed, or ended without doing its work; and its last state, if it has one.</returns>
    public async Task<(int Code, LifecycleState? Last)> FollowAsync(string executionArn, CancellationToken cancellationToken, Outcome? wanted = null)
    {
        var seen = 0L;
        var waiting = false;
        while (true)
        {
            // Read before the history, so that no event can follow the last read of the history.
            var snapshot = await connection.Executions.FindAsync(executionArn, cancellationToken)
                ?? throw new CommandException($"There is no execution {executionArn}.");
            var history = await connection.Executions.HistoryAsync(executionArn, cancellationToken);
            foreach (var entry in history.Where(entry => entry.Id > seen))
            {
                waiting = Show(snapshot.Name, entry, waiting);
                seen = entry.Id;
            }

            if (!snapshot.IsRunning)
            {
                return (End(snapshot, wanted), WorkflowJson.TryReadState(snapshot.Output));
            }

            await Task.Delay(waiting ? LongPause : Pause, context.Time, cancellationToken);
        }
    }

    private bool Show(string execution, ExecutionEvent entry, bool waiting)
    {
        if (entry is { IsEntry: true, State: { } entered })
        {
            if (WaitingNote.Of(execution, entry, entered) is { } note)
            {
                Say("waits", execution, entry.At, entered, note.ToString(), "yellow");
                return true;
            }

            return false;
        }

        if (entry is { IsExit: true, State: { } left })
        {
            foreach (var line in WorkflowJson.TryReadState(entry.Output) is { } output ? StepReport.Of(left, output) : [])
            {
                Say("step", execution, entry.At, left, line, "default");
            }
        }
        else if (entry.Error is { } error)
        {
            Say("step", execution, entry.At, entry.State ?? "", $"{error}: {Cause(entry.Cause)}", "red");
        }

        return waiting;
    }

    private int End(ExecutionSnapshot snapshot, Outcome? wanted)
    {
        var outcome = WorkflowJson.TryReadState(snapshot.Output)?.Announcement?.Detail.Outcome;
        var done = snapshot.Status == "SUCCEEDED" && (Outcomes.Parse(outcome) is not { } known || known == wanted || known.IsDone());
        narration.Say(new NarrationLine("ended", snapshot switch
        {
            { Status: "SUCCEEDED" } => $"ended{(outcome is null ? "" : $": {outcome}")}",
            { Error: { } error } => $"{snapshot.Status.ToLowerInvariant()}: {error}: {Cause(snapshot.Cause)}",
            _ => snapshot.Status.ToLowerInvariant(),
        })
        {
            At = connection.Clock.GetUtcNow(),
            Step = snapshot.Name,
            Execution = snapshot.Name,
            Outcome = outcome ?? snapshot.Status.ToLowerInvariant(),
            Style = done ? "green" : "red",
        });
        return done ? ExitCodes.Done : ExitCodes.Failed;
    }

    private void Say(string kind, string execution, DateTimeOffset at, string step, string text, string style) =>
        narration.Say(new NarrationLine(kind, text) { At = at, Step = step, Execution = execution, Style = style });

    // {"errorType":"TransientException","errorMessage":"…","stackTrace":[…]}, or plain text.
    internal static string Cause(string? cause)
    {
        try
        {
            return (cause is ['{', ..] ? JsonNode.Parse(cause)?["errorMessage"]?.ToString() : null) ?? cause ?? "no cause given";
        }
        catch (JsonException)
        {
            return cause!;
        }
    }
}
