using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Lambda;

/// <summary>
/// One asynchronous invocation on its way: tried, retried after one and two minutes of virtual time, then reported to the
/// dead letter target and the destinations. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
/// </summary>
internal sealed class EventInvocation(Cloud cloud, string functionArn, string requestId, ReadOnlyMemory<byte> payload)
{
    private static readonly TimeSpan[] Delays = [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2)];

    private readonly DateTimeOffset _accepted = cloud.Clock.Now;
    private int _attempts;

    public void Try()
    {
        var function = cloud.Lambda.Find(functionArn);
        if (function is null)
        {
            cloud.Journal.Write("lambda", "event-dropped", $"{functionArn} was deleted before its event was handled", ("requestId", requestId));
            return;
        }

        _attempts++;
        cloud.Lambda.Start(function, requestId, payload, outcome => Tried(function, outcome));
    }

    private void Tried(FunctionRecord function, FunctionOutcome outcome)
    {
        if (!outcome.Failed)
        {
            Report(function.EventInvoke?.OnSuccess, function, "Success", outcome);
            return;
        }

        var retries = function.EventInvoke?.MaximumRetryAttempts ?? 2;
        var age = TimeSpan.FromSeconds(function.EventInvoke?.MaximumEventAgeSeconds ?? 21600);
        if (_attempts > retries)
        {
            GiveUp(function, "RetriesExhausted", outcome);
            return;
        }

        var delay = Delays[_attempts - 1];
        if (cloud.Clock.Now + delay - _accepted > age)
        {
            GiveUp(function, "EventAgeExceeded", outcome);
            return;
        }

        cloud.Clock.After(delay, TimerKind.Work, $"retry {_attempts} of {function.Configuration.Name}", Try);
    }

    private void GiveUp(FunctionRecord function, string condition, FunctionOutcome outcome)
    {
        var (type, message) = FunctionErrors.Read(outcome.Payload);
        cloud.Journal.Write(
            "lambda",
            "event-failed",
            $"{function.Configuration.Name} gave up after {_attempts} attempts: {type}: {message}",
            ("function", function.Configuration.Name),
            ("requestId", requestId),
            ("condition", condition));
        DeadLetter(function, outcome, message);
        Report(function.EventInvoke?.OnFailure, function, condition, outcome);
    }

    private void DeadLetter(FunctionRecord function, FunctionOutcome outcome, string message)
    {
        var body = Encoding.UTF8.GetString(payload.Span);
        var error = outcome.Payload.IsEmpty ? message : Encoding.UTF8.GetString(outcome.Payload.Span);
        Send("dead letter", function, function.Configuration.DeadLetterArn, body, new Dictionary<string, (string Type, string Value)>
        {
            ["RequestID"] = ("String", requestId),
            ["ErrorCode"] = ("Number", "200"),
            ["ErrorMessage"] = ("String", error.Length > 1024 ? error[..1024] : error),
        });
    }

    private void Report(string? destination, FunctionRecord function, string condition, FunctionOutcome outcome)
    {
        if (destination is null)
        {
            return;
        }

        var record = new JsonObject
        {
            ["version"] = "1.0",
            ["timestamp"] = cloud.Clock.Now.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture),
            ["requestContext"] = new JsonObject
            {
                ["requestId"] = requestId,
                ["functionArn"] = $"{function.Configuration.Arn}:$LATEST",
                ["condition"] = condition,
                ["approximateInvokeCount"] = _attempts,
            },
            ["requestPayload"] = Json(payload),
            ["responseContext"] = new JsonObject { ["statusCode"] = 200, ["executedVersion"] = "$LATEST" },
            ["responsePayload"] = Json(outcome.Payload),
        };
        if (outcome.Failed)
        {
            record["responseContext"]!["functionError"] = "Unhandled";
        }

        if (ServiceOf(destination) == "events")
        {
            Guarded("destination", function, destination, () => cloud.EventBridge.Publish(
                function.Configuration.Region,
                "lambda",
                $"Lambda Function Invocation Result - {(outcome.Failed ? "Failure" : "Success")}",
                [$"{function.Configuration.Arn}:$LATEST", destination],
                record));
            return;
        }

        Send("destination", function, destination, record.ToJsonString(WireJson.Compact), null);
    }

    private void Send(
        string role,
        FunctionRecord function,
        string? target,
        string body,
        IReadOnlyDictionary<string, (string Type, string Value)>? attributes)
    {
        if (target is null)
        {
            return;
        }

        Guarded(role, function, target, () =>
        {
            switch (ServiceOf(target))
            {
                case "sqs":
                    cloud.Sqs.Send(target, body, attributes?.ToDictionary(each => each.Key, each => each.Value.Value));
                    break;
                case "sns":
                    cloud.Sns.Publish(target, null, body, attributes);
                    break;
                default:
                    cloud.Lambda.InvokeEvent(target, function.Configuration.Region, Encoding.UTF8.GetBytes(body));
                    break;
            }
        });
    }

    /// <summary>As on Lambda, a target that cannot be reached loses the record; here the journal says so.</summary>
    private void Guarded(string role, FunctionRecord function, string target, Action send)
    {
        try
        {
            send();
            cloud.Journal.Write(
                "lambda",
                "event-reported",
                $"{function.Configuration.Name}: {role} to {target}",
                ("function", function.Configuration.Name),
                ("requestId", requestId),
                ("role", role),
                ("target", target));
        }
        catch (AwsException e)
        {
            cloud.Journal.Write(
                "lambda",
                "event-lost",
                $"{function.Configuration.Name}: {role} {target} refused: {e.Code}: {e.Message}",
                ("function", function.Configuration.Name),
                ("requestId", requestId),
                ("role", role),
                ("target", target));
        }
    }

    private static string ServiceOf(string arn) => arn.Split(':') is { Length: >= 6 } parts ? parts[2] : "";

    private static JsonNode? Json(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return null;
        }

        try
        {
            return JsonNode.Parse(bytes.Span);
        }
        catch (JsonException)
        {
            return JsonValue.Create(Encoding.UTF8.GetString(bytes.Span));
        }
    }
}
