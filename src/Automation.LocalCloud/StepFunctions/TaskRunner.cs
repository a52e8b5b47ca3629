using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>Makes the calls of Task states and translates their responses to results or error names of Step Functions.</summary>
internal sealed class TaskRunner(IExecutionHost host, ExecutionRun run)
{
    private readonly ServiceCalls _calls = new(host, run);

    private TaskPorts Ports => host.Ports;

    private string Region => run.Record.Region;

    /// <exception cref="StateException">The data is not valid for the call.</exception>
    public void Start(StateVisit visit, TaskState state)
    {
        var attempt = new TaskAttempt(visit, state.Target);
        visit.Attempt = attempt;
        if (state.Target.Pattern == TaskPattern.WaitForTaskToken)
        {
            attempt.Token = host.Register(attempt);
        }

        var effective = StateRunner.EffectiveInput(visit);
        var parameters = StateRunner.Parameters(visit, effective);
        var text = ExecutionRun.Serialize(parameters, state.Name);
        var scope = visit.Scope(effective);
        var timeout = state.TimeoutSeconds ?? Seconds(state.TimeoutPath, scope, "TimeoutSecondsPath");
        var heartbeat = state.HeartbeatSeconds ?? Seconds(state.HeartbeatPath, scope, "HeartbeatSecondsPath");
        if (state.Target.Kind != TaskKind.Function && Template.Leftovers(parameters).ToArray() is { Length: > 0 } faults)
        {
            throw new StateException(
                StateException.Runtime, $"The Parameters '{text}' could not be used to start the Task: [{string.Join(", ", faults)}]");
        }

        attempt.Scheduled(text, timeout, attempt.Token is null ? null : heartbeat);

        // If tasks are scheduled at the same time, the first starts after the last is scheduled.
        run.Post(() =>
        {
            if (!attempt.HasEnded && visit.IsCurrent)
            {
                attempt.Started();
                Begin(attempt, parameters, text);
            }
        });
    }

    /// <summary>
    /// Resumes an attempt of an earlier cloud: it waits again for the same event, or starts interrupted work again after the
    /// other services are ready.
    /// </summary>
    public void Resume(TaskAttempt attempt)
    {
        if (attempt.Token is not null)
        {
            host.Register(attempt, attempt.Token);
        }

        attempt.Resume();
        if (attempt.Execution is { } execution)
        {
            Await(attempt, execution);
        }
        else if (!attempt.IsSubmitted)
        {
            host.Engine.Clock.Soon($"{attempt.Visit.State.Name} in {run.Record.Name} again", () => run.Post(() =>
            {
                if (!attempt.HasEnded)
                {
                    Begin(attempt, JsonKinds.Parse(attempt.Parameters), attempt.Parameters);
                }
            }));
        }
    }

    private void Begin(TaskAttempt attempt, JsonNode? parameters, string text)
    {
        try
        {
            Call(attempt, attempt.Target, parameters, text);
        }
        catch (AwsException error)
        {
            attempt.Fail(ServiceFaults.Of(attempt.Target, error, host.Engine.Ids.Next()), attempt.Target.Pattern != TaskPattern.RequestResponse);
        }
        catch (StateException error)
        {
            attempt.Fail(error);
        }
    }

    private static int? Seconds(JsonPath? path, Scope scope, string field)
    {
        if (path is null)
        {
            return null;
        }

        var value = path.Evaluate(scope, field).AsNumber();
        return value is >= 1 and <= 99_999_999 && decimal.IsInteger(value.Value)
            ? (int)value.Value
            : throw new StateException(StateException.Runtime, $"The {field} parameter does not reference a positive integer: {path.Text}");
    }

    private void Call(TaskAttempt attempt, TaskTarget target, JsonNode? parameters, string text)
    {
        InjectFaults(target, text);
        var fields = parameters as JsonObject ?? [];
        switch (target.Kind)
        {
            case TaskKind.Function:
                _calls.RequirePermission("lambda:InvokeFunction", target.Resource);
                Ports.Invoke(target.Resource, Arn.Parse(target.Resource).Region, Encoding.UTF8.GetBytes(text), outcome => FunctionEnded(attempt, outcome));
                break;
            case TaskKind.LambdaInvoke:
                InvokeFunction(attempt, fields);
                break;
            case TaskKind.SnsPublish:
                Accept(attempt, _calls.Publish(fields));
                break;
            case TaskKind.SqsSendMessage:
                Accept(attempt, _calls.SendMessage(fields));
                break;
            case TaskKind.EventsPutEvents:
                var answer = _calls.PutEvents(fields);
                if (answer["FailedEntryCount"].AsNumber() > 0)
                {
                    throw new StateException("EventBridge.FailedEntry", JsonKinds.Text(answer));
                }

                Accept(attempt, answer);
                break;
            case TaskKind.StartExecution:
                StartExecution(attempt, fields);
                break;
            case TaskKind.SqsSdk:
                attempt.Succeed(_calls.CallSqs(OperationOf(target), fields));
                break;
            default:
                throw new InvalidOperationException($"No such integration: {target.Kind}");
        }
    }

    /// <summary>Injected faults affect these calls like requests from outside.</summary>
    private void InjectFaults(TaskTarget target, string parameters)
    {
        var service = target.Kind == TaskKind.SqsSdk ? "sqs" : target.Service;
        var scope = new CredentialScope("states", Region, service);
        try
        {
            host.Engine.Faults.BeforeCall(
                scope, OperationOf(target), new WireRequest("POST", "/", "", new Dictionary<string, string>(), Encoding.UTF8.GetBytes(parameters)));
        }
        catch (CallerCrashedException)
        {
            // Only functions can crash, not Step Functions.
        }

        host.Engine.BeforeCall?.Invoke(service, OperationOf(target), new CallContext(Region, host.Engine.Options.AccountId, scope.AccessKeyId));
    }

    private static string OperationOf(TaskTarget target) => target.Kind switch
    {
        TaskKind.SnsPublish => "Publish",
        TaskKind.SqsSendMessage => "SendMessage",
        TaskKind.EventsPutEvents => "PutEvents",
        TaskKind.StartExecution => "StartExecution",
        TaskKind.SqsSdk => char.ToUpperInvariant(target.Action[0]) + target.Action[1..],
        _ => "Invoke",
    };

    private static void Accept(TaskAttempt attempt, JsonObject answer)
    {
        if (attempt.Target.Pattern == TaskPattern.RequestResponse)
        {
            attempt.Succeed(answer);
        }
        else
        {
            attempt.Submitted(answer);
        }
    }

    private void InvokeFunction(TaskAttempt attempt, JsonObject fields)
    {
        var function = ServiceCalls.Text(fields, "FunctionName");
        if (fields["Qualifier"].AsText() is { } qualifier)
        {
            function = $"{function}:{qualifier}";
        }

        var region = Arn.TryParse(function)?.Region ?? Region;
        _calls.RequirePermission("lambda:InvokeFunction", FunctionName.Parse(function, region).ToArn(host.Engine.Options.AccountId));
        var payload = Encoding.UTF8.GetBytes(JsonText(fields["Payload"]));
        switch (fields["InvocationType"].AsText())
        {
            case null or "RequestResponse":
                Ports.Invoke(function, region, payload, outcome => FunctionEnded(attempt, outcome, fields["LogType"].AsText() == "Tail"));
                break;
            case "Event":
                Ports.InvokeEvent(function, region, payload);
                Accept(attempt, _calls.Invoked(new JsonObject { ["Payload"] = "", ["StatusCode"] = 202 }, 0, 202));
                break;
            case var other:
                throw new StateException(StateException.Runtime, $"The embedded cloud does not invoke functions with the InvocationType '{other}'");
        }
    }

    /// <summary>Converts text to a document: JSON text becomes the document itself, an empty or missing text an empty object.</summary>
    private static string JsonText(JsonNode? node)
    {
        if (node is null)
        {
            return "{}";
        }

        try
        {
            if (node.AsText() is { } text)
            {
                JsonKinds.Parse(text);
                return text;
            }
        }
        catch (JsonException)
        {
            // Text that is not valid JSON is sent as a JSON string.
        }

        return JsonKinds.Text(node);
    }

    // {"errorType":"PermanentException","errorMessage":"…","stackTrace":["…"]}
    private void FunctionEnded(TaskAttempt attempt, FunctionOutcome outcome, bool withLog = false)
    {
        var text = Encoding.UTF8.GetString(outcome.Payload.Span);
        JsonNode? result = null;
        try
        {
            result = text.Length == 0 ? null : JsonKinds.Parse(text);
        }
        catch (JsonException e) when (!outcome.Failed)
        {
            attempt.Fail(new StateException("Lambda.SerializationException", $"The function's result is not JSON: {e.Message}"));
            return;
        }
        catch (JsonException)
        {
            // An unreadable error document is still the cause.
        }

        if (outcome.Failed)
        {
            attempt.Fail(new StateException((result as JsonObject)?["errorType"].AsText() is { Length: > 0 } type ? type : "Lambda.Unknown", text));
        }
        else if (attempt.Target.Kind == TaskKind.Function)
        {
            attempt.Succeed(result);
        }
        else
        {
            var answer = new JsonObject { ["ExecutedVersion"] = "$LATEST", ["Payload"] = result, ["StatusCode"] = 200 };
            Accept(attempt, _calls.Invoked(answer, outcome.Payload.Length, tail: withLog ? outcome : null));
        }
    }

    private void StartExecution(TaskAttempt attempt, JsonObject fields)
    {
        var input = fields["Input"].AsText() ?? JsonText(fields["Input"]);
        _calls.RequirePermission("states:StartExecution", ServiceCalls.Text(fields, "StateMachineArn"));
        var started = host.Start(ServiceCalls.Text(fields, "StateMachineArn"), fields["Name"].AsText(), input, fields["TraceHeader"].AsText());
        var milliseconds = started.Started.ToUnixTimeMilliseconds();

        // {"executionArn":"arn:…","startDate":1.687943274459E9}
        var length = """{"executionArn":"","startDate":E9}""".Length + started.Arn.Length
            + (milliseconds / 1_000_000_000_000m).ToString("0.############", CultureInfo.InvariantCulture).Length;
        var answer = _calls.Answer(new JsonObject { ["ExecutionArn"] = started.Arn, ["StartDate"] = milliseconds }, length: length);
        if (!attempt.Target.AwaitsExecution)
        {
            Accept(attempt, answer);
            return;
        }

        _calls.RequirePermission("states:DescribeExecution", started.Arn);
        Accept(attempt, answer);
        Await(attempt, started.Arn);
    }

    private void Await(TaskAttempt attempt, string execution)
    {
        attempt.Execution = execution;
        attempt.WhenCancelled = () =>
        {
            // Without the permission, the other execution continues.
            if (_calls.HasPermission("states:StopExecution", execution))
            {
                host.Stop(execution, null, "The execution that started and awaits this one has ended.");
            }
        };
        host.WhenEnded(execution, ended =>
        {
            var description = Description(ended, attempt.Target.Pattern == TaskPattern.Sync2);
            if (ended.Status == "SUCCEEDED")
            {
                attempt.Succeed(description);
            }
            else
            {
                attempt.Fail(new StateException(StateException.TaskFailed, JsonKinds.Text(description)));
            }
        });
    }

    /// <summary>The members of a failed execution are recorded. Those of a stopped one are the same without Error and Cause, because its description
    /// has neither. https://github.com/localstack/localstack/blob/main/tests/aws/services/stepfunctions/v2/callback/test_callback.snapshot.json,
    /// https://github.com/floci-io/floci/issues/2965</summary>
    private static JsonObject Description(ExecutionRecord execution, bool parsed)
    {
        var result = new JsonObject
        {
            ["ExecutionArn"] = execution.Arn,
            ["Input"] = parsed ? JsonKinds.Parse(execution.Input) : execution.Input,
            ["InputDetails"] = new JsonObject { ["Included"] = true },
            ["Name"] = execution.Name,
            ["StartDate"] = execution.Started.ToUnixTimeMilliseconds(),
            ["StateMachineArn"] = execution.MachineArn,
            ["Status"] = execution.Status,
            ["StopDate"] = execution.Stopped?.ToUnixTimeMilliseconds(),
        };
        if (execution.Output is { } output)
        {
            result["Output"] = parsed ? JsonKinds.Parse(output) : output;
            result["OutputDetails"] = new JsonObject { ["Included"] = true };
        }

        if (execution.Error is { } error)
        {
            result["Error"] = error;
        }

        if (execution.Cause is { } cause)
        {
            result["Cause"] = cause;
        }

        return ServiceCalls.Sorted(result);
    }
}
