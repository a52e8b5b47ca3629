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
    public int[] Retries { get; } = new int[state.Retry.Count];

    public int RetryCount => Retries.Sum();

    /// <summary>Of a Wait state, or of the wait before the next attempt.</summary>
    public CloudTimer? Timer { get; set; }

    public TaskAttempt? Attempt { get; set; }

    public Fanout? Fanout { get; set; }

    public bool IsCurrent => flow.Visit == this && !flow.Dropped;

    public void Stop()
    {
        flow.Run.Cloud.Clock.Cancel(Timer);
        Attempt?.Cancel();
        Fanout?.Drop();
    }

    public Scope Scope(JsonNode? of) => new(of, new Lazy<JsonObject>(() => ContextObject.Of(this)), flow.Variables, flow.Run.Cloud.Ids.Next);
}
