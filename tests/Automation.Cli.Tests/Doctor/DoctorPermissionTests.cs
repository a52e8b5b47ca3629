using System.Text.Json.Nodes;

namespace Automation.Cli.Tests.Doctor;

/// <summary>Manual changes of roles, managed policies and the resource policies of functions.</summary>
[Trait("Category", "Slow")]
public sealed class DoctorPermissionTests
{
    private const string Document = """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ecr:DescribeImages","Resource":"*"}]}""";

    [Fact]
    public async Task Doctor_ManagedPolicyWithAnotherDocument_IsAFault()
    {
        await using var account = await DeployedAccount.StartAsync();
        await IamAsync(account, "CreatePolicyVersion", ("PolicyArn", Policy(account)), ("PolicyDocument", Document), ("SetAsDefault", "true"));

        await AssertFaultAsync(account, @"managed policy ReadPipelines\w+ was changed by hand: not the template's document");
    }

    [Fact]
    public async Task Doctor_ManagedPolicyThatIsDetached_IsAFault()
    {
        await using var account = await DeployedAccount.StartAsync();
        await IamAsync(account, "DetachRolePolicy", ("RoleName", Role(account)), ("PolicyArn", Policy(account)));

        await AssertFaultAsync(account, @"role FunctionsPruneServiceRole\w+ was changed by hand: no managed policy [\w-]*ReadPipelines");
    }

    [Fact]
    public async Task Doctor_RoleWithAnotherManagedPolicy_IsAFault()
    {
        await using var account = await DeployedAccount.StartAsync();
        await IamAsync(account, "AttachRolePolicy", ("RoleName", Role(account)), ("PolicyArn", "arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess"));

        await AssertFaultAsync(
            account, @"role FunctionsPruneServiceRole\w+ was changed by hand: the template does not have its managed policy AWSXRayDaemonWriteAccess");
    }

    [Fact]
    public async Task Doctor_RoleThatOthersMayAssume_IsAFault()
    {
        await using var account = await DeployedAccount.StartAsync();
        await IamAsync(
            account, "UpdateAssumeRolePolicy", ("RoleName", Role(account)),
            ("PolicyDocument",
                """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":["lambda.amazonaws.com","ec2.amazonaws.com"]},"Action":"sts:AssumeRole"}]}"""));

        await AssertFaultAsync(account, @"role FunctionsPruneServiceRole\w+ was changed by hand: not the template's trust policy");
    }

    [Theory]
    [InlineData("sns.amazonaws.com", "arn:aws:sns:us-east-1:123456789012:other", "not the template's source")]
    [InlineData("sns.amazonaws.com", null, "no source")]
    [InlineData("events.amazonaws.com", "", "principal events.amazonaws.com instead of sns.amazonaws.com")]
    public async Task Doctor_PermissionWithAnotherContent_IsAFault(string principal, string? source, string expected)
    {
        await using var account = await DeployedAccount.StartAsync();
        var id = account.Physical("FunctionsBuildNotificationAllowInvoke", "AWS::Lambda::Permission").Split('|')[^1];
        await account.RestAsync(HttpMethod.Delete, "lambda", $"{PolicyPath(account)}/{id}");
        var statement = Statement(id, principal);
        if (source is not null)
        {
            statement["SourceArn"] = source.Length > 0 ? source : account.Physical("Notifications", "AWS::SNS::Topic");
        }

        await account.RestAsync(HttpMethod.Post, "lambda", PolicyPath(account), statement);

        await AssertFaultAsync(
            account, $@"function FunctionsBuildNotification\w+ was changed by hand: its permission FunctionsBuildNotificationAllowInvoke\w+ has {expected}");
    }

    [Fact]
    public async Task Doctor_FunctionThatOthersMayInvoke_IsAFault()
    {
        await using var account = await DeployedAccount.StartAsync();
        await account.RestAsync(HttpMethod.Post, "lambda", PolicyPath(account), Statement("more", "*"));

        await AssertFaultAsync(account, @"function FunctionsBuildNotification\w+ was changed by hand: the template does not have its permission more");
    }

    // IAM allows only a few calls per second, and a large stack has many roles.
    [Theory]
    [InlineData(3, 0, @"resources +ok")]
    [InlineData(4, 0, @"service role +warning +could not be read: .*Rate exceeded \(Throttling\)\. -> Try again")]
    public async Task Doctor_ThrottledCall_IsRepeatedThreeTimes(int refusals, int exitCode, string expected)
    {
        await using var account = await DeployedAccount.StartAsync(time: new DrivenTime());
        account.Host.Cloud.Run(() => account.Host.Cloud.BeforeCall = (service, _, _) =>
        {
            if (service == "iam" && refusals-- > 0)
            {
                throw new LocalCloud.Wire.AwsException("Throttling", "Rate exceeded");
            }
        });

        var run = await account.DoctorAsync();

        Assert.Matches(expected, run.Output);
        Assert.Equal(exitCode, run.ExitCode);
    }

    private static async Task AssertFaultAsync(DeployedAccount account, string expected)
    {
        var run = await account.DoctorAsync();

        Assert.Matches($"resources +fault +{expected}", run.Output);
        Assert.Equal(1, run.ExitCode);
    }

    private static JsonObject Statement(string id, string principal) =>
        new() { ["StatementId"] = id, ["Action"] = "lambda:InvokeFunction", ["Principal"] = principal };

    private static string PolicyPath(DeployedAccount account) =>
        $"/2015-03-31/functions/{account.Physical("FunctionsBuildNotification", "AWS::Lambda::Function")}/policy";

    private static string Role(DeployedAccount account) => account.Physical("FunctionsPruneServiceRole", "AWS::IAM::Role");

    private static string Policy(DeployedAccount account) => account.Physical("ReadPipelines", "AWS::IAM::ManagedPolicy");

    private static Task IamAsync(DeployedAccount account, string operation, params (string, string)[] parameters) =>
        account.QueryAsync("iam", "2010-05-08", operation, parameters);
}
