using System.Text;
using System.Text.Json.Nodes;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>
/// One running execution. It has no thread: the next steps wait in a queue, which is processed until all flows wait
/// for a timer or a task. So a loop of thousands of transitions needs no stack.
/// </summary>
internal sealed class ExecutionRun
{
    /// <summary>The maximum size of an input, output or result in UTF-8.</summary>
    public const int DataLimit = 262_144;

    /// <summary>The maximum number of events of one execution. The last event reports that this limit was reached.</summary>
    public const int EventLimit = 25_000;

    private readonly Queue<Action> _ready = new();
    private readonly IExecutionHost _host;
    private readonly IReadOnlyList<HistoryEvent> _history;
    private readonly CloudTimer? _deadline;
    private readonly ExecutionLog? _log;
    private bool _pumping;
    private bool _full;

    public ExecutionRun(IExecutionHost host, ExecutionRecord record, Definition definition)
    {
        _host = host;
        _history = host.Store.History(record.Arn);
        NextId = host.Engine.Ids.Next;
        Record = record;
        Definition = definition;
        Input = JsonKinds.Parse(record.Input);
        Root = new Flow(this, definition.Graph, null);
        Tasks = new TaskRunner(host, this);
        _log = ExecutionLog.Of(host.Engine, record, host.Store.Machine(record.MachineArn)?.Logging);
        if (definition.TimeoutSeconds is { } seconds)
        {
            _deadline = host.Engine.Clock.At(record.Started.AddSeconds(seconds), TimerKind.Patient, $"time-out of execution {record.Name}", TimeOut);
        }
    }

    public ExecutionRecord Record { get; private set; }

    public Definition Definition { get; }

    public JsonNode? Input { get; }

    public Flow Root { get; private set; }

    public TaskRunner Tasks { get; }

    public Engine Engine => _host.Engine;

    /// <summary>The source of ids and randomness for expressions.</summary>
    public Func<Guid> NextId { get; }

    public bool Ended => !Record.IsRunning;

    public void Start() => Post(() => StateRunner.Enter(Root, Definition.Graph.StartAt, Input, Record.Input));

    /// <summary>Continues where an earlier cloud stopped.</summary>
    public void Resume(FlowPosition position)
    {
        Root = Flow.At(this, Definition.Graph, null, position);
        Root.Resume();
    }

    /// <summary>Stores the current position.</summary>
    public void Save() => _host.Store.SetPosition(Record.Arn, Root.Position);

    /// <summary>Runs an action after everything in progress is done, unless the execution has ended by then.</summary>
    public void Post(Action action)
    {
        _ready.Enqueue(action);
        if (_pumping)
        {
            return;
        }

        _pumping = true;
        try
        {
            while (!Ended && _ready.TryDequeue(out var next))
            {
                next();
                if (_full && !Ended)
                {
                    End("FAILED", 0, StateException.Runtime, $"The execution reached the maximum number of history events ({EventLimit}).", null);
                }
            }
        }
        finally
        {
            _pumping = false;
        }

        if (!Ended)
        {
            Save();
        }
    }

    /// <summary>Adds an event after the flow's last one. If the history is full, the execution ends.</summary>
    public void AddEvent(Flow flow, string type, string? detailsName = null, JsonObject? details = null) =>
        flow.LastEvent = AddEvent(flow.LastEvent, type, detailsName, details);

    /// <inheritdoc cref="AddEvent(Flow, string, string?, JsonObject?)"/>
    public void AddEvent(Flow flow, string type, string detailsName, NamedDetails details) =>
        flow.LastEvent = AddEvent(flow.LastEvent, type, detailsName, null, details);

    /// <returns>The new event's id.</returns>
    public long AddEvent(long previous, string type, string? detailsName = null, JsonObject? details = null, NamedDetails? named = null)
    {
        var count = _history.Count;
        if (count >= EventLimit - 1)
        {
            _full = true;
            return previous;
        }

        Append(new HistoryEvent(count + 1, previous, Engine.Clock.Now, type, detailsName, details) { Named = named });
        return count + 1;
    }

    /// <summary>Puts an input or output into the event details. <see cref="HistoryEvent.ToJson"/> adds the matching flag.</summary>
    public static JsonObject WithData(JsonObject details, string name, string? data)
    {
        details[name] = data;
        return details;
    }

    /// <summary>Error and cause as event details; absent values are omitted.</summary>
    public static JsonObject ErrorDetails(string? error, string? cause)
    {
        var details = new JsonObject();
        if (error is not null)
        {
            details["error"] = error;
        }

        if (cause is not null)
        {
            details["cause"] = cause;
        }

        return details;
    }

    /// <param name="task">The name of the state or of the resource, for the error.</param>
    /// <exception cref="StateException">States.DataLimitExceeded.</exception>
    public static string Serialize(JsonNode? data, string task) => Checked(JsonKinds.Text(data), task);

    /// <inheritdoc cref="Serialize"/>
    public static string Checked(string text, string task)
    {
        const int BytesPerCharacter = 3;
        return text.Length <= DataLimit / BytesPerCharacter || (text.Length <= DataLimit && Encoding.UTF8.GetByteCount(text) <= DataLimit)
            ? text
            : throw new StateException(StateException.DataLimitExceeded,
                $"The state/task '{task}' returned a result with a size exceeding the maximum number of bytes service limit.");
    }

    public void Succeed(string output)
    {
        // A full history cannot record the end. Then the loop over the queue reports the limit instead.
        if (!_full)
        {
            End("SUCCEEDED", Root.LastEvent, null, null, output);
        }
    }

    /// <param name="previousEvent">The last event of the flow that failed.</param>
    public void Fail(StateException error, long previousEvent)
    {
        if (!_full)
        {
            End("FAILED", previousEvent, error.Error, error.Cause, null);
        }
    }

    public void Abort(string? error, string? cause) => End("ABORTED", 0, error, cause, null);

    private void TimeOut() => End("TIMED_OUT", 0, null, null, null);

    private void End(string status, long previousEvent, string? error, string? cause, string? output)
    {
        if (Ended)
        {
            return;
        }

        Engine.Clock.Cancel(_deadline);
        Root.Drop();
        _ready.Clear();
        Record = Record with { Status = status, Stopped = Engine.Clock.Now, Error = error, Cause = cause, Output = output };
        var (type, details) = status switch
        {
            "SUCCEEDED" => ("ExecutionSucceeded", WithData([], "output", output)),
            "FAILED" => ("ExecutionFailed", ErrorDetails(error, cause)),
            "ABORTED" => ("ExecutionAborted", ErrorDetails(error, cause)),
            _ => ("ExecutionTimedOut", ErrorDetails(error, cause)),
        };
        var name = char.ToLowerInvariant(type[0]) + type[1..] + "EventDetails";
        var id = _history.Count + 1;
        Append(new HistoryEvent(id, previousEvent, Engine.Clock.Now, type, name, details));
        _host.Ended(Record);
    }

    private void Append(HistoryEvent entry)
    {
        _host.Store.Append(Record.Arn, entry);
        _log?.Write(entry);
    }
}

/// <summary>The parts of the service that a running execution needs.</summary>
internal interface IExecutionHost
{
    Engine Engine { get; }

    StepFunctionsState Store { get; }

    TaskPorts Ports { get; }

    void Ended(ExecutionRecord execution);

    /// <summary>Issues the token by which a <see cref="TaskAttempt"/> is found again.</summary>
    /// <param name="token">The token from before the cloud was opened again; null for a new one.</param>
    string Register(TaskAttempt attempt, string? token = null);

    /// <returns>The new execution's ARN.</returns>
    ExecutionRecord Start(string machineArn, string? name, string input, string? traceHeader);

    /// <summary>Calls back when the execution ends.</summary>
    void WhenEnded(string executionArn, Action<ExecutionRecord> ended);

    void Stop(string executionArn, string? error, string? cause);
}
