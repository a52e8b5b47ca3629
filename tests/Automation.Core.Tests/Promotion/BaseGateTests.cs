using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Promotion;
using Automation.Core.Tests.Builds;

namespace Automation.Core.Tests.Promotion;

public sealed class BaseGateTests
{
    private static readonly GateRules Rules = new() { Severity = Severity.Critical };

    [Fact]
    public void BaseWithoutSevereFindings_MayBeBuiltOn() => Assert.Null(Judge(Scan("COMPLETE", Finding(Severity.High)), minutes: -100));

    [Fact]
    public void BaseWithSevereFindings_Blocks_AndNamesThemAndItsPlaceInTheCatalog()
    {
        var verdict = Judge(Scan("COMPLETE", Finding(Severity.Critical)), minutes: -100)!;

        Assert.Null(verdict.Until);
        Assert.Equal("base-findings", verdict.Why.Code);
        Assert.Contains("1 finding of CRITICAL or above blocks (1 CRITICAL): CVE-1", verdict.Why.Text, StringComparison.Ordinal);
        Assert.EndsWith("allow them in build.baseGate.allow with a date and a reason", verdict.Why.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-5, true)]
    [InlineData(-31, false)]
    public void BaseWithoutAScan_IsWaitedForAfterItsPush_AndThenBlocks(int minutes, bool waits)
    {
        Assert.Equal(waits, Judge(null, minutes)!.Until is not null);
        Assert.Equal(waits ? "base-scan-pending" : "base-findings", Judge(Scan("IN_PROGRESS"), minutes)!.Why.Code);
    }

    [Theory]
    [InlineData("FAILED")]
    [InlineData("UNSUPPORTED_IMAGE")]
    [InlineData("SCAN_ELIGIBILITY_EXPIRED")]
    public void BaseThatCannotBeScanned_Blocks(string status) => Assert.Null(Judge(Scan(status), minutes: -5)!.Until);

    [Fact]
    public void BaseWhoseScanCannotBeRead_Blocks() => BuildSample.AssertNo(
        "base-not-scanned", BuildSample.Facts() with { BaseVerdict = BaseGate.Unreadable(Base(-100), "not authorized to perform ecr:DescribeImageScanFindings") });

    [Fact]
    public void AllowedFindings_DoNotBlock()
    {
        var rules = Rules with { Allow = [new AllowedFinding("CVE-1", DateOnly.FromDateTime(Sample.Noon.UtcDateTime), "not reachable")] };

        Assert.Null(BaseGate.Judge(rules, Base(-100), Scan("COMPLETE", Finding(Severity.Critical)), Sample.Noon));
    }

    [Fact]
    public void BlockedBase_PreventsEveryBuild_AlsoOnRequest()
    {
        var facts = BuildSample.Facts() with { BaseVerdict = Judge(Scan("COMPLETE", Finding(Severity.Critical)), minutes: -100) };

        BuildSample.AssertNo("base-findings", facts);
        BuildSample.AssertNo("base-findings", facts with { Manual = new ManualRequest("r1", "ann") });
    }

    [Fact]
    public void PendingScanOfTheBase_DelaysTheBuild()
    {
        var verdict = Judge(Scan("IN_PROGRESS"), minutes: -5);

        var later = BuildSample.NotYet(BuildSample.Facts() with { BaseVerdict = verdict });

        Assert.Equal((verdict!.Until, "base-scan-pending"), (later.Until, later.Reasons[0].Code));
    }

    private static BaseVerdict? Judge(ScanFacts? scan, int minutes) => BaseGate.Judge(Rules, Base(minutes), scan, Sample.Noon);

    private static BaseFacts Base(int minutes) => new(ImageReference.Parse("golden/base:stable"), BuildSample.A, Sample.Noon.AddMinutes(minutes));

    private static Finding Finding(Severity severity) => new("CVE-1", severity);

    private static ScanFacts Scan(string status, params Finding[] findings) => new(status, null, new Dictionary<Severity, int>(), findings);
}
