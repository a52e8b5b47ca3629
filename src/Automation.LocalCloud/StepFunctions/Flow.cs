using System.Text.Json.Nodes;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>Where one sequence of states stands: the execution itself, a branch of a Parallel state or an iteration of a Map state.</summary>
/// <param name="owner">The state that waits for it; null for the execution itself.</param>
internal sealed class Flow(ExecutionRun run, StateGraph graph, Fanout? owner)
{
    public ExecutionRun Run => run;

    public StateGraph Graph => graph;

    public Fanout? Owner => owner;

    public int Index { get; init; }

    /// <summary>Variables set here and, as they were, in the flows around it.</summary>
    public Dictionary<string, JsonNode?> Variables { get; init; } = new(StringComparer.Ordinal);

    /// <summary><c>{"Index": 0, "Value": …}</c> of <c>$$.Map.Item</c>; null outside of Map states.</summary>
    public JsonObject? MapItem { get; init; }

    public long LastEvent { get; set; }

    /// <summary>The state it is in; null before, between and after.</summary>
    public StateVisit? Visit { get; set; }

    /// <summary>Nothing happens in it any more.</summary>
    public bool Dropped { get; private set; }

    public FlowPosition Position => new(
        Index, Variables.ToDictionary(pair => pair.Key, pair => new Data(pair.Value), StringComparer.Ordinal), new Data(MapItem), LastEvent, Visit?.Position);

    /// <summary>The flow as it was stored; <see cref="Resume"/> sets it going.</summary>
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

    /// <summary>Stops what is going on in it, without history.</summary>
    public void Drop()
    {
        Dropped = true;
        Visit?.Stop();
    }

    /// <summary>Stops it because a sibling failed: its states are recorded as aborted.</summary>
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

/// <summary>One stay in a state, with all its attempts.</summary>
internal sealed class StateVisit(Flow flow, State state, JsonNode? input, DateTimeOffset entered)
{
    public Flow Flow => flow;

    public State State => state;

    /// <summary>The raw input.</summary>
    public JsonNode? Input => input;

    public DateTimeOffset Entered => entered;

    /// <summary>Id of its StateEntered event, for the causes of runtime errors.</summary>
    public long EnteredEvent { get; init; }

    /// <summary>Attempts used of each rule in <c>Retry</c>.</summary>
    public int[] Retries { get; private init; } = new int[state.Retry.Count];

    public int RetryCount => Retries.Sum();

    /// <summary>When a Wait state is over, or the wait before the next attempt.</summary>
    public DateTimeOffset? Wakes { get; set; }

    public CloudTimer? Timer { get; set; }

    public TaskAttempt? Attempt { get; set; }

    public Fanout? Fanout { get; set; }

    public VisitPosition Position => new(
        state.Name, new Data(input), entered, EnteredEvent, [.. Retries], Wakes, Wakes is null ? Attempt?.Position : null, Wakes is null ? Fanout?.Position : null);

    public static StateVisit At(Flow flow, VisitPosition position)
    {
        var visit = new StateVisit(flow, flow.Graph.States[position.State], position.Input.Node, position.Entered)
        {
            EnteredEvent = position.EnteredEvent,
            Retries = [.. position.Retries],
            Wakes = position.Wakes,
        };
        visit.Attempt = position.Attempt is { } attempt ? TaskAttempt.At(visit, attempt) : null;
        visit.Fanout = position.Fanout is { } fanout ? Fanout.At(visit, fanout) : null;
        return visit;
    }

    public void Resume()
    {
        if (Wakes is { } due)
        {
            StateRunner.Sleep(this, due);
        }
        else if (Attempt is not null)
        {
            flow.Run.Tasks.Resume(Attempt);
        }
        else
        {
            foreach (var child in Fanout?.Active ?? [])
            {
                child.Resume();
            }
        }
    }

    public bool IsCurrent => flow.Visit == this && !flow.Dropped;

    public void Stop()
    {
        flow.Run.Cloud.Clock.Cancel(Timer);
        Attempt?.Cancel();
        Fanout?.Drop();
    }

    public Scope Scope(JsonNode? of) => new(of, new Lazy<JsonObject>(() => ContextObject.Of(this)), flow.Variables, flow.Run.Cloud.Ids.Next);
}
