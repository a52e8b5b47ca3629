using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Promotion;

namespace Automation.Core.Tests.Promotion;

public sealed class ScanGateTests
{
    private static readonly DateOnly Today = DateOnly.FromDateTime(Sample.Noon.UtcDateTime);

    [Fact]
    public void Decide_NoGate_IsOpen() =>
        Assert.Equal("no-gate", Assert.IsType<GateDecision.Open>(ScanGate.Decide(new GateFacts(null, null, Sample.Noon, Sample.Noon))).Reasons[0].Code);

    [Theory]
    [InlineData("COMPLETE")]
    [InlineData("ACTIVE")]
    public void Decide_NothingSerious_IsOpen(string status) =>
        Assert.Equal("scan-passed", Assert.IsType<GateDecision.Open>(Decide(Scan(status, new Finding("CVE-1", Severity.Medium)))).Reasons[0].Code);

    [Theory]
    [InlineData(null, "no-scan")]
    [InlineData("PENDING", "scan-running")]
    [InlineData("IN_PROGRESS", "scan-running")]
    [InlineData("FINDINGS_UNAVAILABLE", "findings-unavailable")]
    [InlineData("SOMETHING_NEW", "scan-status-unknown")]
    public void Decide_NoResultYet_WaitsAndThenBlocks(string? status, string code)
    {
        var scan = status is null ? null : Scan(status);

        var wait = Assert.IsType<GateDecision.Wait>(Decide(scan, minutes: 29));
        Assert.Equal((code, Sample.Noon.AddMinutes(1)), (wait.Reasons[0].Code, wait.Until));
        Assert.Equal(Sample.Noon.AddSeconds(15), Assert.IsType<GateDecision.Wait>(Decide(scan, minutes: 0)).Until);

        var blocked = Assert.IsType<GateDecision.Blocked>(Decide(scan, minutes: 30));
        Assert.Equal(code, blocked.Reasons[0].Code);
        Assert.Empty(blocked.Blocking);
        Assert.NotEmpty(blocked.ToUnblock);
    }

    [Theory]
    [InlineData("FAILED", "scan-failed")]
    [InlineData("UNSUPPORTED_IMAGE", "scan-unsupported")]
    [InlineData("SCAN_ELIGIBILITY_EXPIRED", "scan-expired")]
    [InlineData("LIMIT_EXCEEDED", "scan-limit")]
    [InlineData("IMAGE_ARCHIVED", "image-archived")]
    public void Decide_NoResultExpected_BlocksAtOnce(string status, string code)
    {
        var blocked = Assert.IsType<GateDecision.Blocked>(Decide(Scan(status) with { Description = "the service says" }));

        Assert.Equal(code, blocked.Reasons[0].Code);
        Assert.EndsWith("the service says", blocked.Reasons[0].Text, StringComparison.Ordinal);
        Assert.NotEmpty(blocked.ToUnblock);
    }

    [Theory]
    [InlineData("COMPLETE")]
    [InlineData("ACTIVE")]
    public void Decide_FinishedScanWithoutResult_WaitsAndThenBlocks(string status)
    {
        var scan = Scan(status) with { ResultPending = true };

        var wait = Assert.IsType<GateDecision.Wait>(Decide(scan, minutes: 29));
        Assert.Equal(("findings-pending", Sample.Noon.AddMinutes(1)), (wait.Reasons[0].Code, wait.Until));
        Assert.Equal("findings-pending", Assert.IsType<GateDecision.Blocked>(Decide(scan, minutes: 30)).Reasons[0].Code);
    }

    [Fact]
    public void Decide_NoScanWithBasicScanning_RequestsOneAndSaysHowTheRegistryScans()
    {
        var decision = Assert.IsType<GateDecision.StartScan>(Unscanned(new RegistryScanning(false, [new ScanningRule("SCAN_ON_PUSH", ["prod"])])));

        Assert.Equal(["no-scan", "registry-scanning"], decision.Reasons.Select(reason => reason.Code));
        Assert.EndsWith("none of them scans images/app on push", decision.Reasons[1].Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ScanStart.Started, "scan-started")]
    [InlineData(ScanStart.LimitExceeded, "scan-limit")]
    [InlineData(ScanStart.Disabled, "scan-not-startable")]
    public void Decide_ScanWasRequested_WaitsAndThenBlocks(ScanStart asked, string code)
    {
        var wait = Assert.IsType<GateDecision.Wait>(Unscanned(RegistryScanning.Default, asked));
        var blocked = Assert.IsType<GateDecision.Blocked>(Unscanned(RegistryScanning.Default, asked, minutes: 30));

        Assert.Equal(["no-scan", "registry-scanning", code], wait.Reasons.Select(reason => reason.Code));
        Assert.Equal(["no-scan", "registry-scanning", code], blocked.Reasons.Select(reason => reason.Code));
        Assert.NotEmpty(blocked.ToUnblock);
    }

    [Theory]
    [InlineData(ScanStart.Unsupported, "scan-unsupported")]
    [InlineData(ScanStart.Archived, "image-archived")]
    public void Decide_ImageCannotBeScanned_BlocksAtOnce(ScanStart asked, string code) =>
        Assert.Equal(code, Assert.IsType<GateDecision.Blocked>(Unscanned(RegistryScanning.Default, asked)).Reasons[0].Code);

    [Theory]
    [InlineData("images/*", "first scan")]
    [InlineData("golden/*", "include images/app in the registry's scanning rules")]
    public void Decide_NoScanWithEnhancedScanning_NeverRequestsOneAndSaysSo(string filter, string unblock)
    {
        var registry = new RegistryScanning(true, [new ScanningRule("CONTINUOUS_SCAN", [filter])]);

        var wait = Assert.IsType<GateDecision.Wait>(Unscanned(registry));
        var blocked = Assert.IsType<GateDecision.Blocked>(Unscanned(registry, minutes: 30));

        Assert.Contains(wait.Reasons, reason => reason.Code == "scan-not-startable");
        Assert.Contains("enhanced scanning", wait.Reasons[1].Text, StringComparison.Ordinal);
        Assert.Contains(unblock, Assert.Single(blocked.ToUnblock), StringComparison.Ordinal);
    }

    // The table of https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-filters.html
    [Theory]
    [InlineData("prod", "prod repo-prod prod-repo repo-prod-repo prodrepo")]
    [InlineData("*prod", "prod repo-prod")]
    [InlineData("prod*", "prod prod-repo prodrepo")]
    [InlineData("*prod*", "prod repo-prod prod-repo repo-prod-repo prodrepo")]
    [InlineData("prod*repo", "prod-repo prodrepo")]
    public void ScanningRule_IncludesRepositoriesAsDocumented(string filter, string included)
    {
        var registry = new RegistryScanning(false, [new ScanningRule("SCAN_ON_PUSH", [filter])]);

        Assert.Equal(included,
            string.Join(' ', new[] { "prod", "repo-prod", "prod-repo", "repo-prod-repo", "prodrepo" }.Where(name => registry.FrequencyOf(name) is not null)));
    }

    [Fact]
    public void ScanningRules_BothInclude_ContinuousScanWins() => Assert.Equal("CONTINUOUS_SCAN", new RegistryScanning(
        true, [new ScanningRule("SCAN_ON_PUSH", ["*"]), new ScanningRule("CONTINUOUS_SCAN", ["app"])]).FrequencyOf("images/app"));

    [Fact]
    public void Decide_SeriousFindings_BlockAndAreNamedWorstFirst()
    {
        var blocked = Assert.IsType<GateDecision.Blocked>(Decide(Scan("COMPLETE",
            new Finding("CVE-2", Severity.High), new Finding("CVE-3", Severity.Low), new Finding("CVE-1", Severity.Critical, "openssl"))));

        Assert.Equal(["CVE-1", "CVE-2"], blocked.Blocking.Select(finding => finding.Id));
        Assert.Equal("2 findings of HIGH or above block (1 CRITICAL, 1 HIGH): CVE-1, CVE-2", blocked.Reasons[0].Text);
        Assert.Contains("promote.gate.allow", Assert.Single(blocked.ToUnblock), StringComparison.Ordinal);
    }

    [Fact]
    public void Decide_ThousandsOfFindings_AreSummarisedWithTheWorstByName()
    {
        var findings = Enumerable.Range(1, 3000)
            .Select(i => new Finding($"CVE-2026-{i:0000}", i > 2990 ? Severity.Critical : Severity.High, "a-package-with-a-long-name")).ToArray();

        var blocked = Assert.IsType<GateDecision.Blocked>(Decide(Scan("COMPLETE", findings)));

        Assert.Equal("3000 findings of HIGH or above block (10 CRITICAL, 2990 HIGH): CVE-2026-2991, CVE-2026-2992, CVE-2026-2993, CVE-2026-2994 and 2996 more",
            blocked.Reasons[0].Text);
        Assert.Equal(22, blocked.Reasons.Count);
        Assert.Equal("and 2980 more", blocked.Reasons[^1].Text);
        Assert.True(blocked.Reasons[0].Text.Length + blocked.ToUnblock[0].Length < BuildTags.MaxValueLength);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(-1, false)]
    [InlineData(30, true)]
    public void Decide_AllowedFinding_PassesUntilTheEndOfItsDay(int days, bool open)
    {
        var decision = Decide(Scan("COMPLETE", new Finding("cve-1", Severity.High)), allow: new AllowedFinding("CVE-1", Today.AddDays(days), "not reachable"));

        Assert.Equal(open, decision is GateDecision.Open);
        Assert.Contains(decision.Reasons, reason => reason.Code == (open ? "finding-allowed" : "allowance-expired"));
    }

    /// <summary>Missing information never opens the gate.</summary>
    [Theory]
    [InlineData(false, false, true, null)]
    [InlineData(true, false, true, "finding-not-fixable")]
    [InlineData(true, true, true, null)]
    [InlineData(true, null, true, null)]
    [InlineData(false, false, false, "finding-not-fixable")]
    public void Decide_FindingWithoutFix_BlocksUnlessTheCatalogAsksForAFix(bool onlyFixable, bool? isFixable, bool noGrace, string? code) => AssertTolerated(
        new GateRules { OnlyFixable = onlyFixable, GraceDays = noGrace ? new GateRules().GraceDays : Grace(14) },
        new Finding("CVE-1", Severity.High) { IsFixable = isFixable, PublishedAt = Sample.Noon.AddDays(-30) },
        code);

    [Theory]
    [InlineData(7.0, 6.9, "finding-score-low")]
    [InlineData(7.0, 7.0, null)]
    [InlineData(7.0, null, null)]
    [InlineData(null, 0.1, null)]
    public void Decide_FindingWithAScore_BlocksFromTheLimitOn(double? limit, double? score, string? code) =>
        AssertTolerated(new GateRules { Cvss = limit }, new Finding("CVE-1", Severity.High) { Cvss = score }, code);

    [Theory]
    [InlineData(0.01, 0.009, "finding-unlikely")]
    [InlineData(0.01, 0.01, null)]
    [InlineData(0.01, null, null)]
    [InlineData(null, 0.0, null)]
    public void Decide_FindingWithAnEpssScore_BlocksFromTheLimitOn(double? limit, double? score, string? code) =>
        AssertTolerated(new GateRules { Epss = limit }, new Finding("CVE-1", Severity.High) { Epss = score }, code);

    [Theory]
    [InlineData(-13, true, "finding-in-grace")]
    [InlineData(-13, null, "finding-in-grace")]
    [InlineData(-14, true, null)]
    [InlineData(-400, null, null)]
    [InlineData(null, true, null)]
    public void Decide_RecentVulnerability_BlocksAfterItsGrace(int? days, bool? isFixable, string? code) => AssertTolerated(
        new GateRules { GraceDays = Grace(14) },
        new Finding("CVE-1", Severity.High) { IsFixable = isFixable, PublishedAt = days is { } ago ? Sample.Noon.AddDays(ago) : null },
        code);

    [Fact]
    public void Decide_GraceOfAnotherSeverity_DoesNotCount() => AssertTolerated(
        new GateRules { GraceDays = Grace(14) }, new Finding("CVE-1", Severity.Critical) { PublishedAt = Sample.Noon.AddDays(-1) }, null);

    [Fact]
    public void Decide_ToleratedAndBlockingFindings_NamesTheBlockingOnesFirst()
    {
        var tolerated = Enumerable.Range(1, 30).Select(i => new Finding($"CVE-{i:00}", Severity.Critical) { IsFixable = false });
        var scan = Scan("ACTIVE", [.. tolerated, new Finding("CVE-99", Severity.High) { IsFixable = true }]);

        var blocked = Assert.IsType<GateDecision.Blocked>(Decide(scan, new GateRules { OnlyFixable = true }));

        Assert.Equal("CVE-99", Assert.Single(blocked.Blocking).Id);
        Assert.Equal(["scan-findings", "finding", "finding-not-fixable"], blocked.Reasons.Take(3).Select(reason => reason.Code));
    }

    private static IReadOnlyDictionary<Severity, int> Grace(int days) => new Dictionary<Severity, int> { [Severity.High] = days };

    private static GateDecision Decide(ScanFacts scan, GateRules rules) => ScanGate.Decide(new GateFacts(rules, scan, Sample.Noon, Sample.Noon));

    private static void AssertTolerated(GateRules rules, Finding finding, string? code)
    {
        var decision = Decide(Scan("ACTIVE", finding), rules);

        Assert.Equal(code is not null, decision is GateDecision.Open);
        Assert.Equal(code ?? "finding", decision.Reasons[^1].Code);
    }

    [Fact]
    public void Decide_FindingsCountedButNotListed_Block()
    {
        var scan = Scan("COMPLETE") with { Counts = new Dictionary<Severity, int> { [Severity.Critical] = 2, [Severity.Low] = 9 } };

        var blocked = Assert.IsType<GateDecision.Blocked>(Decide(scan));

        Assert.Contains(
            blocked.Reasons, reason => reason is { Code: "findings-unlisted", Text: "2 more findings of severity CRITICAL are counted but not listed" });
    }

    [Fact]
    public void Combine_Index_UsesTheWorstStatusAndAllFindings()
    {
        var one = Scan("COMPLETE", new Finding("CVE-1", Severity.High)) with { Counts = new Dictionary<Severity, int> { [Severity.High] = 1 } };

        Assert.Null(ScanFacts.Combine([one, null]));
        Assert.Null(ScanFacts.Combine([]));
        Assert.Equal("FAILED", ScanFacts.Combine([one, Scan("FAILED"), Scan("IN_PROGRESS")])!.Status);
        Assert.Equal("IN_PROGRESS", ScanFacts.Combine([one, Scan("IN_PROGRESS")])!.Status);
        Assert.True(ScanFacts.Combine([one, Scan("ACTIVE") with { ResultPending = true }])!.ResultPending);
        Assert.Equal("IN_PROGRESS", ScanFacts.Combine([Scan("COMPLETE") with { ResultPending = true }, Scan("IN_PROGRESS")])!.Status);
        Assert.Equal("SOMETHING_NEW", ScanFacts.Combine([one, Scan("SOMETHING_NEW")])!.Status);
        Assert.Equal((2, 2), (ScanFacts.Combine([one, one])!.Findings.Count, ScanFacts.Combine([one, one])!.Counts[Severity.High]));
    }

    [Theory]
    [InlineData("CRITICAL", Severity.Critical)]
    [InlineData("UNTRIAGED", Severity.Undefined)]
    [InlineData(null, Severity.Undefined)]
    public void Severity_IsReadInTheServicesSpelling(string? text, Severity severity) => Assert.Equal(severity, Finding.ParseSeverity(text));

    private static GateDecision Unscanned(RegistryScanning registry, ScanStart? asked = null, int minutes = 0) =>
        ScanGate.Decide(new GateFacts(new GateRules { Severity = Severity.High, WaitMinutes = 30 }, null, Sample.Noon.AddMinutes(-minutes), Sample.Noon)
        {
            Repository = "images/app",
            Registry = registry,
            Asked = asked,
        });

    private static ScanFacts Scan(string status, params Finding[] findings) => new(status, null, new Dictionary<Severity, int>(), findings);

    private static GateDecision Decide(ScanFacts? scan, int minutes = 0, params AllowedFinding[] allow)
    {
        var rules = new GateRules { Severity = Severity.High, WaitMinutes = 30, Allow = allow };
        return ScanGate.Decide(new GateFacts(rules, scan, Sample.Noon.AddMinutes(-minutes), Sample.Noon));
    }
}
