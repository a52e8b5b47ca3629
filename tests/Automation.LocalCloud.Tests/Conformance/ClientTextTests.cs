using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using Automation.LocalCloud.Tests.EventBridge;
using Automation.LocalCloud.Wire;
using Xunit;
using YamlDotNet.Core;

namespace Automation.LocalCloud.Tests.Conformance;

/// <summary>Invalid text from a client is refused on arrival, with the service's own error.</summary>
public sealed class ClientTextTests
{
    [Theory]
    [InlineData("""{"a":1,"a":2}""")]
    [InlineData("""{"x":[{"a":1,"a":2}]}""")]
    [InlineData("\"\\ud800\"")]
    [InlineData("""{"\udc00":1}""")]
    [InlineData("{")]
    public void Json_Unreadable_IsRefused(string text) => Assert.ThrowsAny<JsonException>(() => ClientJson.Parse(text));

    [Fact]
    public void Json_BytesThatAreNotText_AreRefused() => Assert.ThrowsAny<JsonException>(() => ClientJson.Parse([(byte)'"', 0xff, (byte)'"']));

    [Theory]
    [InlineData("\"\\ud83d\\udca5\"")]
    [InlineData("\"\\u0000\"")]
    [InlineData("null")]
    public void Json_AnyUnicodeText_IsRead(string text) => Assert.Equal(JsonSerializer.Deserialize<string>(text), ClientJson.Parse(text)?.GetValue<string>());

    [Theory]
    [InlineData(65)]
    [InlineData(500)]
    public void Json_NestedDeeply_IsRead(int levels) => Assert.Equal(Nested(levels), ClientJson.Parse(Nested(levels))!.ToJsonString());

    [Fact]
    public void Json_NestedTooDeeply_IsRefused() => Assert.ThrowsAny<JsonException>(() => ClientJson.Parse(Nested(501)));

    [Fact]
    public async Task DeepJson_PassesThroughTheServices()
    {
        using var cloud = new MessagingFixture();
        var queue = cloud.CreateQueue("q");
        var topic = cloud.CreateTopic("news");
        cloud.Query("Subscribe", ("TopicArn", topic), ("Protocol", "sqs"), ("Endpoint", MessagingFixture.QueueArn("q")),
            ("Attributes.entry.1.key", "FilterPolicyScope"), ("Attributes.entry.1.value", "MessageBody"),
            ("Attributes.entry.2.key", "FilterPolicy"), ("Attributes.entry.2.value", """{"kind":["deep"]}"""));
        cloud.PutRule("deep", """{"source":["my.app"]}""", MessagingFixture.QueueArn("q"));
        cloud.Query("Publish", ("TopicArn", topic), ("Message", $$"""{"kind":"deep","a":{{Nested(400)}}}"""));
        cloud.Json("events", "PutEvents", new System.Text.Json.Nodes.JsonObject
        {
            ["Entries"] = new System.Text.Json.Nodes.JsonArray(new System.Text.Json.Nodes.JsonObject
            {
                ["Source"] = "my.app",
                ["DetailType"] = "x",
                ["Detail"] = $$"""{"a":{{Nested(400)}}}""",
            }),
        });
        await cloud.Settle();

        Assert.Equal(2, cloud.Receive(queue).Count(message => ((string)message["Body"]!).Contains("[[[[", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("a: 1\na: 2")]
    [InlineData("a: &x [*x]")]
    [InlineData("? [b]\n: c")]
    [InlineData("a: 1\n---\nb: 2")]
    [InlineData("")]
    public void Yaml_Unreadable_IsRefused(string text) => Assert.ThrowsAny<YamlException>(() => ClientYaml.Parse(text));

    [Fact]
    public void Yaml_NestedTooDeeply_IsRefused() => Assert.ThrowsAny<YamlException>(() => ClientYaml.Parse(new string('[', 20_000)));

    [Fact]
    public void Yaml_GrowingByAliases_IsRefused() => Assert.ThrowsAny<YamlException>(() => ClientYaml.Parse(
        "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
            + string.Concat(Enumerable.Range(1, 9).Select(i => $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n"))));

    [Theory]
    [InlineData("a\0b", "a\uFFFDb")]
    [InlineData("\uFFFE", "\uFFFD")]
    [InlineData("tab\tline\né💥<&>", "tab\tline\né💥<&>")]
    public void Xml_ReplacesCharactersThatItCannotContain(string text, string read) =>
        Assert.Equal(read, XElement.Parse(Encoding.UTF8.GetString(XmlBody.Of(new XElement("A", text)))).Value);

    [Fact]
    public void RepeatedName_InAFilterPolicy_IsTheServicesError()
    {
        using var cloud = new MessagingFixture();
        var topic = cloud.CreateTopic("news");

        AssertCode("InvalidParameter", cloud.Query("Publish", ("TopicArn", topic), ("MessageStructure", "json"), ("Message", """{"default":"\ud800"}""")));
        AssertCode("InvalidParameter", cloud.Query(
            "Subscribe", ("TopicArn", topic), ("Protocol", "lambda"), ("Endpoint", MessagingFixture.FunctionArn), ("Attributes.entry.1.key", "FilterPolicy"),
            ("Attributes.entry.1.value", """{"a":["x"],"a":["y"]}""")));
    }

    [Theory]
    [InlineData("Policy", """{"Version":"2012-10-17","Version":"2012-10-17","Statement":[]}""", "InvalidAttributeValue")]
    [InlineData("RedrivePolicy", """{"deadLetterTargetArn":"a","deadLetterTargetArn":"b","maxReceiveCount":1}""", "InvalidParameterValueException")]
    public void RepeatedName_InAQueuesAttribute_IsTheServicesError(string attribute, string value, string code)
    {
        using var cloud = new MessagingFixture();

        var answer = cloud.JsonCall("sqs", "CreateQueue",
            new System.Text.Json.Nodes.JsonObject { ["QueueName"] = "q", ["Attributes"] = new System.Text.Json.Nodes.JsonObject { [attribute] = value } });

        Assert.Equal((400, "com.amazonaws.sqs#" + code), (answer.Status, MessagingFixture.Code(answer)));
    }

    [Fact]
    public void NulInAName_IsTheServicesError()
    {
        using var cloud = new MessagingFixture();

        AssertCode("InvalidParameter", cloud.Query("CreateTopic", ("Name", "a\0b")));
        AssertCode("InvalidAction", cloud.Query("Create\0Topic"));
    }

    private static string Nested(int levels) => new string('[', levels) + new string(']', levels);

    private static void AssertCode(string code, WireResponse answer)
    {
        Assert.True(answer.Status is >= 400 and < 500, $"{answer.Status}: {Encoding.UTF8.GetString(answer.Body.Span)}");
        Assert.Equal(code, MessagingFixture.Text(MessagingFixture.Xml(answer), "Code"));
    }
}
