using Automation.LocalCloud.Tests.EventBridge;
using Xunit;

namespace Automation.LocalCloud.Tests.Sns;

/// <summary>
/// Filter policies that SNS refuses, with its words and the column where it stops.
/// Recorded in test_sns_filter_policy of https://github.com/localstack/localstack.
/// </summary>
public sealed class FilterPolicyTextTests : IDisposable
{
    private readonly MessagingFixture _cloud = new();
    private readonly string _topic;

    public FilterPolicyTextTests() => _topic = _cloud.CreateTopic("news");

    public void Dispose() => _cloud.Dispose();

    [Theory]
    [InlineData("""{"key":[["value"]]}""", "Match value must be String, number, true, false, or null", 10)]
    [InlineData("""{"key":[{"wrong-operator":true}]}""", "Unrecognized match type wrong-operator", 31)]
    [InlineData("""{"key":[{"suffix":"value","prefix":"value2"}]}""", "Only one key allowed in match expression", 37)]
    [InlineData("""{"key":[{"suffix":100}]}""", "suffix match pattern must be a string", 22)]
    [InlineData("""{"key":[{"suffix":null}]}""", "suffix match pattern must be a string", 23)]
    [InlineData("""{"key":{"suffix":"value"}}""", "\"suffix\" must be an object or an array", 19)]
    [InlineData("""{"key":[{"suffix":[]}]}""", "suffix match pattern must be a string", 20)]
    [InlineData("""{"key":{"suffix":"value","prefix":"value"}}""", "\"suffix\" must be an object or an array", 19)]
    [InlineData("""{"key":{"not-an-operator":"value"}}""", "\"not-an-operator\" must be an object or an array", 28)]
    [InlineData("""{"key_a":"value_one"}""", "\"key_a\" must be an object or an array", 11)]
    [InlineData("""{"key":[{"numeric":[]}]}""", "Invalid member in numeric match: ]", 22)]
    [InlineData("""{"key":[{"numeric":["operator"]}]}""", "Unrecognized numeric range operator: operator", 32)]
    [InlineData("""{"key":[{"numeric":[1,"<="]}]}""", "Invalid member in numeric match: 1", 22)]
    [InlineData("""{"key":[{"numeric":["=","000"]}]}""", "Value of equals must be numeric", 26)]
    [InlineData("""{"key":[{"numeric":[">="]}]}""", "Value of >= must be numeric", 26)]
    [InlineData("""{"key":[{"numeric":["<",100,">",10]}]}""", "Too many elements in numeric expression", 30)]
    [InlineData("""{"key":[{"numeric":[">=",1,">",2]}]}""", "Bad numeric range operator: >", 31)]
    [InlineData("""{"key":[{"numeric":[">",3,"<",1]}]}""", "Bottom must be less than top", 33)]
    [InlineData("""{"key":[{"numeric":[">",20,"<="]}]}""", "Value of <= must be numeric", 33)]
    [InlineData("""{"key":[{"numeric":[">",20,"test"]}]}""", "Bad numeric range operator: test", 34)]
    [InlineData("""{"key":[{"numeric":[">","20","<","30"]}]}""", "Value of > must be numeric", 26)]
    [InlineData("""{"key":[{"numeric":[">",20,"<","30"]}]}""", "Value of < must be numeric", 33)]
    [InlineData("""{"key":[{"numeric":[">",20,"<",30,"<",50]}]}""", "Too many terms in numeric range expression", 36)]
    [InlineData("""{"key":[{"exists":null}]}""", "exists match pattern must be either true or false.", 23)]
    public void Policy(string policy, string reason, int column)
    {
        var error = MessagingFixture.Xml(_cloud.Query(
            "Subscribe", ("TopicArn", _topic), ("Protocol", "sqs"), ("Endpoint", MessagingFixture.QueueArn("q")),
            ("Attributes.entry.1.key", "FilterPolicy"), ("Attributes.entry.1.value", policy)));

        Assert.Equal(
            $"Invalid parameter: Attributes Reason: FilterPolicy: {reason}\n at [Source: (String)\"{policy}\"; line: 1, column: {column}]",
            MessagingFixture.Text(error, "Message"));
    }
}
