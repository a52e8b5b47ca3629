using System.Text;
using System.Xml.Linq;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.Tests.Conformance;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.Iam;

/// <summary>Roles and managed policies of a stack, as tools read and change them.</summary>
public sealed class IamApiTests : IDisposable
{
    private const string Policy = "arn:aws:iam::123456789012:policy/read";
    private const string Document = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ecr:ListImages","Resource":"*"}]}""";

    private const string Template = """
        {"Resources":{
          "Role":{"Type":"AWS::IAM::Role","Properties":{"RoleName":"worker",
            "AssumeRolePolicyDocument":{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"lambda.amazonaws.com"}}]},
            "ManagedPolicyArns":["arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess"]}},
          "Read":{"Type":"AWS::IAM::ManagedPolicy","Properties":{"ManagedPolicyName":"read","Roles":[{"Ref":"Role"}],
            "PolicyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ecr:DescribeImages","Resource":"*"}]}}}}}
        """;

    private readonly Cloud _cloud = new Cloud(new CloudOptions(), new InProcessFunctionHost()).Checked();

    public IamApiTests() => _cloud.Run(() => _cloud.Stacks.Create(new StackSource("app", Template)));

    public void Dispose() => _cloud.Dispose();

    [Fact]
    public void AttachedPolicies_AreThoseOfTheRoleAndThoseThatNameIt()
    {
        Assert.Equal(["AWSXRayDaemonWriteAccess", "read"], Attached());

        Call("DetachRolePolicy", ("RoleName", "worker"), ("PolicyArn", Policy));
        Assert.Equal(["AWSXRayDaemonWriteAccess"], Attached());

        Call("AttachRolePolicy", ("RoleName", "worker"), ("PolicyArn", Policy));
        Call("DetachRolePolicy", ("RoleName", "worker"), ("PolicyArn", "arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess"));
        Assert.Equal(["read"], Attached());
    }

    [Fact]
    public void NewVersionOfAPolicy_IsItsDocument()
    {
        Assert.Equal("v1", Value(Call("GetPolicy", ("PolicyArn", Policy)), "DefaultVersionId"));

        Call("CreatePolicyVersion", ("PolicyArn", Policy), ("PolicyDocument", Document), ("SetAsDefault", "true"));

        Assert.Equal("v2", Value(Call("GetPolicy", ("PolicyArn", Policy)), "DefaultVersionId"));
        Assert.Equal(Document, Uri.UnescapeDataString(Value(Call("GetPolicyVersion", ("PolicyArn", Policy), ("VersionId", "v2")), "Document")!));
    }

    [Fact]
    public void UpdatedTrustPolicy_IsSeenAndDecidesWhoUsesTheRole()
    {
        Assert.Contains("lambda.amazonaws.com", Trust(), StringComparison.Ordinal);
        Assert.Single(_cloud.Iam.Permissions);

        Call("UpdateAssumeRolePolicy", ("RoleName", "worker"),
            ("PolicyDocument", """{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ec2.amazonaws.com"}}]}"""));

        Assert.Contains("ec2.amazonaws.com", Trust(), StringComparison.Ordinal);
        Assert.Empty(_cloud.Iam.Permissions);
    }

    [Theory]
    [InlineData("GetPolicy", "PolicyArn=arn:aws:iam::123456789012:policy/other", "NoSuchEntity")]
    [InlineData("GetPolicy", "PolicyArn=arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
        "The embedded cloud does not have the document of arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore")]
    [InlineData("GetPolicyVersion", "PolicyArn=arn:aws:iam::123456789012:policy/read&VersionId=v9", "NoSuchEntity")]
    [InlineData("DetachRolePolicy", "RoleName=worker&PolicyArn=arn:aws:iam::aws:policy/ReadOnlyAccess", "NoSuchEntity")]
    [InlineData("AttachRolePolicy", "RoleName=nobody&PolicyArn=arn:aws:iam::123456789012:policy/read", "NoSuchEntity")]
    [InlineData("CreatePolicyVersion", "PolicyArn=arn:aws:iam::123456789012:policy/read&PolicyDocument={&SetAsDefault=true", "MalformedPolicyDocument")]
    [InlineData("CreatePolicyVersion", "PolicyArn=arn:aws:iam::123456789012:policy/read&PolicyDocument={}",
        "The embedded cloud does not keep versions of policies")]
    public void WrongRequest_IsRefused(string operation, string form, string expected) =>
        Assert.Contains(expected, Text(Send($"Action={operation}&{form}")), StringComparison.Ordinal);

    private IEnumerable<string> Attached() =>
        Call("ListAttachedRolePolicies", ("RoleName", "worker")).Descendants().Where(element => element.Name.LocalName == "PolicyName")
            .Select(element => element.Value).Order(StringComparer.Ordinal);

    private string Trust() => Uri.UnescapeDataString(Value(Call("GetRole", ("RoleName", "worker")), "AssumeRolePolicyDocument")!);

    private XElement Call(string action, params (string Name, string Value)[] parameters)
    {
        var answer = Send($"Action={action}{string.Concat(parameters.Select(parameter => $"&{parameter.Name}={Uri.EscapeDataString(parameter.Value)}"))}");
        Assert.True(answer.Status == 200, Text(answer));
        return XElement.Parse(Text(answer));
    }

    private WireResponse Send(string form) => _cloud.Handle(
        new WireRequest("POST", "/", "", new Dictionary<string, string> { ["host"] = "127.0.0.1" },
            Encoding.UTF8.GetBytes(form))
        { Scope = new CredentialScope("AKIDTEST", "us-east-1", "iam") });

    private static string? Value(XElement document, string name) => document.Descendants().FirstOrDefault(element => element.Name.LocalName == name)?.Value;

    private static string Text(WireResponse response) => Encoding.UTF8.GetString(response.Body.Span);
}
