using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.Aws.Sdk;
using Automation.Cli.Deployment;
using Automation.Core;
using Automation.Core.Workflow;
using Spectre.Console;

namespace Automation.Cli.Executions;

/// <summary>
/// <c>--watch</c>: shows the steps of an execution with their decisions and reasons, as they happen, until it ends. Step Functions
/// sends no notification, so this class polls every few seconds.
/// </summary>
internal sealed class ExecutionFollower(Connection connection, CommandContext context)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongPause = TimeSpan.FromSeconds(10);

    /// <param name="wanted">An outcome that counts as success here, although it usually does not.</param>
    /// <returns>The exit code: 1 if the execution failed, or ended without reaching its goal.</returns>
    public async Task<int> FollowAsync(string executionArn, CancellationToken cancellationToken, Outcome? wanted = null)
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
                return End(snapshot, wanted);
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
                Say(entry.At, entered, note.ToString(), "yellow");
                return true;
            }

            return false;
        }

        if (entry is { IsExit: true, State: { } left })
        {
            foreach (var line in WorkflowJson.TryReadState(entry.Output) is { } output ? StepReport.Of(left, output) : [])
            {
                Say(entry.At, left, line, "default");
            }
        }
        else if (entry.Error is { } error)
        {
            Say(entry.At, entry.State ?? "", $"{error}: {Cause(entry.Cause)}", "red");
        }

        return waiting;
    }

    private int End(ExecutionSnapshot snapshot, Outcome? wanted)
    {
        var outcome = WorkflowJson.TryReadState(snapshot.Output)?.Announcement?.Detail.Outcome;
        var done = snapshot.Status == "SUCCEEDED" && (Outcomes.Parse(outcome) is not { } known || known == wanted || known.IsDone());
        Say(connection.Clock.GetUtcNow(), snapshot.Name, snapshot switch
        {
            { Status: "SUCCEEDED" } => $"ended{(outcome is null ? "" : $": {outcome}")}",
            { Error: { } error } => $"{snapshot.Status.ToLowerInvariant()}: {error}: {Cause(snapshot.Cause)}",
            _ => snapshot.Status.ToLowerInvariant(),
        }, done ? "green" : "red");
        return done ? 0 : 1;
    }

    // When piped, a line stays one line, however long it is.
    private void Say(DateTimeOffset at, string step, string text, string style)
    {
        if (context.Console.Profile.Out.IsTerminal)
        {
            context.Console.MarkupLine($"[grey]{HumanText.At(at)}[/] [blue]{Markup.Escape(step)}[/] [{style}]{Markup.Escape(text)}[/]");
        }
        else
        {
            context.Output.WriteLine($"{HumanText.At(at)} {step} {text}");
        }
    }

    // {"errorType":"TransientException","errorMessage":"…","stackTrace":[…]}, or plain text.
    private static string Cause(string? cause)
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
