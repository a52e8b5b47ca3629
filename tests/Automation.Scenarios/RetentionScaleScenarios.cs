using System.Globalization;
using System.Text.Json.Nodes;
using Amazon.ECR;
using Amazon.ECR.Model;
using Automation.Aws.Sdk;
using static Automation.Scenarios.Arrangements;

namespace Automation.Scenarios;

/// <summary>One large repository: the number of calls of a prune, with no call made twice.</summary>
public sealed class RetentionScaleScenarios
{
    private const string Image = "application/vnd.oci.image.manifest.v1+json";
    private const string Index = "application/vnd.oci.image.index.v1+json";
    private const int Groups = 1_000;

    [Fact]
    public async Task FiveThousandImages_ArePrunedInAsFewCallsAsTheApiAllows()
    {
        var fleet = await TestCloud.StartAsync("two-regions");
        await using var cloud = fleet.Cloud;
        await fleet.CreateRepositoryAsync("eu-west-1", "images/edge");
        await fleet.PushAndSettleAsync("2026.1");
        await PushGroupsAsync(cloud.Ecr(cloud.Region));
        await cloud.AdvanceAsync(TimeSpan.FromDays(3));

        var first = await PruneAsync(fleet, "first");
        var second = await PruneAsync(fleet, "second");

        // 5,001 images at 1,000 a page, and one in the other Region; 1,000 indexes read at 100 a call; 5,000 images read
        // and deleted at 100 a call, indexes before the images that depend on them, and those with tags read once more. The pipeline with its builds
        // is read a second time before the first deletion, because a person may promote or roll back meanwhile. Recipes are listed in both Regions,
        // and once more for the stack's own. Each Region lists once the builds of version 0.1.0, and reads once the newest unknown one. What runs
        // is read in both Regions, and again before the first deletion. The second prune shares that answer.
        Assert.Equal("""{"images":5000,"records":0,"superseded":0}""", first["applied"]!.ToJsonString());
        Assert.Equal(
            """{"BatchDeleteImage":50,"BatchGetImage":20,"DescribeImages":57,"DescribeJobDefinitions":4,"GetContainerRecipe":2,"GetImage":1,"GetImagePipeline":2,"ListClusters":4,"ListContainerRecipes":3,"ListEventBuses":4,"ListFunctions":4,"ListImageBuildVersions":2,"ListImagePipelineImages":2,"ListImages":2,"ListModels":4,"ListProjects":4,"ListSchedules":4,"ListServices":4,"ListTaskDefinitions":4}""",
            first["calls"]!.ToJsonString());
        Assert.Equal(
            """{"DescribeImages":2,"GetContainerRecipe":1,"GetImagePipeline":1,"ListContainerRecipes":3,"ListImagePipelineImages":1}""",
            second["calls"]!.ToJsonString());
        Assert.Single(await fleet.ImagesAsync("images/edge"));
    }

    /// <summary>An index with two children and a signature, and an image without a tag. They belong to no build.</summary>
    private static async Task PushGroupsAsync(IAmazonECR ecr)
    {
        var layer = await LayerUpload.RunAsync(ecr, "images/edge", "one for all"u8.ToArray(), default);
        for (var number = 1; number <= Groups; number++)
        {
            string[] children = [await PushAsync($"amd64 {number}"), await PushAsync($"arm64 {number}")];
            var manifests = new JsonArray([.. children.Select(child => Descriptor(Image, child))]);
            var index = await PutAsync(
                new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = Index, ["manifests"] = manifests }, Index,
                string.Create(CultureInfo.InvariantCulture, $"0.1.0-{number}"));
            await PushAsync($"signature {number}", Descriptor(Index, index));
            await PushAsync($"stray {number}");
        }

        Task<string> PushAsync(string content, JsonObject? subject = null)
        {
            var manifest = new JsonObject
            {
                ["schemaVersion"] = 2,
                ["mediaType"] = Image,
                ["config"] = Descriptor("application/vnd.oci.image.config.v1+json", layer),
                ["layers"] = new JsonArray(Descriptor("application/vnd.oci.image.layer.v1.tar", layer)),
                ["annotations"] = new JsonObject { ["content"] = content },
            };
            if (subject is not null)
            {
                manifest["subject"] = subject;
            }

            return PutAsync(manifest, Image, null);
        }

        async Task<string> PutAsync(JsonObject manifest, string mediaType, string? tag) => (await ecr.PutImageAsync(new PutImageRequest
        {
            RepositoryName = "images/edge",
            ImageManifest = manifest.ToJsonString(),
            ImageManifestMediaType = mediaType,
            ImageTag = tag,
        })).Image.ImageId.ImageDigest;
    }

    private static JsonObject Descriptor(string mediaType, string digest) => new() { ["mediaType"] = mediaType, ["digest"] = digest, ["size"] = 11 };
}
