using System.Text.Json.Nodes;
using Xunit;

namespace Automation.LocalCloud.Tests.EventBridge;

/// <summary>Policies of event buses, as recorded on AWS.</summary>
public sealed class BusPolicyTests : IDisposable
{
    private readonly MessagingFixture _cloud = new();

    public void Dispose() => _cloud.Dispose();

    [Theory]
    [InlineData("default")]
    [InlineData("own")]
    public void Permissions_AreStatementsOfThePolicy(string bus)
    {
        if (bus != "default")
        {
            Call("CreateEventBus", $$"""{"Name":"{{bus}}"}""");
        }

        Put(bus, "one", "111111111111");
        Put(bus, "two", "*");
        Put(bus, "one", "222222222222");
        var arn = $"arn:aws:events:us-east-1:123456789012:event-bus/{bus}";
        Assert.Equal(
            $$"""
            {"Version":"2012-10-17","Statement":[{"Sid":"two","Effect":"Allow","Principal":"*","Action":"events:PutEvents","Resource":"{{arn}}"},{"Sid":"one","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:root"},"Action":"events:PutEvents","Resource":"{{arn}}"}]}
            """,
            Policy(bus));

        Call("RemovePermission", $$"""{"EventBusName":"{{bus}}","StatementId":"two"}""");
        Assert.DoesNotContain("two", Policy(bus), StringComparison.Ordinal);
        Call("RemovePermission", $$"""{"EventBusName":"{{bus}}","RemoveAllPermissions":true}""");
        Assert.Null(Policy(bus));
    }

    [Fact]
    public void Policy_ReplacesTheStatements()
    {
        Put("default", "one", "*");
        var policy = """{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"events:ListRules","Resource":"*"}]}""";
        _cloud.Json("events", "PutPermission", new JsonObject { ["Policy"] = policy });

        Assert.Equal(policy, Policy("default"));
    }

    [Theory]
    [InlineData("RemovePermission", """{"EventBusName":"bare","StatementId":"none"}""", "Statement with the provided id does not exist.")]
    [InlineData("RemovePermission", """{"StatementId":"none"}""", "Statement with the provided id does not exist.")]
    [InlineData("PutPermission", """{"EventBusName":"none","StatementId":"a","Principal":"*","Action":"events:PutEvents"}""", "Event bus none does not exist.")]
    public void Refusal(string operation, string input, string message)
    {
        Put("default", "one", "*");
        Call("CreateEventBus", """{"Name":"bare"}""");
        var answer = _cloud.JsonCall("events", operation, JsonNode.Parse(input)!.AsObject());

        Assert.Equal("ResourceNotFoundException", MessagingFixture.Code(answer));
        Assert.Equal(message, (string?)JsonNode.Parse(answer.Body.Span)!["message"]);
    }

    private void Put(string bus, string id, string principal) => Call(
        "PutPermission", $$"""{"EventBusName":"{{bus}}","StatementId":"{{id}}","Principal":"{{principal}}","Action":"events:PutEvents"}""");

    private string? Policy(string bus) => (string?)Call("DescribeEventBus", $$"""{"Name":"{{bus}}"}""")["Policy"];

    private JsonObject Call(string operation, string input) => _cloud.Json("events", operation, JsonNode.Parse(input)!.AsObject());
}
