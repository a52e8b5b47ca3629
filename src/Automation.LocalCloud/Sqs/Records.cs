using Automation.LocalCloud.Ports;

namespace Automation.LocalCloud.Sqs;

/// <summary>A queue and its settings. Everything that a call can set is an attribute, by its wire name.</summary>
internal sealed record Queue(
    string Arn,
    string Name,
    string Region,
    IReadOnlyDictionary<string, string> Attributes,
    IReadOnlyDictionary<string, string> Tags,
    DateTimeOffset CreatedAt,
    DateTimeOffset ModifiedAt)
{
    public DateTimeOffset? PurgedAt { get; init; }

    public bool Fifo => Name.EndsWith(".fifo", StringComparison.Ordinal);
}

/// <summary>
/// A message in a queue. It is in flight while it has a receipt and <see cref="VisibleAt"/> is in the future. Nothing happens at that
/// time; the next receive finds the message.
/// </summary>
/// <param name="Sequence">Orders the messages of all queues by arrival.</param>
internal sealed record Message(
    long Sequence,
    string QueueArn,
    string Id,
    string Body,
    IReadOnlyDictionary<string, MessageAttribute> Attributes,
    string SenderId,
    DateTimeOffset SentAt,
    DateTimeOffset VisibleAt)
{
    public int ReceiveCount { get; init; }

    public DateTimeOffset? FirstReceivedAt { get; init; }

    public string? ReceiptHandle { get; init; }

    public string? GroupId { get; init; }

    public string? DeduplicationId { get; init; }

    public string? TraceHeader { get; init; }

    /// <summary>The ARN of the queue from which a redrive policy moved it here.</summary>
    public string? DeadLetterSource { get; init; }
}

/// <summary>A deduplication id that a FIFO queue remembers for five minutes.</summary>
internal sealed record Deduplication(string MessageId, long Sequence, DateTimeOffset At);

/// <summary>A task that moves the messages of a dead letter queue: at once, or a number of them in each second.</summary>
/// <param name="Handle">The task's id; the handle of a caller contains it.</param>
internal sealed record MoveTask(string Handle, string SourceArn, string? DestinationArn, int Moved, DateTimeOffset StartedAt)
{
    public int? Rate { get; init; }

    public int ToMove { get; init; }

    public string Status { get; set; } = "COMPLETED";

    public string? FailureReason { get; init; }
}
