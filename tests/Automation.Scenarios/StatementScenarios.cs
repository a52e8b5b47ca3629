using System.Text.Json.Nodes;
using Amazon.ECR.Model;
using Automation.Core.Builds;
using Automation.LocalCloud;
using static Automation.Scenarios.Arrangements;

namespace Automation.Scenarios;

/// <summary>A promotion writes a statement beside the image, which anybody can read.</summary>
public sealed class StatementScenarios
{
    private const string Repository = "images/sealed";

    [Fact]
    public async Task PromotedImage_HasAStatementOfWhatItWasMadeFromAndWhatItPassed()
    {
        var fleet = await StartAsync();
        await using var cloud = fleet.Cloud;

        await fleet.PushAndSettleAsync("2026.1");

        var build = Assert.Single(await fleet.BuildsAsync("sealed"));
        var image = (await fleet.TagsAsync(Repository))["latest"];
        var referrer = Assert.Single(await ReferrersAsync(cloud, image));
        Assert.Equal(("application/vnd.in-toto+json", "https://slsa.dev/provenance/v1"),
            (referrer.ArtifactType, referrer.Annotations["in-toto.io/predicate-type"]));
        var statement = await ReadAsync(cloud, referrer.Digest);
        Assert.Equal(image, $"sha256:{statement["subject"]![0]!["digest"]!["sha256"]}");
        var definition = statement["predicate"]!["buildDefinition"]!;
        Assert.Equal("1.0.0/1", definition["externalParameters"]!["version"]!.ToString());
        Assert.Equal(
            TagText.Get(build.Tags, "automation:base-digest"), $"sha256:{definition["resolvedDependencies"]![0]!["digest"]!["sha256"]}");
        Assert.Matches("^[0-9a-f]{8,}", definition["resolvedDependencies"]![1]!["annotations"]!["automation:content"]!.ToString());
        var promotion = statement["predicate"]!["automation_promotion"]!;
        Assert.Equal("release-sealed_1-0-0-1", promotion["execution"]!.ToString());
        Assert.Equal(["scan-passed", "signature-not-required", "no-signature"],
            promotion["gate"]!["reasons"]!.AsArray().Select(reason => reason!["code"]!.ToString()));
    }

    /// <summary>The function dies right after it wrote the statement; the retried step finds it.</summary>
    [Fact]
    public async Task PromotionIsRepeated_WritesTheStatementOnce()
    {
        var fleet = await StartAsync();
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(new FaultRule(FaultKind.CrashAfter, Service: "ecr", Operation: "PutImage", Resource: "vnd.in-toto"));
        await fleet.PushAndSettleAsync("2026.1");
        await fleet.PromoteAsync("sealed", "1.0.0/1", attempt: 2);

        Assert.Equal(0, await cloud.PendingFaultsAsync());
        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("sealed")).Release);
        Assert.Single(await ReferrersAsync(cloud, (await fleet.TagsAsync(Repository))["latest"]));
    }

    [Fact]
    public async Task BlockedImage_HasNoStatement()
    {
        var fleet = await StartAsync(required: true);
        await using var cloud = fleet.Cloud;

        await fleet.PushAndSettleAsync("2026.1");

        Assert.Equal("blocked", Assert.Single(await fleet.BuildsAsync("sealed")).Release);
        Assert.Empty(await ReferrersAsync(cloud, (await fleet.TagsAsync(Repository))["1.0.0-1"]));
    }

    /// <summary>A statement is part of its image: it never counts as foreign, and goes when the image goes.</summary>
    [Fact]
    public async Task Retention_DeletesAStatementWithItsImage()
    {
        var fleet = await StartAsync();
        await using var cloud = fleet.Cloud;
        for (var release = 1; release <= 6; release++)
        {
            await fleet.PushAndSettleAsync($"2026.{release}");
            await cloud.AdvanceAsync(26 * Hour);
        }

        await cloud.AdvanceAsync(TimeSpan.FromDays(12));

        var kept = (await fleet.BuildsAsync("sealed")).Select(build => TagText.Get(build.Tags, "automation:digest")).ToList();
        var images = (await cloud.Ecr(Here).DescribeImagesAsync(
            new DescribeImagesRequest { RepositoryName = Repository }, TestContext.Current.CancellationToken)).ImageDetails;
        Assert.InRange(kept.Count, 1, 5);
        Assert.Equal(2 * kept.Count, images.Count);
        Assert.Equal(kept.Order(), images.Select(image => image.SubjectManifestDigest).OfType<string>().Order());
    }

    private static async Task<Fleet> StartAsync(bool required = false)
    {
        var catalog = JsonNode.Parse(TestCloud.CatalogOf("signed"))!;
        var image = catalog["images"]![0]!;
        image["retain"] = JsonNode.Parse(TestCloud.CatalogOf("Automation"))!["defaults"]!["retain"]!.DeepClone();
        image["promote"]!["gate"]!["signature"]!["required"] = required;
        return await TestCloud.StartAsync("signed", text: catalog.ToJsonString());
    }

    private static async Task<List<ImageReferrer>> ReferrersAsync(TestCloud cloud, string image) =>
        (await cloud.Ecr(Here).ListImageReferrersAsync(
            new ListImageReferrersRequest { RepositoryName = Repository, SubjectId = new SubjectIdentifier { ImageDigest = image } })).Referrers ?? [];

    private static async Task<JsonNode> ReadAsync(TestCloud cloud, string referrer)
    {
        var manifest = (await cloud.Ecr(Here).BatchGetImageAsync(
            new BatchGetImageRequest { RepositoryName = Repository, ImageIds = [new ImageIdentifier { ImageDigest = referrer }] })).Images[0].ImageManifest;
        var layer = JsonNode.Parse(manifest)!["layers"]![0]!["digest"]!.ToString();
        return JsonNode.Parse(cloud.Layer(Repository, layer))!;
    }
}
