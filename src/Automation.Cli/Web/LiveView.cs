using System.Collections.Concurrent;
using Automation.Aws.Sdk;
using Automation.Cli.Commands;
using Automation.Cli.Deployment;
using Automation.Cli.Doctor;
using Automation.Cli.Executions;
using Automation.Cli.Reports;
using Automation.Core.Builds;
using Automation.Core.Incidents;
using Automation.Core.Workflow;

namespace Automation.Cli.Web;

/// <summary>What the workflow does now, and what it did last.</summary>
/// <param name="Executions">Those that run, and the newest ended ones; the newest first.</param>
/// <param name="Incidents">The open incidents.</param>
/// <param name="DeadLetters">The number of messages that could not be processed; null if unknown.</param>
/// <param name="DeadLettersUnknown">Why it is unknown.</param>
/// <param name="Events">The events of the last day that reached the triggers, the newest first; at most <see cref="LiveViewReader.MaxEvents"/>.</param>
/// <param name="EventsUnknown">Why they are unknown; null if they were read.</param>
internal sealed record LiveView(
    Place Place, IReadOnlyList<ExecutionView> Executions, IReadOnlyList<LiveIncident> Incidents, int? DeadLetters, string? DeadLettersUnknown,
    IReadOnlyList<ReceivedEvent> Events, string? EventsUnknown);

internal sealed record LiveIncident(string Image, string Kind, DateTimeOffset Since, string Why);

/// <param name="Action">build, release, rollback or prune.</param>
/// <param name="Status">running, succeeded, failed, timed_out or aborted.</param>
/// <param name="Outcome">The announced outcome, such as <c>blocked</c>; null if none was announced.</param>
internal sealed record ExecutionView(
    string Name, string? Image, string Action, string? Version, string Status, DateTimeOffset StartedAt, string? Outcome, ExecutionWait? Waits,
    IReadOnlyList<ExecutionStep> Steps)
{
    /// <param name="history">The events of the execution, oldest first.</param>
    public static ExecutionView Of(ListedExecution execution, IReadOnlyList<ExecutionEvent> history)
    {
        var state = WorkflowJson.TryReadState(history.LastOrDefault(entry => entry.Output is not null)?.Output)
            ?? WorkflowJson.TryReadState(history.FirstOrDefault(entry => entry.Input is not null)?.Input);
        var note = execution.Status == "RUNNING" ? WaitingNote.Of(execution.Name, history) : null;
        return new ExecutionView(
            execution.Name,
            state?.Image ?? ExecutionNames.ImageIn(execution.Name),
            state?.Action ?? execution.Name.Split('-')[0],
            state?.Release?.Version ?? state?.Build?.Version ?? state?.Version,
            execution.Status.ToLowerInvariant(),
            execution.StartedAt,
            state?.Announcement?.Detail.Outcome,
            note is null ? null : new ExecutionWait(note.State, note.Until, note.Why, note.IsApproval),
            [.. history.Select(StepOf).OfType<ExecutionStep>()]);
    }

    private static ExecutionStep? StepOf(ExecutionEvent entry)
    {
        if (entry.Error is { } error)
        {
            return new ExecutionStep(entry.At, entry.State ?? "", [$"{error}: {ExecutionFollower.Cause(entry.Cause)}"], Failed: true);
        }

        return entry is { IsExit: true, State: { } state } && WorkflowJson.TryReadState(entry.Output) is { } output
            && StepReport.Of(state, output).ToList() is { Count: > 0 } lines
            ? new ExecutionStep(entry.At, state, lines, Failed: false)
            : null;
    }
}

/// <param name="Approval">Whether it waits for the approval of a person.</param>
internal sealed record ExecutionWait(string State, DateTimeOffset? Until, string Why, bool Approval);

/// <param name="Lines">The decision of the step with its reasons.</param>
internal sealed record ExecutionStep(DateTimeOffset At, string State, IReadOnlyList<string> Lines, bool Failed);

/// <summary>Reads <see cref="LiveView"/>. It remembers executions that have ended, because they no longer change.</summary>
internal sealed class LiveViewReader
{
    /// <summary>The number of executions that are shown, besides those that run.</summary>
    private const int Newest = 40;

    /// <summary>The number of events that are shown.</summary>
    public const int MaxEvents = 50;

    private readonly EventReader _events = new();
    private readonly ConcurrentDictionary<string, ExecutionView> _ended = new(StringComparer.Ordinal);

    public async Task<LiveView> ReadAsync(Connection connection, CancellationToken cancellationToken)
    {
        var listed = await connection.Executions.ListAsync(connection.StateMachineArn, _ => true, cancellationToken, Newest);
        var older = connection.Running.Except(listed.Select(execution => execution.Name), StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal);
        if (older.Count > 0)
        {
            listed = [.. listed, .. await connection.Executions.ListAsync(connection.StateMachineArn, older.Contains, cancellationToken)];
        }

        var executions = await EachOf.ReadAsync(listed, (execution, token) => ReadAsync(connection, execution, token), (_, _) => { }, cancellationToken);
        var incidents = await connection.ReadIncidentsAsync(cancellationToken);
        var (deadLetters, unknown) = await DeadLettersAsync(connection, cancellationToken);
        var (events, eventsUnknown) = await EventsAsync(connection, cancellationToken);
        return new LiveView(
            Place.Of(connection),
            executions,
            [.. incidents.OrderByDescending(each => each.Incident.Since).SelectMany(each => Views(each.Incident.Id.Image, each))],
            deadLetters,
            unknown,
            events,
            eventsUnknown);
    }

    private async Task<(IReadOnlyList<ReceivedEvent> Events, string? Unknown)> EventsAsync(Connection connection, CancellationToken cancellationToken)
    {
        try
        {
            return ([.. (await EventsCommand.ReadAsync(connection, _events, TimeSpan.FromDays(1), cancellationToken)).Take(MaxEvents)], null);
        }
        catch (CommandException e)
        {
            return ([], e.Message);
        }
    }

    private static IEnumerable<LiveIncident> Views(string image, (OpenIncident Incident, string? Input) open) =>
        IncidentView.Of(image, [image], [open]).Select(view => new LiveIncident(image, view.Kind, view.Since, view.Why));

    private async Task<ExecutionView> ReadAsync(Connection connection, ListedExecution execution, CancellationToken cancellationToken)
    {
        if (_ended.TryGetValue(execution.Name, out var known))
        {
            return known;
        }

        var view = ExecutionView.Of(execution, await connection.Executions.HistoryAsync(connection.ExecutionArn(execution.Name), cancellationToken));
        if (execution.Status != "RUNNING")
        {
            _ended[execution.Name] = view;
        }

        return view;
    }

    private static async Task<(int? Count, string? Unknown)> DeadLettersAsync(Connection connection, CancellationToken cancellationToken)
    {
        if (await connection.Executions.FindStackAsync(connection.StateMachineArn, cancellationToken) is not { } stack)
        {
            return (null, "the workflow belongs to no stack");
        }

        try
        {
            using var http = new HttpClient();
            return (await new DeadLetterReader(connection.Calls(http), connection.Scope.Region).CountAsync(stack, cancellationToken), null);
        }
        catch (CallException e) when (Profiles.Expired(e, profile: null) is null)
        {
            return (null, e.Message);
        }
    }
}
