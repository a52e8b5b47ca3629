using System.Globalization;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>The synchronous calls of Task states: to SNS, SQS and EventBridge.</summary>
internal sealed class ServiceCalls(IExecutionHost host, ExecutionRun run)
{
    private TaskPorts Ports => host.Ports;

    private string Region => run.Record.Region;

    public JsonObject Publish(JsonObject fields)
    {
        var topic = fields["TopicArn"].AsText() ?? Text(fields, "TargetArn");
        var attributes = MessageAttributes(fields);
        RequirePermission("sns:Publish", topic);
        var id = Ports.Publish(topic, fields["Subject"].AsText(), Body(fields["Message"]), attributes);
        return Answer(new JsonObject { ["MessageId"] = id });
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
            entries.Add(entry);
            RequirePermission("events:PutEvents", host.Engine.Events.BusArn(Region, entry["EventBusName"].AsText()));
        }

        var answer = Ports.PutEvents(Region, new JsonObject { ["Entries"] = entries });
        return new JsonObject { ["Entries"] = answer["Entries"]?.DeepClone(), ["FailedEntryCount"] = answer["FailedEntryCount"]?.DeepClone() };
    }

    /// <exception cref="AwsException">The execution's role does not have the permission.</exception>
    public void RequirePermission(string action, string resource) =>
        host.Engine.Access.RequirePermission(Caller.Role(run.Record.RoleArn, run.Record.Name), action, resource);

    /// <summary>Adds the metadata of the SDK call to the result of an integration.</summary>
    public JsonObject Answer(JsonObject answer, int status = 200)
    {
        var request = host.Engine.Ids.Next().ToString();
        var date = host.Engine.Clock.Now.ToString("R", CultureInfo.InvariantCulture);
        answer["SdkHttpMetadata"] = new JsonObject
        {
            ["AllHttpHeaders"] = new JsonObject { ["x-amzn-RequestId"] = new JsonArray(request), ["Date"] = new JsonArray(date) },
            ["HttpHeaders"] = new JsonObject { ["x-amzn-RequestId"] = request, ["Date"] = date },
            ["HttpStatusCode"] = status,
        };
        answer["SdkResponseMetadata"] = new JsonObject { ["RequestId"] = request };
        return answer;
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

    private static string Body(JsonNode? message) => message.AsText() ?? JsonKinds.Text(message);

    public static string Text(JsonObject fields, string name) =>
        fields[name].AsText() ?? throw new StateException(StateException.Runtime, $"The field \"{name}\" must be a string");
}
