using System.Text.Json.Nodes;
using Amazon.ECR.Model;
using Automation.Core.Builds;
using Automation.LocalCloud.Ecr;
using Automation.LocalCloud.Ports;
using static Automation.Scenarios.Arrangements;

namespace Automation.Scenarios;

/// <summary>
/// ECR's managed signing, from its configuration to the promotion. No test makes a signature here: the embedded cloud signs what Image Builder's instance
/// pushes, as the role of the deployed stack, and the deployed gate verifies it.
/// </summary>
public sealed class ManagedSigningScenarios
{
    private const string Repository = "images/sealed";
    private const string Profiles = "arn:aws:signer:us-east-1:123456789012:/signing-profiles";

    [Fact]
    public async Task RegistrySignsTheBuild_TheGateWaitsForItAndPromotes()
    {
        var fleet = await StartAsync();
        await using var cloud = fleet.Cloud;
        await ConfigureAsync(cloud, "images");

        await fleet.PushAndSettleAsync("2026.1");

        var build = Assert.Single(await fleet.BuildsAsync("sealed"));
        Assert.Equal("promoted", build.Release);
        var (_, output, _) = await fleet.ResultAsync((await fleet.ExecutionsAsync("release-sealed"))[^1].ExecutionArn);
        Assert.Equal(["scan-passed", "signature-passed"], output["scan"]!["reasons"]!.AsArray().Select(reason => reason!["code"]!.ToString()));
        Assert.Equal($$"""[{"signingProfileArn":"{{Profiles}}/images","status":"COMPLETE"}]""", await StatusAsync(fleet, "1.0.0-1"));

        // The tags of the promotion are pushes of the same image, which is signed once.
        Assert.Single(await ReferrersAsync(cloud, TagText.Get(build.Tags, "automation:digest")));
    }

    [Fact]
    public async Task InstanceMayNotSign_ThePushSucceedsUnsignedAndTheGateBlocks()
    {
        var fleet = await StartAsync(template => template.Contains("signer:SignPayload", StringComparison.Ordinal)
            ? template.Replace("signer:SignPayload", "signer:GetSigningProfile", StringComparison.Ordinal)
            : throw new InvalidOperationException("The template does not allow signatures."));
        await using var cloud = fleet.Cloud;
        await ConfigureAsync(cloud, "images");

        await fleet.PushAndSettleAsync("2026.1");

        Assert.Equal(["no-signature"], await ReasonsAsync(fleet));
        var status = JsonNode.Parse(await StatusAsync(fleet, "1.0.0-1"))![0]!;
        Assert.Equal(("FAILED", "AccessDeniedException"), (status["status"]!.ToString(), status["failureCode"]!.ToString()));
        Assert.Contains("is not authorized to perform: signer:SignPayload", status["failureReason"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnotherProfileSigns_TheGateNamesIt()
    {
        var fleet = await StartAsync(template => template.Replace("/signing-profiles/images", "/signing-profiles/others", StringComparison.Ordinal));
        await using var cloud = fleet.Cloud;
        await ConfigureAsync(cloud, "others");

        await fleet.PushAndSettleAsync("2026.1");

        Assert.Equal(["signature-by-other"], await ReasonsAsync(fleet));
        Assert.Contains($"was made by {Profiles}/others/", await TextAsync(fleet), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignatureExpiresWhileAFindingBlocks_TheNextReleaseRefusesIt()
    {
        var fleet = await StartAsync();
        await using var cloud = fleet.Cloud;
        await ConfigureAsync(cloud, "images", new JsonObject { ["type"] = "DAYS", ["value"] = 1 });
        await cloud.InjectAsync([new FindingsRule(null, Repository, null, [new Finding(BlockingFinding, "CRITICAL")])]);
        await fleet.PushAndSettleAsync("2026.1");
        Assert.Equal("scan-findings", (await ReasonsAsync(fleet))[0]);

        await cloud.InjectAsync([]);
        await cloud.AdvanceAsync(25 * Hour);
        await fleet.ScanAgainAsync(Repository, "1.0.0-1");
        await cloud.AdvanceAsync(26 * Hour);

        Assert.Equal("signature-expired", (await ReasonsAsync(fleet))[0]);
    }

    [Fact]
    public async Task ProfileIsRevokedWhileAFindingBlocks_TheNextReleaseRefusesTheSignature()
    {
        var fleet = await StartAsync();
        await using var cloud = fleet.Cloud;
        var version = await ConfigureAsync(cloud, "images");
        var begin = await cloud.NowAsync();
        await cloud.InjectAsync([new FindingsRule(null, Repository, null, [new Finding(BlockingFinding, "CRITICAL")])]);
        await fleet.PushAndSettleAsync("2026.1");
        Assert.Equal("scan-findings", (await ReasonsAsync(fleet))[0]);

        await cloud.InjectAsync([]);
        await cloud.PutAsync("signer", "/signing-profiles/images/revoke", new JsonObject
        {
            ["profileVersion"] = version,
            ["reason"] = "leaked",
            ["effectiveTime"] = begin.ToUnixTimeSeconds(),
        });
        await cloud.AdvanceAsync(25 * Hour);
        await fleet.ScanAgainAsync(Repository, "1.0.0-1");
        await cloud.AdvanceAsync(26 * Hour);

        Assert.Equal("signature-revoked", (await ReasonsAsync(fleet))[0]);
        Assert.Contains($"was revoked: {Profiles}/images/{version}", await TextAsync(fleet), StringComparison.Ordinal);
    }

    /// <summary>A person replaces the signed image by an index of it, when the registry no longer signs.</summary>
    [Fact]
    public async Task OnlyTheImageOfAnIndexIsSigned_TheGateAsksForTheIndex()
    {
        var fleet = await StartAsync();
        await using var cloud = fleet.Cloud;
        await ConfigureAsync(cloud, "images");
        var isReplaced = false;
        cloud.BeforeEachCallOfAutomation(call =>
        {
            if (call is { Function: ("InspectImage", _), Operation: "DescribeImages" } && !isReplaced)
            {
                isReplaced = true;
                cloud.AdvanceAsync(TimeSpan.FromMinutes(1)).GetAwaiter().GetResult();
                EcrAsync(fleet, "DeleteSigningConfiguration", [], Here).GetAwaiter().GetResult();
                SignatureScenarios.IndexAsync(fleet).GetAwaiter().GetResult();
            }
        });

        await fleet.PushAndSettleAsync("2026.1");

        Assert.Equal(["signature-on-child"], await ReasonsAsync(fleet));
        Assert.Contains("the index itself must be signed", await TextAsync(fleet), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ProfileIsCanceled_TheImageStaysUnsigned()
    {
        var fleet = await StartAsync();
        await using var cloud = fleet.Cloud;
        await ConfigureAsync(cloud, "images");
        await cloud.DeleteAsync("signer", "/signing-profiles/images");

        await fleet.PushAndSettleAsync("2026.1");

        Assert.Equal(["no-signature"], await ReasonsAsync(fleet));
        Assert.Contains("\"failureCode\":\"ResourceNotFoundException\"", await StatusAsync(fleet, "1.0.0-1"), StringComparison.Ordinal);
    }

    /// <summary>The gate trusts the root of the embedded cloud instead of that of AWS.</summary>
    private static async Task<Fleet> StartAsync(Func<string, string>? template = null)
    {
        var fleet = await TestCloud.StartAsync("signed", template, TestCloud.CatalogOf("signed"));
        fleet.Cloud.Redeploy(text =>
        {
            var catalog = JsonNode.Parse(text)!;
            catalog["images"]![0]!["promote"]!["statement"] = false;
            catalog["images"]![0]!["promote"]!["gate"]!["signature"]!["roots"] = new JsonArray(fleet.Cloud.SigningRoot);
            return catalog.ToJsonString();
        });
        return fleet;
    }

    /// <returns>The version of the profile.</returns>
    private static async Task<string> ConfigureAsync(TestCloud cloud, string profile, JsonObject? validity = null)
    {
        var input = new JsonObject { ["platformId"] = "Notation-OCI-SHA384-ECDSA" };
        if (validity is not null)
        {
            input["signatureValidityPeriod"] = validity;
        }

        var made = await cloud.PutAsync("signer", $"/signing-profiles/{profile}", input);
        await cloud.CallAsync("ecr", "AmazonEC2ContainerRegistry_V20150921.PutSigningConfiguration", new JsonObject
        {
            ["signingConfiguration"] = new JsonObject
            {
                ["rules"] = new JsonArray(new JsonObject
                {
                    ["signingProfileArn"] = $"{Profiles}/{profile}",
                    ["repositoryFilters"] = new JsonArray(new JsonObject { ["filter"] = "images/*", ["filterType"] = "WILDCARD_MATCH" }),
                }),
            },
        });
        return made["profileVersion"]!.ToString();
    }

    private static async Task<string> StatusAsync(Fleet fleet, string tag) => (await EcrAsync(fleet, "DescribeImageSigningStatus", new JsonObject
    {
        ["repositoryName"] = Repository,
        ["imageId"] = new JsonObject { ["imageTag"] = tag },
    }, Here))["signingStatuses"]!.ToJsonString();

    /// <summary>The reasons of the gate in the last release, which it blocked.</summary>
    private static async Task<IReadOnlyList<string>> ReasonsAsync(Fleet fleet)
    {
        Assert.Equal("blocked", Assert.Single(await fleet.BuildsAsync("sealed")).Release);
        var (_, output, _) = await fleet.ResultAsync((await fleet.ExecutionsAsync("release-sealed"))[^1].ExecutionArn);
        return [.. output["scan"]!["reasons"]!.AsArray().Select(reason => reason!["code"]!.ToString()).Where(code => code != "scan-passed")];
    }

    private static async Task<string> TextAsync(Fleet fleet) =>
        TagText.Get(Assert.Single(await fleet.BuildsAsync("sealed")).Tags, "automation:release-reason")!;

    private static async Task<List<ImageReferrer>> ReferrersAsync(TestCloud cloud, string? digest) => (await cloud.Ecr(Here).ListImageReferrersAsync(
        new ListImageReferrersRequest { RepositoryName = Repository, SubjectId = new SubjectIdentifier { ImageDigest = digest } })).Referrers;
}
