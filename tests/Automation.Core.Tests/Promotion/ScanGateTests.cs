using Automation.Core.Catalog;
using Automation.Core.Promotion;

namespace Automation.Core.Tests.Promotion;

public sealed class ScanGateTests
{
    private static readonly DateOnly Today = DateOnly.FromDateTime(Some.Noon.UtcDateTime);

    [Fact]
    public void Decide_NoGate_IsOpen() => Assert.Equal("no-gate", Assert.IsType<GateDecision.Open>(ScanGate.Decide(new GateFacts(null, null, Some.Noon, Some.Noon))).Reasons[0].Code);

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
        Assert.Equal((code, Some.Noon.AddMinutes(1)), (wait.Reasons[0].Code, wait.Until));
        Assert.Equal(Some.Noon.AddMinutes(5), Assert.IsType<GateDecision.Wait>(Decide(scan, minutes: 0)).Until);

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
    public void Decide_NoResultWillCome_BlocksAtOnce(string status, string code)
    {
        var blocked = Assert.IsType<GateDecision.Blocked>(Decide(Scan(status) with { Description = "the service says" }));

        Assert.Equal(code, blocked.Reasons[0].Code);
        Assert.EndsWith("the service says", blocked.Reasons[0].Text, StringComparison.Ordinal);
        Assert.NotEmpty(blocked.ToUnblock);
    }

    [Fact]
    public void Decide_SeriousFindings_BlockAndAreNamed_WorstFirst()
    {
        var blocked = Assert.IsType<GateDecision.Blocked>(Decide(Scan("COMPLETE",
            new Finding("CVE-2", Severity.High), new Finding("CVE-3", Severity.Low), new Finding("CVE-1", Severity.Critical, "openssl"))));

        Assert.Equal(["CVE-1", "CVE-2"], blocked.Blocking.Select(finding => finding.Id));
        Assert.Equal("2 findings of HIGH or above in the way: CRITICAL CVE-1, HIGH CVE-2", blocked.Reasons[0].Text);
        Assert.Contains("CVE-1, CVE-2", blocked.ToUnblock[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(-1, false)]
    [InlineData(30, true)]
    public void Decide_AllowedFinding_PassesToTheEndOfItsDay(int days, bool open)
    {
        var decision = Decide(Scan("COMPLETE", new Finding("cve-1", Severity.High)), allow: new AllowedFinding("CVE-1", Today.AddDays(days), "not reachable"));

        Assert.Equal(open, decision is GateDecision.Open);
        Assert.Contains(decision.Reasons, reason => reason.Code == (open ? "finding-allowed" : "allowance-expired"));
    }

    [Fact]
    public void Decide_FindingsCountedButNotListed_Block()
    {
        var scan = Scan("COMPLETE") with { Counts = new Dictionary<Severity, int> { [Severity.Critical] = 2, [Severity.Low] = 9 } };

        var blocked = Assert.IsType<GateDecision.Blocked>(Decide(scan));

        Assert.Contains(blocked.Reasons, reason => reason is { Code: "findings-unlisted", Text: "2 more findings of CRITICAL are counted but not listed" });
    }

    [Fact]
    public void Combine_OfAnIndex_TakesTheWorstStatusAndAllFindings()
    {
        var one = Scan("COMPLETE", new Finding("CVE-1", Severity.High)) with { Counts = new Dictionary<Severity, int> { [Severity.High] = 1 } };

        Assert.Null(ScanFacts.Combine([one, null]));
        Assert.Null(ScanFacts.Combine([]));
        Assert.Equal("FAILED", ScanFacts.Combine([one, Scan("FAILED"), Scan("IN_PROGRESS")])!.Status);
        Assert.Equal("IN_PROGRESS", ScanFacts.Combine([one, Scan("IN_PROGRESS")])!.Status);
        Assert.Equal("SOMETHING_NEW", ScanFacts.Combine([one, Scan("SOMETHING_NEW")])!.Status);
        Assert.Equal((2, 2), (ScanFacts.Combine([one, one])!.Findings.Count, ScanFacts.Combine([one, one])!.Counts[Severity.High]));
    }

    [Theory]
    [InlineData("CRITICAL", Severity.Critical)]
    [InlineData("UNTRIAGED", Severity.Undefined)]
    [InlineData(null, Severity.Undefined)]
    public void Severity_IsReadAsTheServicesWriteIt(string? text, Severity severity) => Assert.Equal(severity, Finding.ParseSeverity(text));

    private static ScanFacts Scan(string status, params Finding[] findings) => new(status, null, new Dictionary<Severity, int>(), findings);

    private static GateDecision Decide(ScanFacts? scan, int minutes = 0, params AllowedFinding[] allow)
    {
        var rules = new GateRules { Severity = Severity.High, WaitMinutes = 30, Allow = allow };
        return ScanGate.Decide(new GateFacts(rules, scan, Some.Noon.AddMinutes(-minutes), Some.Noon));
    }
}
