using System.Text.Json.Nodes;
using Automation.LocalCloud.Ecr;
using Automation.LocalCloud.Ports;
using static Automation.Scenarios.Arrangements;

namespace Automation.Scenarios;

/// <summary>Vulnerabilities of the base, and those that become known after the promotion. Image <c>vault</c> is not built on a base with critical findings.
/// It reports findings after its promotion, and is built again when a fix exists.</summary>
public sealed class PromotedFindingScenarios
{
    private const string Reported = "vulnerable: vault 1.0.0/1";

    private static readonly Finding Found = new("CVE-2026-0900", "HIGH", "openssl");

    [Fact]
    public async Task FindingAppearsAfterThePromotion_IsReportedOnceWithItsEnd()
    {
        var fleet = await PromotedAsync("BASIC");
        await using var cloud = fleet.Cloud;

        await cloud.InjectAsync([new FindingsRule(null, "images/vault", null, [Found])]);
        await cloud.AdvanceAsync(4 * Day);

        Assert.Single(await fleet.AlertsAsync(), subject => subject == Reported);
        var message = await fleet.MessageAsync(Reported);
        Assert.Contains("The promoted build 1.0.0/1 has 1 finding of HIGH or above: CVE-2026-0900.", message, StringComparison.Ordinal);
        Assert.Contains("The scan does not say whether a fix exists.", message, StringComparison.Ordinal);
        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("vault")).Release);
        Assert.Equal("1", await VulnerableImagesAsync(cloud));

        await cloud.InjectAsync([]);
        await cloud.AdvanceAsync(2 * Day);

        Assert.Equal([Reported, "resolved: vault (vulnerable)"], (await fleet.AlertsAsync()).Where(subject => subject.Contains("vulnerable", StringComparison.Ordinal)));
        Assert.Equal(["began", "ended"], await IncidentsAsync(cloud));
        Assert.Equal("0", await VulnerableImagesAsync(cloud));
    }

    [Fact]
    public async Task HigherSeverityAppears_IsReportedAgain()
    {
        var fleet = await PromotedAsync("ENHANCED");
        await using var cloud = fleet.Cloud;

        await FindAsync(cloud, Found);
        await cloud.AdvanceAsync(Day);
        await FindAsync(cloud, Found, new Finding("CVE-2026-0901", "CRITICAL"));
        await cloud.AdvanceAsync(2 * Day);

        Assert.Equal(2, (await fleet.AlertsAsync()).Count(subject => subject == Reported));
    }

    [Fact]
    public async Task FindingWithAFix_StartsOneBuild_WhosePromotionEndsTheIncident()
    {
        var fleet = await PromotedAsync("ENHANCED");
        await using var cloud = fleet.Cloud;

        await FindAsync(cloud, Found);
        await cloud.AdvanceAsync(Day);
        Assert.Single(await fleet.BuildsAsync("vault"));

        await FindAsync(cloud, Found with { FixedInVersion = "3.0.2" });
        await cloud.InjectAsync([]);
        await cloud.AdvanceAsync(2 * Hour);
        await ApproveAsync(fleet);
        await cloud.AdvanceAsync(3 * Day);

        var builds = await fleet.BuildsAsync("vault");
        Assert.Equal(["promoted", "promoted"], builds.Select(build => build.Release));
        Assert.StartsWith("findings:", builds[1].Tags["automation:cause"], StringComparison.Ordinal);
        Assert.Contains("resolved: vault (vulnerable)", await fleet.AlertsAsync());
    }

    [Fact]
    public async Task RebuildStillHasTheFindings_NoFurtherBuildIsStarted()
    {
        var fleet = await PromotedAsync("ENHANCED", "\"allow\": [ { \"id\": \"CVE-2026-0900\", \"until\": \"2026-01-07\", \"reason\": \"test\" } ], ");
        await using var cloud = fleet.Cloud;

        // The gate lets the finding pass until the day after tomorrow, and the rebuilt image has it too.
        await cloud.InjectAsync([new FindingsRule(null, "images/vault", null, [Found with { FixedInVersion = "3.0.2" }])]);
        await fleet.PushAndSettleAsync("2026.2");
        await ApproveAsync(fleet);
        await cloud.AdvanceAsync(4 * Day);

        var builds = await fleet.BuildsAsync("vault");
        Assert.Equal(["promoted", "promoted", "blocked"], builds.Select(build => build.Release));
        Assert.StartsWith("findings:", builds[2].Tags["automation:cause"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task BaseHasACriticalFinding_NothingIsBuiltOnItUntilItIsFixed()
    {
        var fleet = await PromotedAsync("ENHANCED");
        await using var cloud = fleet.Cloud;

        await cloud.InjectAsync([new FindingsRule(null, "golden/base", null, [Found with { Severity = "CRITICAL" }])]);
        await fleet.PushAndSettleAsync("2026.2");
        await cloud.AdvanceAsync(Day);
        Assert.Single(await fleet.BuildsAsync("vault"));

        await cloud.ScanAgainAsync(new FindingsRule(null, "golden/base", null, []));
        await cloud.AdvanceAsync(2 * Hour);
        await ApproveAsync(fleet);

        Assert.Equal(["promoted", "promoted"], (await fleet.BuildsAsync("vault")).Select(build => build.Release));
    }

    [Fact]
    public async Task FindingsCannotBeRead_OtherWorkContinues()
    {
        var fleet = await PromotedAsync("ENHANCED");
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(new LocalCloud.FaultRule(
            LocalCloud.FaultKind.Error, Service: "ecr", Operation: "DescribeImageScanFindings", Count: 20, Code: "ServerException", Status: 500));

        await cloud.AdvanceAsync(Day);
        await cloud.ClearFaultsAsync();
        await fleet.PushAndSettleAsync("2026.2");
        await ApproveAsync(fleet);

        Assert.Equal(["promoted", "promoted"], (await fleet.BuildsAsync("vault")).Select(build => build.Release));
    }

    private static async Task<Fleet> PromotedAsync(string scanning, string gate = "")
    {
        var fleet = await TestCloud.StartAsync(
            "approval", text: TestCloud.CatalogOf("approval").Replace("\"waitMinutes\": 30", $"{gate}\"waitMinutes\": 30", StringComparison.Ordinal));
        await fleet.Cloud.SetScanningAsync(scanning, "*");
        await fleet.PushAndSettleAsync("2026.1");
        await ApproveAsync(fleet);
        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("vault")).Release);
        return fleet;
    }

    /// <summary>Enhanced scanning finds it in the images that exist already.</summary>
    private static async Task FindAsync(TestCloud cloud, params Finding[] findings)
    {
        await cloud.ScanAgainAsync(new FindingsRule(null, "images/vault", null, findings));
        await cloud.AdvanceAsync(TimeSpan.FromMinutes(5));
    }

    /// <summary>The states of the events about vulnerable images.</summary>
    private static async Task<IReadOnlyList<string>> IncidentsAsync(TestCloud cloud) =>
    [
        .. (await cloud.JournalAsync()).Where(entry => entry.Kind == "event-published" && entry.Data["detailType"] == "Image Incident")
            .Select(entry => JsonNode.Parse(entry.Data["event"]!)!["detail"]!).Where(detail => detail["kind"]!.ToString() == "vulnerable")
            .Select(detail => detail["state"]!.ToString()),
    ];

    /// <summary>The metric's last value in the logs of the functions.</summary>
    private static async Task<string> VulnerableImagesAsync(TestCloud cloud)
    {
        var line = (await cloud.JournalAsync())
            .Last(entry => entry.Kind == "function-log" && entry.Text.Contains("\"VulnerableImages\":", StringComparison.Ordinal));
        return JsonNode.Parse(line.Text)!["VulnerableImages"]!.ToString();
    }
}
