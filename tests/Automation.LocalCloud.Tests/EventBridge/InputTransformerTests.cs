using System.Text.Json;
using Automation.LocalCloud.EventBridge;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.EventBridge;

public sealed class InputTransformerTests
{
    private const string RuleArn = "arn:aws:events:us-east-1:123456789012:rule/pushes";

    private static readonly Dictionary<string, string> Paths = new()
    {
        ["tag"] = "$.detail.image-tag",
        ["detail"] = "$.detail",
        ["first"] = "$.resources[0]",
        ["names"] = "$.detail.items[*].name",
        ["count"] = "$.detail.count",
        ["missing"] = "$.detail.nowhere",
    };

    [Theory]
    [InlineData("""{"tag": <tag>}""", """{"tag": "a\"b"}""")]
    [InlineData("""{"text": "tag <tag>!"}""", """{"text": "tag a\"b!"}""")]
    [InlineData("\"pushed <tag> to <first>\"", """ "pushed a\"b to r1" """)]
    [InlineData("""{"count": <count>, "text": "<count>"}""", """{"count": 2, "text": "2"}""")]
    [InlineData("""{"names": <names>}""", """{"names": ["x","y"]}""")]
    [InlineData("""{"names": "<names>"}""", """{"names": "[\"x\",\"y\"]"}""")]
    [InlineData("""{"gone": <missing>, "text": "<missing>"}""", """{"gone": "", "text": ""}""")]
    [InlineData("""{"rule": <aws.events.rule-name>, "arn": "<aws.events.rule-arn>"}""",
        """{"rule": "pushes", "arn": "arn:aws:events:us-east-1:123456789012:rule/pushes"}""")]
    [InlineData("""{"at": <aws.events.event.ingestion-time>}""", """{"at": "2026-01-05T08:00:00Z"}""")]
    [InlineData("""{"e": <aws.events.event>}""", """{"e": {"detailType":"ECR Image Action","source":"aws.ecr","resources":["r1"]}}""")]
    [InlineData("""{"less": "1 < 2 > 0"}""", """{"less": "1 < 2 > 0"}""")]
    [InlineData("\"<tag>\"\n\"<count>\"", "\"a\\\"b\"\n\"2\"")]
    public void Transform_Template_InsertsTheValues(string template, string expected)
    {
        InputTransformer.Check("one", Paths, template);
        Assert.Equal(expected.Trim(), Transform(template));
    }

    [Fact]
    public void Transform_WholeEvent_IsUnchanged() =>
        Assert.Equal("a\"b", JsonDocument.Parse(Transform("""{"e":<aws.events.event.json>}""")).RootElement.GetProperty("e").GetProperty("detail")
            .GetProperty("image-tag").GetString());

    [Theory]
    [InlineData("""{"tag": <undefined>}""")]
    [InlineData("""{"tag": }""")]
    [InlineData("plain text <tag>")]
    [InlineData("""{"tag": "<tag>" """)]
    public void Check_TemplateIsNotJson_IsRefused(string template) =>
        Assert.Equal("ValidationException", Assert.Throws<AwsException>(() => InputTransformer.Check("one", Paths, template)).Code);

    [Fact]
    public void Check_UnknownVariable_IsNamed() => Assert.Equal(
        "InputTemplate for target one contains invalid placeholder undefined.",
        Assert.Throws<AwsException>(() => InputTransformer.Check("one", Paths, """{"tag": <undefined>}""")).Message);

    [Theory]
    [InlineData("x", "detail.tag")]
    [InlineData("x", "$..tag")]
    [InlineData("x", "$.a[")]
    [InlineData("aws.events.event", "$.detail")]
    public void Check_InvalidPath_IsRefused(string name, string path) =>
        Assert.Throws<AwsException>(() => InputTransformer.Check("one", new Dictionary<string, string> { [name] = path }, "1"));

    private static string Transform(string template)
    {
        using var document = JsonDocument.Parse(
            """{"detail-type":"ECR Image Action","source":"aws.ecr","resources":["r1"],"detail":{"image-tag":"a\"b","count":2,"items":[{"name":"x"},{"name":"y"}]}}""");
        return InputTransformer.Transform(Paths, template, document.RootElement, RuleArn, new DateTimeOffset(2026, 1, 5, 8, 0, 0, TimeSpan.Zero));
    }
}
