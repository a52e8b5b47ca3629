using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.Iam;

/// <summary>Roles and policies of stacks: what is refused at the deployment, and what applies afterwards.</summary>
public sealed class RoleDeploymentTests : EnforcementFixture
{
    [Theory]
    [InlineData("""{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"DateLessThan":{"aws:SourceArn":"x"}}}""", "DateLessThan")]
    [InlineData("""{"Effect":"Allow","Action":"a:b","Resource":"*","Condition":{"StringEquals":{"ec2:Vpc":"x"}}}""", "ec2:Vpc")]
    [InlineData("""{"Effect":"Allow","Action":"a:b"}""", "one of Resource and NotResource")]
    public void Deployment_PolicyCannotBeEvaluated_IsRefused(string statement, string problem)
    {
        var refusal = Assert.Throws<AwsException>(() => Deploy(statement));

        Assert.Contains(problem, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("MalformedPolicyDocument", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lambda.amazonaws.com", "arn:aws:iam::aws:policy/AdministratorAccess", false)]
    [InlineData("lambda.amazonaws.com", "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole", true)]
    [InlineData("lambda.amazonaws.com", "arn:aws:iam::123456789012:policy/missing", false)]
    [InlineData("ec2.amazonaws.com", "arn:aws:iam::aws:policy/AdministratorAccess", true)]
    public void Deployment_UnknownManagedPolicy_IsRefusedIfTheRoleIsInUse(string service, string policy, bool taken)
    {
        var template = new JsonObject { ["Resources"] = new JsonObject { ["R"] = Role(service, new JsonArray(policy)) } }.ToJsonString();

        var refusal = Record.Exception(() => Cloud.Run(() => Cloud.Stacks.Create(new StackSource("S", template))));

        Assert.Equal(taken, refusal is null);
        if (!taken)
        {
            Assert.Contains(policy, refusal!.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("states.amazonaws.com", false)]
    [InlineData("cloudformation.amazonaws.com", true)]
    public void Deployment_PermissionsBoundary_IsRefusedIfTheRoleIsInUse(string service, bool taken)
    {
        var role = Role(service, []);
        role["Properties"]!["PermissionsBoundary"] = "arn:aws:iam::123456789012:policy/boundary";

        var refusal = Record.Exception(
            () => Cloud.Run(
                () => Cloud.Stacks.Create(new StackSource("S", new JsonObject { ["Resources"] = new JsonObject { ["R"] = role } }.ToJsonString()))));

        Assert.Equal(!taken, refusal?.Message.Contains("PermissionsBoundary", StringComparison.Ordinal) is true);
    }

    [Fact]
    public void ManagedPolicyOfTheStack_AppliesToItsRoles()
    {
        var template = new JsonObject
        {
            ["Resources"] = new JsonObject
            {
                ["Common"] = new JsonObject
                {
                    ["Type"] = "AWS::IAM::ManagedPolicy",
                    ["Properties"] = new JsonObject
                    {
                        ["PolicyDocument"] = JsonNode.Parse("""{"Statement":{"Effect":"Allow","Action":"ecr:ListImages","Resource":"*"}}""")
                    },
                },
                ["R"] = Role("lambda.amazonaws.com", new JsonArray(new JsonObject { ["Ref"] = "Common" })),
            },
        }.ToJsonString();
        var stack = Cloud.Run(() => Cloud.Stacks.Create(new StackSource("S", template)));
        PutFunction(stack.Resources.Single(resource => resource.LogicalId == "R").Attributes["Arn"]);

        Assert.Equal(("RepositoryNotFoundException", "AccessDeniedException"), (Ecr("ListImages", "images/app").Code, Ecr("PutImage", "images/app").Code));
    }

    [Fact]
    public void ExistingRole_IsNotCreatedAgain()
    {
        var role = Role("ec2.amazonaws.com", []);
        role["Properties"]!["RoleName"] = "mine";
        var template = new JsonObject { ["Resources"] = new JsonObject { ["R"] = role } }.ToJsonString();
        Cloud.Run(() => Cloud.Stacks.Create(new StackSource("S", template)));

        Assert.Contains("already exists", Assert.Throws<AwsException>(() => Cloud.Run(() => Cloud.Stacks.Create(new StackSource("T", template)))).Message,
            StringComparison.Ordinal);
    }
}
