namespace Automation.LocalCloud.Ports;

/// <summary>The sender's part of a message.</summary>
internal sealed record NewMessage(string Body)
{
    public IReadOnlyDictionary<string, MessageAttribute> Attributes { get; init; } = new Dictionary<string, MessageAttribute>();

    public string? GroupId { get; init; }

    public string? DeduplicationId { get; init; }

    public string? TraceHeader { get; init; }

    public long? DelaySeconds { get; init; }

    /// <summary>For the journal only: why a service gave up on a message, if the message itself does not say so.</summary>
    public string? DeadLetterReason { get; init; }

    public string SenderId { get; init; } = "AIDAAUTOMATIONLOCAL";
}
