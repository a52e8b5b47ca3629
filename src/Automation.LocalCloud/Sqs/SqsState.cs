using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Sqs;

/// <summary>Queues, and what happens to their messages. Times (visibility, delay, retention) are compared on access; there are no timers.</summary>
internal sealed class SqsState
{
    private static readonly TimeSpan DeduplicationInterval = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan PurgeInterval = TimeSpan.FromSeconds(60);

    private readonly Engine _engine;
    private readonly Table<Queue> _queues;
    private readonly Table<Deduplication> _deduplications;

    public SqsState(Engine engine)
    {
        _engine = engine;
        _queues = new Table<Queue>("sqs.queues", engine.Store, () => SqsJson.Default.Queue);
        Messages = new MessageStore(engine);
        _deduplications = new Table<Deduplication>("sqs.deduplications", engine.Store, () => SqsJson.Default.Deduplication);
        Moves = new MoveTasks(engine, this);
    }

    public MessageStore Messages { get; }

    public MoveTasks Moves { get; }

    public IEnumerable<Queue> Queues => _queues.Values.OrderBy(queue => queue.Arn, StringComparer.Ordinal);

    private DateTimeOffset Now => _engine.Clock.Now;

    public Queue? Find(string arn) => _queues.Find(arn);

    public Queue Get(string arn) => _queues.Find(arn) ?? throw NoQueue();

    /// <exception cref="AwsException">QueueNameExists: a queue with other attributes exists; InvalidAttribute…: see <see cref="QueueAttributes"/>.</exception>
    public Queue Create(string arn, string name, string region, IReadOnlyDictionary<string, string> attributes, IReadOnlyDictionary<string, string> tags)
    {
        CheckName(name, attributes);
        CheckAttributes(attributes, name.EndsWith(".fifo", StringComparison.Ordinal));
        if (_queues.Find(arn) is { } existing)
        {
            var different = attributes.FirstOrDefault(pair =>
                existing.WithDefaults().FirstOrDefault(known => known.Name == pair.Key).Value != pair.Value).Key;
            return different is null
                ? existing
                : throw new AwsException("QueueNameExists", $"A queue already exists with the same name and a different value for attribute {different}");
        }

        var queue = new Queue(arn, name, region, attributes, tags, Now, Now);
        _queues.Set(arn, queue);
        return queue;
    }

    public void SetAttributes(Queue queue, IReadOnlyDictionary<string, string> changes)
    {
        CheckAttributes(changes, queue.Fifo);
        if (changes.GetValueOrDefault("FifoQueue") is { } fifo && fifo != "true")
        {
            throw new AwsException("InvalidAttributeValue", "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.");
        }

        var attributes = new Dictionary<string, string>(queue.Attributes, StringComparer.Ordinal);
        foreach (var (name, value) in changes)
        {
            if (value.Length == 0)
            {
                attributes.Remove(name);
            }
            else
            {
                attributes[name] = value;
            }
        }

        _queues.Set(queue.Arn, queue with { Attributes = attributes, ModifiedAt = Now });
    }

    public void SetTags(Queue queue, IReadOnlyDictionary<string, string> tags) => _queues.Set(queue.Arn, queue with { Tags = tags });

    public void Delete(string arn)
    {
        Messages.Clear(arn);
        _queues.Remove(arn);
    }

    public void Purge(Queue queue)
    {
        if (Now - queue.PurgedAt < PurgeInterval)
        {
            throw new AwsException("PurgeQueueInProgress", $"Only one PurgeQueue operation on {queue.Name} is allowed every 60 seconds.", 403);
        }

        Messages.Clear(queue.Arn);
        _queues.Set(queue.Arn, queue with { PurgedAt = Now });
    }

    public Message Send(Queue queue, NewMessage given)
    {
        var size = Encoding.UTF8.GetByteCount(given.Body)
            + given.Attributes.Sum(
                pair => pair.Key.Length + pair.Value.DataType.Length + (pair.Value.Binary?.Length ?? Encoding.UTF8.GetByteCount(pair.Value.Text ?? "")));
        var limit = queue.Number("MaximumMessageSize");
        if (given.Body.Length == 0)
        {
            throw new AwsException("MissingParameter", "The request must contain the parameter MessageBody.");
        }

        if (size > limit)
        {
            throw new AwsException("InvalidParameterValue", $"One or more parameters are invalid. Reason: Message must be shorter than {limit} bytes.");
        }

        var deduplicationId = queue.Fifo ? DeduplicationId(queue, given) : null;
        if (!queue.Fifo && given.DeduplicationId is not null)
        {
            throw new AwsException("InvalidParameterValue", "The request include parameter that is not valid for this queue type");
        }

        if (deduplicationId is not null && Duplicate(queue, deduplicationId) is { } known)
        {
            // The service accepts the duplicate, returns the first one's ids and delivers nothing.
            return new Message(known.Sequence, queue.Arn, known.MessageId, given.Body, given.Attributes, given.SenderId, known.At, known.At);
        }

        if (queue.Fifo && given.DelaySeconds > 0)
        {
            throw new AwsException("InvalidParameterValue",
                $"Value {given.DelaySeconds} for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.");
        }

        var delay = given.DelaySeconds ?? queue.Number("DelaySeconds");
        if (delay is < 0 or > 900)
        {
            throw new AwsException(
                "InvalidParameterValue", $"Value {delay} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.");
        }

        var message = new Message(
            Messages.NextSequence(), queue.Arn, _engine.Ids.Next().ToString(), given.Body, given.Attributes, given.SenderId, Now, Now.AddSeconds(delay))
        {
            GroupId = given.GroupId,
            DeduplicationId = deduplicationId,
            TraceHeader = given.TraceHeader,
        };
        Messages.Put(message);
        if (deduplicationId is not null)
        {
            _deduplications.Set($"{queue.Arn}#{deduplicationId}", new Deduplication(message.Id, message.Sequence, Now));
        }

        return message;
    }

    public IReadOnlyList<Message> Receive(Queue queue, int most, TimeSpan visibility)
    {
        var redrive = QueueAttributes.ReadRedrivePolicy(queue.Attributes.GetValueOrDefault("RedrivePolicy"));
        var alive = Messages.Unexpired(queue);
        var received = new List<Message>();
        foreach (var message in queue.Fifo ? ByGroup(alive) : alive)
        {
            if (received.Count == most)
            {
                break;
            }

            if (message.VisibleAt > Now)
            {
                continue;
            }

            if (redrive is not null && message.ReceiveCount >= redrive.MaxReceiveCount && _queues.Find(redrive.TargetArn) is { } deadLetters)
            {
                Move(message, deadLetters, queue.Arn);
                continue;
            }

            var taken = message with
            {
                ReceiveCount = message.ReceiveCount + 1,
                FirstReceivedAt = message.FirstReceivedAt ?? Now,
                VisibleAt = Now + visibility,
                ReceiptHandle = Convert.ToBase64String(Encoding.ASCII.GetBytes($"{message.Sequence}:{_engine.Ids.Next()}")),
            };
            Messages.Put(taken);
            received.Add(taken);
        }

        return received;
    }

    /// <summary>
    /// The messages of FIFO queues come group by group, first the group whose first message became available first. A message waits until all
    /// earlier ones of its group are deleted. Recorded in test_sqs of https://github.com/localstack/localstack (test_fifo_message_group_*), and
    /// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html
    /// </summary>
    private List<Message> ByGroup(IEnumerable<Message> messages) => messages
        .GroupBy(message => message.GroupId)
        .Select(group => group.OrderBy(message => message.Sequence).TakeWhile(message => message.VisibleAt <= Now).ToList())
        .Where(group => group.Count > 0)
        .OrderBy(group => group[0].VisibleAt).ThenBy(group => group[0].Sequence)
        .SelectMany(group => group)
        .ToList();

    /// <summary>
    /// Deletes the message of a receipt. A message that is gone, or was received again since, is left unchanged. A FIFO queue refuses the receipt
    /// of a message that was received again or whose visibility timeout is over.
    /// </summary>
    public void DeleteMessage(Queue queue, string receiptHandle)
    {
        if (ByReceipt(queue, receiptHandle) is { } message && !(queue.Fifo && message.VisibleAt <= Now))
        {
            Messages.Drop(message);
        }
        else if (queue.Fifo && Messages.Find(queue.Arn, Sequence(receiptHandle)) is not null)
        {
            throw new AwsException(
                "InvalidParameterValue", $"Value {receiptHandle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.");
        }
    }

    /// <summary>
    /// A receipt stays valid until its message is received again or deleted. Recorded in test_sqs of https://github.com/localstack/localstack
    /// (test_change_message_visibility_after_visibility_timeout_expiration); in a FIFO queue it expires with the timeout, as for DeleteMessage.
    /// </summary>
    /// <exception cref="AwsException">MessageNotInflight; ReceiptHandleIsInvalid.</exception>
    public void ChangeVisibility(Queue queue, string receiptHandle, long seconds)
    {
        if (seconds is < 0 or > 43_200)
        {
            throw new AwsException(
                "InvalidParameterValue", $"Value {seconds} for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200.");
        }

        if (ByReceipt(queue, receiptHandle) is not { } message || (queue.Fifo && message.VisibleAt <= Now))
        {
            throw new AwsException("MessageNotInflight",
                $"Value {receiptHandle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.");
        }

        Messages.Put(message with { VisibleAt = Now.AddSeconds(seconds) });
    }

    /// <summary>The queues with a redrive policy that names this one.</summary>
    public IEnumerable<Queue> SourcesOf(Queue deadLetterQueue) => Queues.Where(queue =>
        QueueAttributes.ReadRedrivePolicy(queue.Attributes.GetValueOrDefault("RedrivePolicy"))?.TargetArn == deadLetterQueue.Arn);

    /// <summary>The numbers of messages that can be received, are in flight, and are delayed.</summary>
    public (int Visible, int InFlight, int Delayed) Count(Queue queue)
    {
        var alive = Messages.Unexpired(queue);
        var visible = alive.Count(message => message.VisibleAt <= Now);
        var inFlight = alive.Count(message => message.VisibleAt > Now && message.ReceiptHandle is not null);
        return (visible, inFlight, alive.Count - visible - inFlight);
    }

    public static AwsException NoQueue() => new("QueueDoesNotExist", "The specified queue does not exist.");

    private static void CheckName(string name, IReadOnlyDictionary<string, string> attributes)
    {
        var fifo = name.EndsWith(".fifo", StringComparison.Ordinal);
        var stem = fifo ? name[..^".fifo".Length] : name;
        if (stem.Length == 0 || name.Length > 80 || !stem.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
        {
            throw new AwsException("InvalidParameterValue", "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
        }

        if (fifo != (attributes.GetValueOrDefault("FifoQueue") == "true"))
        {
            throw new AwsException("InvalidParameterValue", fifo
                ? "A queue whose name ends with .fifo needs the attribute FifoQueue."
                : "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.");
        }
    }

    private void CheckAttributes(IReadOnlyDictionary<string, string> attributes, bool fifo)
    {
        if (attributes.GetValueOrDefault("Policy") is { Length: > 0 } policy)
        {
            _engine.Access.CheckResourcePolicy("a queue", policy, "InvalidAttributeValue");
        }

        QueueAttributes.Check(attributes.Where(pair => pair.Value.Length > 0).ToDictionary(StringComparer.Ordinal), fifo);
        if (attributes.GetValueOrDefault("RedrivePolicy") is { Length: > 0 } json
            && QueueAttributes.ReadRedrivePolicy(json) is { } redrive && _queues.Find(redrive.TargetArn) is null)
        {
            throw QueueAttributes.InvalidRedrive(json,
                Arn.ServiceOf(redrive.TargetArn) == "sqs" ? "Dead letter target does not exist." : "Invalid value for deadLetterTargetArn.");
        }
    }

    /// <summary>What a FIFO queue asks of each message; of a batch, one message that lacks it fails the whole request.</summary>
    public static void CheckBatch(Queue queue, IEnumerable<(string? GroupId, string? DeduplicationId)> messages)
    {
        foreach (var (group, id) in queue.Fifo ? messages : [])
        {
            if (group is null)
            {
                throw new AwsException("InvalidParameterValue", "The request must contain the parameter MessageGroupId.");
            }

            DeduplicationId(queue, new NewMessage("") { GroupId = group, DeduplicationId = id });
        }
    }

    private static string DeduplicationId(Queue queue, NewMessage given)
    {
        if (given.GroupId is null)
        {
            throw new AwsException("MissingParameter", "The request must contain the parameter MessageGroupId.");
        }

        if (given.DeduplicationId is not null)
        {
            return given.DeduplicationId;
        }

        return queue.Attributes.GetValueOrDefault("ContentBasedDeduplication") == "true"
            ? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(given.Body)))
            : throw new AwsException(
                "InvalidParameterValue", "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly");
    }

    private Deduplication? Duplicate(Queue queue, string deduplicationId)
    {
        var known = _deduplications.Find($"{queue.Arn}#{deduplicationId}");
        return known is not null && Now - known.At < DeduplicationInterval ? known : null;
    }

    private Message? ByReceipt(Queue queue, string receiptHandle) =>
        Messages.Find(queue.Arn, Sequence(receiptHandle)) is { } message && message.ReceiptHandle == receiptHandle ? message : null;

    private static long Sequence(string receiptHandle)
    {
        var bytes = new byte[receiptHandle.Length];
        if (!Convert.TryFromBase64String(receiptHandle, bytes, out var length)
            || !long.TryParse(Encoding.ASCII.GetString(bytes, 0, length).Split(':')[0], CultureInfo.InvariantCulture, out var sequence))
        {
            throw new AwsException("ReceiptHandleIsInvalid", $"The input receipt handle \"{receiptHandle}\" is not a valid receipt handle.");
        }

        return sequence;
    }

    public void Move(Message message, Queue destination, string? deadLetterSource)
    {
        Messages.Drop(message);
        Messages.Put(message with
        {
            Sequence = Messages.NextSequence(),
            QueueArn = destination.Arn,
            ReceiptHandle = null,
            DeadLetterSource = deadLetterSource,
        });
        _engine.Journal.Write(
            "sqs", "message-sent", $"{(deadLetterSource is null ? "redrive" : "dead letter")} to {destination.Name}: message {message.Id}",
            ("queue", destination.Arn), ("messageId", message.Id), ("deadLetter", deadLetterSource is null ? "false" : "true"), ("from", message.QueueArn));
    }
}
