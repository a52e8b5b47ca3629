using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Iam;
using Automation.LocalCloud.Sqs;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.EventBridge;

/// <summary>One delivery to one target: the common part of rules and schedules.</summary>
internal sealed record Delivery(string TargetArn, string Payload)
{
    /// <summary>The placeholder in <see cref="Payload"/> for the number of the attempt, from 1; null if there is none.</summary>
    public string? AttemptPlaceholder { get; init; }

    /// <summary>The name of the execution to start; repeating the delivery gives the same execution.</summary>
    public required string ExecutionName { get; init; }

    public string? MessageGroupId { get; init; }

    /// <summary>For a cluster: what to start on it.</summary>
    public string? TaskDefinition { get; init; }

    /// <summary>The number of retries after the first attempt.</summary>
    public int MaximumRetryAttempts { get; init; } = 185;

    public TimeSpan MaximumAge { get; init; } = TimeSpan.FromHours(24);

    public string? DeadLetterArn { get; init; }

    /// <summary>The body of the dead letter; null means the payload of the last attempt.</summary>
    public string? DeadLetterBody { get; init; }

    /// <summary>Attributes of the dead letter in addition to those about the error.</summary>
    public IReadOnlyDictionary<string, string> DeadLetterAttributes { get; init; } = new Dictionary<string, string>();

    /// <summary>The event to forward if the target of a rule is another bus.</summary>
    public EventEnvelope? Event { get; init; }

    /// <summary>The source and detail type of the event if the target of a schedule is a bus; the payload is its detail.</summary>
    public string? EventSource { get; init; }

    public string? EventDetailType { get; init; }

    /// <summary>The source of journal entries: events or scheduler.</summary>
    public required string Source { get; init; }

    /// <summary>The rule or the schedule.</summary>
    public required string SourceArn { get; init; }

    /// <summary>The role that calls the target. Null if EventBridge itself calls; then the target's own policy must allow it.</summary>
    public string? RoleArn { get; init; }

    /// <summary>A workflow or a bus has no policy that could allow EventBridge.</summary>
    [JsonIgnore]
    public Caller Caller => RoleArn is not null || Arn.ServiceOf(TargetArn) is "states" or "events" ? Role : EventBridge;

    /// <summary>The sender to the dead letter queue: a schedule's role, or EventBridge itself for rules.</summary>
    [JsonIgnore]
    public Caller DeadLetterCaller => Source == "scheduler" ? Role : EventBridge;

    private Caller Role => Caller.Role(RoleArn, SourceArn[(SourceArn.LastIndexOf('/') + 1)..]);

    private Caller EventBridge => Caller.Service("events.amazonaws.com", SourceArn);
}

/// <summary>
/// Calls targets. After a permanent error (the target does not exist, no permission, bad request) the event goes to the dead letter queue at
/// once. Throttling and server errors are retried at growing intervals until the attempts or the maximum age are exhausted.
/// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-event-delivery.html
/// </summary>
internal sealed class TargetDelivery
{
    private const string Topic = "events.delivery";
    private static readonly TimeSpan MaxPause = TimeSpan.FromMinutes(10);
    private readonly Cloud _cloud;
    private readonly EventRouter _router;

    public TargetDelivery(Cloud cloud, EventRouter router)
    {
        _cloud = cloud;
        _router = router;
        cloud.DurableQueue.On<Attempt>(Topic, Try);
    }

    public static bool IsServed(string service) => service is "lambda" or "states" or "sns" or "sqs" or "events" or "ecs";

    public void Deliver(Delivery delivery, TimeSpan delay = default) => Add(new Attempt(delivery, 1, _cloud.Clock.Now + delay), delay);

    private void Add(Attempt attempt, TimeSpan delay) => _cloud.DurableQueue.Add(
        Topic, delay, $"{(attempt.Number == 1 ? "delivery" : "retry delivery")} to {attempt.Delivery.TargetArn}", attempt);

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
            if (!IsTransient(error))
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
            if (_cloud.Clock.Now + pause > attempt.Began + delivery.MaximumAge)
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
        _cloud.Faults.BeforeDelivery(delivery.Source, "InvokeTarget", $"{arn} {payload}");
        var service = Arn.ServiceOf(arn);
        if (Action(service) is { } action)
        {
            _cloud.Iam.RequirePermission(delivery.Caller, action, arn);
        }

        switch (service)
        {
            case "lambda":
                _cloud.Lambda.InvokeEvent(arn, Arn.Parse(arn).Region, Encoding.UTF8.GetBytes(payload));
                break;
            case "states":
                _cloud.StepFunctions.StartExecution(arn, delivery.ExecutionName, payload);
                break;
            case "sns":
                _cloud.Sns.Publish(arn, null, payload);
                break;
            case "sqs":
                _cloud.Sqs.Deliver(arn, new NewMessage(payload) { GroupId = delivery.MessageGroupId });
                break;
            case "ecs":
                _cloud.Iam.RequirePermission(delivery.Caller, "ecs:RunTask", delivery.TaskDefinition!);
                _cloud.Containers.Start(arn, delivery.TaskDefinition!);
                break;
            case "events" when delivery.Event is { } handedOn:
                _router.Forward(arn, handedOn);
                break;
            case "events" when delivery.EventSource is { } source:
                _router.Publish(
                    _router.Bus(Arn.Parse(arn).Region, arn),
                    EventEnvelope.Create(_cloud, Arn.Parse(arn).Region, source, delivery.EventDetailType!, [], JsonNode.Parse(payload)!.AsObject()));
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
        _ => null,
    };

    private void GiveUp(Delivery delivery, string payload, AwsException error, int retries, string? exhausted)
    {
        _cloud.Journal.Write(
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
            _cloud.Iam.RequirePermission(delivery.DeadLetterCaller, "sqs:SendMessage", delivery.DeadLetterArn);
            _cloud.Sqs.Send(delivery.DeadLetterArn, delivery.DeadLetterBody ?? payload, attributes);
        }
        catch (AwsException refused)
        {
            _cloud.Journal.Write(
                delivery.Source, "dead-letter-lost", $"{delivery.DeadLetterArn}: {refused.Code}: {refused.Message}",
                ("target", delivery.TargetArn), ("deadLetterQueue", delivery.DeadLetterArn));
        }
    }

    /// <summary>EventBridge has its own codes for errors that it does not retry; Scheduler uses the target's.</summary>
    private static string ErrorCode(Delivery delivery, AwsException error) =>
        delivery.Source != "events" || IsTransient(error) ? error.Code
        : error.Code.Contains("NotFound", StringComparison.Ordinal) || error.Code.Contains("DoesNotExist", StringComparison.Ordinal) ? "NO_RESOURCE"
        : error.Code.Contains("AccessDenied", StringComparison.Ordinal) || error.Code.Contains("AuthorizationError", StringComparison.Ordinal) ? "NO_PERMISSIONS"
        : "SDK_CLIENT_ERROR";

    /// <param name="Number">From 1.</param>
    /// <param name="Began">When the first attempt was due.</param>
    private sealed record Attempt(Delivery Delivery, int Number, DateTimeOffset Began);

    internal static bool IsTransient(AwsException error) =>
        error.Status >= 500
        || error.Status == 429
        || error.Code.Contains("Throttl", StringComparison.OrdinalIgnoreCase)
        || error.Code.Contains("TooManyRequests", StringComparison.Ordinal)
        || error.Code is "ExecutionLimitExceeded" or "RequestThrottled";
}
