using System.Text.Json.Nodes;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>The progress of one sequence of states: the execution itself, a branch of a Parallel state or an iteration of a Map state.</summary>
/// <param name="owner">The visit of the state that waits for it; null for the execution itself.</param>
internal sealed class Flow(ExecutionRun run, StateGraph graph, Fanout? owner)
{
    public ExecutionRun Run => run;

    public StateGraph Graph => graph;

    public Fanout? Owner => owner;

    public int Index { get; init; }

    /// <summary>The variables set here, on top of a copy of those of the enclosing flows.</summary>
    public Dictionary<string, JsonNode?> Variables { get; init; } = new(StringComparer.Ordinal);

    /// <summary>The value of <c>$$.Map.Item</c>: <c>{"Index": 0, "Value": …}</c>; null outside Map states.</summary>
    public JsonObject? MapItem { get; init; }

    public long LastEvent { get; set; }

    /// <summary>The current state; null before, between and after states.</summary>
    public StateVisit? Visit { get; set; }

    /// <summary>Whether the flow has ended.</summary>
    public bool Dropped { get; private set; }

    /// <summary>The last attempt of its current task and of those in its branches and iterations.</summary>
    public IEnumerable<TaskAttempt> Attempts =>
        Visit?.Fanout?.Active.SelectMany(child => child.Attempts) ?? (Visit?.Attempt is { } attempt ? [attempt] : []);

    public FlowPosition Position => new(
        Index, Variables.ToDictionary(pair => pair.Key, pair => new Data(pair.Value), StringComparer.Ordinal), new Data(MapItem), LastEvent, Visit?.Position);

    /// <summary>Creates a flow from its stored position; <see cref="Resume"/> starts it.</summary>
    public static Flow At(ExecutionRun run, StateGraph graph, Fanout? owner, FlowPosition position)
    {
        var flow = new Flow(run, graph, owner)
        {
            Index = position.Index,
            Variables = position.Variables.ToDictionary(pair => pair.Key, pair => pair.Value.Node, StringComparer.Ordinal),
            MapItem = position.MapItem.Node as JsonObject,
            LastEvent = position.LastEvent,
        };
        flow.Visit = position.Visit is { } visit ? StateVisit.At(flow, visit) : null;
        return flow;
    }

    public void Resume() => Visit?.Resume();

    /// <summary>Stops its work without history events.</summary>
    public void Drop()
    {
        Dropped = true;
        Visit?.Stop();
    }

    /// <summary>Stops it because a sibling failed; its states are recorded as aborted.</summary>
    public void AbortWithHistory(long cause)
    {
        if (Visit is { } visit)
        {
            foreach (var child in visit.Fanout?.Active ?? [])
            {
                child.AbortWithHistory(cause);
            }

            if (visit.State is TaskState or WaitState or MapState or ParallelState)
            {
                run.AddEvent(cause, visit.State.Type + "StateAborted");
            }
        }

        Drop();
    }
}

/// <summary>One visit of a state, with all its attempts.</summary>
internal sealed class StateVisit(Flow flow, State state, JsonNode? input, DateTimeOffset entered)
{
    public Flow Flow => flow;

    public State State => state;

    /// <summary>The raw input.</summary>
    public JsonNode? Input => input;

    /// <summary>The raw input as JSON text, if it is known.</summary>
    public string? InputText { get; init; }

    /// <summary>The raw input or the collected results as JSON text, if it is known.</summary>
    public string? TextOf(JsonNode? data) => ReferenceEquals(data, input) ? InputText : Fanout?.TextOf(data);

    public DateTimeOffset Entered => entered;

    /// <summary>The id of its StateEntered event, for the causes of runtime errors.</summary>
    public long EnteredEvent { get; init; }

    /// <summary>The attempts used of each rule in <c>Retry</c>.</summary>
    public int[] Retries { get; } = state.Retry.Count == 0 ? [] : new int[state.Retry.Count];

    public int RetryCount => Retries.Sum();

    /// <summary>The end of a Wait state, or of the wait before the next attempt.</summary>
    public DateTimeOffset? Wakes { get; set; }

    public CloudTimer? Timer { get; set; }

    public TaskAttempt? Attempt { get; set; }

    public Fanout? Fanout { get; set; }

    public VisitPosition Position => new(
        state.Name, new Data(input), entered, EnteredEvent, [.. Retries], Wakes, Wakes is null ? Attempt?.Position : null,
        Wakes is null ? Fanout?.Position : null);

    public static StateVisit At(Flow flow, VisitPosition position)
    {
        var visit = new StateVisit(flow, flow.Graph.States[position.State], position.Input.Node, position.Entered)
        {
            EnteredEvent = position.EnteredEvent,
            Wakes = position.Wakes,
        };
        position.Retries.ToArray().CopyTo(visit.Retries, 0);
        visit.Attempt = position.Attempt is { } attempt ? TaskAttempt.At(visit, attempt) : null;
        visit.Fanout = position.Fanout is { } fanout ? Fanout.At(visit, fanout) : null;
        return visit;
    }

    public void Resume()
    {
        if (Wakes is { } due)
        {
            StateRunner.WaitUntil(this, due);
        }
        else if (Attempt is not null)
        {
            flow.Run.Tasks.Resume(Attempt);
        }
        else if (Fanout is not null)
        {
            foreach (var child in Fanout.Active)
            {
                child.Resume();
            }
        }
        else
        {
            // The position is known only from a history, which does not say until when a state waits.
            flow.Run.Engine.Clock.Soon($"{state.Name} in {flow.Run.Record.Name} again", () => flow.Run.Post(() => StateRunner.Attempt(this)));
        }
    }

    public bool IsCurrent => flow.Visit == this && !flow.Dropped;

    public void Stop()
    {
        flow.Run.Engine.Clock.Cancel(Timer);
        Attempt?.Cancel();
        Fanout?.Drop();
    }

    public Scope Scope(JsonNode? of) => new(
        of, new Lazy<JsonObject>(() => ContextObject.Of(this), isThreadSafe: false), flow.Variables, flow.Run.NextId);
}
