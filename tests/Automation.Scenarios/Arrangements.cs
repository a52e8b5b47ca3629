using System.Text.Json.Nodes;
using Amazon.ECR.Model;
using Amazon.Imagebuilder.Model;
using Automation.LocalCloud;
using Automation.LocalCloud.Ecr;
using Automation.LocalCloud.Ports;

namespace Automation.Scenarios;

/// <summary>The common beginnings of several histories, and the actions of people in them: image <c>edge</c> in two Regions, image <c>vault</c> with an
/// approval.</summary>
internal static class Arrangements
{
    public const string Here = "us-east-1";
    public const string There = "eu-west-1";

    /// <summary>The finding that blocks an image.</summary>
    public const string BlockingFinding = "CVE-2026-0815";

    public static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    public static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public static async Task ObstructAsync(Fleet fleet, string obstacle, string region, string image)
    {
        var name = new JsonObject { ["repositoryName"] = "images/edge" };
        switch (obstacle)
        {
            case "immutable":
                name["imageTagMutability"] = "IMMUTABLE";
                await EcrAsync(fleet, "PutImageTagMutability", name, region);
                break;
            case "image":
                name["imageIds"] = new JsonArray(new JsonObject { ["imageDigest"] = image });
                await EcrAsync(fleet, "BatchDeleteImage", name, region);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(obstacle), obstacle, null);
        }
    }

    public static async Task ClearAsync(Fleet fleet, string obstacle, string region, string image)
    {
        if (obstacle == "immutable")
        {
            await EcrAsync(fleet, "PutImageTagMutability", new JsonObject { ["repositoryName"] = "images/edge", ["imageTagMutability"] = "MUTABLE" }, region);
            return;
        }

        // The layers still exist; the manifest comes from the other Region.
        var read = new BatchGetImageRequest
        {
            RepositoryName = "images/edge",
            ImageIds = [new ImageIdentifier { ImageDigest = image }],
            AcceptedMediaTypes = ["application/vnd.oci.image.manifest.v1+json"]
        };
        var manifest = (await fleet.Cloud.Ecr(region == Here ? There : Here).BatchGetImageAsync(read)).Images[0];
        await fleet.Cloud.Ecr(region).PutImageAsync(new PutImageRequest
        {
            RepositoryName = "images/edge",
            ImageManifest = manifest.ImageManifest,
            ImageManifestMediaType = manifest.ImageManifestMediaType,
            ImageTag = (await fleet.TagsAsync("images/edge", region == Here ? There : Here))
                .First(tag => tag.Value == image && char.IsAsciiDigit(tag.Key[0])).Key,
        });
    }

    public static Task<JsonObject> EcrAsync(Fleet fleet, string operation, JsonObject input, string region) =>
        fleet.Cloud.CallAsync("ecr", $"AmazonEC2ContainerRegistry_V20150921.{operation}", input, region);

    public static Task DeleteTagAsync(Fleet fleet, string region, string tag) => EcrAsync(fleet, "BatchDeleteImage", new JsonObject
    {
        ["repositoryName"] = "images/edge",
        ["imageIds"] = new JsonArray(new JsonObject { ["imageTag"] = tag }),
    }, region);

    public static Task DeleteRecordAsync(Fleet fleet, string arn) =>
        fleet.Cloud.ImageBuilder.DeleteImageAsync(new DeleteImageRequest { ImageBuildVersionArn = arn });

    public static async Task ApproveAsync(Fleet fleet) => await AnswerAsync(fleet, (await fleet.ExecutionsAsync("release-vault"))[^1].ExecutionArn, null);

    public static async Task RejectAsync(Fleet fleet, string error, string cause)
    {
        var execution = (await fleet.ExecutionsAsync("release-vault"))[^1].ExecutionArn;
        await fleet.Cloud.CallAsync("states", "AWSStepFunctions.SendTaskFailure",
            new JsonObject { ["taskToken"] = await fleet.TokenAsync(execution), ["error"] = error, ["cause"] = cause });
        await fleet.Cloud.SettleAsync();
    }

    /// <param name="error">Null means approved.</param>
    public static async Task AnswerAsync(Fleet fleet, string execution, string? error)
    {
        var input = new JsonObject { ["taskToken"] = await fleet.TokenAsync(execution) };
        input[error is null ? "output" : "error"] = error ?? """{"by":"somebody"}""";
        await fleet.Cloud.CallAsync("states", error is null ? "AWSStepFunctions.SendTaskSuccess" : "AWSStepFunctions.SendTaskFailure", input);
        await fleet.Cloud.SettleAsync();
    }

    public static async Task<Fleet> TwoRegionsAsync(int builds = 0, int soakHours = 0, CloudOptions? options = null)
    {
        var text = JsonNode.Parse(TestCloud.CatalogOf("two-regions"))!;
        text["images"]![0]!["promote"]!["soakHours"] = soakHours;
        var fleet = await TestCloud.StartAsync("two-regions", text: text.ToJsonString(), options: options);
        await fleet.CreateRepositoryAsync(There, "images/edge");
        for (var build = 1; build <= builds; build++)
        {
            await fleet.PushAndSettleAsync($"2026.{build}");
        }

        return fleet;
    }

    /// <summary>Image Builder's tag of the build with <c>latest</c>, which must be the same in both Regions.</summary>
    public static async Task<string> LatestAsync(Fleet fleet)
    {
        var regions = new List<string>();
        foreach (var region in new[] { Here, There })
        {
            var tags = await fleet.TagsAsync("images/edge", region);
            regions.Add(tags.TryGetValue("latest", out var digest)
                ? tags.FirstOrDefault(tag => char.IsAsciiDigit(tag.Key[0]) && tag.Value == digest).Key ?? "foreign"
                : "none");
        }

        return string.Join(" and ", regions.Distinct());
    }

    /// <summary>Checks that both Regions agree, that the builds have these marks, and that for hours only the prune starts.</summary>
    public static async Task AtRestAsync(Fleet fleet, string latest, params string[] marks)
    {
        Assert.Equal(latest, await LatestAsync(fleet));
        if (marks.Length > 0)
        {
            Assert.Equal(marks, (await fleet.BuildsAsync("edge")).Select(build => build.Release));
        }

        var before = (await fleet.ExecutionsAsync()).Count(execution => !execution.Name.StartsWith("prune", StringComparison.Ordinal));
        await fleet.Cloud.AdvanceAsync(4 * Hour);
        var after = (await fleet.ExecutionsAsync()).Where(execution => !execution.Name.StartsWith("prune", StringComparison.Ordinal)).ToList();
        Assert.True(after.Count == before, string.Join(", ", after.Skip(before).Select(execution => execution.Name)));
        Assert.Equal(latest, await LatestAsync(fleet));
    }

    /// <summary>Builds the image <c>vault</c> that many times and approves each build.</summary>
    public static async Task<Fleet> VaultAsync(int builds)
    {
        var fleet = await TestCloud.StartAsync("approval");
        for (var build = 1; build <= builds; build++)
        {
            await fleet.PushAndSettleAsync($"2026.{build}");
            await ApproveAsync(fleet);
        }

        return fleet;
    }

    public static async Task<Fleet> BlockedAsync()
    {
        var fleet = await TestCloud.StartAsync(text: TestCloud.CatalogOf("Automation"));
        await fleet.Cloud.InjectAsync([new FindingsRule(null, "images/app", null, [new Finding(BlockingFinding, "CRITICAL")])]);
        await fleet.PushAndSettleAsync("2026.1");
        Assert.Equal("blocked", Assert.Single(await fleet.BuildsAsync("app")).Release);
        return fleet;
    }

    public static async Task<Fleet> TwoReleasesAsync()
    {
        var fleet = await TestCloud.StartAsync();
        await fleet.PushAndSettleAsync("2026.1");
        await fleet.Cloud.AdvanceAsync(2 * Hour);
        await fleet.PushAndSettleAsync("2026.2");
        return fleet;
    }

    /// <summary>Four releases a day apart, in two Regions.</summary>
    public static async Task<Fleet> FourReleasesAsync(CloudOptions? options = null)
    {
        var fleet = await TestCloud.StartAsync("two-regions", options: options);
        await fleet.CreateRepositoryAsync("eu-west-1", "images/edge");
        for (var release = 1; release <= 4; release++)
        {
            await fleet.PushAndSettleAsync($"2026.{release}");
            await fleet.Cloud.AdvanceAsync(TimeSpan.FromDays(1));
        }

        return fleet;
    }

    /// <summary>Runs a prune that deletes, to its end.</summary>
    /// <returns>Its result.</returns>
    public static async Task<JsonNode> PruneAsync(Fleet fleet, string name)
    {
        var execution = await fleet.BeginPruneAsync(name);
        await fleet.Cloud.SettleAsync();
        var (status, output, _) = await fleet.ResultAsync(execution);
        Assert.Equal("SUCCEEDED", status);
        return output["prune"]!;
    }

    /// <summary>The registry of a Region does not answer until the faults are cleared.</summary>
    public static FaultRule RegistryDown(string region = There) => new(FaultKind.Error, Service: "ecr", Region: region, Count: null, Status: 503);

    /// <summary>No mail can be sent until the faults are cleared.</summary>
    public static FaultRule MailDown() => new(FaultKind.Error, Service: "sns", Operation: "Publish", Count: null, Status: 503);
}
