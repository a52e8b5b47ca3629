using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.Lambda;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Tests.Conformance;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.EventBridge;

/// <summary>
/// A cloud in this process that tests call over the wire formats, with one function that records its input. The function, every queue and
/// every topic allow EventBridge and SNS; the tests of Iam cover what happens if they do not.
/// </summary>
internal sealed class MessagingFixture : IDisposable
{
    public const string Region = "us-east-1";
    public const string FunctionArn = "arn:aws:lambda:us-east-1:123456789012:function:seen";
    public const string MissingFunctionArn = "arn:aws:lambda:us-east-1:123456789012:function:missing";

    /// <summary>The policy of queues and topics, which lets the two services send and publish.</summary>
    public const string OpenPolicy = """
        {"Statement":{"Effect":"Allow","Principal":{"Service":["events.amazonaws.com","sns.amazonaws.com"]},"Action":["sqs:SendMessage","sns:Publish"],"Resource":"*"}}
        """;

    public MessagingFixture(ICloudStore? store = null, DateTimeOffset? start = null)
    {
        var options = new CloudOptions { Store = store ?? new MemoryStore() };
        Cloud = new Cloud(start is { } time ? options with { Start = time } : options, new InProcessFunctionHost().Add("seen", invocation =>
        {
            Seen.Add(Encoding.UTF8.GetString(invocation.Payload.Span));
            return Task.FromResult(new FunctionOutcome(false, "null"u8.ToArray()));
        })).Checked();
        Cloud.Journal.Written += Journal.Add;
        Cloud.Run(() => Cloud.Lambda.Put(new FunctionConfiguration(
            "seen", FunctionArn, Region, null, "seen", "provided.al2023", ["x86_64"], new Dictionary<string, string>(), TimeSpan.FromSeconds(3), 128,
            null, null)));
        foreach (var service in new[] { "events", "sns" })
        {
            Send("lambda", "POST", "/2015-03-31/functions/seen/policy", new JsonObject
            {
                ["StatementId"] = service,
                ["Action"] = "lambda:InvokeFunction",
                ["Principal"] = $"{service}.amazonaws.com",
            });
        }
    }

    public Cloud Cloud { get; }

    /// <summary>Payloads of the function, in order.</summary>
    public List<string> Seen { get; } = [];

    public List<JournalEntry> Journal { get; } = [];

    public DateTimeOffset Now => Cloud.Clock.Now;

    public void Dispose() => Cloud.Dispose();

    public Task Settle() => Cloud.RunUntilIdleAsync(null, TestContext.Current.CancellationToken);

    public Task Advance(TimeSpan time) => Cloud.AdvanceAsync(time, TestContext.Current.CancellationToken);

    /// <summary>An AWS JSON call; null members of the input are kept.</summary>
    public JsonObject Json(string service, string operation, JsonObject input) => Answer(JsonCall(service, operation, input));

    public WireResponse JsonCall(string service, string operation, JsonObject input) => Cloud.Handle(new WireRequest(
        "POST", "/", "",
        new Dictionary<string, string> { ["x-amz-target"] = $"{(service == "sqs" ? "AmazonSQS" : "AWSEvents")}.{operation}", ["host"] = "127.0.0.1:4566" },
        Encoding.UTF8.GetBytes(input.ToJsonString()))
    {
        Scope = new CredentialScope("AKIDTEST", Region, service),
    });

    /// <summary>A REST JSON call of the Scheduler.</summary>
    public WireResponse Rest(string method, string path, JsonObject? body = null) => Send("scheduler", method, path, body);

    private WireResponse Send(string service, string method, string path, JsonObject? body) => Cloud.Handle(new WireRequest(
        method, path.Split('?')[0], path.Contains('?', StringComparison.Ordinal) ? path.Split('?')[1] : "", new Dictionary<string, string>(),
        body is null ? ReadOnlyMemory<byte>.Empty : Encoding.UTF8.GetBytes(body.ToJsonString()))
    {
        Scope = new CredentialScope("AKIDTEST", Region, service),
    });

    /// <summary>A Query call of SNS.</summary>
    public WireResponse Query(string action, params (string Name, string Value)[] fields) => Cloud.Handle(new WireRequest(
        "POST", "/", "", new Dictionary<string, string>(),
        Encoding.UTF8.GetBytes(string.Join('&', fields.Prepend(("Action", action)).Select(field => $"{field.Item1}={Uri.EscapeDataString(field.Item2)}"))))
    {
        Scope = new CredentialScope("AKIDTEST", Region, "sns"),
    });

    public static JsonObject Answer(WireResponse response)
    {
        Assert.True(response.Status == 200, Encoding.UTF8.GetString(response.Body.Span));
        return JsonNode.Parse(response.Body.Span)!.AsObject();
    }

    public static XElement Xml(WireResponse response) => XElement.Parse(Encoding.UTF8.GetString(response.Body.Span));

    /// <summary>The text of the first element with a name, in any namespace.</summary>
    public static string Text(XElement xml, string name) => xml.Descendants().First(element => element.Name.LocalName == name).Value;

    public static string Code(WireResponse response) => JsonNode.Parse(response.Body.Span)!["__type"]!.GetValue<string>();

    public string CreateQueue(string name, params (string Name, string Value)[] attributes)
    {
        var input = new JsonObject
        {
            ["QueueName"] = name,
            ["Attributes"] = new JsonObject(
                attributes.Prepend((Name: "Policy", Value: OpenPolicy)).Select(pair => KeyValuePair.Create(pair.Name, (JsonNode?)pair.Value)))
        };
        return Json("sqs", "CreateQueue", input)["QueueUrl"]!.GetValue<string>();
    }

    public static string QueueArn(string name) => $"arn:aws:sqs:us-east-1:123456789012:{name}";

    /// <summary>Receives up to ten messages with all their attributes.</summary>
    public IReadOnlyList<JsonObject> Receive(string queue) =>
    [
        .. (Json("sqs", "ReceiveMessage", new JsonObject
        {
            ["QueueUrl"] = queue,
            ["MaxNumberOfMessages"] = 10,
            ["MessageAttributeNames"] = new JsonArray("All"),
            ["MessageSystemAttributeNames"] = new JsonArray("All"),
        })["Messages"] as JsonArray ?? []).Select(message => message!.AsObject()),
    ];

    public static string? Attribute(JsonObject message, string name) => (string?)message["MessageAttributes"]?[name]?["StringValue"];

    public string CreateTopic(string name) => Text(
        Xml(Query("CreateTopic", ("Name", name), ("Attributes.entry.1.key", "Policy"), ("Attributes.entry.1.value", OpenPolicy))), "TopicArn");

    /// <summary>Creates a rule with one target; further members of the target are given by name.</summary>
    public void PutRule(string name, string pattern, string targetArn, params (string Name, JsonNode Value)[] target)
    {
        Json("events", "PutRule", new JsonObject { ["Name"] = name, ["EventPattern"] = pattern });
        PutTarget(name, targetArn, target);
    }

    public void PutTarget(string rule, string targetArn, params (string Name, JsonNode Value)[] target)
    {
        var json = new JsonObject { ["Id"] = "one", ["Arn"] = targetArn };
        foreach (var (member, value) in target)
        {
            json[member] = value;
        }

        Json("events", "PutTargets", new JsonObject { ["Rule"] = rule, ["Targets"] = new JsonArray(json) });
    }

    public JsonObject PutEvent(string source, string detail, string? bus = null) => Json("events", "PutEvents", new JsonObject
    {
        ["Entries"] = new JsonArray(new JsonObject { ["Source"] = source, ["DetailType"] = "Test", ["Detail"] = detail, ["EventBusName"] = bus }),
    });
}
