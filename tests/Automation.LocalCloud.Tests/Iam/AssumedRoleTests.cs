using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.Iam;

/// <summary>The credentials of assumed roles.</summary>
public sealed class AssumedRoleTests : EnforcementFixture
{
    [Fact]
    public void Credentials_OfAnAssumedRole_ActAsThatRole()
    {
        DeployRoles();
        var key = AccessKey(Sts($"Action=AssumeRole&RoleSessionName=me&RoleArn={Uri.EscapeDataString("arn:aws:iam::123456789012:role/people")}"));

        Assert.Contains("<Arn>arn:aws:sts::123456789012:assumed-role/people/me</Arn>", Text(Sts("Action=GetCallerIdentity", key)), StringComparison.Ordinal);
        Assert.Equal(
            (400, "AccessDeniedException",
                "User: arn:aws:sts::123456789012:assumed-role/people/me is not authorized to perform: ecr:PutImage on resource: arn:aws:ecr:us-east-1:123456789012:repository/images/app because no identity-based policy allows the ecr:PutImage action"),
            Ecr("PutImage", "images/app", key));
        Assert.NotEqual("AccessDeniedException", Ecr("DescribeImages", "images/app", key).Code);
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("of-a-service")]
    public void Role_MissingOrForServicesOnly_IsNotAssumed(string role)
    {
        DeployRoles();

        var refusal = Sts($"Action=AssumeRole&RoleSessionName=me&RoleArn={Uri.EscapeDataString($"arn:aws:iam::123456789012:role/{role}")}");

        Assert.Equal(403, refusal.Status);
        Assert.Contains(
            $"<Code>AccessDenied</Code><Message>User: arn:aws:iam::123456789012:user/local is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/{role}</Message>", Text(refusal), StringComparison.Ordinal);
    }

    /// <summary>A role that allows the account, and one that allows only a service.</summary>
    private void DeployRoles()
    {
        static JsonObject RoleOf(string name, JsonObject principal) => new()
        {
            ["Type"] = "AWS::IAM::Role",
            ["Properties"] = new JsonObject
            {
                ["RoleName"] = name,
                ["AssumeRolePolicyDocument"] = new JsonObject
                {
                    ["Statement"] = new JsonArray(new JsonObject { ["Effect"] = "Allow", ["Action"] = "sts:AssumeRole", ["Principal"] = principal }),
                },
                ["Policies"] = new JsonArray(new JsonObject
                {
                    ["PolicyName"] = "p",
                    ["PolicyDocument"] = JsonNode.Parse("""{"Statement":{"Effect":"Allow","Action":"ecr:DescribeImages","Resource":"*"}}"""),
                }),
            },
        };
        var resources = new JsonObject
        {
            ["People"] = RoleOf("people", new JsonObject { ["AWS"] = "arn:aws:iam::123456789012:root" }),
            ["Service"] = RoleOf("of-a-service", new JsonObject { ["Service"] = "ec2.amazonaws.com" }),
        };
        Cloud.Run(() => Cloud.Stacks.Create(new StackSource("roles", new JsonObject { ["Resources"] = resources }.ToJsonString())));
    }

    private WireResponse Sts(string form, string? accessKey = null) => Send("sts", "POST", "/", "", null, form, accessKey ?? "AKIDPERSON");

    private static string AccessKey(WireResponse response)
    {
        Assert.True(response.Status == 200, Text(response));
        return Text(response).Split("<AccessKeyId>")[1].Split('<')[0];
    }
}
