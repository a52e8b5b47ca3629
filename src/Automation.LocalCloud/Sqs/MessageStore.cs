using System.Globalization;
using Automation.LocalCloud.Storage;

namespace Automation.LocalCloud.Sqs;

/// <summary>The stored messages of all queues, with the messages of each queue in the order of their arrival.</summary>
internal sealed class MessageStore
{
    private readonly VirtualClock _clock;
    private readonly Table<Message> _messages;
    private readonly Dictionary<string, SortedSet<long>> _order = new(StringComparer.Ordinal);
    private long _sequence;

    public MessageStore(Engine engine)
    {
        _clock = engine.Clock;
        _messages = new Table<Message>("sqs.messages", engine.Store, () => SqsJson.Default.Message);
        foreach (var message in _messages.Values)
        {
            Order(message.QueueArn).Add(message.Sequence);
            _sequence = Math.Max(_sequence, message.Sequence);
        }
    }

    /// <summary>Raised with a queue's ARN when one of its messages was added, removed or changed.</summary>
    public event Action<string>? Changed;

    /// <summary>The number of the next message, which orders the messages of all queues by arrival.</summary>
    public long NextSequence() => ++_sequence;

    public Message? Find(string queueArn, long sequence) => _messages.Find(Key(queueArn, sequence));

    /// <summary>Drops the queue's messages that are older than its retention period, and returns the others, oldest first.</summary>
    public List<Message> Unexpired(Queue queue)
    {
        var retention = TimeSpan.FromSeconds(queue.Number("MessageRetentionPeriod"));
        var alive = new List<Message>();
        foreach (var sequence in Order(queue.Arn).ToArray())
        {
            var message = _messages.Find(Key(queue.Arn, sequence))!;
            if (_clock.Now - message.SentAt > retention)
            {
                Drop(message);
            }
            else
            {
                alive.Add(message);
            }
        }

        return alive;
    }

    /// <summary>When the next invisible message becomes visible; null if there is none.</summary>
    public DateTimeOffset? NextVisible(string arn)
    {
        var hidden = Order(arn).Select(sequence => _messages.Find(Key(arn, sequence))!.VisibleAt).Where(time => time > _clock.Now).ToArray();
        return hidden.Length == 0 ? null : hidden.Min();
    }

    public void Clear(string arn)
    {
        foreach (var sequence in Order(arn))
        {
            _messages.Remove(Key(arn, sequence));
        }

        _order.Remove(arn);
    }

    public void Put(Message message)
    {
        _messages.Set(Key(message.QueueArn, message.Sequence), message);
        Order(message.QueueArn).Add(message.Sequence);
        Changed?.Invoke(message.QueueArn);
    }

    public void Drop(Message message)
    {
        _messages.Remove(Key(message.QueueArn, message.Sequence));
        Order(message.QueueArn).Remove(message.Sequence);
        Changed?.Invoke(message.QueueArn);
    }

    private SortedSet<long> Order(string arn)
    {
        if (!_order.TryGetValue(arn, out var order))
        {
            order = [];
            _order[arn] = order;
        }

        return order;
    }

    private static string Key(string arn, long sequence) => string.Create(CultureInfo.InvariantCulture, $"{arn}#{sequence:D12}");
}
