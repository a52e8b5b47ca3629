using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Sqs;

/// <summary>
/// Tasks that move dead letters to their original queues, or to one queue. Without a rate everything is moved at once; with one, so many messages in
/// each second. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
/// </summary>
internal sealed class MoveTasks
{
    private const string Topic = "sqs.move";

    private readonly Engine _engine;
    private readonly SqsState _state;
    private readonly Table<MoveTask> _tasks;

    public MoveTasks(Engine engine, SqsState state)
    {
        _engine = engine;
        _state = state;
        _tasks = new Table<MoveTask>("sqs.moves", engine.Store, () => SqsJson.Default.MoveTask);
        engine.DurableQueue.On(Topic, () => SqsJson.Default.String, Continue);
    }

    /// <returns>The task's handle.</returns>
    public string Start(string sourceArn, string? destinationArn, long? rate)
    {
        var source = Source(sourceArn);
        if (!_state.SourcesOf(source).Any())
        {
            throw new AwsException("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.");
        }

        if (destinationArn is not null && _state.Find(destinationArn) is null)
        {
            throw new AwsException("ResourceNotFoundException", "The resource that you specified for the DestinationArn parameter doesn't exist.", 404);
        }

        if (rate is < 1 or > 500)
        {
            throw new AwsException("InvalidParameterValue",
                $"Value {rate} for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: Must be between 1 and 500, if provided.");
        }

        if (_tasks.Values.Any(task => task.SourceArn == sourceArn && task.Status == "RUNNING"))
        {
            throw new AwsException("InvalidParameterValue",
                "There is already a task running. Only one active task is allowed for a source queue arn at a given time.");
        }

        var task = new MoveTask(_engine.Ids.Next().ToString(), sourceArn, destinationArn, 0, _engine.Clock.Now)
        {
            Rate = (int?)rate,
            ToMove = _state.Messages.Unexpired(source).Count,
            Status = "RUNNING",
        };
        _tasks.Set(task.Handle, task);
        Continue(task.Handle);
        return HandleOf(task);
    }

    /// <returns>How many messages the task has moved.</returns>
    public int Cancel(string handle)
    {
        var (id, sourceArn) = Read(handle);
        Source(sourceArn);
        var task = _tasks.Find(id) ?? throw new AwsException("ResourceNotFoundException", "Task does not exist.", 404);
        if (task.Status != "RUNNING")
        {
            throw new AwsException("InvalidParameterValue", "Only active tasks can be cancelled.");
        }

        _tasks.Set(id, task with { Status = "CANCELLED" });
        return task.Moved;
    }

    /// <summary>The tasks of a queue, the latest first, as the service describes them.</summary>
    public JsonArray List(string sourceArn, int most)
    {
        Source(sourceArn);
        var tasks = _tasks.Values.Where(task => task.SourceArn == sourceArn).OrderByDescending(task => task.StartedAt).Take(most);
        return new JsonArray([.. tasks.Select(Describe)]);
    }

    private static JsonObject Describe(MoveTask task)
    {
        var json = new JsonObject
        {
            ["Status"] = task.Status,
            ["SourceArn"] = task.SourceArn,
            ["ApproximateNumberOfMessagesMoved"] = task.Moved,
            ["ApproximateNumberOfMessagesToMove"] = task.ToMove,
            ["StartedTimestamp"] = task.StartedAt.ToUnixTimeMilliseconds(),
        };
        foreach (var (name, value) in new (string, JsonNode?)[]
        {
            ("TaskHandle", task.Status == "RUNNING" ? HandleOf(task) : null),
            ("DestinationArn", task.DestinationArn),
            ("MaxNumberOfMessagesPerSecond", task.Rate),
            ("FailureReason", task.FailureReason),
        }.Where(member => member.Item2 is not null))
        {
            json[name] = value;
        }

        return json;
    }

    private void Continue(string id)
    {
        if (_tasks.Find(id) is not { Status: "RUNNING" } task)
        {
            return;
        }

        var left = _state.Find(task.SourceArn) is { } source ? _state.Messages.Unexpired(source) : [];
        foreach (var message in left.Take(task.Rate ?? int.MaxValue))
        {
            if ((task.DestinationArn ?? message.DeadLetterSource) is not { } target)
            {
                // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
                task = task with { Status = "FAILED", FailureReason = "CouldNotDetermineMessageSource" };
                break;
            }

            if (_state.Find(target) is not { } destination)
            {
                task = task with { Status = "FAILED", FailureReason = SqsCall.QueryCode("QueueDoesNotExist") };
                break;
            }

            _state.Move(message with { VisibleAt = _engine.Clock.Now, ReceiveCount = 0, FirstReceivedAt = null }, destination, null);
            task = task with { Moved = task.Moved + 1 };
        }

        if (task.Status == "RUNNING" && (task.Rate is not { } rate || left.Count <= rate))
        {
            task = task with { Status = "COMPLETED" };
        }

        _tasks.Set(id, task);
        if (task.Status == "RUNNING")
        {
            _engine.DurableQueue.Add(
                Topic,
                TimeSpan.FromSeconds(1),
                string.Create(CultureInfo.InvariantCulture, $"move of messages from {task.SourceArn}"),
                id,
                SqsJson.Default.String);
        }
    }

    private Queue Source(string arn) => _state.Find(arn)
        ?? throw new AwsException("ResourceNotFoundException", "The resource that you specified for the SourceArn parameter doesn't exist.", 404);

    /// <summary>A handle is <c>{"taskId":"…","sourceArn":"…"}</c> in base64.</summary>
    private static string HandleOf(MoveTask task) => Convert.ToBase64String(Encoding.UTF8.GetBytes(
        new JsonObject { ["taskId"] = task.Handle, ["sourceArn"] = task.SourceArn }.ToJsonString(WireJson.Compact)));

    private static (string Id, string SourceArn) Read(string handle)
    {
        var bytes = new byte[handle.Length];
        try
        {
            if (Convert.TryFromBase64String(handle, bytes, out var length)
                && ClientJson.Parse(bytes.AsSpan(0, length)) is JsonObject json
                && json["taskId"] is JsonValue id && json["sourceArn"] is JsonValue arn)
            {
                return (id.ToString(), arn.ToString());
            }
        }
        catch (JsonException)
        {
            // Reported below like any other text that is not a handle.
        }

        throw new AwsException("InvalidParameterValue", "Value for parameter TaskHandle is invalid.");
    }
}
