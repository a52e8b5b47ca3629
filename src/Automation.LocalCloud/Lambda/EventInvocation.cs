using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Lambda;

/// <summary>A pending asynchronous invocation.</summary>
/// <param name="Attempts">The number of attempts that have ended.</param>
internal sealed record EventInvocation(string FunctionArn, string RequestId, ReadOnlyMemory<byte> Payload, DateTimeOffset Accepted, int Attempts);

/// <summary>
/// Asynchronous invocations: retried after one and two minutes of virtual time, then reported to the dead letter target and
/// the destinations. An attempt that a restart interrupts is repeated. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
/// </summary>
internal sealed class EventInvocations
{
    private const string Topic = "lambda.event";
    private static readonly TimeSpan[] Delays = [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2)];

    private readonly Engine _engine;
    private readonly LambdaService _lambda;

    public EventInvocations(Engine engine, LambdaService lambda)
    {
        _engine = engine;
        _lambda = lambda;
        engine.DurableQueue.On(Topic, () => LambdaJson.Default.EventInvocation, Try);
    }

    public void Add(FunctionRecord function, string requestId, ReadOnlyMemory<byte> payload, TimeSpan delay) => Add(
        function, new EventInvocation(function.Configuration.Arn, requestId, payload, _engine.Clock.Now, 0), delay);

    private void Add(FunctionRecord function, EventInvocation invocation, TimeSpan delay) => _engine.DurableQueue.Add(
        Topic, delay, $"{(invocation.Attempts == 0 ? "event" : $"retry {invocation.Attempts}")} of {function.Configuration.Name}", invocation,
        LambdaJson.Default.EventInvocation);

    private void Try(EventInvocation invocation, Action done)
    {
        if (_lambda.Find(invocation.FunctionArn) is not { } function)
        {
            done();
            _engine.Journal.Write(
                "lambda", "event-dropped", $"{invocation.FunctionArn} was deleted before its event was handled", ("requestId", invocation.RequestId));
            return;
        }

        _lambda.Start(function, invocation.RequestId, invocation.Payload, outcome =>
        {
            done();
            HandleAttempt(function, invocation with { Attempts = invocation.Attempts + 1 }, outcome);
        });
    }

    private void HandleAttempt(FunctionRecord function, EventInvocation invocation, FunctionOutcome outcome)
    {
        if (!outcome.Failed)
        {
            Report(function.EventInvoke?.OnSuccess, function, invocation, "Success", outcome);
            return;
        }

        var retries = function.EventInvoke?.MaximumRetryAttempts ?? 2;
        var age = TimeSpan.FromSeconds(function.EventInvoke?.MaximumEventAgeSeconds ?? 21600);
        if (invocation.Attempts > retries)
        {
            GiveUp(function, invocation, "RetriesExhausted", outcome);
            return;
        }

        var delay = Delays[invocation.Attempts - 1];
        if (_engine.Clock.Now + delay - invocation.Accepted > age)
        {
            GiveUp(function, invocation, "EventAgeExceeded", outcome);
            return;
        }

        Add(function, invocation, delay);
    }

    private void GiveUp(FunctionRecord function, EventInvocation invocation, string condition, FunctionOutcome outcome)
    {
        var (type, message) = FunctionErrors.Read(outcome.Payload);
        _engine.Journal.Write(
            "lambda",
            "event-failed",
            $"{function.Configuration.Name} gave up after {invocation.Attempts} attempts: {type}: {message}",
            ("function", function.Configuration.Name),
            ("requestId", invocation.RequestId),
            ("condition", condition));
        DeadLetter(function, invocation, outcome, message);
        Report(function.EventInvoke?.OnFailure, function, invocation, condition, outcome);
    }

    private void DeadLetter(FunctionRecord function, EventInvocation invocation, FunctionOutcome outcome, string message)
    {
        var body = Encoding.UTF8.GetString(invocation.Payload.Span);
        var error = outcome.Payload.IsEmpty ? message : Encoding.UTF8.GetString(outcome.Payload.Span);
        Send("dead letter", function, invocation, function.Configuration.DeadLetterArn, body, new Dictionary<string, (string Type, string Value)>
        {
            ["RequestID"] = ("String", invocation.RequestId),
            ["ErrorCode"] = ("Number", "200"),
            ["ErrorMessage"] = ("String", error.Length > 1024 ? error[..1024] : error),
        });
    }

    private void Report(string? destination, FunctionRecord function, EventInvocation invocation, string condition, FunctionOutcome outcome)
    {
        if (destination is null)
        {
            return;
        }

        var record = new JsonObject
        {
            ["version"] = "1.0",
            ["timestamp"] = _engine.Clock.Now.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture),
            ["requestContext"] = new JsonObject
            {
                ["requestId"] = invocation.RequestId,
                ["functionArn"] = $"{function.Configuration.Arn}:$LATEST",
                ["condition"] = condition,
                ["approximateInvokeCount"] = invocation.Attempts,
            },
            ["requestPayload"] = Json(invocation.Payload),
            ["responseContext"] = new JsonObject { ["statusCode"] = 200, ["executedVersion"] = "$LATEST" },
            ["responsePayload"] = Json(outcome.Payload),
        };
        if (outcome.Failed)
        {
            record["responseContext"]!["functionError"] = "Unhandled";
        }

        if (Arn.ServiceOf(destination) == "events")
        {
            Guarded("destination", function, invocation, destination, () =>
            {
                RequirePermission(function, "events:PutEvents", destination);
                _engine.Events.Publish(
                    function.Configuration.Region,
                    "lambda",
                    $"Lambda Function Invocation Result - {(outcome.Failed ? "Failure" : "Success")}",
                    [$"{function.Configuration.Arn}:$LATEST", destination],
                    record);
            });
            return;
        }

        Send("destination", function, invocation, destination, record.ToJsonString(WireJson.Compact), null);
    }

    private void Send(
        string role,
        FunctionRecord function,
        EventInvocation invocation,
        string? target,
        string body,
        IReadOnlyDictionary<string, (string Type, string Value)>? attributes)
    {
        if (target is null)
        {
            return;
        }

        Guarded(role, function, invocation, target, () =>
        {
            switch (Arn.ServiceOf(target))
            {
                case "sqs":
                    RequirePermission(function, "sqs:SendMessage", target);
                    _engine.Queues.Send(target, body, attributes?.ToDictionary(each => each.Key, each => each.Value.Value));
                    break;
                case "sns":
                    RequirePermission(function, "sns:Publish", target);
                    _engine.Topics.Publish(target, null, body, attributes);
                    break;
                default:
                    RequirePermission(function, "lambda:InvokeFunction", target);
                    _lambda.InvokeEvent(target, function.Configuration.Region, Encoding.UTF8.GetBytes(body));
                    break;
            }
        });
    }

    /// <summary>If a target cannot be reached, the record is lost, as in Lambda; here the journal reports it.</summary>
    private void Guarded(string role, FunctionRecord function, EventInvocation invocation, string target, Action send)
    {
        try
        {
            send();
            _engine.Journal.Write(
                "lambda",
                "event-reported",
                $"{function.Configuration.Name}: {role} to {target}",
                ("function", function.Configuration.Name),
                ("requestId", invocation.RequestId),
                ("role", role),
                ("target", target));
        }
        catch (AwsException e)
        {
            _engine.Journal.Write(
                "lambda",
                "event-lost",
                $"{function.Configuration.Name}: {role} {target} refused: {e.Code}: {e.Message}",
                ("function", function.Configuration.Name),
                ("requestId", invocation.RequestId),
                ("role", role),
                ("target", target));
        }
    }

    /// <summary>Lambda reports with the function's own role.</summary>
    private void RequirePermission(FunctionRecord function, string action, string target) =>
        _engine.Access.RequirePermission(Caller.Role(function.Configuration.Role, function.Configuration.Name), action, target);

    private static JsonNode? Json(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return null;
        }

        try
        {
            return JsonNode.Parse(bytes.Span, documentOptions: ClientJson.Deep);
        }
        catch (JsonException)
        {
            return JsonValue.Create(Encoding.UTF8.GetString(bytes.Span));
        }
    }
}
