using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.EventBridge;

/// <summary>
/// Calls targets. After a permanent error (the target does not exist, no permission, bad request) the event goes to the dead letter queue at
/// once. Throttling and server errors are retried at growing intervals until the attempts or the maximum age are exhausted.
/// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-event-delivery.html
/// </summary>
internal sealed class TargetDelivery
{
    private const string Topic = "events.delivery";
    private static readonly TimeSpan MaxPause = TimeSpan.FromMinutes(10);
    private readonly Engine _engine;
    private readonly EventBridgeState _router;

    public TargetDelivery(Engine engine, EventBridgeState router)
    {
        _engine = engine;
        _router = router;
        engine.DurableQueue.On(Topic, () => EventBridgeJson.Default.Attempt, Try);
    }

    public void Deliver(Delivery delivery, TimeSpan delay = default) => Add(new Attempt(delivery, 1, _engine.Clock.Now + delay), delay);

    private void Add(Attempt attempt, TimeSpan delay) => _engine.DurableQueue.Add(
        Topic, delay, $"{(attempt.Number == 1 ? "delivery" : "retry delivery")} to {attempt.Delivery.TargetArn}", attempt,
        EventBridgeJson.Default.Attempt);

    private void Try(Attempt attempt)
    {
        var delivery = attempt.Delivery;
        var payload = delivery.AttemptPlaceholder is { } placeholder
            ? delivery.Payload.Replace(placeholder, attempt.Number.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            : delivery.Payload;
        try
        {
            Call(delivery, payload);
        }
        catch (AwsException error)
        {
            if (!error.IsTransient)
            {
                GiveUp(delivery, payload, error, attempt.Number - 1, null);
                return;
            }

            if (attempt.Number > delivery.MaximumRetryAttempts)
            {
                GiveUp(delivery, payload, error, attempt.Number - 1, "MaximumRetryAttempts");
                return;
            }

            var pause = TimeSpan.FromSeconds(Math.Min(Math.Pow(2, Math.Min(attempt.Number - 1, 20)), MaxPause.TotalSeconds));
            if (_engine.Clock.Now + pause > attempt.Began + delivery.MaximumAge)
            {
                GiveUp(delivery, payload, error, attempt.Number - 1, "MaximumEventAgeInSeconds");
                return;
            }

            Add(attempt with { Number = attempt.Number + 1 }, pause);
        }
    }

    private void Call(Delivery delivery, string payload)
    {
        var arn = delivery.TargetArn;
        _engine.Faults.BeforeDelivery(delivery.Source, "InvokeTarget", $"{arn} {payload}");
        var service = Arn.ServiceOf(arn);
        if (Action(service) is { } action)
        {
            _engine.Access.RequirePermission(delivery.Caller, action, arn);
        }

        switch (service)
        {
            case "lambda":
                _engine.Functions.InvokeEvent(arn, Arn.Parse(arn).Region, Encoding.UTF8.GetBytes(payload));
                break;
            case "states":
                _engine.Workflows.StartExecution(arn, delivery.ExecutionName, payload);
                break;
            case "sns":
                _engine.Topics.Publish(arn, null, payload);
                break;
            case "sqs":
                _engine.Queues.Send(arn, new NewMessage(payload) { GroupId = delivery.MessageGroupId });
                break;
            case "ecs":
                _engine.Access.RequirePermission(delivery.Caller, "ecs:RunTask", delivery.TaskDefinition!);
                _engine.ContainerTasks.Start(arn, delivery.TaskDefinition!);
                break;
            case "imagebuilder":
                _engine.ImagePipelines.Start(arn);
                break;
            case "events" when delivery.Event is { } handedOn:
                _router.Forward(arn, handedOn);
                break;
            case "events" when delivery.EventSource is { } source:
                _router.Publish(
                    _router.Bus(Arn.Parse(arn).Region, arn),
                    EventEnvelope.Create(
                        _engine, Arn.Parse(arn).Region, source, delivery.EventDetailType!, [],
                        JsonNode.Parse(payload, documentOptions: ClientJson.Deep)!.AsObject()));
                break;
            default:
                throw new AwsException("ValidationException", $"The embedded cloud does not deliver to {arn}.");
        }
    }

    private static string? Action(string service) => service switch
    {
        "lambda" => "lambda:InvokeFunction",
        "states" => "states:StartExecution",
        "sns" => "sns:Publish",
        "sqs" => "sqs:SendMessage",
        "events" => "events:PutEvents",
        "imagebuilder" => "imagebuilder:StartImagePipelineExecution",
        _ => null,
    };

    private void GiveUp(Delivery delivery, string payload, AwsException error, int retries, string? exhausted)
    {
        _engine.Journal.Write(
            delivery.Source, "delivery-failed", $"{delivery.TargetArn}: {error.Code}: {error.Message}",
            ("target", delivery.TargetArn), ("errorCode", error.Code), ("deadLetterQueue", delivery.DeadLetterArn));
        if (delivery.DeadLetterArn is null)
        {
            return;
        }

        var attributes = new Dictionary<string, string>(delivery.DeadLetterAttributes, StringComparer.Ordinal)
        {
            ["TARGET_ARN"] = delivery.TargetArn,
            ["ERROR_CODE"] = ErrorCode(delivery, error),
            ["ERROR_MESSAGE"] = error.Message,
            ["RETRY_ATTEMPTS"] = retries.ToString(CultureInfo.InvariantCulture),
        };
        if (exhausted is not null)
        {
            attributes["EXHAUSTED_RETRY_CONDITION"] = exhausted;
        }

        try
        {
            _engine.Access.RequirePermission(delivery.DeadLetterCaller, "sqs:SendMessage", delivery.DeadLetterArn);
            _engine.Queues.Send(delivery.DeadLetterArn, delivery.DeadLetterBody ?? payload, attributes);
        }
        catch (AwsException refused)
        {
            _engine.Journal.Write(
                delivery.Source, "dead-letter-lost", $"{delivery.DeadLetterArn}: {refused.Code}: {refused.Message}",
                ("target", delivery.TargetArn), ("deadLetterQueue", delivery.DeadLetterArn));
        }
    }

    /// <summary>EventBridge has its own codes for errors that it does not retry; Scheduler uses the target's.</summary>
    private static string ErrorCode(Delivery delivery, AwsException error) =>
        delivery.Source != "events" || error.IsTransient ? error.Code
        : error.Code.Contains("NotFound", StringComparison.Ordinal) || error.Code.Contains("DoesNotExist", StringComparison.Ordinal) ? "NO_RESOURCE"
        : error.Code.Contains("AccessDenied", StringComparison.Ordinal) || error.Code.Contains("AuthorizationError", StringComparison.Ordinal)
            ? "NO_PERMISSIONS"
        : "SDK_CLIENT_ERROR";

    /// <param name="Number">From 1.</param>
    /// <param name="Began">When the first attempt was due.</param>
    internal sealed record Attempt(Delivery Delivery, int Number, DateTimeOffset Began);
}
