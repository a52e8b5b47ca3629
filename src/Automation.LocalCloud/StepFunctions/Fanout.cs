using System.Globalization;
using System.Text.Json.Nodes;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>The flows that one attempt of a Parallel or Map state waits for. Results have the order of branches and items.</summary>
internal sealed class Fanout(StateVisit visit)
{
    private readonly ExecutionRun _run = visit.Flow.Run;
    private readonly List<Flow> _active = [];
    private readonly MapState? _map = visit.State as MapState;
    private JsonNode? _input;
    private JsonArray? _items;
    private JsonNode?[] _results = [];
    private string[] _texts = [];
    private JsonArray? _output;
    private long _startedEvent;
    private int _next;
    private int _done;
    private int _limit;
    private bool _over;

    public IReadOnlyList<Flow> Active => _active;

    /// <summary>The event that says that all branches or iterations have succeeded.</summary>
    public long? SucceededEvent { get; private set; }

    /// <summary>Called when one of its flows has failed. Unless the flow is retried, the history records the failure of the state.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Null when it has ended.</summary>
    public FanoutPosition? Position => _over
        ? null
        : new FanoutPosition(_startedEvent, [.. _results.Select(result => new Data(result))], _next, [.. _active.Select(child => child.Position)]);

    public static Fanout At(StateVisit visit, FanoutPosition position)
    {
        var fanout = new Fanout(visit) { _startedEvent = position.StartedEvent, _next = position.Next, _done = position.Next - position.Active.Count };
        fanout.Prepare();
        fanout._results = [.. position.Results.Select(result => result.Node)];
        fanout._texts = [.. fanout._results.Select(JsonKinds.Text)];
        fanout._active.AddRange(position.Active.Select(child => Flow.At(fanout._run, fanout.GraphOf(child.Index), fanout, child)));
        return fanout;
    }

    /// <exception cref="StateException">The input is not valid for the state.</exception>
    public void Start()
    {
        Prepare();
        if (_map is null)
        {
            _run.AddEvent(visit.Flow, "ParallelStateStarted");
        }
        else
        {
            _run.AddEvent(visit.Flow, "MapStateStarted", "mapStateStartedEventDetails", new JsonObject { ["length"] = _results.Length });
        }

        _startedEvent = visit.Flow.LastEvent;
        StartMore(_startedEvent);
        if (_results.Length == 0)
        {
            Succeed();
        }
    }

    /// <summary>All results as JSON text, unless the data are others.</summary>
    public string? TextOf(JsonNode? data) => data is not null && ReferenceEquals(data, _output) ? $"[{string.Join(',', _texts)}]" : null;

    /// <param name="text">The output as JSON text.</param>
    public void Done(Flow child, JsonNode? output, string text)
    {
        _active.Remove(child);
        _results[child.Index] = output?.DeepClone();
        _texts[child.Index] = text;
        _done++;
        var last = child.LastEvent;
        if (_map is not null)
        {
            _run.AddEvent(child, "MapIterationSucceeded", "mapIterationSucceededEventDetails", Iteration(child));
        }

        visit.Flow.LastEvent = child.LastEvent;
        if (_done == _results.Length)
        {
            Succeed();
        }
        else
        {
            try
            {
                StartMore(last);
            }
            catch (StateException error)
            {
                StateRunner.Fail(visit, StateRunner.Located(visit, error));
            }
        }
    }

    /// <summary>One failure stops all flows; the state itself may be retried or caught.</summary>
    public void Failed(Flow child, StateException error)
    {
        if (_over)
        {
            return;
        }

        _over = true;
        HasFailed = true;
        _active.Remove(child);
        var isTask = child.Visit?.State is TaskState;
        child.Drop();
        var cause = child.LastEvent;
        if (_map is not null)
        {
            _run.AddEvent(cause, "MapIterationFailed", "mapIterationFailedEventDetails", named: Iteration(child));
        }

        foreach (var other in _active.ToArray())
        {
            other.AbortWithHistory(cause);
            if (_map is not null)
            {
                _run.AddEvent(cause, "MapIterationAborted", "mapIterationAbortedEventDetails", named: Iteration(other));
            }
        }

        if (isTask)
        {
            _run.AddEvent(cause, "TaskStateAborted");
        }

        _active.Clear();
        visit.Flow.LastEvent = cause;
        StateRunner.Fail(visit, error);
    }

    public void Drop()
    {
        _over = true;
        foreach (var child in _active)
        {
            child.Drop();
        }

        _active.Clear();
    }

    /// <summary>The values that depend only on the state's input.</summary>
    private void Prepare()
    {
        var effective = StateRunner.EffectiveInput(visit);
        if (_map is null)
        {
            _input = StateRunner.Parameters(visit, effective);
            _limit = ((ParallelState)visit.State).Branches.Count;
            _results = new JsonNode?[_limit];
        }
        else
        {
            _input = effective;
            _items = _map.ItemsPath.Evaluate(visit.Scope(effective), "ItemsPath") as JsonArray
                ?? throw new StateException(StateException.Runtime, $"Reference path \"{_map.ItemsPath.Text}\" must point to array.");
            _results = new JsonNode?[_items.Count];
            _limit = Concurrency(_map, effective);
        }

        _texts = new string[_results.Length];
    }

    private StateGraph GraphOf(int index) => _map?.Processor ?? ((ParallelState)visit.State).Branches[index];

    private int Concurrency(MapState map, JsonNode? effective)
    {
        var limit = map.MaxConcurrency;
        if (map.MaxConcurrencyPath is { } path)
        {
            var node = path.Evaluate(visit.Scope(effective), "MaxConcurrencyPath");
            var value = node.AsNumber()
                ?? (decimal.TryParse(node.AsText(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var text) ? text : null);
            limit = value is <= int.MaxValue && decimal.IsInteger(value.Value)
                ? (int)Math.Max(value.Value, -1)
                : throw new StateException(StateException.Runtime,
                    $"The MaxConcurrencyPath field refers to value \"{node.AsText() ?? JsonKinds.Text(node)}\" which is not a valid integer: {path.Text}");
            if (limit < 0)
            {
                throw new StateException(StateException.Runtime, $"Expected non-negative integer for MaxConcurrency, got '{JsonKinds.Text(node)}' instead.");
            }
        }

        return limit == 0 ? int.MaxValue : limit;
    }

    /// <param name="previousEvent">The event before the new flows: the start, or the last state of the iteration that they replace.</param>
    private void StartMore(long previousEvent)
    {
        while (!_over && _next < _results.Length && _active.Count < _limit)
        {
            var index = _next++;
            var item = _items?[index];
            var child = new Flow(_run, GraphOf(index), this)
            {
                Index = index,
                LastEvent = previousEvent,
                Variables = new Dictionary<string, JsonNode?>(visit.Flow.Variables, StringComparer.Ordinal),
                MapItem = _map is null ? visit.Flow.MapItem : new JsonObject { ["Index"] = index, ["Value"] = item?.DeepClone() },
            };
            _active.Add(child);
            if (_map is not null)
            {
                _run.AddEvent(child, "MapIterationStarted", "mapIterationStartedEventDetails", Iteration(child));
            }

            var input = _map is null ? _input : item;
            if (_map?.ItemSelector is { } selector)
            {
                input = selector.Evaluate(ItemScope(child));
            }

            _run.Post(() => StateRunner.Enter(child, child.Graph.StartAt, input, visit.TextOf(input)));
        }
    }

    // The selector sees the Map state's input as $ and the item in the context object.
    private Scope ItemScope(Flow child)
    {
        var scope = visit.Scope(_input);
        var context = (JsonObject)scope.Context.Value.DeepClone();
        context["Map"] = new JsonObject { ["Item"] = child.MapItem!.DeepClone() };
        return scope with { Context = new Lazy<JsonObject>(context) };
    }

    private void Succeed()
    {
        _over = true;

        // The state's exit follows the last iteration or branch, as this event does. Only a failure of the state itself follows this one.
        SucceededEvent = _run.AddEvent(visit.Flow.LastEvent, visit.State.Type + "StateSucceeded");
        _output = new JsonArray(_results);
        StateRunner.Complete(visit, _output);
    }

    private NamedDetails Iteration(Flow child) => new(visit.State.Name, "index", child.Index);
}
