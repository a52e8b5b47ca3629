using System.Text.Json.Nodes;
using Automation.Cli.Doctor;
using Automation.Core.Catalog;

namespace Automation.Cli.Tests.Doctor;

[Trait("Category", "Slow")]
public sealed class DoctorTests
{
    [Fact]
    public async Task Doctor_DeployedAndRunning_ReportsNoFaultOrWarning()
    {
        await using var account = await DeployedAccount.StartAsync();

        var run = await account.DoctorAsync();

        Assert.DoesNotContain(
            run.Output.Split('\n'), line => line.Contains(" fault ", StringComparison.Ordinal) || line.Contains(" warning ", StringComparison.Ordinal));
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.All(
            ["credentials", "bootstrap", "service role", "network", "quotas", "repositories", "scanning", "bases", "stack", "topics", "key policy", "resources",
                "schedules", "alarms", "functions", "reconcile", "dead letters", "holds"],
            area => Assert.Matches($@"(?m)^\s*{area} +ok ", run.Output));
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
        Assert.Matches(@"repositories +ok +the deployment creates 3 of 3 in us-east-1", run.Output);
        Assert.DoesNotContain("as they have to be", run.Output, StringComparison.Ordinal);
        Assert.Matches(@"bases +ok +2 bases are not there yet: push them when the repositories exist", run.Output);
        Assert.Matches(@"stack +ok +Automation is not deployed yet", run.Output);
    }

    [Fact]
    public async Task Doctor_RepositoryOfTheFirstDeploymentExists_ReportsFault()
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
    [InlineData("stack-rolled-back", @"stack +warning +Automation is in state UPDATE_ROLLBACK_COMPLETE")]
    [InlineData("subnet-gone", @"network +fault +subnet subnet-0123456789abcdef0 does not exist in us-east-1; it is the subnet of app")]
    [InlineData("enhanced", @"scanning +fault +the registry in us-east-1 uses enhanced scanning, and no scan rule covers app")]
    [InlineData("not-scanned", @"scanning +warning +the registry in us-east-1 uses basic scanning, and pushes to the repositories of app are not scanned")]
    [InlineData("replication", @"replication +fault +images/app is replicated from us-east-1 to eu-west-1, where the automation promotes it as well")]
    [InlineData("cache-immutable", @"pull-through cache +fault +base golden/base comes through a pull-through cache, and its repository is immutable")]
    [InlineData("pipelines-full", @"quotas +fault +2 of 1 image pipelines in us-east-1 are in use")]
    [InlineData("builds-few", @"quotas +warning +the catalog allows 100 concurrent builds \(maxConcurrentBuilds\), and the quota is 5")]
    [InlineData("repository-full", @"quotas +fault +images/app in us-east-1 holds 2 of 2 images: pushes fail")]
    [InlineData("repository-fills", @"quotas +warning +images/app in us-east-1 holds 4 of 5 images")]
    [InlineData("base-missing", @"bases +warning +golden/base:stable has no image: runtime cannot be built")]
    [InlineData("placeholder", @"bases +warning +images/runtime:latest is a placeholder of automation seed: app cannot be built")]
    [InlineData("placeholder-left", @"bases +warning +the placeholder of golden/base:stable is still in its repository\. -> automation seed removes it")]
    [InlineData("parameter-missing", @"bases +fault +ssm:/imagebuilder/base, the base of app, does not exist")]
    [InlineData("parameter-encrypted", @"bases +fault +ssm:/imagebuilder/base, the base of app, is an encrypted parameter")]
    [InlineData("adopted-missing", @"adopted pipelines +fault +app adopts the pipeline theirs, which does not exist")]
    [InlineData("adopted-disabled", @"adopted pipelines +fault +the pipeline theirs of app is disabled")]
    [InlineData("adopted-recipe", @"adopted pipelines +fault +the pipeline theirs of app builds the recipe theirs, and the catalog names another")]
    [InlineData("adopted-schedule", @"adopted pipelines +warning +the pipeline theirs of app has a schedule of its own \(cron\(0 0 \* \* \? \*\)\)")]
    [InlineData("adopted-moves", @"adopted pipelines +fault +the distribution of pipeline theirs moves latest itself, before any gate")]
    [InlineData("adopted-region", @"adopted pipelines +fault +app is promoted in eu-west-1, and the distribution of pipeline theirs does not copy it there")]
    [InlineData("adopted-elsewhere", @"adopted pipelines +fault +the pipeline theirs pushes to images/runtime, and the catalog says that app is in images/app")]
    [InlineData("adopted-parameter",
        @"adopted pipelines +fault +the recipe of pipeline theirs is built on ssm:/golden/base, which Image Builder's service-linked role may not read")]
    [InlineData("function-gone", @"resources +fault +function FunctionsPrune\w+ does not exist any more")]
    [InlineData("failure-destination-gone", @"resources +fault +failure destination FunctionsReconcileEventInvokeConfig\w+ does not exist any more")]
    [InlineData("permission-gone", @"resources +fault +function FunctionsImagePushed\w+ lacks in its policy ImagePushedAllowEventRule\w+")]
    [InlineData("machine-gone", @"resources +fault +state machine WorkflowImageLifecycle\w+ does not exist any more")]
    [InlineData("queue-gone", @"resources +fault +queue DeadLetters\w+ does not exist any more")]
    [InlineData("topic-gone", @"resources +fault +topic Alerts\w+ does not exist any more")]
    [InlineData("rule-gone", @"schedules +fault +rule ImagePushed\w+ does not exist any more")]
    [InlineData("rule-without-target", @"schedules +fault +rule ImagePushed\w+ has no target")]
    [InlineData("schedule-gone", @"schedules +fault +schedule ReconcileAll does not exist any more")]
    [InlineData("schedule-slow", @"schedules +fault +schedule ReconcileAll was changed by hand: expression rate\(7 days\) instead of rate\(1 hour\)")]
    [InlineData("schedule-input", @"schedules +fault +schedule ReconcileAll was changed by hand: not the template's input")]
    [InlineData("schedule-ended", @"schedules +fault +schedule ReconcileAll ended at 2026-01-01")]
    [InlineData("pipeline-gone", @"resources +fault +pipeline ImagesPipelineapp\w+ does not exist any more")]
    [InlineData("pipeline-off", @"resources +fault +pipeline ImagesPipelineapp\w+ is disabled")]
    [InlineData("pipeline-silent", @"resources +fault +pipeline ImagesPipelineapp\w+ notifies no topic when a build ends")]
    [InlineData("lifecycle-base",
        @"lifecycle policies +warning +rule 1 of golden/base's lifecycle policy in us-east-1 expires tagged and untagged images, among them bases")]
    [InlineData("immutable-base",
        @"(?s)(?=.*resources +fault +repository ImagesRepositorygoldenbase\w+ was changed by hand).*repositories +warning +golden/base in us-east-1 is immutable for the tag stable: no newer image can take it")]
    [InlineData("repository-denies", @"repositories +warning +the policy of images/app in us-east-1 denies something")]
    [InlineData("default-vpc-empty", @"network +fault +the default VPC vpc-\w+ has no subnet")]
    [InlineData("key-denies", @"key policy +fault +the key of the topic of alerts does not let cloudwatch\.amazonaws\.com encrypt")]
    [InlineData("key-of-sns", @"key policy +fault +the key of the topic of Image Builder's notifications does not let AWSServiceRoleForImageBuilder encrypt")]
    [InlineData("topic-denies", @"topics +fault +the policy of the topic of Image Builder's notifications does not let AWSServiceRoleForImageBuilder publish")]
    [InlineData("pipeline-schedule", @"resources +fault +pipeline ImagesPipelineapp\w+ has a schedule of its own")]
    [InlineData("pipeline-moves", @"resources +fault +pipeline ImagesPipelineapp\w+ moves latest itself")]
    [InlineData("function-fails", @"functions +warning +FunctionsPrune\w+ failed 1 of 1 times within a day")]
    [InlineData("reconcile-fails", @"reconcile +warning +ran last at .*, and failed 1 of \d+ times within a day")]
    [InlineData("function-slow", @"resources +fault +function FunctionsPrune\w+ was changed by hand: timeout 3 instead of 900")]
    [InlineData("function-small", @"resources +fault +function FunctionsPrune\w+ was changed by hand: memory 128 instead of 256")]
    [InlineData("function-environment", @"resources +fault +function FunctionsPrune\w+ was changed by hand: not the template's environment")]
    [InlineData("function-role", @"resources +fault +function FunctionsPrune\w+ was changed by hand: not the template's role")]
    [InlineData("function-code", @"resources +fault +function FunctionsPrune\w+ runs other code than the other functions")]
    [InlineData("retries-none",
        @"resources +fault +failure destination FunctionsReconcileEventInvokeConfig\w+ was changed by hand: number of retries 0 instead of 2")]
    [InlineData("rule-pattern", @"schedules +fault +rule ImagePushed\w+ was changed by hand: not the template's event pattern")]
    [InlineData("rule-target", @"schedules +fault +rule ImagePushed\w+ was changed by hand: not the template's targets")]
    [InlineData("machine-changed", @"resources +fault +state machine WorkflowImageLifecycle\w+ was changed by hand: not the template's definition")]
    [InlineData("queue-short", @"resources +fault +queue DeadLetters\w+ was changed by hand: retention in seconds 60 instead of 1209600")]
    [InlineData("subscription-filter",
        @"resources +fault +subscription FunctionsBuildNotification\w+ was changed by hand: a filter policy that the template does not have")]
    [InlineData("policy-gone", @"resources +fault +policy FunctionsPruneServiceRoleDefaultPolicy\w+ does not exist any more")]
    [InlineData("policy-changed", @"resources +fault +policy FunctionsPruneServiceRoleDefaultPolicy\w+ was changed by hand: not the template's document")]
    [InlineData("infrastructure-changed",
        @"resources +fault +infrastructure configuration ImagesInfrastructure\w+ was changed by hand: instance profile theirs instead of ")]
    [InlineData("infrastructure-placed",
        @"resources +fault +infrastructure configuration ImagesInfrastructure\w+ was changed by hand: a subnet that the template does not have")]
    [InlineData("pipeline-recipe", @"resources +fault +pipeline ImagesPipelineapp\w+ was changed by hand: not the template's recipe")]
    [InlineData("infrastructure-types",
        @"resources +fault +infrastructure configuration ImagesInfrastructure\w+ was changed by hand: a list of instance types that the template does not have")]
    [InlineData("distribution-elsewhere",
        @"resources +fault +distribution configuration ImagesDistributionapp\w+ was changed by hand: not the template's set of Regions, repositories and tags")]
    [InlineData("pipeline-untested", @"resources +fault +pipeline ImagesPipelineapp\w+ was changed by hand: setting of tests false instead of true")]
    [InlineData("queue-policy", @"resources +fault +queue policy DeadLettersPolicy\w+ was changed by hand: not the template's document")]
    [InlineData("topic-plain", @"resources +fault +topic Notifications\w+ was changed by hand: no key")]
    [InlineData("role-more", @"resources +fault +role FunctionsPruneServiceRole\w+ was changed by hand: the template does not have its policy more")]
    [InlineData("repository-mutable",
        @"resources +fault +repository ImagesRepositoryimagesapp\w* was changed by hand: tag mutability MUTABLE instead of MUTABLE_WITH_EXCLUSION")]
    [InlineData("security-group-gone", @"network +fault +security group sg-0123456789abcdef0 does not exist in us-east-1; builds of app would not start")]
    [InlineData("security-group-elsewhere",
        @"network +fault +security group sg-\w+ is in vpc-\w+, and its builds run in vpc-\w+: those of app would not start")]
    public async Task Doctor_PlantedFault_IsReportedWithWhatToDo(string fault, string expected)
    {
        await using var account = await DeployedAccount.StartAsync();
        await PlantedFaults.PlantAsync(account, fault);

        var run = await account.DoctorAsync();

        Assert.Matches(expected, run.Output);
        Assert.Matches("-> ", run.Output);
        Assert.Equal(expected.Contains("fault", StringComparison.Ordinal) ? 1 : 0, run.ExitCode);
    }

    // cdk.json was edited and not deployed, so the schedule did not change manually.
    [Fact]
    public void Check_ScheduleOfAnEarlierCdkJson_IsAWarning()
    {
        var schedule = new ResourceFacts("schedule", "ReconcileAll", new Reading<ResourceState?>(new ResourceState { Expression = "rate(1 hour)" }, null));
        var scope = new DoctorScope(ImageCatalog.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Deployed", "catalog.json"))), "Automation",
            ["us-east-1"], "rate(2 hours)", DateTimeOffset.UnixEpoch);

        var line = Assert.Single(ResourceChecks.Check(scope, [schedule]));

        Assert.Equal((Health.Warning, "schedule ReconcileAll runs at rate(1 hour), and cdk.json says rate(2 hours)"), (line.Health, line.Text));
    }

    [Fact]
    public async Task Doctor_TemplateThatCannotBeRead_SaysThatChangesByHandAreNotSeen()
    {
        await using var account = await DeployedAccount.StartAsync();
        account.Host.Cloud.Run(() => account.Host.Cloud.BeforeCall = (service, operation, _) =>
        {
            if (operation == "GetTemplate")
            {
                throw new LocalCloud.Wire.AwsException("AccessDenied", "not authorized to perform cloudformation:GetTemplate");
            }
        });

        var run = await account.DoctorAsync();

        Assert.Equal(0, run.ExitCode);
        Assert.Matches(@"stack +warning +could not be read: .*GetTemplate.*\(AccessDenied\)\. -> Ask for read access", run.Output);
    }

    [Fact]
    public async Task Doctor_ServiceFails_ReportsWarning()
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
    public async Task Doctor_Json_HasOneObjectPerLine()
    {
        await using var account = await DeployedAccount.StartAsync();

        var run = await account.DoctorAsync("--output", "json");

        var lines = JsonNode.Parse(run.Output)!.AsArray();
        Assert.Contains(lines, line => line!["area"]!.ToString() == "dead letters" && line["health"]!.ToString() == "ok");
    }
}
