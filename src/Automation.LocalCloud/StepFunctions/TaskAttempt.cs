using System.Text.Json.Nodes;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>
/// One attempt of a Task state, from the call to its result, error, timeout or cancellation. The first of them counts, and later
/// ones are ignored. It writes the attempt's history.
/// </summary>
internal sealed class TaskAttempt(StateVisit visit, TaskTarget target)
{
    private readonly ExecutionRun _run = visit.Flow.Run;
    private CloudTimer? _timeout;
    private CloudTimer? _heartbeat;
    private DateTimeOffset? _timesOut;
    private DateTimeOffset? _heartbeatDue;
    private int? _heartbeatSeconds;

    public StateVisit Visit => visit;

    public TaskTarget Target => target;

    /// <summary>For <c>.waitForTaskToken</c>: the value of <c>$$.Task.Token</c>.</summary>
    public string? Token { get; set; }

    /// <summary>The JSON text with which the task was started.</summary>
    public string Parameters { get; private set; } = "";

    /// <summary>Whether the call has been made and another event ends the task.</summary>
    public bool IsSubmitted { get; private set; }

    /// <summary>The ARN of the execution that it waits for.</summary>
    public string? Execution { get; set; }

    /// <summary>Null when it has ended.</summary>
    public AttemptPosition? Position => HasEnded ? null : new(Parameters, Token, _timesOut, _heartbeatSeconds, _heartbeatDue, IsSubmitted, Execution);

    /// <summary>Undoes what this attempt has started elsewhere if it ends early.</summary>
    public Action? WhenCancelled { get; set; }

    public bool HasEnded { get; private set; }

    public static TaskAttempt At(StateVisit visit, AttemptPosition position) => new(visit, ((TaskState)visit.State).Target)
    {
        Parameters = position.Parameters,
        Token = position.Token,
        IsSubmitted = position.Submitted,
        Execution = position.Execution,
        _timesOut = position.TimesOut,
        _heartbeatSeconds = position.HeartbeatSeconds,
        _heartbeatDue = position.HeartbeatDue,
    };

    /// <summary>Sets the timers of a resumed attempt; its timeout and heartbeat deadlines do not change.</summary>
    public void Resume() => SetTimers();

    public void Scheduled(string parameters, int? timeoutSeconds, int? heartbeatSeconds)
    {
        Parameters = parameters;
        JsonObject details;
        if (target.Kind == TaskKind.Function)
        {
            details = ExecutionRun.WithData(new JsonObject { ["resource"] = target.Resource }, "input", parameters);
        }
        else
        {
            details = Resource();
            details["region"] = _run.Record.Region;
            details["parameters"] = parameters;
        }

        if (timeoutSeconds is { } timeout)
        {
            details["timeoutInSeconds"] = timeout;
            _timesOut = _run.Engine.Clock.Now.AddSeconds(timeout);
        }

        if (heartbeatSeconds is { } heartbeat)
        {
            details["heartbeatInSeconds"] = heartbeat;
            _heartbeatSeconds = heartbeat;
            _heartbeatDue = _run.Engine.Clock.Now.AddSeconds(heartbeat);
        }

        SetTimers();

        Event("Scheduled", details);
    }

    public void Started() => Event("Started", target.Kind == TaskKind.Function ? null : Resource());

    /// <summary>The call has been made. The task ends when an execution ends or the token is returned.</summary>
    public void Submitted(JsonNode? output) => InRun(() =>
    {
        var text = Result(output);
        IsSubmitted = true;
        Event("Submitted", ExecutionRun.WithData(Resource(), "output", text));
    });

    public void Succeed(JsonNode? output) => InRun(() =>
    {
        var text = Result(output);
        Finish();
        Event("Succeeded", ExecutionRun.WithData(target.Kind == TaskKind.Function ? [] : Resource(), "output", text));
        _run.Engine.Journal.Write(
            "states",
            "task-succeeded",
            $"{_run.Record.Name}: {visit.State.Name} done",
            ("execution", _run.Record.Arn),
            ("name", _run.Record.Name),
            ("state", visit.State.Name),
            ("resource", target.Resource),
            ("output", text));
        StateRunner.Complete(visit, output);
    });

    /// <param name="submitting">Whether the service refused the call of a task that would have continued after it.</param>
    public void Fail(StateException error, bool submitting = false) => InRun(() => FailNow(error, submitting ? "SubmitFailed" : "Failed"));

    /// <summary>
    /// Ends it, and every other attempt of the execution whose time ends at the same instant: the history has all of their ends before the
    /// consequences of the first one, as recordings of the service show.
    /// </summary>
    private void TimeOut() => InRun(() =>
    {
        var ended = _run.Root.Attempts.Where(attempt => attempt.IsDue).Select(attempt => (attempt.Visit, Error: attempt.EndByTime())).ToList();
        foreach (var (other, error) in ended)
        {
            StateRunner.Fail(other, error);
        }
    });

    private bool IsDue => !HasEnded && (_timesOut <= _run.Engine.Clock.Now || _heartbeatDue <= _run.Engine.Clock.Now);

    private StateException EndByTime()
    {
        var alias = _timesOut <= _run.Engine.Clock.Now ? null : StateException.HeartbeatTimeout;
        var error = new StateException(StateException.Timeout, null, alias);
        Finish();
        WhenCancelled?.Invoke();
        Record(error, "TimedOut");
        return error;
    }

    /// <summary>A heartbeat: its time starts again.</summary>
    public void Heartbeat()
    {
        if (_heartbeatSeconds is { } seconds && !HasEnded)
        {
            _heartbeatDue = _run.Engine.Clock.Now.AddSeconds(seconds);
            SetTimers();
            _run.Save();
        }
    }

    /// <summary>Cancels the attempt because its flow has ended.</summary>
    public void Cancel()
    {
        if (!HasEnded)
        {
            Finish();
            WhenCancelled?.Invoke();
        }
    }

    private void SetTimers()
    {
        _timeout ??= Set(_timesOut, "time-out");
        _run.Engine.Clock.Cancel(_heartbeat);
        _heartbeat = Set(_heartbeatDue, "heartbeat");

        CloudTimer? Set(DateTimeOffset? due, string what) =>
            due is { } time ? _run.Engine.Clock.At(time, TimerKind.Patient, $"{what} of {Description}", TimeOut) : null;
    }

    private string Description => $"{visit.State.Name} in {_run.Record.Name}";

    private void InRun(Action action)
    {
        if (HasEnded)
        {
            return;
        }

        _run.Post(() =>
        {
            if (HasEnded || !visit.IsCurrent)
            {
                return;
            }

            try
            {
                action();
            }
            catch (StateException error)
            {
                // The result is too large.
                FailNow(error, "Failed");
            }
        });
    }

    private void FailNow(StateException error, string word)
    {
        Finish();
        Record(error, word);
        StateRunner.Fail(visit, error);
    }

    private void Record(StateException error, string word)
    {
        var details = ExecutionRun.ErrorDetails(error.Error, error.Cause);
        if (target.Kind != TaskKind.Function)
        {
            foreach (var (name, value) in Resource())
            {
                details[name] = value?.DeepClone();
            }
        }

        Event(word, details);
        _run.Engine.Journal.Write(
            "states",
            "task-failed",
            $"{_run.Record.Name}: {visit.State.Name} failed with {error.Error}",
            ("execution", _run.Record.Arn),
            ("name", _run.Record.Name),
            ("state", visit.State.Name),
            ("resource", target.Resource),
            ("error", error.Error),
            ("cause", error.Cause));
    }

    private void Finish()
    {
        HasEnded = true;
        _run.Engine.Clock.Cancel(_timeout);
        _run.Engine.Clock.Cancel(_heartbeat);
    }

    private void Event(string word, JsonObject? details)
    {
        var type = (target.Kind == TaskKind.Function ? "LambdaFunction" : "Task") + word;
        _run.AddEvent(visit.Flow, type, details is null ? null : char.ToLowerInvariant(type[0]) + type[1..] + "EventDetails", details);
    }

    /// <exception cref="StateException">States.DataLimitExceeded.</exception>
    private string Result(JsonNode? output)
    {
        try
        {
            return ExecutionRun.Serialize(output, target.Kind == TaskKind.Function ? target.Resource : target.Service);
        }
        catch (StateException error)
        {
            throw new StateException(error.Error, error.Cause) { OfTask = true };
        }
    }

    private JsonObject Resource() => new() { ["resourceType"] = target.Service, ["resource"] = target.Action };
}
