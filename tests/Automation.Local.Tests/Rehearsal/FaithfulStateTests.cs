using System.Text.Json.Nodes;
using Automation.Local.Rehearsal;
using Automation.LocalCloud.Ecr;
using Automation.LocalCloud.Ports;

namespace Automation.Local.Tests.Rehearsal;

/// <summary>Accounts that people and tools have worked on: the decisions of the rehearsal and of the real days are still the same.</summary>
[Trait("Category", "Slow")]
public sealed class FaithfulStateTests
{
    private const string Registry = "123456789012.dkr.ecr.us-east-1.amazonaws.com";

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary>The pipeline's own distribution moves a tag at every build, which the automation does not own.</summary>
    [Fact]
    public async Task AdoptedPipelineWithItsOwnDistribution_IsRehearsedAsItComes()
    {
        var fleet = await TestCloud.StartAsync("adopted", text: TestCloud.CatalogOf("adopted"));
        await using var cloud = fleet.Cloud;
        await fleet.CreatePipelineAsync("their-pipeline", "images/by-name", $"{Registry}/golden/base:stable", "nightly");
        await fleet.CreatePipelineAsync("other-pipeline", "images/by-arn", $"{Registry}/golden/base:stable");
        await fleet.PushAndSettleAsync("12.1");
        await cloud.AdvanceAsync(26 * Hour);

        var decisions = await RehearsalFixture.CompareAsync(fleet, 4, new Move.Push("golden/base", null, 2), new Move.Fail("by-arn", 2));

        Assert.Contains(decisions, each => each is { Kind: "promoted", Image: "by-name", Day: 2 });
        Assert.Contains(decisions, each => each is { Kind: "build-failed", Image: "by-arn", Day: 2 });
    }

    /// <summary>One image has its base in the registry of another account, which this account cannot read.</summary>
    [Fact]
    public async Task BasesOfTwoAccounts_AreRehearsedAsTheyCome()
    {
        var fleet = await TestCloud.StartAsync("adopted", text: TestCloud.CatalogOf("adopted"));
        await using var cloud = fleet.Cloud;
        await fleet.CreatePipelineAsync("their-pipeline", "images/by-name", "999999999999.dkr.ecr.us-east-1.amazonaws.com/golden/base:stable");
        await fleet.CreatePipelineAsync("other-pipeline", "images/by-arn", $"{Registry}/golden/base:stable");
        await fleet.PushAndSettleAsync("12.1");
        await fleet.StartByHandAsync("their-pipeline", "by hand");
        await cloud.AdvanceAsync(3 * Hour);

        var decisions = await RehearsalFixture.CompareAsync(fleet, 3, new Move.Push("golden/base", null, 2));

        Assert.Contains(decisions, each => each is { Kind: "promoted", Image: "by-arn", Day: 2 });
    }

    /// <summary>A cancelled build, a build that a person disabled, and a disabled pipeline.</summary>
    [Fact]
    public async Task CancelledAndDisabledBuilds_AreRehearsedAsTheyCome()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("12.1");
        await cloud.AdvanceAsync(24 * Hour);
        await fleet.PushAndSettleAsync("12.2");
        await fleet.StartByHandAsync("app", "by hand");
        await cloud.AdvanceAsync(5 * Hour / 60);
        await fleet.CancelAsync((await fleet.BuildsAsync("app"))[^1].Arn, "cancel");
        await cloud.AdvanceAsync(2 * Hour);
        await fleet.RetireAsync((await fleet.BuildsAsync("app"))[0].Arn, "DISABLED");
        await fleet.RetireAsync((await fleet.BuildsAsync("runtime"))[1].Arn, "DEPRECATED");
        await cloud.AdvanceAsync(2 * Hour);
        Assert.Contains("CANCELLED", (await fleet.BuildsAsync("app")).Select(build => build.Status));

        var decisions = await RehearsalFixture.CompareAsync(fleet, 12, new Move.Push("golden/base", null, 3));

        Assert.Contains(decisions, each => each is { Kind: "build", Image: "app", Day: 3 });
        Assert.Contains(decisions, each => each.Kind is "deleted" or "superseded");
    }

    [Fact]
    public async Task DisabledPipeline_IsNotBuiltInEither()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("12.1");
        await fleet.UpdatePipelineAsync("runtime", enabled: false);
        await cloud.AdvanceAsync(2 * Hour);

        var decisions = await RehearsalFixture.CompareAsync(fleet, 5, new Move.Push("golden/base", null, 2));

        Assert.DoesNotContain(decisions, each => each is { Kind: "build", Image: "app" });
    }

    /// <summary>A person made the tags of one repository immutable, so its floating tags cannot move.</summary>
    [Fact]
    public async Task ImmutableRepository_StopsTheSameReleases()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("12.1");
        await cloud.CallAsync("ecr", "AmazonEC2ContainerRegistry_V20150921.PutImageTagMutability", new JsonObject
        {
            ["repositoryName"] = "images/runtime",
            ["imageTagMutability"] = "IMMUTABLE",
        });
        await cloud.AdvanceAsync(2 * Hour);

        var decisions = await RehearsalFixture.CompareAsync(fleet, 4, new Move.Push("golden/base", null, 2));

        Assert.Contains(decisions, each => each is { Kind: "build", Image: "runtime", Day: 2 });
        Assert.DoesNotContain(decisions, each => each is { Kind: "promoted", Image: "runtime", Subject: "1.0.0/2" });
    }

    /// <summary>A release that a person approved, one that the gate blocks, and a base that its own gate stops.</summary>
    [Fact]
    public async Task GateWithApproval_StopsAndAsksOnTheSameDays()
    {
        var fleet = await TestCloud.StartAsync("approval");
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync([new FindingsRule(null, "images/vault", null, [new Finding("CVE-2026-1111", "LOW", "zlib")])]);
        await fleet.PushAndSettleAsync("12.1");
        await cloud.AdvanceAsync(3 * Hour);
        await cloud.InjectAsync([new FindingsRule(null, "images/vault", null, [new Finding("CVE-2026-2222", "HIGH", "openssl")])]);
        await fleet.PushAndSettleAsync("12.2");
        await cloud.AdvanceAsync(3 * Hour);

        var decisions = await RehearsalFixture.CompareAsync(fleet, 6, new Move.Push("golden/base", null, 2), new Move.Push("golden/base", null, 4));

        Assert.Contains(decisions, each => each is { Kind: "rejected", Image: "vault" });
        Assert.Contains(decisions, each => each is { Kind: "blocked", Image: "vault", Day: 2 });
    }

    /// <summary>The second Region goes down while a release soaks, and comes back in the middle of the rehearsal.</summary>
    [Fact]
    public async Task RegionThatIsDownInTheMiddle_DelaysTheSameReleases()
    {
        var text = JsonNode.Parse(TestCloud.CatalogOf("two-regions"))!;
        text["images"]![0]!["promote"]!["soakHours"] = 30;
        var fleet = await TestCloud.StartAsync("two-regions", text: text.ToJsonString());
        await using var cloud = fleet.Cloud;
        await fleet.CreateRepositoryAsync("eu-west-1", "images/edge");
        await fleet.PushAndSettleAsync("12.1");
        await cloud.AdvanceAsync(24 * Hour);

        var decisions = await RehearsalFixture.CompareAsync(
            fleet, 9, "MM-dd", new Move.Push("golden/base", null, 2), new Move.Down("eu-west-1", 3, 3), new Move.Push("golden/base", null, 6),
            new Move.Down("us-east-1", 7, 7));

        Assert.Equal([4, 8], decisions.Where(each => each.Kind == "promoted").Select(each => each.Day));
    }
}
