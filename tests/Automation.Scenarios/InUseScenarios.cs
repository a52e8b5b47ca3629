using System.Text.Json.Nodes;
using Automation.Core;
using Automation.Core.Retention;
using Automation.LocalCloud;

namespace Automation.Scenarios;

/// <summary>An image that a workload runs, or would start, is never deleted. Without a workload, builds 1 and 2 of the four here would be.</summary>
public sealed class InUseScenarios
{
    private static readonly string[] Kept = ["1.0.0/1", "1.0.0/3", "1.0.0/4"];
    private static readonly string[] KeptWithout = ["1.0.0/3", "1.0.0/4"];

    public static TheoryData<string> Users => ["task", "service", "earlier deployment", "task definition", "rule", "schedule", "function", "version",
        "job definition", "model", "project"];

    [Theory]
    [MemberData(nameof(Users))]
    public async Task AnImageInUse_IsKept_InItsRegion_AndThePlanSaysWhere(string user)
    {
        var fleet = await Arrangements.FourReleasesAsync();
        await using var cloud = fleet.Cloud;
        var first = (await fleet.TagsAsync("images/edge"))["v1.0.0.1"];
        var where = await UseAsync(new Workloads(cloud), user, $"images/edge@{first}", "images/edge:latest");

        await PruneTwiceAsync(fleet);

        Assert.Equal(Kept, (await fleet.BuildsAsync("edge")).Select(build => build.Version));
        Assert.Contains(await fleet.ImagesAsync("images/edge"), image => image.ImageDigest == first);
        Assert.Contains(await ReasonsAsync(fleet), reason => reason.Code == "deployed" && reason.Text.StartsWith(where, StringComparison.Ordinal));
    }

    [Fact]
    public async Task AStoppedTask_KeepsNothing()
    {
        var fleet = await Arrangements.FourReleasesAsync();
        await using var cloud = fleet.Cloud;
        var workloads = new Workloads(cloud);
        var task = await workloads.RunTaskAsync("job", "images/edge:v1.0.0.1");
        await workloads.ForgetAsync("job:1");
        await workloads.StopTaskAsync(task);

        await PruneTwiceAsync(fleet);

        Assert.Equal(KeptWithout, (await fleet.BuildsAsync("edge")).Select(build => build.Version));
    }

    [Fact]
    public async Task ADeregisteredJobDefinition_KeepsNothing()
    {
        var fleet = await Arrangements.FourReleasesAsync();
        await using var cloud = fleet.Cloud;
        var workloads = new Workloads(cloud);
        await workloads.RegisterJobDefinitionAsync("nightly", "images/edge:v1.0.0.1");
        await workloads.DeregisterJobDefinitionAsync("nightly:1");

        await PruneTwiceAsync(fleet);

        Assert.Equal(KeptWithout, (await fleet.BuildsAsync("edge")).Select(build => build.Version));
    }

    /// <summary>App Runner does not report which image a tag named when the service was deployed.</summary>
    [Fact]
    public async Task AnAppRunnerServiceOnAFloatingTag_KeepsEverythingInTheRepository_AndThePlanSaysWhy()
    {
        var fleet = await Arrangements.FourReleasesAsync();
        await using var cloud = fleet.Cloud;
        await new Workloads(cloud).CreateRunnerAsync("front", "images/edge:latest");

        await PruneTwiceAsync(fleet);

        Assert.Equal(4, (await fleet.BuildsAsync("edge")).Count);
        Assert.Contains(await ReasonsAsync(fleet), reason => reason.Text.Contains("App Runner service front", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ATaskThatStartsAfterThePlan_IsSeenRightBeforeTheDeletion()
    {
        var fleet = await Arrangements.FourReleasesAsync();
        await using var cloud = fleet.Cloud;
        var workloads = new Workloads(cloud);
        await cloud.AdvanceAsync(TimeSpan.FromDays(3));
        await PruneAsync(fleet, "marks");
        await cloud.AdvanceAsync(TimeSpan.FromDays(2));

        // The next prune shares what this one read, although it is two hours old by then.
        await PruneAsync(fleet, "reports", delete: false);
        await cloud.AdvanceAsync(TimeSpan.FromHours(2));
        var task = await workloads.RunTaskAsync("job", "images/edge:v1.0.0.1");
        Assert.NotEmpty(task);

        await PruneAsync(fleet, "deletes");

        Assert.Contains("v1.0.0.1", (await fleet.TagsAsync("images/edge")).Keys);
        Assert.Equal(Kept, (await fleet.BuildsAsync("edge")).Select(build => build.Version));
    }

    [Theory]
    [InlineData("ecs", "ListTasks", "the workloads of Ecs cannot be read: Could not call ecs:ListTasks in account 123456789012, us-east-1")]
    [InlineData("batch", "DescribeJobDefinitions", "the workloads of Batch cannot be read: Could not call batch:DescribeJobDefinitions in account 123456789012")]
    [InlineData("sagemaker", "ListModels", "the workloads of SageMaker cannot be read: Could not call sagemaker:ListModels in account 123456789012")]
    [InlineData("codebuild", "ListProjects", "the workloads of CodeBuild cannot be read: Could not call codebuild:ListProjects in account 123456789012")]
    [InlineData("apprunner", "ListServices", "the workloads of AppRunner cannot be read: Could not call apprunner:ListServices in account 123456789012")]
    [InlineData("lambda", "ListFunctions", "the workloads of Lambda cannot be read: Could not call lambda:ListFunctions in account 123456789012, us-east-1")]
    public async Task AServiceThatRefuses_KeepsEverything_AndSaysWhy(string service, string operation, string why)
    {
        var fleet = await Arrangements.FourReleasesAsync();
        await using var cloud = fleet.Cloud;
        await new Workloads(cloud).RunTaskAsync("job", "golden/base:stable");
        await cloud.InjectAsync(
            new FaultRule(FaultKind.Error, Service: service, Operation: operation, Count: null, Code: "AccessDeniedException", Status: 400,
                Region: "us-east-1"));

        await PruneTwiceAsync(fleet);

        Assert.Equal(4, (await fleet.BuildsAsync("edge")).Count);
        Assert.Contains(await cloud.JournalAsync(),
            entry => entry is { Source: "lambda", Kind: "function-returned" } && entry.Data["output"]!.Contains(why, StringComparison.Ordinal));
    }

    private static async Task<string> UseAsync(Workloads workloads, string user, string image, string newer)
    {
        switch (user)
        {
            case "task":
                await workloads.RunTaskAsync("job", image);
                await workloads.ForgetAsync("job:1");
                return "runs in task job:1 of cluster prod, account 123456789012, us-east-1, since 2026-01-";
            case "service":
                await workloads.CreateServiceAsync("web", image);
                return "runs in service web of cluster prod, account 123456789012, us-east-1, since 2026-01-";
            case "earlier deployment":
                await workloads.CreateServiceAsync("web", image);
                await workloads.UpdateServiceAsync("web", newer);
                return "would run in an earlier deployment of service web of cluster prod";
            case "task definition":
                await workloads.RegisterAsync("job", image);
                return "would run in task definition job:1";
            case "rule":
                await workloads.CreateRuleAsync("nightly", await workloads.RegisterAsync("job", image));
                await workloads.ForgetAsync("job:1");
                return "would run in rule nightly";
            case "schedule":
                await workloads.CreateScheduleAsync("nightly", await workloads.RegisterAsync("job", image));
                await workloads.ForgetAsync("job:1");
                return "would run in schedule nightly";
            case "job definition":
                await workloads.RegisterJobDefinitionAsync("nightly", image);
                return "would run in job definition nightly:1, account 123456789012, us-east-1";
            case "model":
                await workloads.CreateModelAsync("ranker", image);
                return "would run in model ranker, account 123456789012, us-east-1, since 2026-01-";
            case "project":
                await workloads.CreateProjectAsync("compile", image);
                return "would run in CodeBuild project compile, account 123456789012, us-east-1";
            case "function":
                await workloads.CreateFunctionAsync("checkout", image);
                return "runs in function checkout, account 123456789012, us-east-1, since 2026-01-";
            default:
                await workloads.CreateFunctionAsync("checkout", image);
                await workloads.PublishVersionAsync("checkout");
                await workloads.UpdateCodeAsync("checkout", newer);
                return "runs in function checkout version 1";
        }
    }

    private static async Task PruneTwiceAsync(Fleet fleet)
    {
        await fleet.Cloud.AdvanceAsync(TimeSpan.FromDays(3));
        await PruneAsync(fleet, "marks");
        await fleet.Cloud.AdvanceAsync(TimeSpan.FromDays(2));
        await PruneAsync(fleet, "deletes");
    }

    /// <summary>The reasons in the plan of the stack's own Region.</summary>
    private static async Task<IReadOnlyList<Reason>> ReasonsAsync(Fleet fleet)
    {
        var reader = fleet.Cloud.Reader();
        var image = reader.Image("edge");
        var (pipeline, records) = await reader.Pipelines.RecordsAsync(image, CancellationToken.None);
        var facts = await reader.Retention.ReadAsync(
            image, fleet.Cloud.Region, pipeline, records, reader.Retention.Sources(), await fleet.Cloud.NowAsync(), CancellationToken.None);
        return [.. RetentionPlanner.Plan(facts!).Items.SelectMany(item => item.Reasons)];
    }

    private static async Task PruneAsync(Fleet fleet, string name, bool delete = true)
    {
        var execution = await fleet.StartAsync($"prune-edge-{name}", new JsonObject { ["action"] = "prune", ["image"] = "edge", ["delete"] = delete });
        await fleet.Cloud.SettleAsync();
        Assert.Equal("SUCCEEDED", (await fleet.ResultAsync(execution)).Status);
    }
}
