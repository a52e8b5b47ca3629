using System.Globalization;

namespace Automation.Simulation.Machine;

/// <summary>The world's services for an execution.</summary>
internal interface IExecutionWorld
{
    TimerQueue Timers { get; }

    /// <summary>A number from 0 to 1, for jitter.</summary>
    double Random();

    /// <summary>Makes the call of a Task state.</summary>
    /// <param name="parameters">The task's input as JSON.</param>
    /// <exception cref="StateError">The call failed.</exception>
    Value Call(Execution execution, State state, Value parameters);

    /// <summary>A task waits for an answer with its token, or for the end of the execution that it started.</summary>
    void Waits(Execution execution, State state, string token, Value parameters);

    void Ended(Execution execution);
}

internal enum ExecutionStatus
{
    Running,
    Succeeded,
    Failed,
    TimedOut,
    Aborted,
}

/// <summary>
/// One execution of the workflow. Every transition is an item of the timer queue, so concurrent executions alternate, state by
/// state. During one call of a function, only what was injected for that call happens.
/// </summary>
internal sealed class Execution : IContext
{
    private readonly IExecutionWorld _world;
    private readonly Definition _definition;
    private readonly Flow _root;
    private Flow _current;
    private int _tokens;
    private Value? _name;
    private Value? _id;
    private Value? _started;

    public Execution(IExecutionWorld world, Definition definition, string name, string input)
    {
        _world = world;
        _definition = definition;
        Name = name;
        Input = Value.Parse(input);
        InputText = input;
        Started = world.Timers.Now;
        _root = _current = new Flow(this, definition.Graph, null, Value.EmptyObject);
        world.Timers.Add(Started + definition.Lifetime, TimerKind.Patient, TimeOut);
        Soon(_root, definition.Graph.StartAt, Input);
    }

    public string Name { get; }

    public string InputText { get; }

    public Value Input { get; }

    public DateTimeOffset Started { get; }

    public ExecutionStatus Status { get; private set; }

    public DateTimeOffset Stopped { get; private set; }

    public string? Error { get; private set; }

    public string? Cause { get; private set; }

    public Value? Output { get; private set; }

    /// <summary>The states that were entered, in order, for the report of a violation.</summary>
    public List<string> Path { get; } = [];

    /// <summary>The messages to people that this execution sent.</summary>
    public int MessageCount { get; set; }

    public bool Runs => Status == ExecutionStatus.Running;

    /// <summary>Whether an answer with the token still counts.</summary>
    public bool WaitsFor(string token) => Runs && _root.Waiting(token) is not null;

    public void Answer(string token, Value output) => Answer(token, flow => Complete(flow, output));

    public void Fail(string token, string error, string cause) => Answer(token, flow => Failed(flow, new StateError(error, cause)));

    Value IContext.Context(ReadOnlySpan<string> path, out ReadOnlySpan<string> rest)
    {
        rest = path[2..];
        switch ((path[0], path[1]))
        {
            case ("State", "EnteredTime"):
                return Value.Time(_current.Entered);
            case ("State", "Name"):
                return new Value(_current.State!.Name);
            case ("Execution", "Name"):
                return _name ??= new Value(Name);
            case ("Execution", "Id"):
                return _id ??= new Value($"arn:aws:states:{Setup.Home}:{Setup.Account}:execution:image-lifecycle:{Name}");
            case ("Execution", "StartTime"):
                return _started ??= Value.Time(Started);
            case ("Execution", "Input"):
                return Input;
            case ("Task", "Token"):
                return new Value(_current.Token!);
            case ("Map", "Item") when path[2] == "Value":
                rest = path[3..];
                return _current.Item;
            default:
                throw new NotSupportedException($"The simulation's context object has no {string.Join('.', path!)}.");
        }
    }

    /// <summary>Like StopExecution.</summary>
    public void Abort()
    {
        if (Runs)
        {
            End(ExecutionStatus.Aborted, null, null);
        }
    }

    private void Answer(string token, Action<Flow> answer)
    {
        if (Runs && _root.Waiting(token) is { } flow)
        {
            flow.Token = null;
            answer(flow);
        }
    }

    private void Soon(Flow flow, string state, Value data) =>
        _world.Timers.Add(_world.Timers.Now, TimerKind.Work, () => Enter(flow, state, data));

    private void Enter(Flow flow, string name, Value data)
    {
        if (!Runs || flow.Dropped)
        {
            return;
        }

        flow.State = flow.Graph.States[name];
        flow.Data = data;
        flow.Entered = _world.Timers.Now;
        flow.Retries = flow.State.Retry.Count == 0 ? [] : new int[flow.State.Retry.Count];
        Path.Add(name);
        Attempt(flow);
    }

    private void Attempt(Flow flow)
    {
        if (!Runs || flow.Dropped)
        {
            return;
        }

        var state = flow.State!;
        _current = flow;
        var scope = new Scope(flow.Data, this);
        try
        {
            switch (state.Type)
            {
                case StateType.Task:
                    Begin(flow, scope);
                    break;
                case StateType.Choice:
                    Go(flow, state.Choices.FirstOrDefault(choice => choice.Rule.IsTrue(scope)).Next ?? state.Default
                        ?? throw new StateError("States.NoChoiceMatched", name(state)), flow.Data);
                    break;
                case StateType.Wait:
                    var due = state.Until is { } until ? Rule.Time(until.Get(scope), until.Text)
                        : _world.Timers.Now.AddSeconds(state.SecondsPath?.Get(scope).GetDouble() ?? state.Seconds!.Value);
                    _world.Timers.Add(due, TimerKind.Work, () => Go(flow, state.Next, flow.Data));
                    break;
                case StateType.Map:
                    BeginMap(flow, scope);
                    break;
                case StateType.Pass:
                    Complete(flow, state.Result ?? state.Parameters?.Evaluate(scope) ?? flow.Data);
                    break;
                case StateType.Succeed:
                    Go(flow, null, flow.Data);
                    break;
                default:
                    throw new StateError(
                        state.ErrorPath?.Get(scope).GetString() ?? state.Error ?? "", state.CausePath?.Get(scope).GetString() ?? state.Cause ?? "");
            }
        }
        catch (StateError error)
        {
            Failed(flow, error);
        }

        static string name(State state) => $"No rule of '{state.Name}' holds.";
    }

    private void Begin(Flow flow, Scope scope)
    {
        var state = flow.State!;
        var waits = state.Resource.EndsWith(".waitForTaskToken", StringComparison.Ordinal) || state.Resource.EndsWith(".sync", StringComparison.Ordinal);
        if (waits)
        {
            flow.Token = string.Create(CultureInfo.InvariantCulture, $"token-{Name}-{++_tokens}");
        }

        var parameters = state.Parameters?.Evaluate(scope) ?? flow.Data;
        var result = _world.Call(this, state, parameters);
        if (!waits)
        {
            Complete(flow, result);
            return;
        }

        var token = flow.Token!;
        if (state.TimeoutPath is { } timeout)
        {
            _world.Timers.Add(_world.Timers.Now.AddSeconds(timeout.Get(scope).GetDouble()), TimerKind.Work, () => Fail(token, "States.Timeout", ""));
        }

        _world.Waits(this, state, token, parameters);
    }

    private void BeginMap(Flow flow, Scope scope)
    {
        var state = flow.State!;
        var items = state.Items!.Get(scope);
        var children = new List<Flow>();
        foreach (var item in items.EnumerateArray())
        {
            children.Add(new Flow(this, state.Processor!, flow, item));
        }

        flow.Children = children;
        flow.Begun = 0;
        if (children.Count == 0)
        {
            Complete(flow, new Value(Array.Empty<Value>()));
            return;
        }

        for (var i = 0; i < (state.MaxConcurrency == 0 ? children.Count : state.MaxConcurrency); i++)
        {
            BeginNext(flow);
        }
    }

    private void BeginNext(Flow map)
    {
        if (map.Begun >= map.Children!.Count)
        {
            return;
        }

        var child = map.Children[map.Begun++];
        _current = child;
        var data = map.State!.ItemSelector?.Evaluate(new Scope(map.Data, this)) ?? child.Item;
        Soon(child, child.Graph.StartAt, data);
    }

    private void Complete(Flow flow, Value result)
    {
        var state = flow.State!;
        _current = flow;
        try
        {
            var selected = state.ResultSelector?.Evaluate(new Scope(result, this)) ?? result;
            Go(flow, state.Next, state.ResultPath is { } path ? flow.Data.With(path.Members, selected) : flow.Data);
        }
        catch (StateError error)
        {
            Failed(flow, error);
        }
    }

    private void Go(Flow flow, string? next, Value data)
    {
        if (!Runs || flow.Dropped)
        {
            return;
        }

        if (next is not null)
        {
            Soon(flow, next, data);
            return;
        }

        flow.Output = data;
        flow.Done = true;
        if (flow.Parent is not { } map)
        {
            Output = data;
            End(ExecutionStatus.Succeeded, null, null);
            return;
        }

        if (map.Children!.TrueForAll(child => child.Done))
        {
            Complete(map, new Value([.. map.Children.Select(child => child.Output)]));
            return;
        }

        BeginNext(map);
    }

    private void Failed(Flow flow, StateError error)
    {
        // A person may have stopped the execution during the call.
        if (!Runs)
        {
            return;
        }

        var state = flow.State!;
        for (var i = 0; i < state.Retry.Count && state.Type != StateType.Fail; i++)
        {
            if (ErrorNames.Match(state.Retry[i].Errors, error.Name))
            {
                if (flow.Retries[i] >= state.Retry[i].MaxAttempts)
                {
                    break;
                }

                var delay = state.Retry[i].Delay(flow.Retries[i]++, _world.Random());
                _world.Timers.Add(_world.Timers.Now + delay, TimerKind.Work, () => Attempt(flow));
                return;
            }
        }

        if (state.Catch.FirstOrDefault(rule => ErrorNames.Match(rule.Errors, error.Name)) is { } catcher)
        {
            var output = new Value([new Member("Error", new Value(error.Name)), new Member("Cause", new Value(error.Cause))]);
            flow.Drop();
            flow.Dropped = false;
            Soon(flow, catcher.Next, catcher.ResultPath is { } path ? flow.Data.With(path.Members, output) : flow.Data);
            return;
        }

        if (flow.Parent is { } map)
        {
            // The first failing branch of the Map ends the others.
            foreach (var child in map.Children!)
            {
                child.Drop();
            }

            Failed(map, error);
            return;
        }

        End(ExecutionStatus.Failed, error.Name, error.Cause);
    }

    private void TimeOut()
    {
        if (Runs)
        {
            End(ExecutionStatus.TimedOut, "States.Timeout", "");
        }
    }

    private void End(ExecutionStatus status, string? error, string? cause)
    {
        _root.Drop();
        (Status, Error, Cause, Stopped) = (status, error, cause, _world.Timers.Now);
        _world.Ended(this);
    }

    /// <summary>A sequence of states: the execution's own, or that of one item of a Map.</summary>
    private sealed class Flow(Execution execution, Graph graph, Flow? parent, Value item)
    {
        public Execution Execution => execution;

        public Graph Graph => graph;

        public Flow? Parent => parent;

        public Value Item => item;

        public State? State { get; set; }

        public Value Data { get; set; } = Value.EmptyObject;

        public DateTimeOffset Entered { get; set; }

        public int[] Retries { get; set; } = [];

        public string? Token { get; set; }

        public List<Flow>? Children { get; set; }

        public int Begun { get; set; }

        public bool Done { get; set; }

        public bool Dropped { get; set; }

        public Value Output { get; set; } = Value.EmptyObject;

        public Flow? Waiting(string token) => Token == token ? this
            : Children?.Select(child => child.Waiting(token)).FirstOrDefault(child => child is not null);

        public void Drop()
        {
            Dropped = true;
            Token = null;
            foreach (var child in Children ?? [])
            {
                child.Drop();
            }
        }
    }
}
