using System.Text.Json.Nodes;

namespace Automation.Cli.Tests.Doctor;

public sealed class DoctorTests
{
    [Fact]
    public async Task Doctor_DeployedAndRunning_FindsNoFaultAndExitsWithZero()
    {
        await using var account = await DeployedAccount.StartAsync();

        var run = await account.DoctorAsync();

        Assert.DoesNotMatch(" fault ", run.Output);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Matches(@"credentials +ok +account 123456789012, us-east-1, as arn:aws:iam::123456789012:user/local", run.Output);
        Assert.Matches(@"reconcile +ok +ran last at 2026-01-05", run.Output);
        Assert.Matches(@"dead letters +ok +none", run.Output);
    }

    [Fact]
    public async Task Doctor_NewAccount_SaysWhatTheFirstDeploymentNeeds()
    {
        await using var account = await DeployedAccount.EmptyAsync();

        var run = await account.DoctorAsync();

        Assert.Equal(1, run.ExitCode);
        Assert.Matches(@"bootstrap +fault +us-east-1 is not bootstrapped for the CDK\. -> npx aws-cdk@2 bootstrap aws://123456789012/us-east-1", run.Output);
        Assert.Matches(@"service role +warning +AWSServiceRoleForImageBuilder does not exist", run.Output);
        Assert.Matches(@"network +ok +2 images without a subnet build in the default VPC vpc-", run.Output);
        Assert.Matches(@"quotas +ok +2 of 75 image pipelines in us-east-1 after the deployment", run.Output);
        Assert.Matches(@"stack +ok +Automation is not deployed yet", run.Output);
    }

    [Fact]
    public async Task Doctor_RepositoryThatTheFirstDeploymentWouldCreate_IsAFaultBeforeTheDeployment()
    {
        await using var account = await DeployedAccount.EmptyAsync();
        await account.JsonAsync("ecr", "AmazonEC2ContainerRegistry_V20150921.CreateRepository", new JsonObject { ["repositoryName"] = "images/app" });

        var run = await account.DoctorAsync();

        Assert.Matches(@"repositories +fault +images/app in us-east-1 exists already.*--import-existing-resources", run.Output);
    }

    [Theory]
    [InlineData("bootstrap-old", @"bootstrap +fault +the CDK bootstrap stack in us-east-1 has version 4")]
    [InlineData("no-default-vpc", @"network +fault +us-east-1 has no default VPC.*runtime, app")]
    [InlineData("no-service-role", @"service role +warning +AWSServiceRoleForImageBuilder does not exist")]
    [InlineData("repository-gone", @"repositories +fault +images/runtime in us-east-1 does not exist")]
    [InlineData("immutable", @"repositories +fault +images/app in us-east-1 is immutable for floating tags of app, such as 1")]
    [InlineData("lifecycle-tagged", @"lifecycle policies +fault +rule 1 of images/app's lifecycle policy in us-east-1 expires tagged and untagged images")]
    [InlineData("lifecycle-untagged", @"lifecycle policies +warning +rule 1 of images/app's lifecycle policy in us-east-1 expires untagged images")]
    [InlineData("key-policy", @"key policy +fault +the key of the topic of Image Builder's notifications does not let AWSServiceRoleForImageBuilder encrypt")]
    [InlineData("pending", @"topics +fault +anna@example\.com has not confirmed its subscription to the topic of alerts")]
    [InlineData("notifications-unsubscribed", @"topics +fault +the function BuildNotification is not subscribed")]
    [InlineData("dead-letter", @"dead letters +fault +1 message could not be processed\. -> automation redrive")]
    [InlineData("schedule-off", @"schedules +fault +schedule ReconcileAll is disabled")]
    [InlineData("rule-off", @"schedules +fault +rule ImagePushed\w* is disabled")]
    [InlineData("reconcile-silent", @"reconcile +fault +the reconcile \(rate\(1 hour\)\) ran last at 2026-01-05")]
    [InlineData("reconcile-fails", @"reconcile +warning +ran last at .*, and failed 1 of \d+ times within a day")]
    public async Task Doctor_PlantedFault_IsNamedWithWhatToDo(string fault, string expected)
    {
        await using var account = await DeployedAccount.StartAsync();
        await PlantAsync(account, fault);

        var run = await account.DoctorAsync();

        Assert.Matches(expected, run.Output);
        Assert.Matches("-> ", run.Output);
        Assert.Equal(expected.Contains("fault", StringComparison.Ordinal) ? 1 : 0, run.ExitCode);
    }

    [Fact]
    public async Task Doctor_ServiceThatFails_IsAWarningThatItCouldNotBeRead()
    {
        await using var account = await DeployedAccount.StartAsync();
        account.Host.Cloud.Run(() => account.Host.Cloud.BeforeCall = (service, operation, _) =>
        {
            if (service == "servicequotas")
            {
                throw new LocalCloud.Wire.AwsException("AccessDeniedException", $"not authorized to perform servicequotas:{operation}");
            }
        });

        var run = await account.DoctorAsync();

        Assert.Equal(0, run.ExitCode);
        Assert.Matches(@"quotas +warning +could not be read: .*\(AccessDeniedException\)\. -> Ask for read access", run.Output);
    }

    [Fact]
    public async Task Doctor_Json_HasOneObjectForEachLine()
    {
        await using var account = await DeployedAccount.StartAsync();

        var run = await account.DoctorAsync("--json");

        var lines = JsonNode.Parse(run.Output)!.AsArray();
        Assert.Contains(lines, line => line!["area"]!.ToString() == "dead letters" && line["health"]!.ToString() == "ok");
    }

    private static Task PlantAsync(DeployedAccount account, string fault) => fault switch
    {
        "bootstrap-old" => account.PutParameterAsync("/cdk-bootstrap/hnb659fds/version", "4"),
        "no-default-vpc" => DeleteDefaultVpcAsync(account),
        "no-service-role" => account.QueryAsync("iam", "2010-05-08", "DeleteServiceLinkedRole", ("RoleName", "AWSServiceRoleForImageBuilder")),
        "repository-gone" => Ecr(account, "DeleteRepository", "images/runtime", ("force", true)),
        "immutable" => Ecr(account, "PutImageTagMutability", "images/app", ("imageTagMutability", "IMMUTABLE")),
        "lifecycle-tagged" => Ecr(account, "PutLifecyclePolicy", "images/app", ("lifecyclePolicyText", Lifecycle("any"))),
        "lifecycle-untagged" => Ecr(account, "PutLifecyclePolicy", "images/app", ("lifecyclePolicyText", Lifecycle("untagged"))),
        "key-policy" => account.JsonAsync("kms", "TrentService.PutKeyPolicy", new JsonObject
        {
            ["KeyId"] = account.Physical("Key", "AWS::KMS::Key"),
            ["PolicyName"] = "default",
            ["Policy"] = """{"Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"kms:*","Resource":"*"}]}""",
        }),
        "pending" => account.SubscribeAsync("email", "anna@example.com"),
        "notifications-unsubscribed" => account.QueryAsync(
            "sns", "2010-03-31", "Unsubscribe", ("SubscriptionArn", account.Physical("FunctionsBuildNotification", "AWS::SNS::Subscription"))),
        "dead-letter" => account.JsonAsync("sqs", "AmazonSQS.SendMessage", new JsonObject
        {
            ["QueueUrl"] = account.Physical("DeadLetters", "AWS::SQS::Queue"),
            ["MessageBody"] = "rubbish",
        }),
        "schedule-off" => SwitchOffAsync(account),
        "rule-off" => account.JsonAsync("events", "AWSEvents.DisableRule", new JsonObject { ["Name"] = account.Physical("ImagePushed", "AWS::Events::Rule") }),
        "reconcile-silent" => SilenceAsync(account),
        "reconcile-fails" => Task.Run(() => account.Reconciled(failed: true)),
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, null),
    };

    private static Task Ecr(DeployedAccount account, string operation, string repository, (string Name, JsonNode Value) member) => account.JsonAsync(
        "ecr", $"AmazonEC2ContainerRegistry_V20150921.{operation}", new JsonObject { ["repositoryName"] = repository, [member.Name] = member.Value });

    private static string Lifecycle(string status) =>
        $$$"""{"rules":[{"rulePriority":1,"selection":{"tagStatus":"{{{status}}}","countType":"imageCountMoreThan","countNumber":5},"action":{"type":"expire"}}]}""";

    private static async Task DeleteDefaultVpcAsync(DeployedAccount account)
    {
        var vpcs = await account.QueryAsync("ec2", "2016-11-15", "DescribeVpcs");
        var id = vpcs[(vpcs.IndexOf("<vpcId>", StringComparison.Ordinal) + 7)..].Split('<')[0];
        await account.QueryAsync("ec2", "2016-11-15", "DeleteVpc", ("VpcId", id));
    }

    private static async Task SilenceAsync(DeployedAccount account)
    {
        await SwitchOffAsync(account);
        await account.Host.Cloud.AdvanceAsync(TimeSpan.FromHours(5), TestContext.Current.CancellationToken);
    }

    private static async Task SwitchOffAsync(DeployedAccount account)
    {
        var path = $"/schedules/{account.Physical("ReconcileAll", "AWS::Scheduler::Schedule")}";
        var schedule = await account.RestAsync(HttpMethod.Get, "scheduler", path);
        await account.RestAsync(HttpMethod.Put, "scheduler", path, new JsonObject
        {
            ["State"] = "DISABLED",
            ["ScheduleExpression"] = schedule["ScheduleExpression"]!.ToString(),
            ["FlexibleTimeWindow"] = new JsonObject { ["Mode"] = "OFF" },
            ["Target"] = schedule["Target"]!.DeepClone(),
        });
    }
}
