using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Ports;
using Xunit;

namespace Automation.LocalCloud.Tests.Iam;

/// <summary>The policies of topics, queues, keys and functions, for roles and for services.</summary>
public sealed class ResourcePolicyTests : EnforcementFixture
{
    [Theory]
    [InlineData("""{"Effect":"Allow","Action":"sns:Publish","Resource":"*"}""", true)]
    [InlineData("""{"Effect":"Allow","Action":"sns:Publish","Resource":"arn:aws:sns:us-east-1:123456789012:other"}""", false)]
    public void Publishing_NeedsTheRoleOrTheTopic(string statement, bool byRole)
    {
        Deploy(statement);
        Assert.Equal(byRole, RequirePermission("sns:Publish", Topic) is null);

        TopicPolicy($$"""{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/{{TheRole}}"},"Action":"sns:Publish","Resource":"{{Topic}}"}""");
        Assert.Null(RequirePermission("sns:Publish", Topic));

        TopicPolicy($$"""{"Effect":"Deny","Principal":"*","Action":"sns:Publish","Resource":"{{Topic}}"}""");
        Assert.EndsWith("with an explicit deny in a resource-based policy", RequirePermission("sns:Publish", Topic), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"AWS":"arn:aws:iam::123456789012:root"}""", "kms:*", "kms:GenerateDataKey*", null)]
    [InlineData("""{"AWS":"arn:aws:iam::123456789012:role/ROLE"}""", "kms:*", "logs:PutLogEvents", null)]
    [InlineData("""{"AWS":"arn:aws:iam::123456789012:role/ROLE"}""", "kms:Decrypt", "kms:GenerateDataKey*",
        "because no resource-based policy allows the kms:GenerateDataKey action")]
    [InlineData("""{"AWS":"arn:aws:iam::123456789012:root"}""", "kms:*", "logs:PutLogEvents",
        "because no identity-based policy allows the kms:GenerateDataKey action")]
    [InlineData("""{"AWS":"arn:aws:iam::210987654321:root"}""", "kms:*", "kms:GenerateDataKey*",
        "because no resource-based policy allows the kms:GenerateDataKey action")]
    [InlineData("""{"Service":"sns.amazonaws.com"}""", "kms:*", "kms:GenerateDataKey*",
        "because no resource-based policy allows the kms:GenerateDataKey action")]
    public void PublishingToAnEncryptedTopic_NeedsTheKeysPolicy(string principal, string keyAction, string roleAction, string? refusal)
    {
        Deploy($$"""{"Effect":"Allow","Action":["sns:Publish","kms:Decrypt","{{roleAction}}"],"Resource":"*"}""");
        Encrypt(
            $$"""{"Effect":"Allow","Principal":{{principal.Replace("ROLE", TheRole, StringComparison.Ordinal)}},"Action":"{{keyAction}}","Resource":"*"}""");

        var answer = RequirePermission("sns:Publish", Topic);

        Assert.Equal(refusal is null, answer is null);
        Assert.EndsWith(refusal ?? "", answer ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void EncryptedByAnAwsManagedKey_AllowsTheAccountAndNoService()
    {
        Deploy("""{"Effect":"Allow","Action":"sns:Publish","Resource":"*"}""");
        TopicPolicy($$"""{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sns:Publish","Resource":"{{Topic}}"}""");
        Cloud.Run(() => Cloud.Sns.State.SetTopicAttribute(Cloud.Sns.State.Topic(Topic), "KmsMasterKeyId", "alias/aws/sns"));

        Assert.Null(RequirePermission("sns:Publish", Topic));
        Assert.Contains("allows no service",
            RequirePermission("sns:Publish", Topic, Caller.Service("events.amazonaws.com", "arn:aws:events:us-east-1:123456789012:rule/r")),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lambda:InvokeFunction", Function)]
    [InlineData("sns:Publish", Topic)]
    [InlineData("sqs:SendMessage", Queue)]
    public void Services_NeedTheTargetsPolicy(string action, string target)
    {
        Deploy("""{"Effect":"Allow","Action":"*","Resource":"*"}""");
        var rule = Caller.Service("events.amazonaws.com", "arn:aws:events:us-east-1:123456789012:rule/r");

        Assert.Equal(
            $"User: events.amazonaws.com is not authorized to perform: {action} on resource: {target} because no resource-based policy allows the {action} action",
            RequirePermission(action, target, rule));
        Assert.Null(RequirePermission(action, target + "-that-is-not-there", rule));
    }

    [Theory]
    [InlineData("arn:aws:events:us-east-1:123456789012:rule/r", true)]
    [InlineData("arn:aws:events:us-east-1:123456789012:rule/other", false)]
    public void LambdaPermission_AllowsTheNamedSource(string source, bool allowed)
    {
        Deploy("""{"Effect":"Allow","Action":"*","Resource":"*"}""");
        Send("lambda", "POST", "/2015-03-31/functions/worker/policy", "", null, new JsonObject
        {
            ["StatementId"] = "rule",
            ["Action"] = "lambda:InvokeFunction",
            ["Principal"] = "events.amazonaws.com",
            ["SourceArn"] = "arn:aws:events:us-east-1:123456789012:rule/r",
        }.ToJsonString(), "AKIDSOMEBODY");

        Assert.Equal(allowed, RequirePermission("lambda:InvokeFunction", Function, Caller.Service("events.amazonaws.com", source)) is null);
        Assert.NotNull(RequirePermission("lambda:InvokeFunction", Function, Caller.Service("sns.amazonaws.com", source)));
    }

    private void TopicPolicy(string statement) => Cloud.Run(() =>
        Cloud.Sns.State.SetTopicAttribute(Cloud.Sns.State.Topic(Topic), "Policy", $$"""{"Statement":[{{statement}}]}"""));

    private void Encrypt(string statement)
    {
        var key = new JsonObject
        {
            ["Type"] = "AWS::KMS::Key",
            ["Properties"] = new JsonObject { ["KeyPolicy"] = new JsonObject { ["Statement"] = JsonNode.Parse(statement) } }
        };
        var template = new JsonObject { ["Resources"] = new JsonObject { ["Key"] = key } }.ToJsonString();
        Cloud.Run(() =>
        {
            var id = Cloud.Stacks.Create(new StackSource("K", template)).Resources.Single().PhysicalId;
            Cloud.Sns.State.SetTopicAttribute(Cloud.Sns.State.Topic(Topic), "KmsMasterKeyId", id);
        });
    }

    /// <summary>Why it is refused; null if it is allowed.</summary>
    private string? RequirePermission(string action, string resource, Caller? caller = null) =>
        Record.Exception(
            () => Cloud.Run(() => Cloud.Iam.RequirePermission(caller ?? Caller.Role(Cloud.Lambda.Functions.Single().Role, "worker"), action, resource)))
                ?.Message;
}
