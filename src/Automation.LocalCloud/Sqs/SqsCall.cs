using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Sqs;

/// <summary>One SQS request: reads its input, calls <see cref="SqsState"/>, writes the response.</summary>
/// <param name="baseUrl">The part of the queue's URL before its name: <c>http://127.0.0.1:4566/123456789012/</c>.</param>
internal sealed class SqsCall(SqsService service, CallContext context, JsonObject input, string baseUrl)
{
    private const int MaxBatchSize = 10;
    private const int MaxBatchBytes = 1_048_576;

    /// <summary>https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html</summary>
    private const int MaxActions = 7;

    /// <summary>The Query protocol's names of errors, where they differ.</summary>
    private static readonly FrozenDictionary<string, string> QueryCodes = new Dictionary<string, string>
    {
        ["QueueDoesNotExist"] = "AWS.SimpleQueueService.NonExistentQueue",
        ["QueueNameExists"] = "QueueAlreadyExists",
        ["PurgeQueueInProgress"] = "AWS.SimpleQueueService.PurgeQueueInProgress",
        ["MessageNotInflight"] = "AWS.SimpleQueueService.MessageNotInflight",
        ["TooManyEntriesInBatchRequest"] = "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
        ["BatchRequestTooLong"] = "AWS.SimpleQueueService.BatchRequestTooLong",
        ["EmptyBatchRequest"] = "AWS.SimpleQueueService.EmptyBatchRequest",
        ["BatchEntryIdsNotDistinct"] = "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
        ["InvalidBatchEntryId"] = "AWS.SimpleQueueService.InvalidBatchEntryId",
        ["UnsupportedOperation"] = "AWS.SimpleQueueService.UnsupportedOperation",
    }.ToFrozenDictionary();

    private readonly SqsState _state = service.State;

    public static string QueryCode(string code) => QueryCodes.GetValueOrDefault(code, code);

    /// <summary>The name of an error's shape in the JSON protocol. Two have no shape in AWS's model; these are their names as recorded.</summary>
    public static string ShapeOf(string code) => code switch
    {
        "InvalidParameterValue" => "InvalidParameterValueException",
        "MissingParameter" => "MissingRequiredParameterException",
        _ => code,
    };

    public JsonObject Answer(string operation) => operation switch
    {
        "CreateQueue" => CreateQueue(),
        "DeleteQueue" => Do(() => _state.Delete(Queue().Arn)),
        "GetQueueUrl" => new JsonObject { ["QueueUrl"] = Url(_state.Get(context.Arn("sqs", input.Required("QueueName")))) },
        "ListQueues" => ListQueues(),
        "GetQueueAttributes" => GetQueueAttributes(),
        "SetQueueAttributes" => Do(() => _state.SetAttributes(Queue(), input.Map("Attributes"))),
        "PurgeQueue" => Do(() => _state.Purge(Queue())),
        "SendMessage" => SendMessage(input),
        "SendMessageBatch" => SendMessageBatch(),
        "ReceiveMessage" => ReceiveMessage(),
        "DeleteMessage" => DeleteMessage(input),
        "DeleteMessageBatch" => Batch(operation, DeleteMessage),
        "ChangeMessageVisibility" => ChangeMessageVisibility(input),
        "ChangeMessageVisibilityBatch" => Batch(operation, ChangeMessageVisibility),
        "StartMessageMoveTask" => StartMessageMoveTask(),
        "ListMessageMoveTasks" => ListMessageMoveTasks(),
        "CancelMessageMoveTask" => new JsonObject { ["ApproximateNumberOfMessagesMoved"] = _state.Moves.Cancel(input.Required("TaskHandle")) },
        "ListDeadLetterSourceQueues" => new JsonObject { ["queueUrls"] = JsonMembers.ToList(_state.SourcesOf(Queue()).Select(Url)) },
        "AddPermission" => Do(AddPermission),
        "RemovePermission" => Do(RemovePermission),
        "TagQueue" => TagQueue(),
        "UntagQueue" => UntagQueue(),
        "ListQueueTags" => new JsonObject { ["Tags"] = JsonMembers.ToMap(Queue().Tags) },
        _ => throw WireJson.UnknownOperation("sqs", operation),
    };

    private static JsonObject Do(Action action)
    {
        action();
        return [];
    }

    /// <summary>The queue of <c>QueueUrl</c>. Only the last segment of the URL counts, not its host; the Region is the caller's.</summary>
    public Queue Queue()
    {
        var url = input.Required("QueueUrl");
        return _state.Get(context.Arn("sqs", url[(url.LastIndexOf('/') + 1)..]));
    }

    /// <summary>How long a receive waits for a message.</summary>
    public TimeSpan WaitTime => TimeSpan.FromSeconds(input.Whole("WaitTimeSeconds") ?? Queue().Number("ReceiveMessageWaitTimeSeconds"));

    private string Url(Queue queue) => baseUrl + queue.Name;

    private JsonObject CreateQueue()
    {
        var name = input.Required("QueueName");
        var queue = _state.Create(context.Arn("sqs", name), name, context.Region, input.Map("Attributes"), input.Map("tags"));
        return new JsonObject { ["QueueUrl"] = Url(queue) };
    }

    private JsonObject ListQueues()
    {
        var prefix = input.Text("QueueNamePrefix") ?? "";
        var queues = _state.Queues.Where(queue => queue.Region == context.Region && queue.Name.StartsWith(prefix, StringComparison.Ordinal));
        var (page, next) = Paging.Take([.. queues], (int)(input.Whole("MaxResults") ?? 1000), input.Text("NextToken"));
        var answer = new JsonObject { ["QueueUrls"] = JsonMembers.ToList(page.Select(Url)) };
        return Paging.With(answer, next);
    }

    private JsonObject GetQueueAttributes()
    {
        var queue = Queue();
        var (visible, inFlight, delayed) = _state.Count(queue);
        var all = queue.WithDefaults().ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal);
        all["QueueArn"] = queue.Arn;
        all["CreatedTimestamp"] = SqsService.Seconds(queue.CreatedAt);
        all["LastModifiedTimestamp"] = SqsService.Seconds(queue.ModifiedAt);
        all["ApproximateNumberOfMessages"] = visible.ToString(CultureInfo.InvariantCulture);
        all["ApproximateNumberOfMessagesNotVisible"] = inFlight.ToString(CultureInfo.InvariantCulture);
        all["ApproximateNumberOfMessagesDelayed"] = delayed.ToString(CultureInfo.InvariantCulture);
        var wanted = input.Texts("AttributeNames");
        if (wanted.FirstOrDefault(name => name != "All" && !QueueAttributes.IsKnown(name)) is { } unknown)
        {
            throw new AwsException("InvalidAttributeName", $"Unknown Attribute {unknown}.");
        }

        var attributes = new JsonObject();
        foreach (var (name, value) in all.Where(pair => wanted.Contains("All") || wanted.Contains(pair.Key)))
        {
            attributes[name] = value;
        }

        return new JsonObject { ["Attributes"] = attributes };
    }

    private JsonObject SendMessage(JsonObject entry)
    {
        var attributes = MessageAttributes.Read(entry, "MessageAttributes");
        var body = entry.Text("MessageBody") ?? "";
        if (!IsLegal(body))
        {
            throw new AwsException(
                "InvalidMessageContents",
                "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF");
        }

        var sent = service.Deliver(Queue().Arn, new NewMessage(body)
        {
            Attributes = attributes,
            GroupId = entry.Text("MessageGroupId"),
            DeduplicationId = entry.Text("MessageDeduplicationId"),
            DelaySeconds = entry.Whole("DelaySeconds"),
            TraceHeader = MessageAttributes.Read(entry, "MessageSystemAttributes").GetValueOrDefault("AWSTraceHeader")?.Text,
            SenderId = context.AccessKeyId,
        });
        var answer = new JsonObject { ["MessageId"] = sent.Id, ["MD5OfMessageBody"] = MessageDigest.OfBody(sent.Body) };
        if (MessageDigest.OfAttributes(attributes) is { } digest)
        {
            answer["MD5OfMessageAttributes"] = digest;
        }

        if (sent.QueueArn.EndsWith(".fifo", StringComparison.Ordinal))
        {
            answer["SequenceNumber"] = SequenceNumber(sent);
        }

        return answer;
    }

    private JsonObject ReceiveMessage()
    {
        var queue = Queue();
        var most = input.Whole("MaxNumberOfMessages") ?? 1;
        if (most is < 1 or > 10)
        {
            throw new AwsException(
                "InvalidParameterValue", $"Value {most} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.");
        }

        if (input.Whole("WaitTimeSeconds") is < 0 or > 20)
        {
            throw new AwsException(
                "InvalidParameterValue",
                $"Value {input.Whole("WaitTimeSeconds")} for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.");
        }

        var visibility = TimeSpan.FromSeconds(input.Whole("VisibilityTimeout") ?? queue.Number("VisibilityTimeout"));
        var system = input.Texts("MessageSystemAttributeNames").Concat(input.Texts("AttributeNames")).ToHashSet(StringComparer.Ordinal);
        var custom = input.Texts("MessageAttributeNames");
        var messages = new JsonArray();
        foreach (var message in _state.Receive(queue, (int)most, visibility))
        {
            messages.Add((JsonNode)Write(message, system, custom));
        }

        return messages.Count == 0 ? [] : new JsonObject { ["Messages"] = messages };
    }

    private static JsonObject Write(Message message, HashSet<string> system, IReadOnlyList<string> custom)
    {
        var json = new JsonObject
        {
            ["MessageId"] = message.Id,
            ["ReceiptHandle"] = message.ReceiptHandle,
            ["MD5OfBody"] = MessageDigest.OfBody(message.Body),
            ["Body"] = message.Body,
        };
        var facts = new (string Name, string? Value)[]
        {
            ("SenderId", message.SenderId),
            ("SentTimestamp", Milliseconds(message.SentAt)),
            ("ApproximateReceiveCount", message.ReceiveCount.ToString(CultureInfo.InvariantCulture)),
            ("ApproximateFirstReceiveTimestamp", Milliseconds(message.FirstReceivedAt ?? message.SentAt)),
            ("AWSTraceHeader", message.TraceHeader),
            ("DeadLetterQueueSourceArn", message.DeadLetterSource),
            ("MessageGroupId", message.GroupId),
            ("MessageDeduplicationId", message.DeduplicationId),
            ("SequenceNumber", message.DeduplicationId is null ? null : SequenceNumber(message)),
        };
        var wanted = facts.Where(fact => fact.Value is not null && (system.Contains("All") || system.Contains(fact.Name)))
            .ToDictionary(fact => fact.Name, fact => fact.Value!, StringComparer.Ordinal);
        if (wanted.Count > 0)
        {
            json["Attributes"] = JsonMembers.ToMap(wanted);
        }

        var attributes = message.Attributes.Where(pair => custom.Any(pattern => Wants(pattern, pair.Key))).ToDictionary(StringComparer.Ordinal);
        if (MessageDigest.OfAttributes(attributes) is { } digest)
        {
            json["MD5OfMessageAttributes"] = digest;
            json["MessageAttributes"] = MessageAttributes.Write(attributes);
        }
        else if (message.Attributes.Count > 0 && custom.Count > 0 && custom.All(MessageAttributes.IsName))
        {
            json["MessageAttributes"] = new JsonObject();
        }

        return json;
    }

    /// <summary><c>All</c>, <c>.*</c>, <c>*</c>, <c>prefix.*</c>, or the attribute's name.</summary>
    private static bool Wants(string pattern, string name) =>
        pattern is "All" or ".*" or "*"
        || pattern == name
        || (pattern.EndsWith(".*", StringComparison.Ordinal) && name.StartsWith(pattern[..^2], StringComparison.Ordinal));

    private JsonObject DeleteMessage(JsonObject entry) => Do(() => _state.DeleteMessage(Queue(), entry.Required("ReceiptHandle")));

    private JsonObject ChangeMessageVisibility(JsonObject entry) =>
        Do(() => _state.ChangeVisibility(Queue(), entry.Required("ReceiptHandle"), entry.Whole("VisibilityTimeout") ?? 0));

    /// <summary>Handles every entry separately: a refused entry is listed under <c>Failed</c> and does not affect the others.</summary>
    private JsonObject SendMessageBatch() => Batch("SendMessageBatch", SendMessage, entries =>
        SqsState.CheckBatch(Queue(), entries.Select(entry => (entry.Text("MessageGroupId"), entry.Text("MessageDeduplicationId")))));

    /// <param name="operation">Its name, with which the type of its entries begins.</param>
    /// <param name="one">Handles an entry.</param>
    /// <param name="check">What else fails the whole request.</param>
    private JsonObject Batch(string operation, Func<JsonObject, JsonObject> one, Action<JsonObject[]>? check = null)
    {
        _ = Queue();
        var entries = input.Objects("Entries").ToArray();
        var ids = entries.Select(entry => entry.Text("Id") ?? "").ToArray();
        if (ids.Length == 0)
        {
            throw new AwsException("EmptyBatchRequest", $"There should be at least one {operation}RequestEntry in the request.");
        }

        if (ids.Length > MaxBatchSize)
        {
            throw new AwsException("TooManyEntriesInBatchRequest", $"Maximum number of entries per request are {MaxBatchSize}. You have sent {ids.Length}.");
        }

        if (ids.Any(id => id.Length is 0 or > 80 || !id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')))
        {
            throw new AwsException("InvalidBatchEntryId",
                "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.");
        }

        var size = entries.Sum(entry => Encoding.UTF8.GetByteCount(entry.Text("MessageBody") ?? "") + MessageAttributes.Bytes(entry));
        if (size > MaxBatchBytes)
        {
            throw new AwsException("BatchRequestTooLong", $"Batch requests cannot be longer than {MaxBatchBytes} bytes. You have sent {size} bytes.");
        }

        if (ids.Distinct(StringComparer.Ordinal).Count() != ids.Length)
        {
            throw new AwsException("BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id.");
        }

        check?.Invoke(entries);
        var successful = new JsonArray();
        var failed = new JsonArray();
        foreach (var entry in entries)
        {
            try
            {
                var answer = one(entry);
                answer["Id"] = entry.Required("Id");
                successful.Add((JsonNode)answer);
            }
            catch (AwsException error)
            {
                failed.Add((JsonNode)new JsonObject
                {
                    ["Id"] = entry.Required("Id"),
                    ["SenderFault"] = error.Status < 500,
                    ["Code"] = QueryCode(error.Code),
                    ["Message"] = error.Message,
                });
            }
        }

        return new JsonObject { ["Successful"] = successful, ["Failed"] = failed };
    }

    private JsonObject StartMessageMoveTask() => new()
    {
        ["TaskHandle"] = _state.Moves.Start(input.Required("SourceArn"), input.Text("DestinationArn"), input.Whole("MaxNumberOfMessagesPerSecond")),
    };

    private JsonObject ListMessageMoveTasks() =>
        new() { ["Results"] = _state.Moves.List(input.Required("SourceArn"), (int)Math.Clamp(input.Whole("MaxResults") ?? 1, 1, 10)) };

    // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_AddPermission.html
    private void AddPermission()
    {
        var queue = Queue();
        var label = input.Required("Label");
        var actions = input.Texts("Actions");
        if (actions.Count > MaxActions)
        {
            throw new AwsException("OverLimit", $"{actions.Count} Actions were found, maximum allowed is {MaxActions}.", 403);
        }

        var policy = Policy(queue) ?? new JsonObject { ["Version"] = "2008-10-17", ["Id"] = $"{queue.Arn}/SQSDefaultPolicy" };
        SetPolicy(queue, LabelledStatements.Add(
            policy, label, input.Texts("AWSAccountIds"), actions.Select(action => $"SQS:{action}"), queue.Arn)
            ?? throw new AwsException("InvalidParameterValue", $"Value {label} for parameter Label is invalid. Reason: Already exists."));
    }

    private void RemovePermission()
    {
        var queue = Queue();
        var label = input.Required("Label");
        SetPolicy(queue, LabelledStatements.Remove(Policy(queue) ?? [], label)
            ?? throw new AwsException("InvalidParameterValue", $"Value {label} for parameter Label is invalid. Reason: can't find label."));
    }

    private static JsonObject? Policy(Queue queue) =>
        queue.Attributes.GetValueOrDefault("Policy") is { } json ? ClientJson.Parse(json) as JsonObject : null;

    private void SetPolicy(Queue queue, string policy) => _state.SetAttributes(queue, new Dictionary<string, string> { ["Policy"] = policy });

    private JsonObject TagQueue()
    {
        var queue = Queue();
        var tags = new Dictionary<string, string>(queue.Tags, StringComparer.Ordinal);
        foreach (var (key, value) in input.Map("Tags"))
        {
            tags[key] = value;
        }

        _state.SetTags(queue, tags);
        return [];
    }

    private JsonObject UntagQueue()
    {
        var queue = Queue();
        var gone = input.Texts("TagKeys").ToHashSet(StringComparer.Ordinal);
        _state.SetTags(queue, queue.Tags.Where(tag => !gone.Contains(tag.Key)).ToDictionary(StringComparer.Ordinal));
        return [];
    }

    // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
    private static bool IsLegal(string body) =>
        body.EnumerateRunes().All(rune => rune.Value is 0x9 or 0xA or 0xD or (>= 0x20 and <= 0xD7FF) or (>= 0xE000 and <= 0xFFFD) or >= 0x10000);

    private static string Milliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);

    /// <summary>Twenty digits that increase with each message.</summary>
    private static string SequenceNumber(Message message) => (18_849_496_460_467_696_128m + message.Sequence).ToString(CultureInfo.InvariantCulture);
}
