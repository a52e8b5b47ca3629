using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.ImageBuilder;
using Automation.LocalCloud.Storage;
using Xunit;
using static Automation.LocalCloud.Tests.ImageBuilder.ImageBuilderFixture;

namespace Automation.LocalCloud.Tests.ImageBuilder;

/// <summary>Everything around builds: notifications, schedules, states after AVAILABLE, restarts, stacks.</summary>
public sealed class LifecycleTests : IDisposable
{
    private const string Daily = "cron(0 9 * * ? *)";
    private readonly ImageBuilderFixture _cloud = new();

    [Fact]
    public async Task Sns_HasTheServicesOwnFormat()
    {
        _cloud.CreateRepository("app");
        var topic = CreateTopic();
        var distribution = _cloud.CreateDistribution("dist", (Region, "app", ["latest"]));
        _cloud.Start(_cloud.CreatePipeline(topic: topic, more: new JsonObject { ["distributionConfigurationArn"] = distribution }));

        await _cloud.IdleAsync();

        var text = Assert.Single(_cloud.Messages);
        Assert.StartsWith("{\n  \"versionlessArn\": \"arn:aws:imagebuilder:us-east-1:123456789012:image/app\",\n  \"semver\": 1237940039285380274899124225,",
            text, StringComparison.Ordinal);
        var message = JsonNode.Parse(text)!;
        Assert.Equal("DOCKER", message["type"]!.GetValue<string>());
        Assert.Equal("AVAILABLE", message["state"]!["status"]!.GetValue<string>());
        Assert.Equal(1, message["buildVersion"]!.GetValue<int>());
        Assert.Equal("Jan 5, 2026 8:00:00 AM", message["dateCreated"]!.GetValue<string>());
        Assert.Equal("Jan 5, 2026 8:00:00 AM", message["containerRecipe"]!["dateCreated"]!.GetValue<string>());
        Assert.Equal($"{Host}/app:latest", message["outputResources"]!["containers"]![0]!["imageUris"]![1]!.GetValue<string>());
        Assert.NotNull(message["imageTestsConfigurationDocument"]);
        Assert.Null(message["imageTestsConfiguration"]);
        Assert.Equal(Account, message["containerRecipe"]!["accountId"]!.GetValue<string>());
    }

    [Fact]
    public async Task Sns_Failure_HasTheReasonAndNoOutputs()
    {
        var topic = CreateTopic();
        _cloud.Cloud.ImageBuilder.Outcomes.Add(new BuildOutcome("app", "a step failed"));
        _cloud.Start(_cloud.CreatePipeline(topic: topic));

        await _cloud.IdleAsync();

        var message = JsonNode.Parse(Assert.Single(_cloud.Messages))!;
        Assert.Equal("""{"status":"FAILED","reason":"a step failed"}""", message["state"]!.ToJsonString());
        Assert.Empty(message["outputResources"]!["containers"]!.AsArray());
        Assert.Null(message["buildExecutionId"]);
    }

    [Fact]
    public async Task Sns_MissingTopic_DoesNotAffectTheBuild()
    {
        _cloud.CreateRepository("app");
        var arn = _cloud.Start(_cloud.CreatePipeline(topic: "arn:aws:sns:us-east-1:123456789012:none"));

        await _cloud.IdleAsync();

        Assert.Equal("AVAILABLE", _cloud.Status(arn));
        Assert.Contains(_cloud.Entries, entry => entry.Kind == "notification-lost");
    }

    [Fact]
    public async Task CancelledBuild_IsPublishedOnlyAsAnEvent()
    {
        var arn = _cloud.Start(_cloud.CreatePipeline(topic: CreateTopic()));
        _cloud.Ok("CancelImageCreation", new { imageBuildVersionArn = arn });

        await _cloud.IdleAsync();

        Assert.Equal(["PENDING>CANCELLED"], _cloud.StateEvents);
        Assert.Empty(_cloud.Messages);
    }

    [Fact]
    public async Task Wildcards_SelectTheNewestAvailableBuild()
    {
        _cloud.CreateRepository("app");
        var pipeline = _cloud.CreatePipeline();
        _cloud.Start(pipeline);
        _cloud.Start(pipeline);
        await _cloud.IdleAsync();
        var running = _cloud.Start(pipeline);

        Assert.Equal(Arn("image/app/1.0.0/2"), _cloud.Image(Arn("image/app/1.x.x"))["arn"]!.GetValue<string>());
        Assert.Equal(Arn("image/app/1.0.0/2"), _cloud.Image(Arn("image/app/1.0.0"))["arn"]!.GetValue<string>());
        Assert.Equal("PENDING", _cloud.Status(running));
        _cloud.Refused("ResourceNotFoundException", 404, "GetImage", new { imageBuildVersionArn = Arn("image/app/2.x.x") });
        _cloud.Refused("InvalidRequestException", 400, "GetImage", new { imageBuildVersionArn = Arn("image/app/x.0.0") });
    }

    [Fact]
    public async Task Deprecated_IsHiddenFromListImagesUnlessRequested()
    {
        var arn = await BuildAsync();
        var answer = _cloud.Ok("StartResourceStateUpdate", new { resourceArn = arn, state = new { status = "DEPRECATED" } });

        Assert.StartsWith("lce-", answer["lifecycleExecutionId"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Empty(_cloud.Ok("ListImages", new { })["imageVersionList"]!.AsArray());
        Assert.Single(_cloud.Ok("ListImages", new { includeDeprecated = true })["imageVersionList"]!.AsArray());
        var summary = Assert.Single(_cloud.Ok("ListImageBuildVersions", new { imageVersionArn = Arn("image/app/1.0.0") })["imageSummaryList"]!.AsArray());
        Assert.Equal("DEPRECATED", summary!["state"]!["status"]!.GetValue<string>());
        Assert.Equal(_cloud.Cloud.Clock.Now.ToUnixTimeSeconds(), summary["deprecationTime"]!.GetValue<decimal>());
        _cloud.Refused("ResourceNotFoundException", 404, "GetImage", new { imageBuildVersionArn = Arn("image/app/x.x.x") });
        Assert.Equal(5, _cloud.StateEvents.Count());
    }

    [Fact]
    public async Task StateUpdate_InTheFuture_HappensThen()
    {
        var arn = await BuildAsync();
        _cloud.Ok("StartResourceStateUpdate",
            new { resourceArn = arn, state = new { status = "DISABLED" }, updateAt = _cloud.Cloud.Clock.Now.AddDays(1).ToUnixTimeSeconds() });
        Assert.Equal("AVAILABLE", _cloud.Status(arn));

        await _cloud.PassAsync(TimeSpan.FromDays(2));

        Assert.Equal("DISABLED", _cloud.Status(arn));
    }

    [Fact]
    public async Task StateUpdate_DeletedWithContainers_RemovesThemFromTheRegistry()
    {
        var arn = await BuildAsync();
        Assert.NotNull(_cloud.Cloud.Ecr.Find(Region, "app", "1.0.0-1"));

        _cloud.Ok("StartResourceStateUpdate", new { resourceArn = arn, state = new { status = "DELETED" }, includeResources = new { containers = true } });

        Assert.Null(_cloud.Cloud.Ecr.Find(Region, "app", "1.0.0-1"));
        Assert.Equal("DELETED", _cloud.Status(arn));
        Assert.Empty(_cloud.Ok("ListImages", new { includeDeprecated = true })["imageVersionList"]!.AsArray());
        Assert.Single(_cloud.Ok("ListImageBuildVersions", new { })["imageSummaryList"]!.AsArray());
        _cloud.Refused("InvalidRequestException", 400, "StartResourceStateUpdate", new { resourceArn = arn, state = new { status = "AVAILABLE" } });
    }

    [Fact]
    public void StateUpdate_OrDeletion_OfARunningBuild_IsRefused()
    {
        var arn = _cloud.Start(_cloud.CreatePipeline());
        _cloud.Refused("ResourceInUseException", 400, "StartResourceStateUpdate", new { resourceArn = arn, state = new { status = "DEPRECATED" } });
        _cloud.Refused("InvalidRequestException", 400, "DeleteImage", new { imageBuildVersionArn = arn });
        Assert.Equal("PENDING", _cloud.Status(arn));
    }

    [Fact]
    public async Task ImageOfImageBuilderAsParent_IsFoundByWildcardAndProtected()
    {
        var arn = await BuildAsync();
        _cloud.CreateRepository("child");
        var child = _cloud.Start(_cloud.CreatePipeline("child", Arn("image/app/x.x.x")));
        await _cloud.IdleAsync();

        Assert.True(_cloud.Reason(child) is null, _cloud.Reason(child));
        Assert.Equal(
            _cloud.Cloud.Ecr.Find(Region, "app", "1.0.0-1")!.Digest,
            _cloud.Config("child", "1.0.0-1")["config"]!["Labels"]!["org.opencontainers.image.base.digest"]!.GetValue<string>());
        _cloud.CreateRecipe("pinned", parent: arn);
        _cloud.Refused("ResourceDependencyException", 400, "DeleteImage", new { imageBuildVersionArn = arn });
    }

    [Fact]
    public async Task Tags_OfPipelineAndStart_AreOnTheImage()
    {
        var more = new JsonObject { ["imageTags"] = new JsonObject { ["team"] = "a", ["from"] = "pipeline" } };
        var pipeline = _cloud.CreatePipeline(more: more);
        var arn =
            _cloud.Ok("StartImagePipelineExecution",
                new { imagePipelineArn = pipeline, tags = new Dictionary<string, string> { ["from"] = "start" } })["imageBuildVersionArn"]!.GetValue<string>();
        await _cloud.IdleAsync();

        Assert.Equal("""{"team":"a","from":"start"}""", _cloud.Image(arn)["tags"]!.ToJsonString());
    }

    [Fact]
    public async Task MultiArchParent_GivesTheLayersOfLinuxAmd64AndTheIndexDigest()
    {
        _cloud.CreateRepository("app");
        _cloud.CreateRepository("base");
        var amd = _cloud.Push("base", "amd", "amd layer");
        var arm = _cloud.Push("base", "arm", "arm layer");
        var index = _cloud.Cloud.Run(() => _cloud.Cloud.Ecr.PutManifest(
            Region, "base", JsonSerializer.SerializeToUtf8Bytes(new
            {
                schemaVersion = 2,
                mediaType = "application/vnd.docker.distribution.manifest.list.v2+json",
                manifests = new[]
                {
                    Child(arm, "arm", "arm64"),
                    Child(amd, "amd", "amd64"),
                },
            }),
            "application/vnd.docker.distribution.manifest.list.v2+json", "1"));
        _cloud.Start(_cloud.CreatePipeline(parent: $"{Host}/base:1"));

        await _cloud.IdleAsync();

        var labels = _cloud.Config("app", "1.0.0-1")["config"]!["Labels"]!;
        Assert.Equal(index, labels["org.opencontainers.image.base.digest"]!.GetValue<string>());
        Assert.Equal(amd, labels["imagebuilder.base.manifest-digest"]!.GetValue<string>());
        Assert.Equal(
            _cloud.Manifest("base", "amd")["layers"]![0]!.ToJsonString(),
            _cloud.Manifest("app", "1.0.0-1")["layers"]![0]!.ToJsonString());

        object Child(string digest, string tag, string architecture) => new
        {
            mediaType = "application/vnd.docker.distribution.manifest.v2+json",
            size = _cloud.Cloud.Ecr.Find(Region, "base", tag)!.Manifest.Length,
            digest,
            platform = new { os = "linux", architecture },
        };
    }

    [Fact]
    public async Task Restart_ContinuesBuildsSchedulesAndTokens()
    {
        var folder = Directory.CreateTempSubdirectory("imagebuilder-test").FullName;
        try
        {
            string arn;
            string pipeline;
            using (var first = new ImageBuilderFixture(new SqliteStore(folder)))
            {
                first.CreateRepository("app");
                pipeline = first.CreatePipeline(more: Schedule(Daily, "EXPRESSION_MATCH_ONLY"));
                arn =
                    first.Ok("StartImagePipelineExecution",
                        new { imagePipelineArn = pipeline, clientToken = "kept" })["imageBuildVersionArn"]!.GetValue<string>();
                await first.PassAsync(TimeSpan.FromMinutes(5));
                Assert.Equal("BUILDING", first.Status(arn));
            }

            using var second = new ImageBuilderFixture(new SqliteStore(folder));
            Assert.Equal("BUILDING", second.Status(arn));
            Assert.Equal(arn,
                second.Ok("StartImagePipelineExecution",
                    new { imagePipelineArn = pipeline, clientToken = "kept" })["imageBuildVersionArn"]!.GetValue<string>());
            await second.IdleAsync();
            Assert.Equal("AVAILABLE", second.Status(arn));
            Assert.NotNull(second.Cloud.Ecr.Find(Region, "app", "1.0.0-1"));
            await second.PassAsync(TimeSpan.FromHours(2));
            Assert.Equal(2, second.Ok("ListImagePipelineImages", new { imagePipelineArn = pipeline })["imageSummaryList"]!.AsArray().Count);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task StackTypes_CreateTheSameAsTheApi()
    {
        _cloud.CreateRepository("app");
        var types = _cloud.Cloud.ImageBuilder.ResourceTypes.ToDictionary(type => type.Name);
        var recipe = Create("ContainerRecipe", $$"""
            {"Name":"app","Version":"1.0.0","ContainerType":"DOCKER","PlatformOverride":"Linux","ParentImage":"{{Host}}/none:1","DockerfileTemplateData":{{JsonSerializer.Serialize(ImageBuilderFixture.Template)}},
             "TargetRepository":{"Service":"ECR","RepositoryName":"app"},"Tags":{"Owner":"Me"},
             "Components":[{"ComponentArn":"arn:aws:imagebuilder:us-east-1:aws:component/update-linux/x.x.x"}]}
            """);
        var infrastructure = Create("InfrastructureConfiguration", """{"Name":"infra","InstanceProfileName":"p","TerminateInstanceOnFailure":"false"}""");
        var distribution = Create("DistributionConfiguration", """
            {"Name":"dist","Distributions":[{"Region":"us-east-1","ContainerDistributionConfiguration":{"ContainerTags":["latest"],"TargetRepository":{"Service":"ECR","RepositoryName":"app"}}}]}
            """);
        var pipeline = Create("ImagePipeline", $$"""
            {"Name":"app","ContainerRecipeArn":"{{recipe.PhysicalId}}","InfrastructureConfigurationArn":"{{infrastructure.PhysicalId}}",
             "DistributionConfigurationArn":"{{distribution.PhysicalId}}","Status":"ENABLED","ImageTestsConfiguration":{"ImageTestsEnabled":"true","TimeoutMinutes":"90"},
             "Schedule":{"ScheduleExpression":"cron(0 9 * * ? *)"} }
            """);

        Assert.Equal(Arn("container-recipe/app/1.0.0"), recipe.Attributes["Arn"]);
        Assert.Equal("1.0.0", recipe.Attributes["Version"]);
        Assert.Equal("app", pipeline.Attributes["Name"]);
        Assert.Equal(90,
            _cloud.Ok("GetImagePipeline",
                new { imagePipelineArn = pipeline.PhysicalId })["imagePipeline"]!["imageTestsConfiguration"]!["timeoutMinutes"]!.GetValue<int>());
        Assert.False(
            _cloud.Ok("GetInfrastructureConfiguration",
                new { infrastructureConfigurationArn = infrastructure.PhysicalId })
                ["infrastructureConfiguration"]!["terminateInstanceOnFailure"]!.GetValue<bool>());
        Assert.Equal("""{"Owner":"Me"}""",
            _cloud.Ok("GetContainerRecipe", new { containerRecipeArn = recipe.PhysicalId })["containerRecipe"]!["tags"]!.ToJsonString());
        Assert.Throws<Wire.AwsException>(
            () => Create("DistributionConfiguration", """{"Name":"dist2","Distributions":[{"Region":"us-east-1","Nonsense":1}]}"""));
        await _cloud.PassAsync(TimeSpan.FromHours(2));
        Assert.Single(_cloud.Images(pipeline.PhysicalId));
        _cloud.Cloud.Run(() => types["AWS::ImageBuilder::ImagePipeline"].Delete(pipeline.PhysicalId, Region));
        _cloud.Cloud.Run(() => types["AWS::ImageBuilder::ContainerRecipe"].Delete(recipe.PhysicalId, Region));
        _cloud.Refused("ResourceNotFoundException", 404, "GetContainerRecipe", new { containerRecipeArn = recipe.PhysicalId });

        Resource Create(string type, string properties) => _cloud.Cloud.Run(() => types["AWS::ImageBuilder::" + type].Create(new ResourceRequest(
            "stack", "Logical", Region, Account, JsonNode.Parse(properties)!.AsObject(), new Dictionary<string, string>())));
    }

    private async Task<string> BuildAsync()
    {
        _cloud.CreateRepository("app");
        var arn = _cloud.Start(_cloud.CreatePipeline());
        await _cloud.IdleAsync();
        Assert.Equal("AVAILABLE", _cloud.Status(arn));
        return arn;
    }

    private string CreateTopic()
    {
        var response = _cloud.Cloud.Handle(new Wire.WireRequest(
            "POST", "/", "", new Dictionary<string, string> { ["content-type"] = "application/x-www-form-urlencoded" },
            "Action=CreateTopic&Name=builds&Version=2010-03-31"u8.ToArray())
        {
            Scope = new Wire.CredentialScope("AKID", Region, "sns"),
        });
        Assert.Equal(200, response.Status);
        return $"arn:aws:sns:{Region}:{Account}:builds";
    }

    public void Dispose() => _cloud.Dispose();
}
