using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json.Nodes;
using Automation.LocalCloud.ImageBuilder;
using Xunit;
using static Automation.LocalCloud.Tests.ImageBuilder.ImageBuilderFixture;

namespace Automation.LocalCloud.Tests.ImageBuilder;

public sealed class BuildTests : IDisposable
{
    private readonly ImageBuilderFixture _cloud = new();

    [Fact]
    public async Task Build_RunsThroughAllStatesOnTheClock()
    {
        _cloud.CreateRepository("app");
        var pipeline = _cloud.CreatePipeline();
        var arn = _cloud.Start(pipeline);
        Assert.Equal(Arn("image/app/1.0.0/1"), arn);
        Assert.Equal("PENDING", _cloud.Status(arn));
        var start = _cloud.Cloud.Clock.Now;

        await _cloud.IdleAsync();

        Assert.Equal(
            ["CREATING>BUILDING", "BUILDING>TESTING", "TESTING>DISTRIBUTING", "DISTRIBUTING>INTEGRATING", "INTEGRATING>AVAILABLE"],
            _cloud.StateEvents);
        Assert.All(_cloud.Events, published => Assert.Equal(arn, published["resources"]![0]!.GetValue<string>()));
        Assert.Equal(TimeSpan.FromSeconds(16 * 60 + 10), _cloud.Cloud.Clock.Now - start);
        var image = _cloud.Image(arn);
        Assert.Equal("AVAILABLE", image["state"]!["status"]!.GetValue<string>());
        Assert.Equal("DOCKER", image["type"]!.GetValue<string>());
        Assert.Equal(pipeline, image["sourcePipelineArn"]!.GetValue<string>());
        Assert.Equal($"{Host}/app:1.0.0-1", image["outputResources"]!["containers"]![0]!["imageUris"]![0]!.GetValue<string>());
    }

    [Fact]
    public async Task Build_WithTestsDisabled_SkipsTesting()
    {
        _cloud.CreateRepository("app");
        _cloud.Start(_cloud.CreatePipeline(more: new JsonObject { ["imageTestsConfiguration"] = new JsonObject { ["imageTestsEnabled"] = false } }));

        await _cloud.IdleAsync();

        Assert.Contains("BUILDING>DISTRIBUTING", _cloud.StateEvents);
    }

    [Fact]
    public async Task Build_TestsLongerThanTheirTimeout_Fails()
    {
        _cloud.CreateRepository("app");
        _cloud.Cloud.ImageBuilder.Timings = new BuildTimings { Testing = TimeSpan.FromHours(3) };
        var arn = _cloud.Start(_cloud.CreatePipeline(more: new JsonObject { ["imageTestsConfiguration"] = new JsonObject { ["timeoutMinutes"] = 60 } }));

        await _cloud.IdleAsync();

        Assert.Equal("FAILED", _cloud.Status(arn));
        Assert.Equal("The tests did not end within 60 minutes.", _cloud.Reason(arn));
        Assert.Equal("TESTING", _cloud.Image(arn)["state"]!["failureContext"]!["imageStatus"]!.GetValue<string>());
    }

    [Fact]
    public async Task Image_IsBasedOnItsParentInTheLocalRegistry()
    {
        _cloud.CreateRepository("base");
        _cloud.CreateRepository("app");
        var parent = _cloud.Push("base", "1", "first");
        var arn = _cloud.Start(_cloud.CreatePipeline(parent: $"{Host}/base:1"));

        await _cloud.IdleAsync();

        Assert.True(_cloud.Reason(arn) is null, _cloud.Reason(arn));
        var layers = _cloud.Manifest("app", "1.0.0-1")["layers"]!.AsArray();
        Assert.Equal(2, layers.Count);
        Assert.Equal(_cloud.Manifest("base", "1")["layers"]![0]!["digest"]!.GetValue<string>(), layers[0]!["digest"]!.GetValue<string>());
        var config = _cloud.Config("app", "1.0.0-1");
        Assert.Equal(parent, config["config"]!["Labels"]!["org.opencontainers.image.base.digest"]!.GetValue<string>());
        Assert.Equal("yes", config["config"]!["Labels"]!["kept"]!.GetValue<string>());
        Assert.Equal(2, config["rootfs"]!["diff_ids"]!.AsArray().Count);
        Assert.Equal(2, config["history"]!.AsArray().Count);
    }

    [Fact]
    public async Task Image_ContainsRenderedDockerfileAndComponents()
    {
        _cloud.CreateRepository("app");
        var recipe = _cloud.CreateRecipe(components: [new { componentArn = "arn:aws:imagebuilder:us-east-1:aws:component/update-linux/x.x.x" }]);
        var arn =
            _cloud.Ok("CreateImage",
                new
                {
                    containerRecipeArn = recipe,
                    infrastructureConfigurationArn = _cloud.CreateInfrastructure()
                })["imageBuildVersionArn"]!.GetValue<string>();

        await _cloud.IdleAsync();

        Assert.True(_cloud.Reason(arn) is null, _cloud.Reason(arn));
        var layers = _cloud.Manifest("app", "1.0.0-1")["layers"]!.AsArray();
        var bytes = _cloud.Cloud.Ecr.ReadBlob(Region, "app", layers[^1]!["digest"]!.GetValue<string>())!.Value.ToArray();
        await using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        await using var tar = new TarReader(gzip);
        var files = new Dictionary<string, string>();
        while (await tar.GetNextEntryAsync(copyData: true, TestContext.Current.CancellationToken) is { } entry)
        {
            using var reader = new StreamReader(entry.DataStream!);
            files[entry.Name] = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        }

        Assert.StartsWith("FROM public.ecr.aws/docker/library/debian:12\n", files["imagebuilder/Dockerfile"], StringComparison.Ordinal);
        Assert.Contains("# component update-linux 1.0.2", files["imagebuilder/Dockerfile"], StringComparison.Ordinal);
        Assert.Contains("UpdateOS", files["imagebuilder/components/update-linux-1.0.2.yml"], StringComparison.Ordinal);
        Assert.Equal("true", _cloud.Config("app", "1.0.0-1")["config"]!["Labels"]!["imagebuilder.base.placeholder"]!.GetValue<string>());
    }

    [Fact]
    public async Task Parent_MovedAfterTheStart_IsResolvedWhenBuildingBegins()
    {
        _cloud.CreateRepository("base");
        _cloud.CreateRepository("app");
        _cloud.Push("base", "1", "first");
        _cloud.Start(_cloud.CreatePipeline(parent: $"{Host}/base:1"));
        var second = _cloud.Push("base", "1", "second");
        await _cloud.PassAsync(TimeSpan.FromMinutes(5));
        _cloud.Push("base", "1", "third");

        await _cloud.IdleAsync();

        Assert.Equal(second, _cloud.Config("app", "1.0.0-1")["config"]!["Labels"]!["org.opencontainers.image.base.digest"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("missing:1", "does not exist")]
    [InlineData("base:nothing", "the image does not exist")]
    public async Task Parent_NotInTheLocalRegistry_FailsTheBuild(string parent, string reason)
    {
        _cloud.CreateRepository("base");
        _cloud.CreateRepository("app");
        var arn = _cloud.Start(_cloud.CreatePipeline(parent: $"{Host}/{parent}"));

        await _cloud.IdleAsync();

        Assert.Equal("FAILED", _cloud.Status(arn));
        Assert.Contains(reason, _cloud.Reason(arn), StringComparison.Ordinal);
        Assert.Equal(["CREATING>BUILDING", "BUILDING>FAILED"], _cloud.StateEvents);
    }

    [Theory]
    [InlineData("FROM {{{ imagebuilder:parentImage }}}\n{{{ imagebuilder:secrets }}}")]
    [InlineData("FROM {{{ imagebuilder:parentImage }}}\nRUN echo {{{ imagebuilder:parentImage }}\n")]
    public async Task Dockerfile_CannotBeRendered_FailsTheBuild(string template)
    {
        _cloud.CreateRepository("app");
        var arn = _cloud.Start(_cloud.CreatePipeline(template: template));

        await _cloud.IdleAsync();

        Assert.Equal("FAILED", _cloud.Status(arn));
        Assert.Contains("Dockerfile", _cloud.Reason(arn), StringComparison.Ordinal);
    }

    [Fact]
    public async Task MissingTargetRepository_FailsTheBuildAtDistribution()
    {
        var arn = _cloud.Start(_cloud.CreatePipeline());

        await _cloud.IdleAsync();

        Assert.Equal("FAILED", _cloud.Status(arn));
        Assert.Contains("'app' does not exist", _cloud.Reason(arn), StringComparison.Ordinal);
        var context = _cloud.Image(arn)["state"]!["failureContext"]!;
        Assert.Equal("DISTRIBUTING", context["imageStatus"]!.GetValue<string>());
        Assert.Equal(Region, context["distributionFailure"]!["regionFailures"]![0]!["region"]!.GetValue<string>());
    }

    [Fact]
    public async Task ImmutableTagOfAnotherImage_FailsTheBuild()
    {
        _cloud.CreateRepository("app", mutability: "IMMUTABLE");
        _cloud.Push("app", "1.0.0-1", "somebody else's");
        var arn = _cloud.Start(_cloud.CreatePipeline());

        await _cloud.IdleAsync();

        Assert.Equal("FAILED", _cloud.Status(arn));
        Assert.Contains("app:1.0.0-1", _cloud.Reason(arn), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Distribution_PushesToEveryRegionUnderEveryTag()
    {
        _cloud.CreateRepository("here");
        _cloud.CreateRepository("there", "eu-west-1");
        var distribution = _cloud.CreateDistribution("everywhere", (Region, "here", ["latest", "stable"]), ("eu-west-1", "there", ["latest"]));
        var arn = _cloud.Start(_cloud.CreatePipeline(more: new JsonObject { ["distributionConfigurationArn"] = distribution }));

        await _cloud.IdleAsync();

        var containers = _cloud.Image(arn)["outputResources"]!["containers"]!;
        Assert.Equal(
            [$"{Host}/here:1.0.0-1", $"{Host}/here:latest", $"{Host}/here:stable"],
            containers[0]!["imageUris"]!.AsArray().Select(uri => uri!.GetValue<string>()));
        Assert.Equal("eu-west-1", containers[1]!["region"]!.GetValue<string>());
        Assert.Equal(
            _cloud.Manifest("here", "latest").ToJsonString(),
            _cloud.Manifest("there", "1.0.0-1", "eu-west-1").ToJsonString());
    }

    [Fact]
    public async Task BuildNumbers_CountUpAndAreNotReusedAfterDeletion()
    {
        _cloud.CreateRepository("app");
        var pipeline = _cloud.CreatePipeline();
        var first = _cloud.Start(pipeline);
        await _cloud.IdleAsync();
        _cloud.Ok("DeleteImage", new { imageBuildVersionArn = first });

        Assert.Equal(Arn("image/app/1.0.0/2"), _cloud.Start(pipeline));
        _cloud.Refused("ResourceNotFoundException", 404, "GetImage", new { imageBuildVersionArn = first });
        _cloud.Manifest("app", "1.0.0-1");
    }

    [Fact]
    public async Task InjectedFailure_AffectsTheRequestedNumberOfBuilds()
    {
        _cloud.CreateRepository("app");
        _cloud.Cloud.ImageBuilder.Outcomes.Add(new BuildOutcome("ap*", "a step failed", Builds: 1));
        var pipeline = _cloud.CreatePipeline();
        var first = _cloud.Start(pipeline);
        await _cloud.IdleAsync();
        var second = _cloud.Start(pipeline);
        await _cloud.IdleAsync();

        Assert.Equal("a step failed", _cloud.Reason(first));
        Assert.Equal("a step failed", _cloud.Image(first)["state"]!["failureContext"]!["componentFailure"]!["errorMessage"]!.GetValue<string>());
        Assert.Equal("AVAILABLE", _cloud.Status(second));
        Assert.Empty(_cloud.Cloud.ImageBuilder.Outcomes.Rules);
    }

    [Fact]
    public async Task InjectedTestTimeout_LastsAsLongAsTheTimeout()
    {
        _cloud.CreateRepository("app");
        _cloud.Cloud.ImageBuilder.Outcomes.Add(new BuildOutcome("app", "tests hang", "TESTING", BuildFailureKind.TestTimeout));
        var start = _cloud.Cloud.Clock.Now;
        var arn = _cloud.Start(_cloud.CreatePipeline(more: new JsonObject { ["imageTestsConfiguration"] = new JsonObject { ["timeoutMinutes"] = 60 } }));

        await _cloud.IdleAsync();

        Assert.Equal("tests hang", _cloud.Reason(arn));
        Assert.Equal(TimeSpan.FromSeconds(10) + TimeSpan.FromMinutes(1 + 8 + 60), _cloud.Cloud.Clock.Now - start);
    }

    [Fact]
    public async Task ContainerTag_RefusedByEcr_FailsTheBuild()
    {
        _cloud.CreateRepository("app");
        var distribution = _cloud.CreateDistribution("dist", (Region, "app", ["not a tag"]));
        var arn = _cloud.Start(_cloud.CreatePipeline(more: new JsonObject { ["distributionConfigurationArn"] = distribution }));

        await _cloud.IdleAsync();

        Assert.Equal("FAILED", _cloud.Status(arn));
        Assert.Contains("not a tag", _cloud.Reason(arn), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parent_ConfigurationIsNotJson_FailsTheBuild()
    {
        _cloud.CreateRepository("base");
        _cloud.CreateRepository("app");
        _cloud.Cloud.Run(() =>
        {
            var config = _cloud.Cloud.Ecr.PutBlob(Region, "base", "nonsense"u8.ToArray());
            var manifest =
                $$"""{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":8,"digest":"{{config}}"},"layers":[{"mediaType":"application/vnd.docker.image.rootfs.diff.tar.gzip","size":8,"digest":"{{config}}"}]}""";
            return _cloud.Cloud.Ecr.PutManifest(
                Region, "base", System.Text.Encoding.UTF8.GetBytes(manifest), "application/vnd.docker.distribution.manifest.v2+json", "1");
        });
        var arn = _cloud.Start(_cloud.CreatePipeline(parent: $"{Host}/base:1"));

        await _cloud.IdleAsync();

        Assert.Equal("FAILED", _cloud.Status(arn));
        Assert.Contains("cannot be read", _cloud.Reason(arn), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancel_WhileBuilding_EndsTheBuild()
    {
        _cloud.CreateRepository("app");
        var arn = _cloud.Start(_cloud.CreatePipeline());
        await _cloud.PassAsync(TimeSpan.FromMinutes(3));
        _cloud.Ok("CancelImageCreation", new { imageBuildVersionArn = arn });

        await _cloud.IdleAsync();

        Assert.Equal("CANCELLED", _cloud.Status(arn));
        Assert.Equal("BUILDING>CANCELLED", _cloud.StateEvents.Last());
    }

    [Fact]
    public async Task Cancel_AfterTheEnd_IsRefused()
    {
        _cloud.CreateRepository("app");
        var arn = _cloud.Start(_cloud.CreatePipeline());
        await _cloud.IdleAsync();

        _cloud.Refused("InvalidRequestException", 400, "CancelImageCreation", new { imageBuildVersionArn = arn });
        Assert.Equal("AVAILABLE", _cloud.Status(arn));
    }

    [Fact]
    public async Task ConcurrentBuildQuota_IsRefusedUntilABuildEnds()
    {
        _cloud.CreateRepository("app");
        _cloud.Cloud.ImageBuilder.Quotas = new ImageBuilderQuotas { ConcurrentBuilds = 1 };
        var pipeline = _cloud.CreatePipeline();
        _cloud.Start(pipeline);
        _cloud.Refused("ServiceQuotaExceededException", 402, "StartImagePipelineExecution", new { imagePipelineArn = pipeline });
        await _cloud.IdleAsync();

        _cloud.Start(pipeline);
    }

    [Fact]
    public async Task SameHistory_GivesTheSameDigests()
    {
        async Task<string> Run()
        {
            using var cloud = new ImageBuilderFixture();
            cloud.CreateRepository("app");
            cloud.Start(cloud.CreatePipeline());
            await cloud.IdleAsync();
            return cloud.Cloud.Ecr.Find(Region, "app", "1.0.0-1")!.Digest;
        }

        Assert.Equal(await Run(), await Run());
    }

    public void Dispose() => _cloud.Dispose();
}
