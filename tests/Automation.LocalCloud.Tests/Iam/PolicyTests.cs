using System.Text.Json.Nodes;
using Automation.LocalCloud.Iam;
using Automation.LocalCloud.Ports;
using Xunit;

namespace Automation.LocalCloud.Tests.Iam;

public sealed class PolicyTests
{
    private const string Account = "123456789012";
    private const string RoleArn = "arn:aws:iam::123456789012:role/path/worker";
    private const string Repository = "arn:aws:ecr:us-east-1:123456789012:repository/images/app";
    private const string Rule = "arn:aws:events:us-east-1:123456789012:rule/pushes";

    private static readonly Caller Worker = Caller.Role(RoleArn, "app");
    private static readonly Caller EventBridge = Caller.Service("events.amazonaws.com", Rule);

    [Theory]
    [InlineData("ecr:PutImage", Repository, true)]
    [InlineData("ECR:putimage", Repository, true)]
    [InlineData("ecr:Put*", Repository, true)]
    [InlineData("ecr:*", "*", true)]
    [InlineData("*", "*", true)]
    [InlineData("ecr:PutI?age", "arn:aws:ecr:*:123456789012:repository/images/*", true)]
    [InlineData("ecr:PutImage", "arn:aws:ecr:us-east-1:123456789012:repository/images/ap?", true)]
    [InlineData("ecr:BatchGetImage", Repository, false)]
    [InlineData("ecr:PutImag", Repository, false)]
    [InlineData("ecr:?PutImage", Repository, false)]
    [InlineData("sns:PutImage", Repository, false)]
    [InlineData("ecr:PutImage", "arn:aws:ecr:us-east-1:123456789012:repository/images/App", false)]
    [InlineData("ecr:PutImage", "arn:aws:ecr:us-east-1:123456789012:repository/images/app/*", false)]
    [InlineData("ecr:PutImage", "arn:aws:ecr:us-east-1:123456789012:repository/images", false)]
    [InlineData("ecr:PutImage", "arn:aws:ecr:eu-west-1:123456789012:repository/images/app", false)]
    [InlineData("ecr:PutImage", "arn:aws:ecr:us-east-1:210987654321:repository/images/app", false)]
    [InlineData("ecr:PutImage", "arn:aws:ecr:*:repository/images/app:*:x", false)]
    public void Identity_Allow_MatchesActionAndResource(string action, string resource, bool allowed) =>
        Assert.Equal(allowed ? Verdict.Allowed : Verdict.Silent,
            Identity($$"""{"Effect":"Allow","Action":"{{action}}","Resource":"{{resource}}"}""", "ecr:PutImage", Repository));

    [Theory]
    [InlineData("""{"Effect":"Allow","Action":"ecr:*","Resource":"*"},{"Effect":"Deny","Action":"ecr:PutImage","Resource":"*"}""", Verdict.Denied)]
    [InlineData("""{"Effect":"Deny","Action":"ecr:PutImage","Resource":"*"},{"Effect":"Allow","Action":"ecr:*","Resource":"*"}""", Verdict.Denied)]
    [InlineData("""{"Effect":"Deny","NotAction":"ecr:Describe*","Resource":"*"},{"Effect":"Allow","Action":"*","Resource":"*"}""", Verdict.Denied)]
    [InlineData("""{"Effect":"Deny","Action":"*","NotResource":"arn:aws:ecr:*:*:repository/images/app"},{"Effect":"Allow","Action":"*","Resource":"*"}""",
        Verdict.Allowed)]
    [InlineData("""{"Effect":"Allow","NotAction":["ecr:PutImage","ecr:BatchDeleteImage"],"Resource":"*"}""", Verdict.Silent)]
    [InlineData("""{"Effect":"Allow","Action":"*","NotResource":["arn:aws:ecr:*:*:repository/images/*"]}""", Verdict.Silent)]
    [InlineData(
        """{"Effect":"Allow","Action":["ecr:BatchGetImage","ecr:PutImage"],"Resource":["arn:aws:ecr:*:*:repository/other","arn:aws:ecr:*:*:repository/images/app"]}""", Verdict.Allowed)]
    [InlineData(
        """{"Effect":"Deny","Action":"ecr:PutImage","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}},{"Effect":"Allow","Action":"*","Resource":"*"}""", Verdict.Allowed)]
    public void Identity_SeveralStatements_DenyOverridesAllow(string statements, object verdict) =>
        Assert.Equal(verdict, Identity(statements, "ecr:PutImage", Repository));

    [Theory]
    [InlineData("StringEquals", "aws:SourceAccount", "123456789012", true)]
    [InlineData("StringEquals", "AWS:SourceAccount", "123456789012", true)]
    [InlineData("StringEquals", "aws:SourceAccount", "1234", false)]
    [InlineData("StringEquals", "aws:PrincipalArn", RoleArn, false)]
    [InlineData("StringNotEquals", "aws:SourceAccount", "1234", true)]
    [InlineData("StringNotEquals", "aws:SourceAccount", "123456789012", false)]
    [InlineData("StringNotEquals", "aws:PrincipalArn", "anything", true)]
    [InlineData("StringEqualsIgnoreCase", "aws:PrincipalServiceName", "EVENTS.amazonaws.com", true)]
    [InlineData("StringNotEqualsIgnoreCase", "aws:PrincipalServiceName", "EVENTS.amazonaws.com", false)]
    [InlineData("StringLike", "aws:SourceArn", "arn:aws:events:*", true)]
    [InlineData("StringLike", "aws:SourceArn", "arn:aws:sns:*", false)]
    [InlineData("StringNotLike", "aws:SourceArn", "arn:aws:events:*", false)]
    [InlineData("ArnEquals", "aws:SourceArn", Rule, true)]
    [InlineData("ArnEquals", "aws:SourceArn", "arn:aws:events:*:*:rule/pushes", true)]
    [InlineData("ArnLike", "aws:SourceArn", "arn:aws:events:*:*:rule/pulls", false)]
    [InlineData("ArnLike", "aws:SourceArn", "arn:aws:events:*", false)]
    [InlineData("ArnNotEquals", "aws:SourceArn", Rule, false)]
    [InlineData("ArnNotLike", "aws:SourceArn", "arn:aws:events:*:*:rule/pulls", true)]
    [InlineData("Bool", "aws:SecureTransport", "true", true)]
    [InlineData("Bool", "aws:SecureTransport", "false", false)]
    [InlineData("Bool", "aws:PrincipalIsAWSService", "true", true)]
    [InlineData("Null", "aws:PrincipalArn", "true", true)]
    [InlineData("Null", "aws:SourceArn", "true", false)]
    [InlineData("Null", "aws:SourceArn", "false", true)]
    [InlineData("StringEqualsIfExists", "aws:PrincipalArn", "anything", true)]
    [InlineData("StringEqualsIfExists", "aws:SourceAccount", "1234", false)]
    [InlineData("ForAnyValue:StringEquals", "aws:SourceAccount", "123456789012", true)]
    [InlineData("ForAnyValue:StringEquals", "aws:PrincipalArn", "anything", false)]
    [InlineData("ForAnyValue:StringNotEquals", "aws:PrincipalArn", "anything", false)]
    [InlineData("ForAllValues:StringEquals", "aws:PrincipalArn", "anything", true)]
    [InlineData("ForAllValues:StringEquals", "aws:SourceAccount", "1234", false)]
    public void Condition_OfACallByEventBridge_MatchesOrNot(string operation, string key, string value, bool holds)
    {
        var policy = Resource(
            $$$$"""{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"*","Condition":{"{{{{operation}}}}":{"{{{{key}}}}":"{{{{value}}}}"}}}""");

        Assert.Equal(holds ? Verdict.Allowed : Verdict.Silent, policy.Evaluate(Ask(EventBridge)));
    }

    [Fact]
    public void Condition_AllLinesMustMatchAndOneOfSeveralValues()
    {
        const string Template =
            """{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:SourceAccount":["1","123456789012"]},"Bool":{"aws:SecureTransport":"SECURE"}}}""";

        Assert.Equal(Verdict.Allowed, Resource(Template.Replace("SECURE", "true", StringComparison.Ordinal)).Evaluate(Ask(EventBridge)));
        Assert.Equal(Verdict.Silent, Resource(Template.Replace("SECURE", "false", StringComparison.Ordinal)).Evaluate(Ask(EventBridge)));
    }

    [Theory]
    [InlineData("\"*\"", Verdict.Allowed, Verdict.Allowed)]
    [InlineData("""{"AWS":"*"}""", Verdict.Allowed, Verdict.Allowed)]
    [InlineData("""{"AWS":"arn:aws:iam::123456789012:role/path/worker"}""", Verdict.Allowed, Verdict.Silent)]
    [InlineData("""{"AWS":"arn:aws:sts::123456789012:assumed-role/worker/app"}""", Verdict.Allowed, Verdict.Silent)]
    [InlineData("""{"AWS":["arn:aws:iam::123456789012:root"]}""", Verdict.Delegated, Verdict.Silent)]
    [InlineData("""{"AWS":"123456789012"}""", Verdict.Delegated, Verdict.Silent)]
    [InlineData("""{"AWS":"arn:aws:iam::123456789012:role/other"}""", Verdict.Silent, Verdict.Silent)]
    [InlineData("""{"AWS":"arn:aws:iam::123456789012:role/path/*"}""", Verdict.Silent, Verdict.Silent)]
    [InlineData("""{"AWS":"arn:aws:iam::210987654321:root"}""", Verdict.Silent, Verdict.Silent)]
    [InlineData("""{"AWS":"arn:aws:sts::123456789012:assumed-role/worker/other"}""", Verdict.Silent, Verdict.Silent)]
    [InlineData("""{"Service":"events.amazonaws.com"}""", Verdict.Silent, Verdict.Allowed)]
    [InlineData("""{"Service":["sns.amazonaws.com","events.amazonaws.com"]}""", Verdict.Silent, Verdict.Allowed)]
    [InlineData("""{"Service":"lambda.amazonaws.com"}""", Verdict.Silent, Verdict.Silent)]
    [InlineData("""{"Federated":"events.amazonaws.com"}""", Verdict.Silent, Verdict.Silent)]
    public void Principal_OfAResourcePolicy_IsTheCaller(string principal, object role, object service)
    {
        var policy = Resource($$"""{"Effect":"Allow","Principal":{{principal}},"Action":"sqs:SendMessage","Resource":"*"}""");

        Assert.Equal((role, service), (policy.Evaluate(Ask(Worker)), policy.Evaluate(Ask(EventBridge))));
    }

    [Fact]
    public void Principal_OfADeny_DeniesOnlyTheNamedPrincipals()
    {
        var policy = Resource(
            """{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"},{"Effect":"Deny","Principal":{"AWS":"123456789012"},"Action":"*","Resource":"*"}""");

        Assert.Equal((Verdict.Denied, Verdict.Allowed), (policy.Evaluate(Ask(Worker)), policy.Evaluate(Ask(EventBridge))));
    }

    [Theory]
    [InlineData("""[]""", "not a JSON object")]
    [InlineData("""{}""", "no Statement")]
    [InlineData("""{"Statement":"x"}""", "no Statement")]
    [InlineData("""{"Statement":[1]}""", "not a JSON object")]
    [InlineData("""{"Statements":[]}""", "unknown member Statements")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"a:b","Resource":"*","Principle":"*"}}""", "unknown member Principle")]
    [InlineData("""{"Statement":{"Effect":"Permit","Action":"a:b","Resource":"*"}}""", "must be Allow or Deny")]
    [InlineData("""{"Statement":{"Action":"a:b","Resource":"*"}}""", "must be Allow or Deny")]
    [InlineData("""{"Statement":{"Effect":"Allow","Resource":"*"}}""", "one of Action and NotAction")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"a:b","NotAction":"a:c","Resource":"*"}}""", "one of Action and NotAction")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"a:b"}}""", "one of Resource and NotResource")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":[],"Resource":"*"}}""", "empty element")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"PutImage","Resource":"*"}}""", "'PutImage' is not an action")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"a:b","Resource":"images/app"}}""", "'images/app' is not an ARN")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"a:b","Resource":"arn:aws:s3:::home/${aws:username}"}}""", "policy variables")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"a:b","Resource":{"Ref":"x"}}}""", "empty element")]
    [InlineData("""{"Statement":{"Effect":"Allow","Principal":"*","Action":"a:b","Resource":"*"}}""", "must not have a Principal")]
    [InlineData("""{"Statement":{"Effect":"Allow","NotPrincipal":"*","Action":"a:b","Resource":"*"}}""", "NotPrincipal")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":[]}}""", "Condition is not a JSON object")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"StringEquals":"x"}}}""", "StringEquals is not a JSON object")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"StringMatches":{"aws:SourceArn":"x"}}}}""",
        "StringMatches is not a condition operator")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"NotStringEquals":{"aws:SourceArn":"x"}}}}""",
        "NotStringEquals is not a condition operator")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"IpAddress":{"aws:SourceArn":"10.0.0.0/8"}}}}""",
        "does not evaluate the condition operator IpAddress")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"NumericLessThanIfExists":{"aws:SourceArn":"1"}}}}""",
        "does not evaluate the condition operator NumericLessThanIfExists")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"x"}}}}""",
        "does not know the condition key aws:ResourceTag/team")]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"maybe"}}}}""",
        "must be true or false")]
    public void Identity_CannotBeEvaluated_IsRefused(string document, string problem) =>
        Assert.Contains(problem, Assert.Throws<PolicyException>(() => PolicyDocument.ForIdentity(JsonNode.Parse(document))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"Statement":{"Effect":"Allow","Action":"a:b","Resource":"*"}}""", "needs a Principal")]
    [InlineData("""{"Statement":{"Effect":"Allow","Principal":"me","Action":"a:b","Resource":"*"}}""", "'me' is not a principal")]
    [InlineData("""{"Statement":{"Effect":"Allow","Principal":{"User":"me"},"Action":"a:b","Resource":"*"}}""", "'User' is not a kind of principal")]
    [InlineData("""{"Statement":{"Effect":"Allow","Principal":{"AWS":[]},"Action":"a:b","Resource":"*"}}""", "empty element")]
    [InlineData("not json", "it is not JSON")]
    public void ResourcePolicy_CannotBeEvaluated_IsRefused(string document, string problem) =>
        Assert.Contains(problem, Assert.Throws<PolicyException>(() => PolicyDocument.ForResource(document)).Message, StringComparison.Ordinal);

    private static Verdict Identity(string statements, string action, string resource) => PolicyDocument
        .ForIdentity(JsonNode.Parse($$"""{"Version":"2012-10-17","Statement":[{{statements}}]}"""))
        .Evaluate(new AccessRequest(Worker, action, resource, Account));

    private static PolicyDocument Resource(string statements) => PolicyDocument.ForResource($$"""{"Version":"2012-10-17","Statement":[{{statements}}]}""");

    private static AccessRequest Ask(Caller caller) => new(caller, "sqs:SendMessage", "arn:aws:sqs:us-east-1:123456789012:dead", Account);
}
