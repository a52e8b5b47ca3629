using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Amazon.ECR.Model;
using Automation.Core.Builds;
using static Automation.Scenarios.Arrangements;

namespace Automation.Scenarios;

/// <summary>Image <c>sealed</c> needs a signature. Keys and certificates are those of the tests; everything else is deployed and real.</summary>
public sealed class SignatureScenarios : IDisposable
{
    private const string Repository = "images/sealed";
    private static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly TestAuthority _authority = new(Begin);
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose()
    {
        _authority.Dispose();
        _key.Dispose();
    }

    /// <summary>ECR's managed signing signs some time after the push.</summary>
    [Theory]
    [InlineData(TestSignatures.Jws)]
    [InlineData(TestSignatures.Cose)]
    [InlineData("cosign")]
    [InlineData(TestSignatures.Bundle)]
    public async Task SignatureComesLater_ReleaseWaitsForItAndPromotes(string kind)
    {
        var fleet = await StartAsync();
        await using var cloud = fleet.Cloud;
        BeforeCheck(cloud, 3, image => SignAsync(cloud, image, kind));

        await fleet.PushAndSettleAsync("2026.1");

        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("sealed")).Release);
        var tags = await fleet.TagsAsync(Repository);
        Assert.Equal(tags["1.0.0-1"], tags["latest"]);
        var (_, output, _) = await fleet.ResultAsync((await fleet.ExecutionsAsync("release-sealed"))[^1].ExecutionArn);
        Assert.Equal(["scan-passed", "signature-passed"], output["scan"]!["reasons"]!.AsArray().Select(reason => reason!["code"]!.ToString()));
        Assert.Equal("gate signature", TagText.Get(Assert.Single(await fleet.BuildsAsync("sealed")).Tags, "automation:cleared-by"));
    }

    [Theory]
    [InlineData("none", "no-signature", "the repository has no signature")]
    [InlineData("wrong key", "signature-by-other", "was made by none of the signers")]
    [InlineData("wrong profile", "signature-by-other", "signing-profiles/others/awUPb84ibN, which is not among the signers")]
    [InlineData("wrong root", "signature-untrusted", "lead to no trusted root")]
    [InlineData("expired", "signature-expired", "expired at 2026-01-05")]
    [InlineData("expired certificate", "signature-certificate-expired", "was not valid at 2026-02-01")]
    [InlineData("another digest", "signature-of-other", "is of another image")]
    [InlineData("unreadable", "signature-unreadable", "cannot be read")]
    public async Task NoValidSignature_BlocksWithTheReasonUntilAValidOneIsThere(string kind, string code, string text)
    {
        var fleet = await StartAsync();
        await using var cloud = fleet.Cloud;
        BeforeCheck(cloud, 1, image => SignAsync(cloud, image, kind));

        await fleet.PushAndSettleAsync("2026.1");

        var blocked = Assert.Single(await fleet.BuildsAsync("sealed"));
        Assert.Equal("blocked", blocked.Release);
        var (_, output, _) = await fleet.ResultAsync((await fleet.ExecutionsAsync("release-sealed"))[^1].ExecutionArn);
        Assert.Equal(code, output["scan"]!["reasons"]![0]!["code"]!.ToString());
        Assert.Contains(text, TagText.Get(blocked.Tags, "automation:release-reason"), StringComparison.Ordinal);
        Assert.DoesNotContain("latest", (await fleet.TagsAsync(Repository)).Keys);
        Assert.Contains("blocked: sealed 1.0.0/1", await fleet.AlertsAsync());

        // The bad one stays there.
        await SignAsync(cloud, (await fleet.TagsAsync(Repository))["1.0.0-1"], TestSignatures.Jws);
        await cloud.AdvanceAsync(26 * Hour);

        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("sealed")).Release);
    }

    /// <summary>Somebody publishes the build as an index and signs only the image in it.</summary>
    [Fact]
    public async Task OnlyAnImageOfTheIndexIsSigned_BlocksUntilTheIndexIs()
    {
        var fleet = await StartAsync();
        await using var cloud = fleet.Cloud;
        string? index = null;
        BeforeCheck(cloud, 1, image => SignAsync(cloud, image, "cosign"), before: async () => index ??= await IndexAsync(fleet));

        await fleet.PushAndSettleAsync("2026.1");
        var blocked = Assert.Single(await fleet.BuildsAsync("sealed"));
        Assert.Equal("blocked", blocked.Release);
        Assert.Contains("the index itself must be signed", TagText.Get(blocked.Tags, "automation:release-reason"), StringComparison.Ordinal);

        await SignAsync(cloud, index!, "cosign");
        await cloud.AdvanceAsync(26 * Hour);

        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("sealed")).Release);
        Assert.Equal(index, (await fleet.TagsAsync(Repository))["latest"]);
    }

    [Fact]
    public async Task SignatureIsNotRequired_PromotesAndSaysThatThereIsNone()
    {
        var fleet = await StartAsync(rules => rules["required"] = false);
        await using var cloud = fleet.Cloud;

        await fleet.PushAndSettleAsync("2026.1");

        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("sealed")).Release);
        Assert.Contains("signature-not-required", await fleet.LooksAsync("release-sealed"), StringComparison.Ordinal);
    }

    /// <summary>Signatures and attestations belong to their image, however they are stored: retention keeps them with it, and deletes them with it.
    /// </summary>
    [Fact]
    public async Task SignedImage_KeepsItsSignaturesAndTakesThemAlong()
    {
        var fleet = await StartAsync();
        await using var cloud = fleet.Cloud;
        var signed = new HashSet<string>(StringComparer.Ordinal);
        BeforeCheck(cloud, 1, async image =>
        {
            if (signed.Add(image))
            {
                await SignAsync(cloud, image, "notation");
                await SignAsync(cloud, image, "cosign");
                await TestSignatures.CosignAsync(cloud.Ecr(Here), Repository, image, _key, tag: "att");
            }
        }, always: true);
        for (var release = 1; release <= 6; release++)
        {
            await fleet.PushAndSettleAsync($"2026.{release}");
            await cloud.AdvanceAsync(26 * Hour);
        }

        await cloud.AdvanceAsync(TimeSpan.FromDays(12));

        var promoted = (await fleet.BuildsAsync("sealed")).Select(build => TagText.Get(build.Tags, "automation:digest")).ToList();
        var images = (await cloud.Ecr(Here).DescribeImagesAsync(
            new DescribeImagesRequest { RepositoryName = Repository }, TestContext.Current.CancellationToken)).ImageDetails;
        Assert.InRange(promoted.Count, 1, 5);
        Assert.Equal(5 * promoted.Count, images.Count);
        Assert.Equal(
            promoted.Order(),
            images.Where(image => image.SubjectManifestDigest is not null).Select(image => image.SubjectManifestDigest).Order());
    }

    private async Task<Fleet> StartAsync(Action<JsonObject>? change = null)
    {
        var catalog = JsonNode.Parse(TestCloud.CatalogOf("signed"))!;
        var image = catalog["images"]![0]!;
        image["retain"] = JsonNode.Parse(TestCloud.CatalogOf("Automation"))!["defaults"]!["retain"]!.DeepClone();
        image["promote"]!["statement"] = false;
        var rules = image["promote"]!["gate"]!["signature"]!.AsObject();
        rules["signers"]!.AsArray().Add(_key.ExportSubjectPublicKeyInfoPem());
        rules["roots"] = new JsonArray(_authority.Root);
        change?.Invoke(rules);
        return await TestCloud.StartAsync("signed", text: catalog.ToJsonString());
    }

    /// <summary>Lets something happen to the built image right before a check of its signatures.</summary>
    /// <param name="check">The number of the check, from 1.</param>
    /// <param name="before">What happens before the inspection of the build.</param>
    private static void BeforeCheck(TestCloud cloud, int check, Func<string, Task> act, bool always = false, Func<Task>? before = null)
    {
        var checks = 0;
        cloud.BeforeEachCallOfAutomation(call =>
        {
            if (call is { Function: ("InspectImage", _), Operation: "DescribeImages" } && before is not null)
            {
                before().GetAwaiter().GetResult();
            }

            if (call.Operation == "ListImageReferrers" && (++checks == check || always))
            {
                var images = cloud.Ecr(Here).DescribeImagesAsync(new DescribeImagesRequest { RepositoryName = Repository }).GetAwaiter().GetResult();
                var newest = images.ImageDetails
                    .Where(image => image.ImageManifestMediaType?.Contains("manifest", StringComparison.Ordinal) == true
                        && image.ImageTags?.Exists(tag => char.IsAsciiDigit(tag[0])) == true || image.ImageTags?.Contains("child") == true)
                    .MaxBy(image => image.ImagePushedAt)!;
                act(newest.ImageDigest).GetAwaiter().GetResult();
            }
        });
    }

    /// <summary>Replaces the image of the first build by an index that lists it.</summary>
    internal static async Task<string> IndexAsync(Fleet fleet)
    {
        var ecr = fleet.Cloud.Ecr(Here);
        var image = (await ecr.BatchGetImageAsync(new BatchGetImageRequest
        {
            RepositoryName = Repository,
            ImageIds = [new ImageIdentifier { ImageTag = "1.0.0-1" }],
            AcceptedMediaTypes = ["application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"],
        })).Images[0];
        await ecr.PutImageAsync(new PutImageRequest
        {
            RepositoryName = Repository,
            ImageManifest = image.ImageManifest,
            ImageManifestMediaType = image.ImageManifestMediaType,
            ImageTag = "child"
        });
        await ecr.BatchDeleteImageAsync(
            new BatchDeleteImageRequest { RepositoryName = Repository, ImageIds = [new ImageIdentifier { ImageTag = "1.0.0-1" }] });
        var index = $$"""
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"{{image.ImageManifestMediaType}}","digest":"{{image.ImageId.ImageDigest}}","size":{{Encoding.UTF8.GetByteCount(image.ImageManifest)}}}]}
            """;
        var put = new PutImageRequest { RepositoryName = Repository, ImageManifest = index, ImageTag = "1.0.0-1" };
        return (await ecr.PutImageAsync(put)).Image.ImageId.ImageDigest;
    }

    private async Task SignAsync(TestCloud cloud, string image, string kind)
    {
        var ecr = cloud.Ecr(Here);
        var at = Begin.AddDays(3);
        var other = $"sha256:{new string('a', 64)}";
        using var stranger = new TestAuthority(Begin);
        using var strange = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        switch (kind)
        {
            case "none":
                return;
            case "cosign":
                await TestSignatures.CosignAsync(ecr, Repository, image, _key);
                return;
            case "wrong key":
                await TestSignatures.CosignAsync(ecr, Repository, image, strange);
                return;
            case TestSignatures.Bundle:
                await TestSignatures.AttachAsync(
                    ecr, Repository, image, TestSignatures.Bundle, TestSignatures.Bundle, TestSignatures.BundleOf(image, _key));
                return;
        }

        var content = kind switch
        {
            TestSignatures.Jws or "notation" => _authority.SignJws(image, at, Begin.AddYears(1)),
            TestSignatures.Cose => _authority.SignCose(image, at),
            "wrong profile" => _authority.SignJws(image, at, version: "arn:aws:signer:us-east-1:123456789012:/signing-profiles/others/awUPb84ibN"),
            "wrong root" => stranger.SignJws(image, at),
            "expired" => _authority.SignJws(image, at, expiry: new DateTimeOffset(2026, 1, 5, 0, 0, 0, TimeSpan.Zero)),
            "expired certificate" => _authority.SignJws(image, new DateTimeOffset(2026, 2, 1, 0, 0, 0, TimeSpan.Zero)),
            "another digest" => _authority.SignJws(other, at),
            _ => "not a signature"u8.ToArray(),
        };
        var signature = await TestSignatures.AttachAsync(
            ecr, Repository, image, TestSignatures.Notation, kind == TestSignatures.Cose ? TestSignatures.Cose : TestSignatures.Jws, content);
        if (kind == "notation")
        {
            await TestSignatures.ListAsync(ecr, Repository, image, signature);
        }
    }
}
