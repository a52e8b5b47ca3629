using System.Text.Json.Serialization;
using Automation.LocalCloud.Common;

namespace Automation.LocalCloud.Ports;

/// <summary>One delivery to one target: the common part of rules and schedules.</summary>
internal sealed record Delivery(string TargetArn, string Payload)
{
    /// <summary>Whether a service can be a target.</summary>
    public static bool Reaches(string service) => service is "lambda" or "states" or "sns" or "sqs" or "events" or "ecs" or "imagebuilder";

    /// <summary>The placeholder in <see cref="Payload"/> for the number of the attempt, from 1; null if there is none.</summary>
    public string? AttemptPlaceholder { get; init; }

    /// <summary>The name of the execution to start; repeating the delivery gives the same execution.</summary>
    public required string ExecutionName { get; init; }

    public string? MessageGroupId { get; init; }

    /// <summary>For a cluster: what to start on it.</summary>
    public string? TaskDefinition { get; init; }

    /// <summary>The number of retries after the first attempt.</summary>
    public int MaximumRetryAttempts { get; set; } = 185;

    public TimeSpan MaximumAge { get; set; } = TimeSpan.FromHours(24);

    public string? DeadLetterArn { get; init; }

    /// <summary>The body of the dead letter; null means the payload of the last attempt.</summary>
    public string? DeadLetterBody { get; init; }

    /// <summary>Attributes of the dead letter in addition to those about the error.</summary>
    public IReadOnlyDictionary<string, string> DeadLetterAttributes { get; set; } = new Dictionary<string, string>();

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

    /// <summary>A workflow, a bus or a pipeline has no policy that could allow EventBridge.</summary>
    [JsonIgnore]
    public Caller Caller => RoleArn is not null || Arn.ServiceOf(TargetArn) is "states" or "events" or "imagebuilder" ? Role : EventBridge;

    /// <summary>The sender to the dead letter queue: a schedule's role, or EventBridge itself for rules.</summary>
    [JsonIgnore]
    public Caller DeadLetterCaller => Source == "scheduler" ? Role : EventBridge;

    private Caller Role => Caller.Role(RoleArn, SourceArn[(SourceArn.LastIndexOf('/') + 1)..]);

    private Caller EventBridge => Caller.Service("events.amazonaws.com", SourceArn);
}
