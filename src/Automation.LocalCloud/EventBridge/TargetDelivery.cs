using System.Globalization;
using System.Text;
using Automation.LocalCloud.Sqs;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.EventBridge;

/// <summary>One thing to bring to one target: what rules and schedules have in common.</summary>
/// <param name="Payload">What to send at the n-th attempt, from 1.</param>
internal sealed record Delivery(string TargetArn, Func<int, string> Payload)
{
    /// <summary>Name for a started execution: the same delivery again is the same execution.</summary>
    public required string ExecutionName { get; init; }

    public string? MessageGroupId { get; init; }

    /// <summary>Retries after the first attempt.</summary>
    public int MaximumRetryAttempts { get; init; } = 185;

    public TimeSpan MaximumAge { get; init; } = TimeSpan.FromHours(24);

    public string? DeadLetterArn { get; init; }

    /// <summary>Body of the dead letter, from the payload of the last attempt.</summary>
    public Func<string, string> DeadLetterBody { get; init; } = payload => payload;

    /// <summary>Attributes of the dead letter besides those about the error.</summary>
    public IReadOnlyDictionary<string, string> DeadLetterAttributes { get; init; } = new Dictionary<string, string>();

    /// <summary>How the service names an error in <c>ERROR_CODE</c>.</summary>
    public Func<AwsException, string> ErrorCode { get; init; } = error => error.Code;

    /// <summary>For targets beyond the common ones, such as another event bus; null for those.</summary>
    public Action<string>? Send { get; init; }

    /// <summary>Source of journal entries: events or scheduler.</summary>
    public required string Source { get; init; }
}

/// <summary>
/// Calls targets. What the target refuses for good (it is not there, no permission, bad request) goes to the dead letter queue at
/// once; throttling and server errors are retried with growing distance until attempts or age are used up.
/// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-event-delivery.html
/// </summary>
internal sealed class TargetDelivery(Cloud cloud)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);

    /// <summary>The service segment of the ARNs that can be targets.</summary>
    public static string Service(string arn) => arn.Split(':') is { Length: >= 6 } parts && parts[0] == "arn" ? parts[2] : "";

    public static string Region(string arn) => arn.Split(':')[3];

    public void Deliver(Delivery delivery) => Attempt(delivery, 1, cloud.Clock.Now);

    private void Attempt(Delivery delivery, int attempt, DateTimeOffset began)
    {
        var payload = delivery.Payload(attempt);
        try
        {
            Call(delivery, payload);
        }
        catch (AwsException error)
        {
            if (!IsTransient(error))
            {
                GiveUp(delivery, payload, error, attempt - 1, null);
                return;
            }

            if (attempt > delivery.MaximumRetryAttempts)
            {
                GiveUp(delivery, payload, error, attempt - 1, "MaximumRetryAttempts");
                return;
            }

            var pause = TimeSpan.FromSeconds(Math.Min(Math.Pow(2, Math.Min(attempt - 1, 20)), LongestPause.TotalSeconds));
            if (cloud.Clock.Now + pause > began + delivery.MaximumAge)
            {
                GiveUp(delivery, payload, error, attempt - 1, "MaximumEventAgeInSeconds");
                return;
            }

            cloud.Clock.After(pause, TimerKind.Work, $"retry delivery to {delivery.TargetArn}", () => Attempt(delivery, attempt + 1, began));
        }
    }

    private void Call(Delivery delivery, string payload)
    {
        if (delivery.Send is { } send)
        {
            send(payload);
            return;
        }

        var arn = delivery.TargetArn;
        switch (Service(arn))
        {
            case "lambda":
                cloud.Lambda.InvokeEvent(arn, Region(arn), Encoding.UTF8.GetBytes(payload));
                break;
            case "states":
                cloud.StepFunctions.StartExecution(arn, delivery.ExecutionName, payload);
                break;
            case "sns":
                cloud.Sns.Publish(arn, null, payload);
                break;
            case "sqs":
                cloud.Sqs.Deliver(arn, new NewMessage(payload) { GroupId = delivery.MessageGroupId });
                break;
            default:
                throw new AwsException("ValidationException", $"The embedded cloud does not deliver to {arn}.");
        }
    }

    private void GiveUp(Delivery delivery, string payload, AwsException error, int retries, string? exhausted)
    {
        cloud.Journal.Write(
            delivery.Source, "delivery-failed", $"{delivery.TargetArn}: {error.Code}: {error.Message}",
            ("target", delivery.TargetArn), ("errorCode", error.Code), ("deadLetterQueue", delivery.DeadLetterArn));
        if (delivery.DeadLetterArn is null)
        {
            return;
        }

        var attributes = new Dictionary<string, string>(delivery.DeadLetterAttributes, StringComparer.Ordinal)
        {
            ["TARGET_ARN"] = delivery.TargetArn,
            ["ERROR_CODE"] = delivery.ErrorCode(error),
            ["ERROR_MESSAGE"] = error.Message,
            ["RETRY_ATTEMPTS"] = retries.ToString(CultureInfo.InvariantCulture),
        };
        if (exhausted is not null)
        {
            attributes["EXHAUSTED_RETRY_CONDITION"] = exhausted;
        }

        try
        {
            cloud.Sqs.Send(delivery.DeadLetterArn, delivery.DeadLetterBody(payload), attributes);
        }
        catch (AwsException refused)
        {
            cloud.Journal.Write(
                delivery.Source, "dead-letter-lost", $"{delivery.DeadLetterArn}: {refused.Code}: {refused.Message}",
                ("target", delivery.TargetArn), ("deadLetterQueue", delivery.DeadLetterArn));
        }
    }

    internal static bool IsTransient(AwsException error) =>
        error.Status >= 500
        || error.Status == 429
        || error.Code.Contains("Throttl", StringComparison.OrdinalIgnoreCase)
        || error.Code.Contains("TooManyRequests", StringComparison.Ordinal)
        || error.Code is "ExecutionLimitExceeded" or "RequestThrottled";
}
