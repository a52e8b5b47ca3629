using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Lambda;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>Makes the calls of Task states and turns their answers into what Step Functions gives: results or error names.</summary>
internal sealed class TaskRunner(IExecutionHost host, ExecutionRun run)
{
    private TaskPorts Ports => host.Ports;

    private string Region => run.Record.Region;

    /// <exception cref="StateException">The data does not fit the call.</exception>
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
        var text = ExecutionRun.Serialize(parameters, $"The state/task '{state.Name}'");
        var scope = visit.Scope(effective);
        var timeout = state.TimeoutSeconds ?? Seconds(state.TimeoutPath, scope, "TimeoutSecondsPath");
        var heartbeat = state.HeartbeatSeconds ?? Seconds(state.HeartbeatPath, scope, "HeartbeatSecondsPath");
        attempt.Scheduled(text, timeout, attempt.Token is null ? null : heartbeat);
        try
        {
            Call(attempt, state.Target, parameters, text);
        }
        catch (AwsException error)
        {
            attempt.Fail(ServiceError(state.Target, error), state.Target.Pattern != TaskPattern.RequestResponse);
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
        OrderedFaults(target, text);
        var fields = parameters as JsonObject ?? [];
        switch (target.Kind)
        {
            case TaskKind.Function:
                Ports.Invoke(target.Resource, target.Resource.Split(':')[3], Encoding.UTF8.GetBytes(text), outcome => FunctionEnded(attempt, outcome));
                break;
            case TaskKind.LambdaInvoke:
                InvokeFunction(attempt, fields);
                break;
            case TaskKind.SnsPublish:
                Accept(attempt, Publish(fields));
                break;
            case TaskKind.SqsSendMessage:
                Accept(attempt, SendMessage(fields));
                break;
            case TaskKind.EventsPutEvents:
                Accept(attempt, PutEvents(fields));
                break;
            case TaskKind.StartExecution:
                StartExecution(attempt, fields);
                break;
            case TaskKind.SqsSdk:
                attempt.Succeed(Ports.CallSqs(OperationOf(target), Region, fields));
                break;
            default:
                throw new InvalidOperationException($"No such integration: {target.Kind}");
        }
    }

    /// <summary>Faults on order hit these calls as they hit requests from outside.</summary>
    private void OrderedFaults(TaskTarget target, string parameters)
    {
        var service = target.Kind == TaskKind.SqsSdk ? "sqs" : target.Service;
        var scope = new CredentialScope("states", Region, service);
        try
        {
            host.Cloud.Faults.BeforeCall(scope, OperationOf(target), new WireRequest("POST", "/", "", new Dictionary<string, string>(), Encoding.UTF8.GetBytes(parameters)));
        }
        catch (CallerCrashedException)
        {
            // Functions crash; Step Functions does not.
        }

        host.Cloud.BeforeCall?.Invoke(service, OperationOf(target), new CallContext(Region, host.Cloud.Options.AccountId, scope.AccessKeyId));
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
        var function = Text(fields, "FunctionName");
        if (fields["Qualifier"].AsText() is { } qualifier)
        {
            function = $"{function}:{qualifier}";
        }

        var region = function.StartsWith("arn:", StringComparison.Ordinal) && function.Split(':') is { Length: > 5 } parts ? parts[3] : Region;
        var payload = Encoding.UTF8.GetBytes(fields.TryGetPropertyValue("Payload", out var node) ? JsonKinds.Text(node) : "{}");
        switch (fields["InvocationType"].AsText())
        {
            case null or "RequestResponse":
                Ports.Invoke(function, region, payload, outcome => FunctionEnded(attempt, outcome));
                break;
            case "Event":
                Ports.InvokeEvent(function, region, payload);
                Accept(attempt, Answer(new JsonObject { ["Payload"] = "", ["StatusCode"] = 202 }, 202));
                break;
            case var other:
                throw new StateException(StateException.Runtime, $"The embedded cloud does not invoke functions with the InvocationType '{other}'");
        }
    }

    // {"errorType":"PermanentException","errorMessage":"…","stackTrace":["…"]}
    private void FunctionEnded(TaskAttempt attempt, FunctionOutcome outcome)
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
            // An error document that cannot be read is still the cause.
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
            Accept(attempt, Answer(new JsonObject { ["ExecutedVersion"] = "$LATEST", ["Payload"] = result, ["StatusCode"] = 200 }));
        }
    }

    private JsonObject Publish(JsonObject fields)
    {
        var topic = fields["TopicArn"].AsText() ?? Text(fields, "TargetArn");
        var attributes = MessageAttributes(fields);
        var id = Ports.Publish(topic, fields["Subject"].AsText(), Body(fields["Message"]), attributes);
        return Answer(new JsonObject { ["MessageId"] = id });
    }

    [SuppressMessage("Security", "CA5351", Justification = "SQS answers with the MD5 of the body; it protects nothing")]
    private JsonObject SendMessage(JsonObject fields)
    {
        // https://sqs.us-east-1.amazonaws.com/123456789012/name, or the same path below the embedded cloud's port.
        var url = Text(fields, "QueueUrl");
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.AbsolutePath.Split('/') is not [_, var account, var name])
        {
            throw new AwsException("NonExistentQueue", $"The specified queue does not exist: {url}");
        }

        var region = uri.Host.StartsWith("sqs.", StringComparison.Ordinal) ? uri.Host.Split('.')[1] : Region;
        var body = Body(fields["MessageBody"]);
        var attributes = MessageAttributes(fields)?.ToDictionary(pair => pair.Key, pair => pair.Value.Value, StringComparer.Ordinal);
        var id = Ports.Send($"arn:aws:sqs:{region}:{account}:{name}", body, attributes);
        return Answer(new JsonObject
        {
            ["MD5OfMessageBody"] = Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(body))),
            ["MessageId"] = id,
        });
    }

    // {"Entries":[{"Source":"my.app","DetailType":"Done","Detail":{…},"EventBusName":"default","Resources":["…"]}]}
    private JsonObject PutEvents(JsonObject fields)
    {
        var answers = new JsonArray();
        foreach (var node in fields["Entries"] as JsonArray ?? throw new StateException(StateException.Runtime, "The field \"Entries\" must be an array"))
        {
            var entry = node as JsonObject ?? throw new StateException(StateException.Runtime, "An entry must be an object");
            var source = Text(entry, "Source");
            var bus = entry["EventBusName"].AsText() ?? "default";
            if (source.StartsWith("aws.", StringComparison.Ordinal))
            {
                throw new StateException("EventBridge.FailedEntry", "NotAuthorizedForSourceException: Not authorized for the source.");
            }

            if (bus != "default" && !bus.EndsWith(":event-bus/default", StringComparison.Ordinal))
            {
                throw new StateException("EventBridge.FailedEntry", $"The embedded cloud has no event bus '{bus}', only the default one.");
            }

            var detail = entry["Detail"] is JsonObject given ? (JsonObject)given.DeepClone() : ParseDetail(entry["Detail"]);
            var resources = (entry["Resources"] as JsonArray ?? []).Select(resource => resource.AsText()).OfType<string>();
            Ports.PutEvent(Region, source, Text(entry, "DetailType"), [.. resources, run.Record.MachineArn, run.Record.Arn], detail);
            answers.Add(new JsonObject { ["EventId"] = host.Cloud.Ids.Next().ToString() });
        }

        return Answer(new JsonObject { ["Entries"] = answers, ["FailedEntryCount"] = 0 });
    }

    private static JsonObject ParseDetail(JsonNode? detail)
    {
        try
        {
            return (detail.AsText() is { } text ? JsonKinds.Parse(text) : null) as JsonObject
                ?? throw new StateException("EventBridge.FailedEntry", "InvalidArgument: Parameter Detail is not valid. Reason: Detail is a required argument.");
        }
        catch (JsonException)
        {
            throw new StateException("EventBridge.FailedEntry", "MalformedDetail: Detail is malformed.");
        }
    }

    private void StartExecution(TaskAttempt attempt, JsonObject fields)
    {
        var input = fields.TryGetPropertyValue("Input", out var node) ? node.AsText() ?? JsonKinds.Text(node) : "{}";
        var started = host.Start(Text(fields, "StateMachineArn"), fields["Name"].AsText(), input, fields["TraceHeader"].AsText());
        var answer = Answer(new JsonObject { ["ExecutionArn"] = started.Arn, ["StartDate"] = started.Started.ToUnixTimeMilliseconds() });
        Accept(attempt, answer);
        if (attempt.Target.Pattern is not (TaskPattern.Sync or TaskPattern.Sync2))
        {
            return;
        }

        attempt.WhenCancelled = () => host.Stop(started.Arn, null, "The execution that started and awaits this one has ended.");
        host.WhenEnded(started.Arn, ended =>
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

        return result;
    }

    /// <summary>Adds what the service's SDK call leaves in the result of an integration.</summary>
    private JsonObject Answer(JsonObject answer, int status = 200)
    {
        var request = host.Cloud.Ids.Next().ToString();
        var date = host.Cloud.Clock.Now.ToString("R", CultureInfo.InvariantCulture);
        answer["SdkHttpMetadata"] = new JsonObject
        {
            ["AllHttpHeaders"] = new JsonObject { ["x-amzn-RequestId"] = new JsonArray(request), ["Date"] = new JsonArray(date) },
            ["HttpHeaders"] = new JsonObject { ["x-amzn-RequestId"] = request, ["Date"] = date },
            ["HttpStatusCode"] = status,
        };
        answer["SdkResponseMetadata"] = new JsonObject { ["RequestId"] = request };
        return answer;
    }

    // Error names are those of the Java SDK's exceptions, behind the service's name.
    private StateException ServiceError(TaskTarget target, AwsException error)
    {
        var (service, client) = target.Kind switch
        {
            TaskKind.SnsPublish => ("SNS", "AmazonSNS"),
            TaskKind.SqsSendMessage => ("SQS", "AmazonSQS"),
            TaskKind.SqsSdk => ("Sqs", "Sqs"),
            TaskKind.EventsPutEvents => ("EventBridge", "AmazonEventBridge"),
            TaskKind.StartExecution => ("StepFunctions", "AWSStepFunctions"),
            _ => ("Lambda", "AWSLambda"),
        };
        var code = error.Code[(error.Code.LastIndexOf('.') + 1)..];
        var cause = $"{error.Message} (Service: {client}; Status Code: {error.Status}; Error Code: {error.Code}; Request ID: {host.Cloud.Ids.Next()}; Proxy: null)";
        var exception = code == "NonExistentQueue" ? "QueueDoesNotExistException" : code.EndsWith("Exception", StringComparison.Ordinal) ? code : code + "Exception";
        return exception switch
        {
            "AccessDeniedException" when service == "Lambda" => new StateException("Lambda.AWSLambdaException", cause, StateException.Permissions),
            "AccessDeniedException" => new StateException(StateException.Permissions, cause),
            _ => new StateException($"{service}.{exception}", cause),
        };
    }

    private static Dictionary<string, (string Type, string Value)>? MessageAttributes(JsonObject fields)
    {
        if (fields["MessageAttributes"] is not JsonObject attributes)
        {
            return null;
        }

        var result = new Dictionary<string, (string Type, string Value)>(StringComparer.Ordinal);
        foreach (var (name, node) in attributes)
        {
            var attribute = node as JsonObject ?? [];
            var value = attribute["StringValue"].AsText()
                ?? throw new StateException(StateException.Runtime, $"The embedded cloud takes message attributes with a StringValue only: '{name}'");
            result[name] = (attribute["DataType"].AsText() ?? "String", value);
        }

        return result;
    }

    private static string Body(JsonNode? message) => message.AsText() ?? JsonKinds.Text(message);

    private static string Text(JsonObject fields, string name) =>
        fields[name].AsText() ?? throw new StateException(StateException.Runtime, $"The field \"{name}\" must be a string");
}
