using System.Text;
using System.Text.Json.Nodes;
using Xunit;
using static Automation.LocalCloud.Tests.ImageBuilder.ImageBuilderFixture;

namespace Automation.LocalCloud.Tests.ImageBuilder;

/// <summary>The platform for which a build pulls its parent, and what a recipe must say about it.</summary>
public sealed class PlatformTests : IDisposable
{
    private const string OciIndex = "application/vnd.oci.image.index.v1+json";
    private const string OciManifest = "application/vnd.oci.image.manifest.v1+json";

    private readonly ImageBuilderFixture _cloud = new();

    public void Dispose() => _cloud.Dispose();

    [Theory]
    [InlineData("m7g.large", "Linux", "linux", "arm64")]
    [InlineData("c7gn.medium", "Linux", "linux", "arm64")]
    [InlineData("a1.large", "Linux", "linux", "arm64")]
    [InlineData("m7i.large", "Linux", "linux", "amd64")]
    [InlineData("g4dn.xlarge", "Linux", "linux", "amd64")]
    [InlineData(null, "Linux", "linux", "amd64")]
    [InlineData(null, "Windows", "windows", "amd64")]
    public async Task Parent_Index_GivesTheChildForRecipeAndInstance(string? instance, string platform, string os, string architecture)
    {
        Repositories();
        Index(Attestation(), Child("linux", "amd64"), Child("linux", "arm64"), Child("windows", "amd64"));

        var arn = await BuildAsync(instance, platform);

        Assert.Equal("AVAILABLE", _cloud.Status(arn));
        var config = _cloud.Config("app", "1.0.0-1");
        Assert.Equal((os, architecture), (config["os"]!.GetValue<string>(), config["architecture"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Parent_ChildWithoutPlatform_IsFoundByItsConfiguration()
    {
        Repositories();
        var child = Child("linux", "arm64");
        child.Remove("platform");
        Index(Attestation(), child);

        var arn = await BuildAsync("t4g.small", "Linux");

        Assert.Equal("AVAILABLE", _cloud.Status(arn));
        Assert.Equal("arm64", _cloud.Config("app", "1.0.0-1")["architecture"]!.GetValue<string>());
    }

    [Fact]
    public async Task Parent_WithoutThePlatform_FailsTheBuild()
    {
        Repositories();
        Index(Child("linux", "arm64"));

        var arn = await BuildAsync(null, "Linux");

        Assert.Equal("FAILED", _cloud.Status(arn));
        Assert.Contains("has no manifest for linux/amd64", _cloud.Reason(arn), StringComparison.Ordinal);

        // A component's failure is permanent for the automation, so it does not start the build again.
        Assert.NotNull(_cloud.Image(arn)["state"]!["failureContext"]!["componentFailure"]);
    }

    [Fact]
    public async Task ForeignLayers_OfTheParent_AreKeptUnchanged()
    {
        Repositories();
        var config = Blob(
            """{"architecture":"amd64","os":"windows","rootfs":{"type":"layers","diff_ids":["sha256:0000000000000000000000000000000000000000000000000000000000000001"]}}""");
        const string Foreign =
            """{"mediaType":"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip","size":7,"digest":"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","urls":["https://example.com/layer"]}""";
        Put($$"""{"schemaVersion":2,"mediaType":"{{OciManifest}}","config":{{config}},"layers":[{{Foreign}}]}""", OciManifest, "1");

        var arn = await BuildAsync(null, "Windows");

        Assert.Equal("AVAILABLE", _cloud.Status(arn));
        Assert.Equal(Foreign, _cloud.Manifest("app", "1.0.0-1")["layers"]![0]!.ToJsonString());
    }

    [Theory]
    [InlineData("public.ecr.aws/docker/library/debian:12", null, null,
        "You must specify a platform override when using ECR Public Repositories as your parent image.")]
    [InlineData(Host + "/base:1", null, null, "You must specify a platform override when using ECR Repositories as your parent image.")]
    [InlineData(Host + "/base:1", "Windows", null,
        "You must specify an image OsVersion override when using ECR Repositories as your parent image for Windows Platform.")]
    public void RecipeOnEcr_WithoutPlatform_IsRefused(string parent, string? platform, string? osVersion, string why)
    {
        var recipe = Recipe(parent, platform);
        recipe["imageOsVersionOverride"] = osVersion;
        _cloud.Refused("InvalidParameterCombinationException", 400, "CreateContainerRecipe", recipe);

        Assert.Equal($"The value supplied for parameter 'parentImage' is not valid. {why}",
            Body(_cloud.Try("CreateContainerRecipe", recipe))["message"]!.GetValue<string>());
    }

    [Fact]
    public void RecipeOnDockerHub_NeedsNoPlatform() => _cloud.Ok("CreateContainerRecipe", Recipe("amazonlinux:2023", null));

    [Fact]
    public void ComponentForAnotherPlatform_IsRefused()
    {
        var recipe = Recipe(Host + "/base:1", "Linux");
        recipe["components"] = new JsonArray(new JsonObject { ["componentArn"] = $"arn:aws:imagebuilder:{Region}:aws:component/update-windows/x.x.x" });

        _cloud.Refused("InvalidParameterValueException", 400, "CreateContainerRecipe", recipe);
    }

    private JsonObject Recipe(string parent, string? platform)
    {
        var recipe = _cloud.Recipe(parent: parent);
        recipe.Remove("platformOverride");
        if (platform is not null)
        {
            recipe["platformOverride"] = platform;
        }

        return recipe;
    }

    private void Repositories()
    {
        _cloud.CreateRepository("base");
        _cloud.CreateRepository("app");
    }

    private async Task<string> BuildAsync(string? instance, string platform)
    {
        var recipe = Recipe(Host + "/base:1", platform);
        if (platform == "Windows")
        {
            recipe["imageOsVersionOverride"] = "Microsoft Windows Server 2022";
        }

        var infrastructure = new JsonObject { ["name"] = "infra", ["instanceProfileName"] = "builder" };
        if (instance is not null)
        {
            infrastructure["instanceTypes"] = new JsonArray(instance);
        }

        var arn = _cloud.Ok("CreateImage", new JsonObject
        {
            ["containerRecipeArn"] = _cloud.Ok("CreateContainerRecipe", recipe)["containerRecipeArn"]!.GetValue<string>(),
            ["infrastructureConfigurationArn"] =
                _cloud.Ok("CreateInfrastructureConfiguration", infrastructure)["infrastructureConfigurationArn"]!.GetValue<string>(),
        })["imageBuildVersionArn"]!.GetValue<string>();
        await _cloud.IdleAsync();
        return arn;
    }

    private void Index(params JsonObject[] children) =>
        Put(new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = OciIndex, ["manifests"] = new JsonArray([.. children]) }.ToJsonString(), OciIndex, "1");

    private JsonObject Child(string os, string architecture)
    {
        var child = Push($$"""{"architecture":"{{architecture}}","os":"{{os}}","rootfs":{"type":"layers","diff_ids":[]} }""");
        child["platform"] = new JsonObject { ["architecture"] = architecture, ["os"] = os };
        return child;
    }

    /// <summary>An entry that BuildKit adds to an index, with a platform that no machine has.</summary>
    private JsonObject Attestation()
    {
        var child = Push("""{"architecture":"unknown","os":"unknown","rootfs":{"type":"layers","diff_ids":[]}}""");
        child["platform"] = new JsonObject { ["architecture"] = "unknown", ["os"] = "unknown" };
        child["annotations"] = new JsonObject { ["vnd.docker.reference.type"] = "attestation-manifest" };
        return child;
    }

    private JsonObject Push(string config)
    {
        var manifest = $$"""{"schemaVersion":2,"mediaType":"{{OciManifest}}","config":{{Blob(config)}},"layers":[]}""";
        return new JsonObject { ["mediaType"] = OciManifest, ["size"] = manifest.Length, ["digest"] = Put(manifest, OciManifest, null) };
    }

    private string Blob(string config) => _cloud.Cloud.Run(() =>
        $$"""{"mediaType":"application/vnd.oci.image.config.v1+json","size":{{config.Length}},"digest":"{{_cloud.Cloud.Ecr.PutBlob(Region, "base", Encoding.UTF8.GetBytes(config))}}"}""");

    private string Put(string manifest, string mediaType, string? tag) =>
        _cloud.Cloud.Run(() => _cloud.Cloud.Ecr.PutManifest(Region, "base", Encoding.UTF8.GetBytes(manifest), mediaType, tag));
}
