using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>The synchronous calls of Task states: to SNS, SQS and EventBridge.</summary>
internal sealed class ServiceCalls(IExecutionHost host, ExecutionRun run)
{
    /// <summary>SNS answers in XML, whose length is always the same because its two ids have 36 characters.</summary>
    private const int PublishedLength = 294;

    private TaskPorts Ports => host.Ports;

    private string Region => run.Record.Region;

    public JsonObject Publish(JsonObject fields)
    {
        var topic = fields["TopicArn"].AsText() ?? Text(fields, "TargetArn");
        var attributes = MessageAttributes(fields);
        RequirePermission("sns:Publish", topic);
        var id = Ports.Publish(topic, fields["Subject"].AsText(), Body(fields["Message"]), attributes);
        return Answer(new JsonObject { ["MessageId"] = id }, "text/xml", PublishedLength);
    }

    public JsonObject SendMessage(JsonObject fields)
    {
        // https://sqs.us-east-1.amazonaws.com/123456789012/name, or the same path below the embedded cloud's port.
        var url = Text(fields, "QueueUrl");
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri))
        {
            throw ServiceFaults.NoHost(url);
        }

        if (uri.AbsolutePath.Split('/') is not [_, var account, var name])
        {
            throw new AwsException("NonExistentQueue", $"The specified queue does not exist: {url}");
        }

        var region = uri.Host.StartsWith("sqs.", StringComparison.Ordinal) ? uri.Host.Split('.')[1] : Region;
        var body = Body(fields["MessageBody"]);
        var attributes = MessageAttributes(fields)?.ToDictionary(pair => pair.Key, pair => pair.Value.Value, StringComparer.Ordinal);
        var queue = new Arn("sqs", region, account, name).ToString();
        RequirePermission("sqs:SendMessage", queue);
        var id = Ports.Send(queue, body, attributes);
        var answer = new JsonObject { ["MD5OfMessageBody"] = MessageDigest.OfBody(body), ["MessageId"] = id };
        if (MessageDigest.OfAttributes(
            (attributes ?? []).ToDictionary(pair => pair.Key, pair => MessageAttribute.String(pair.Value), StringComparer.Ordinal)) is { } digest)
        {
            answer["MD5OfMessageAttributes"] = digest;
        }

        return Answer(answer);
    }

    /// <summary>An SQS operation; SQS itself refuses a call without a queue.</summary>
    public JsonObject CallSqs(string operation, JsonObject fields)
    {
        foreach (var need in host.Engine.Queues.Needs(operation, Region, fields) ?? [])
        {
            RequirePermission(need.Action, need.Resource);
        }

        return Ports.CallSqs(operation, Region, fields);
    }

    /// <summary>
    /// The Detail of an entry is an object or its text. The state machine and the execution are among the event's resources. Valid entries are
    /// delivered even if others are refused. The result is EventBridge's, without the metadata that other integrations add.
    /// </summary>
    // {"Entries":[{"Source":"my.app","DetailType":"Done","Detail":{…},"EventBusName":"default","Resources":["…"]}]}
    public JsonObject PutEvents(JsonObject fields)
    {
        var entries = new JsonArray();
        foreach (var node in fields["Entries"] as JsonArray ?? throw new StateException(StateException.Runtime, "The field \"Entries\" must be an array"))
        {
            var entry = node?.DeepClone() as JsonObject ?? throw new StateException(StateException.Runtime, "An entry must be an object");
            if (entry["Detail"] is { } detail && detail.AsText() is null)
            {
                entry["Detail"] = JsonKinds.Text(detail);
            }

            var resources = (entry["Resources"] as JsonArray ?? []).Select(resource => resource.AsText()).OfType<string>();
            entry["Resources"] = new JsonArray([.. resources, run.Record.MachineArn, run.Record.Arn]);
            entries.Add((JsonNode)entry);
            RequirePermission("events:PutEvents", host.Engine.Events.BusArn(Region, entry["EventBusName"].AsText()));
        }

        var answer = Ports.PutEvents(Region, new JsonObject { ["Entries"] = entries });
        return new JsonObject { ["Entries"] = answer["Entries"]?.DeepClone(), ["FailedEntryCount"] = answer["FailedEntryCount"]?.DeepClone() };
    }

    /// <exception cref="AwsException">The execution's role does not have the permission.</exception>
    public void RequirePermission(string action, string resource) =>
        host.Engine.Access.RequirePermission(Caller.Role(run.Record.RoleArn, run.Record.Name), action, resource);

    public bool HasPermission(string action, string resource)
    {
        try
        {
            RequirePermission(action, resource);
            return true;
        }
        catch (AwsException)
        {
            return false;
        }
    }

    /// <summary>Adds the metadata of the SDK call to the result of an integration. As on AWS, the members have the order of their names.</summary>
    /// <param name="contentType">Of the service's response.</param>
    /// <param name="length">The length of its body; null if the result is the body.</param>
    public JsonObject Answer(JsonObject answer, string contentType = "application/x-amz-json-1.0", int? length = null)
    {
        var request = host.Engine.Ids.Next();
        return Answer(answer, request, 200,
        [
            ("x-amzn-RequestId", request.ToString()), ("connection", "keep-alive"), Length(length ?? Encoding.UTF8.GetByteCount(JsonKinds.Text(answer))), Date,
            ("Content-Type", contentType),
        ]);
    }

    /// <summary>The same for a response of Lambda, which has more headers.</summary>
    /// <param name="length">The length of the function's result.</param>
    /// <param name="tail">With the log type Tail: the outcome whose log is part of the response.</param>
    public JsonObject Invoked(JsonObject answer, int length, int status = 200, FunctionOutcome? tail = null)
    {
        var request = host.Engine.Ids.Next();
        var log = tail?.Tail(request.ToString(), "$LATEST");
        if (log is not null)
        {
            answer["LogResult"] = log;
        }

        return Answer(answer, request, status,
        [
            .. log is null ? [] : new[] { ("X-Amz-Log-Result", log) },
            ("X-Amz-Executed-Version", "$LATEST"), ("x-amzn-Remapped-Content-Length", "0"), ("Connection", "keep-alive"),
            ("x-amzn-RequestId", request.ToString()), Length(length), Date,
            ("X-Amzn-Trace-Id", $"Root=1-{host.Engine.Clock.Now.ToUnixTimeSeconds():x8}-{request.ToString("N")[..24]};Sampled=0"),
            ("Content-Type", "application/json"),
        ]);
    }

    private (string Name, string Value) Date => ("Date", host.Engine.Clock.Now.ToString("R", CultureInfo.InvariantCulture));

    private static (string Name, string Value) Length(int bytes) => ("Content-Length", bytes.ToString(CultureInfo.InvariantCulture));

    private static JsonObject Answer(JsonObject answer, Guid request, int status, (string Name, string Value)[] headers)
    {
        answer["SdkHttpMetadata"] = new JsonObject
        {
            ["AllHttpHeaders"] = new JsonObject(headers.Select(header => KeyValuePair.Create(header.Name, (JsonNode?)new JsonArray(header.Value)))),
            ["HttpHeaders"] = new JsonObject(headers.OrderBy(header => header.Name, StringComparer.OrdinalIgnoreCase)
                .Select(header => KeyValuePair.Create(header.Name, (JsonNode?)header.Value))),
            ["HttpStatusCode"] = status,
        };
        answer["SdkResponseMetadata"] = new JsonObject { ["RequestId"] = request.ToString() };
        return Sorted(answer);
    }

    /// <summary>The members in the order of their names.</summary>
    public static JsonObject Sorted(JsonObject answer)
    {
        var members = answer.OrderBy(member => member.Key, StringComparer.Ordinal).ToList();
        answer.Clear();
        return new JsonObject(members);
    }

    private static Dictionary<string, (string Type, string Value)>? MessageAttributes(JsonObject fields)
    {
        if (fields["MessageAttributes"] is not JsonObject attributes)
        {
            return null;
        }

        var result = new Dictionary<string, (string Type, string Value)>(StringComparer.Ordinal);
        foreach (var (name, node) in attributes)
        {
            var attribute = node as JsonObject ?? [];
            var value = attribute["StringValue"].AsText()
                ?? throw new StateException(StateException.Runtime, $"The embedded cloud accepts only message attributes with a StringValue: '{name}'");
            result[name] = (attribute["DataType"].AsText() ?? "String", value);
        }

        return result;
    }

    /// <summary>Null is sent as no message, which SNS and SQS refuse.</summary>
    private static string Body(JsonNode? message) => message is null ? "" : message.AsText() ?? JsonKinds.Text(message);

    public static string Text(JsonObject fields, string name) =>
        fields[name].AsText() ?? throw new StateException(StateException.Runtime, $"The field \"{name}\" must be a string");
}
