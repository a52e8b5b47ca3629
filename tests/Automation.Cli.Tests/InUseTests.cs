using System.Text;
using System.Text.Json.Nodes;

namespace Automation.Cli.Tests;

/// <summary>Where images run, by <c>why --in-use</c>, <c>plan</c> and <c>status</c>.</summary>
public sealed class InUseTests
{
    [Fact]
    public async Task Why_InUse_ListsTasksWithTheirBuild_AndWhatWouldStart()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.PushBaseAsync("one");
        await fleet.BuildAsync();
        await RunAsync(fleet, "images/app:1.0.0-1");

        var run = await fleet.RunAsync("why", "app", "--in-use");

        Assert.Equal(0, run.ExitCode);
        Assert.Matches(@"app (1\.0\.0/1 )?[0-9a-f]{12} in us-east-1 +runs in +task job:1 of cluster prod, account 123456789012, us-east-1, since 2026-01-",
            run.Output);
        Assert.Matches(@"would run in +task definition job:1, account 123456789012, us-east-1", run.Output);
    }

    [Fact]
    public async Task Why_InUse_AsJson_HasAnObjectForEachPlace()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.PushBaseAsync("one");
        await fleet.BuildAsync();
        await RunAsync(fleet, "images/app:1.0.0-1");

        var run = await fleet.RunAsync("why", "app", "--in-use", "--output", "json");

        var uses = JsonNode.Parse(run.Output)!.AsArray().Select(use => $"{use!["image"]} {use["use"]} {use["region"]} {use["tag"]} {use["account"]}")
            .Order(StringComparer.Ordinal);
        Assert.Equal(["app runs us-east-1  123456789012", "app would-run us-east-1 1.0.0-1 123456789012"], uses);
        Assert.Equal("[]", (await fleet.RunAsync("why", "app-web", "--in-use", "--output", "json")).Output.Trim());
    }

    [Fact]
    public async Task Why_InUse_NothingRuns_SaysSo()
    {
        await using var fleet = await CommandFixture.StartAsync();

        var run = await fleet.RunAsync("why", "app", "--in-use");

        Assert.Equal("No workload runs app or would start it.", run.Output.Trim());
    }

    [Fact]
    public async Task Status_OnlyAnOlderBuildRuns_ShowsThePromotedTagAsNotRunning()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.PushBaseAsync("one");
        await PromotedAsync(fleet, "1.0.0/1");
        await RunAsync(fleet, "images/app:1.0.0-1");
        await fleet.PushBaseAsync("two");
        await PromotedAsync(fleet, "1.0.0/2");

        var run = await fleet.RunAsync("status");

        Assert.Matches(@"latest in us-east-1 is 1\.0\.0/2, promoted .* ago, but task job:1 of cluster prod, .* still runs 1\.0\.0/1", run.Output);
    }

    /// <summary>Services that a catalog's <c>usage</c> names besides ECS and Lambda.</summary>
    [Theory]
    [InlineData("batch", "/v1/registerjobdefinition", null,
        """{"jobDefinitionName":"nightly","type":"container","containerProperties":{"image":"«image»"}}""", "would run in +job definition nightly:1, account 123456789012")]
    [InlineData("sagemaker", "/", "SageMaker.CreateModel", """{"ModelName":"ranker","PrimaryContainer":{"Image":"«image»"}}""",
        "would run in +model ranker, account 123456789012")]
    [InlineData("codebuild", "/", "CodeBuild_20161006.CreateProject",
        """{"name":"compile","source":{"type":"NO_SOURCE"},"artifacts":{"type":"NO_ARTIFACTS"},"environment":{"type":"LINUX_CONTAINER","computeType":"BUILD_GENERAL1_SMALL","image":"«image»"},"serviceRole":"arn:aws:iam::123456789012:role/r"}""",
        "would run in +CodeBuild project compile, account 123456789012")]
    [InlineData("apprunner", "/", "AppRunner.CreateService",
        """{"ServiceName":"front","SourceConfiguration":{"ImageRepository":{"ImageIdentifier":"«image»","ImageRepositoryType":"ECR"}}}""",
        "App Runner service front, account 123456789012")]
    public async Task Why_InUse_ListsOtherServicesThatTheCatalogNames(string kind, string path, string? target, string input, string shown)
    {
        await using var fleet = await CommandFixture.StartAsync();
        var catalog = JsonNode.Parse(await File.ReadAllTextAsync(fleet.Catalog, TestContext.Current.CancellationToken))!;
        catalog["usage"] = new JsonArray(new JsonObject { ["kind"] = kind });
        fleet.Catalog = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await File.WriteAllTextAsync(fleet.Catalog, catalog.ToJsonString(), TestContext.Current.CancellationToken);
        await fleet.PushBaseAsync("one");
        await fleet.BuildAsync();
        await SendAsync(
            fleet, kind, path, target, input.Replace("«image»", "123456789012.dkr.ecr.us-east-1.amazonaws.com/images/app:1.0.0-1", StringComparison.Ordinal));

        var run = await fleet.RunAsync("why", "app", "--in-use");
        File.Delete(fleet.Catalog);

        Assert.Matches(shown, run.Output);
    }

    private static async Task PromotedAsync(CommandFixture fleet, string version)
    {
        var build = await fleet.BuildAsync();
        await fleet.PutTagAsync(version, "latest");
        var digest = fleet.Host.Cloud.Run(() => fleet.Host.Cloud.Ecr.Find("us-east-1", "images/app", version.Replace('/', '-'))!.Digest);
        await fleet.TagAsync(build, ("automation:release", "promoted"), ("automation:promoted-at", "2026-01-05T08:00:00Z"), ("automation:digest", digest));
    }

    private static async Task RunAsync(CommandFixture fleet, string image)
    {
        await EcsAsync(fleet, "CreateCluster", new JsonObject { ["clusterName"] = "prod" });
        await EcsAsync(fleet, "RegisterTaskDefinition", new JsonObject
        {
            ["family"] = "job",
            ["containerDefinitions"] = new JsonArray(new JsonObject { ["name"] = "main", ["image"] = $"123456789012.dkr.ecr.us-east-1.amazonaws.com/{image}" }),
        });
        await EcsAsync(fleet, "RunTask", new JsonObject { ["cluster"] = "prod", ["taskDefinition"] = "job:1" });
    }

    private static Task EcsAsync(CommandFixture fleet, string operation, JsonObject input) =>
        SendAsync(fleet, "ecs", "/", $"AmazonEC2ContainerServiceV20141113.{operation}", input.ToJsonString());

    private static async Task SendAsync(CommandFixture fleet, string service, string path, string? target, string input)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(fleet.Host.Endpoint, path))
        {
            Content = new StringContent(input, Encoding.UTF8, "application/x-amz-json-1.1")
        };
        if (target is not null)
        {
            request.Headers.TryAddWithoutValidation("X-Amz-Target", target);
        }

        request.Headers.TryAddWithoutValidation(
            "Authorization", $"AWS4-HMAC-SHA256 Credential=AKIATEST/20260105/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0");
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
