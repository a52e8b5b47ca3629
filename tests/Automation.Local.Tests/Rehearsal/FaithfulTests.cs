using System.Text.Json.Nodes;
using Automation.Local.Rehearsal;
using Automation.LocalCloud;
using Automation.LocalCloud.Ecr;
using Automation.LocalCloud.ImageBuilder;
using Automation.LocalCloud.Ports;

namespace Automation.Local.Tests.Rehearsal;

/// <summary>A rehearsal decides what the same days, with the same moves, then really bring.</summary>
[Trait("Category", "Slow")]
public sealed class FaithfulTests
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task QuietWeek_IsRehearsedAsItComes()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("12.1");
        await cloud.AdvanceAsync(2 * Day);
        await fleet.PushAndSettleAsync("12.2");
        await cloud.AdvanceAsync(5 * Hour);

        Assert.Contains("build", Kinds(await CompareAsync(fleet, 7)));
    }

    /// <summary>Builds in every state, a signature, a workload on an old image; then pushes, and a day on which builds fail.</summary>
    [Fact]
    public async Task EventfulFortnight_IsRehearsedAsItComes()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("12.1");
        await new Workloads(cloud).RunTaskAsync("batch", "images/app:latest");
        var signed = (await fleet.ImagesAsync("images/runtime"))[0];
        await BaseImage.PushAsync(cloud.Ecr(cloud.Region), "images/runtime", null, "signature", subject: new JsonObject
        {
            ["mediaType"] = signed.ImageManifestMediaType,
            ["digest"] = signed.ImageDigest,
            ["size"] = 500,
        });
        for (var release = 2; release <= 5; release++)
        {
            await cloud.AdvanceAsync(2 * Day);
            if (release == 4)
            {
                await cloud.InjectAsync(new BuildOutcome("runtime", "The mirror did not answer.", Builds: 1));
            }

            await fleet.PushAndSettleAsync($"12.{release}");
        }

        await cloud.InjectAsync([new FindingsRule(null, "images/app", null, [new Finding("CVE-2026-0815", "CRITICAL", "openssl")])]);
        await fleet.PushAndSettleAsync("12.6");
        await cloud.AdvanceAsync(90 * TimeSpan.FromMinutes(1));

        var kinds = Kinds(await CompareAsync(
            fleet, 14, new Move.Push("golden/base", null, 2), new Move.Push("golden/base", null, 4), new Move.Fail("app", 4)));

        Assert.Superset(new HashSet<string> { "pushed", "build", "promoted", "blocked", "build-failed", "move", "superseded", "deleted" }, kinds);
    }

    /// <summary>The resources of this stack have other generated names than the rehearsal would give them.</summary>
    [Fact]
    public async Task HeldAndRolledBackPipelines_StayHeld()
    {
        var fleet = await TestCloud.StartAsync(options: new CloudOptions { Seed = "another account" });
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("12.1");
        await cloud.AdvanceAsync(Day);
        await fleet.PushAndSettleAsync("12.2");
        await fleet.RollbackAsync("app", "1.0.0/1");
        await fleet.TagPipelineAsync("runtime", ("automation:hold", "the mirror is broken"), ("automation:hold-scope", "everything"),
            ("automation:hold-until", "2026-01-09T08:00:00Z"));
        await cloud.AdvanceAsync(2 * Hour);

        var kinds = Kinds(await CompareAsync(fleet, 6, new Move.Push("golden/base", null, 1)));

        Assert.Superset(new HashSet<string> { "pushed", "build", "held" }, kinds);
    }

    [Fact]
    public async Task RegionThatGoesDown_StopsAndResumesReleasesOnTheSameDays()
    {
        var text = JsonNode.Parse(TestCloud.CatalogOf("two-regions"))!;
        text["images"]![0]!["promote"]!["soakHours"] = 20;
        text["images"]![0]!["retain"]!["mode"] = "delete";
        var fleet = await TestCloud.StartAsync("two-regions", text: text.ToJsonString());
        await using var cloud = fleet.Cloud;
        await fleet.CreateRepositoryAsync("eu-west-1", "images/edge");
        await fleet.PushAndSettleAsync("12.1");
        await cloud.AdvanceAsync(3 * Day);
        await fleet.PushBaseAsync("12.2");
        await cloud.AdvanceAsync(3 * Hour);
        Assert.Equal("running", (await fleet.BuildsAsync("edge"))[^1].Release);

        // Retries have a random delay, so an hour would be too exact.
        var kinds = Kinds(await CompareAsync(
            fleet, 8, "MM-dd", new Move.Push("golden/base", null, 2), new Move.Down("eu-west-1", 2, 3), new Move.Push("golden/base", null, 5)));

        Assert.Superset(new HashSet<string> { "pushed", "build", "promoted", "move" }, kinds);
    }

    [Fact]
    public async Task ReleaseThatWaitsForApproval_IsAskedForAndRejectedAfterItsTime()
    {
        var fleet = await TestCloud.StartAsync("approval");
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("12.1");

        Assert.Contains("approval", Kinds(await CompareAsync(fleet, 10, new Move.Push("golden/base", null, 3))));
    }

    [Fact]
    public async Task AdoptedPipelines_AreBuiltAndPromoted()
    {
        var fleet = await TestCloud.StartAsync("adopted", text: TestCloud.CatalogOf("adopted"));
        await using var cloud = fleet.Cloud;
        await fleet.CreatePipelineAsync("their-pipeline", "images/by-name", "123456789012.dkr.ecr.us-east-1.amazonaws.com/golden/base:stable");
        await fleet.CreatePipelineAsync("other-pipeline", "images/by-arn", "123456789012.dkr.ecr.us-east-1.amazonaws.com/golden/base:stable");
        await fleet.PushAndSettleAsync("12.1");
        await cloud.AdvanceAsync(2 * Hour);

        var decisions = await CompareAsync(fleet, 3, new Move.Push("golden/base", null, 2));

        Assert.Equal(["by-arn", "by-name"], decisions.Where(each => each.Kind == "promoted").Select(each => each.Image).Distinct().Order());
    }

    [Fact]
    public async Task ChangedCatalog_DiffersWhereItsRulesDo()
    {
        var fleet = await TestCloud.StartAsync(text: TestCloud.CatalogOf("Automation"));
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync([new FindingsRule(null, "images/app", null, [new Finding("CVE-2026-0815", "HIGH", "openssl")])]);
        await fleet.PushAndSettleAsync("12.1");
        using var fixture = new RehearsalFixture();
        var state = await RehearsalFixture.ReadAsync(cloud);
        var plan = new RehearsalPlan(4, [new Move.Push("golden/base", null, 2)], OnlyTold: true);
        var weaker = state.Catalog.Replace("\"severity\":\"HIGH\"", "\"severity\":\"CRITICAL\"", StringComparison.Ordinal);

        var difference = Difference.Between(await fixture.RunAsync(state, plan), await fixture.RunAsync(state, plan, weaker));
        cloud.Redeploy(_ => weaker);
        var really = await RehearsalFixture.LiveAsync(fleet, state, plan.Days, plan.Moves);

        Assert.Contains(difference.OnlyDeployed, each => each is { Kind: "blocked", Image: "app", Subject: "1.0.0/2", Day: 2 });
        Assert.Contains(difference.OnlyChanged, each => each is { Kind: "promoted", Image: "app", Subject: "1.0.0/2", Day: 2 });
        Assert.DoesNotContain(difference.OnlyChanged, each => each.Image == "runtime");
        Assert.Equal(
            RehearsalFixture.Lines(really, "MM-dd HH:mm"), RehearsalFixture.Lines((await fixture.RunAsync(state, plan, weaker)).Decisions, "MM-dd HH:mm"));
    }

    private static HashSet<string> Kinds(IEnumerable<Decision> decisions) => [.. decisions.Select(each => each.Kind)];

    private static Task<IReadOnlyList<Decision>> CompareAsync(Fleet fleet, int days, params Move[] moves) =>
        RehearsalFixture.CompareAsync(fleet, days, moves);

    private static Task<IReadOnlyList<Decision>> CompareAsync(Fleet fleet, int days, string time, params Move[] moves) =>
        RehearsalFixture.CompareAsync(fleet, days, time, moves);
}
