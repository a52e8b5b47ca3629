using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Incidents;
using Automation.Core.Promotion;
using Automation.Core.Tests.Builds;

namespace Automation.Core.Tests.Promotion;

public sealed class PromotedFindingsTests
{
    private static readonly Finding High = new("CVE-1", Severity.High, "openssl") { IsFixable = true };
    private static readonly Finding Critical = new("CVE-2", Severity.Critical, "zlib") { IsFixable = false };

    [Theory]
    [InlineData(null, null, null)]
    [InlineData(Severity.High, null, "1.0.0/2")]
    [InlineData(null, Severity.High, "1.0.0/2")]
    public void BuildOf_IsTheOwnerOfTheFloatingTags_IfTheCatalogAsksForFindings(Severity? alert, Severity? rebuild, string? version) =>
        Assert.Equal(version, PromotedFindings.BuildOf(Facts(alert, rebuild))?.Version.ToString());

    [Fact]
    public void BuildOf_AfterARollback_IsItsTarget()
    {
        var facts = Facts(Severity.High);
        var hold = new Hold("bad release", HoldScope.Promotion, Sample.Noon, new RollbackRecord(Sample.Version("1.0.0/1"), "rollback-1", Sample.Noon));

        Assert.Equal("1.0.0/1", PromotedFindings.BuildOf(facts with { Pipeline = facts.Pipeline with { Hold = hold } })?.Version.ToString());
    }

    [Fact]
    public void BuildOf_WithoutFloatingTags_IsTheNewestPromotedBuild()
    {
        var facts = Facts(Severity.High);
        var image = facts.Image with { Promote = facts.Image.Promote with { FloatingTags = [] } };

        Assert.Equal("1.0.0/2", PromotedFindings.BuildOf(facts with { Image = image })?.Version.ToString());
    }

    [Theory]
    [InlineData("COMPLETE", -24, true)]
    [InlineData("COMPLETE", -23, false)]
    [InlineData("FAILED", -24, true)]
    [InlineData("ACTIVE", -900, false)]
    [InlineData("IN_PROGRESS", null, false)]
    [InlineData("UNSUPPORTED_IMAGE", -900, false)]
    public void BasicScan_IsDueADayAfterTheLastOne(string status, int? hours, bool due) => Assert.Equal(
        due, Promoted(Scan(status) with { CompletedAt = hours is { } ago ? Sample.Noon.AddHours(ago) : null }).IsScanDue(Sample.Noon));

    [Fact]
    public void BasicScan_IsDueWithoutAnyScan() => Assert.True(Promoted(null).IsScanDue(Sample.Noon));

    [Fact]
    public void Observe_WithoutAResult_IsUnknown()
    {
        foreach (var scan in new[] { null, Scan("IN_PROGRESS"), Scan("FAILED"), Scan("COMPLETE") with { ResultPending = true } })
        {
            Assert.IsType<Observation.Unknown>(ReconcileObservations.OfFindings(Facts(Severity.High), Promoted(scan)));
        }

        Assert.IsType<Observation.Unknown>(ReconcileObservations.OfFindings(Facts(Severity.High), null));
    }

    [Fact]
    public void Observe_NothingSevereEnough_IsHealthy()
    {
        Assert.IsType<Observation.Healthy>(ReconcileObservations.OfFindings(Facts(Severity.Critical), Promoted(Scan("ACTIVE", High))));
        Assert.IsType<Observation.Healthy>(ReconcileObservations.OfFindings(Facts(null), Promoted(Scan("ACTIVE", Critical))));
    }

    [Fact]
    public void Observe_WhatTheGateTolerates_IsHealthy()
    {
        var facts = Facts(Severity.High, gate: new GateRules { OnlyFixable = true });

        Assert.IsType<Observation.Healthy>(ReconcileObservations.OfFindings(facts, Promoted(Scan("ACTIVE", Critical))));
    }

    [Fact]
    public void Observe_Findings_AreOneIncidentForTheWorstSeverity()
    {
        var incident = Assert.IsType<Observation.Problem>(
            ReconcileObservations.OfFindings(Facts(Severity.High), Promoted(Scan("ACTIVE", High, Critical)))).Incident;

        Assert.Equal(("vulnerable", "CRITICAL", "vulnerable: app 1.0.0/2"), (incident.Id.Kind.Code(), incident.Id.About, incident.Headline));
        Assert.Equal("The promoted build 1.0.0/2 has 2 findings of HIGH or above: CVE-2, CVE-1.", incident.Reasons[0].Text);
    }

    [Theory]
    [InlineData("b", true, null, "A newer base exists: ")]
    [InlineData("a", true, null, "Fixed versions exist. If the recipe")]
    [InlineData("a", true, Severity.High, "Fixed versions exist, so one build is started")]
    [InlineData("a", true, Severity.Critical, "Fixed versions exist. If the recipe")]
    [InlineData("a", false, Severity.High, "No fix exists yet.")]
    [InlineData("a", null, Severity.High, "The scan does not say whether a fix exists.")]
    public void NextStep_SaysWhatWouldRemoveTheFindings(string @base, bool? isFixable, Severity? rebuild, string text)
    {
        var facts = Facts(Severity.High, rebuild);
        facts = facts with { Base = facts.Base! with { Digest = Sample.Digest(@base) } };

        Assert.StartsWith(text, Promoted(null).NextStep(facts, [High with { IsFixable = isFixable }]), StringComparison.Ordinal);
    }

    [Fact]
    public void FixableFindings_StartABuild()
    {
        var start = BuildSample.Start(WithFindings(Scan("ACTIVE", Critical, High)));

        Assert.IsType<BuildCause.FixableFindings>(start.Order.Cause);
        Assert.Equal("fixable-findings", start.Reasons[0].Code);
        Assert.Equal("the promoted build 1.0.0/2 has fixable findings: 1 finding of HIGH or above: CVE-1", start.Reasons[0].Text);
    }

    [Fact]
    public void BuildForFindings_IsReadBackAsItsCause()
    {
        var start = BuildSample.Start(WithFindings(Scan("ACTIVE", High)));

        Assert.Equal(start.Order.Cause, BuildCause.Of(BuildTags.Read(Sample.Build("1.0.0/3", Sample.Noon), start.Order.Tags)));
    }

    [Fact]
    public void SameFindingsInAnotherOrder_AreTheSameCause()
    {
        var (one, two) = (High, Critical with { IsFixable = true });

        Assert.Equal(
            BuildSample.Start(WithFindings(Scan("ACTIVE", one, two))).Order.Cause, BuildSample.Start(WithFindings(Scan("ACTIVE", two, one, two))).Order.Cause);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(null)]
    public void FindingsWithoutAKnownFix_StartNoBuild(bool? isFixable) =>
        AssertNotDue("nothing-fixable", WithFindings(Scan("ACTIVE", High with { IsFixable = isFixable })));

    [Fact]
    public void FindingsBelowTheLimit_StartNoBuild() =>
        AssertNotDue("nothing-fixable", WithFindings(Scan("ACTIVE", High with { Severity = Severity.Medium })));

    [Fact]
    public void NewerBuildThatIsNotPromotedYet_IsWaitedFor()
    {
        var facts = WithFindings(Scan("ACTIVE", High));

        AssertNotDue("findings-covered", facts with { Builds = [.. facts.Builds, BuildSample.Done("1.0.0/3", -10, BuildSample.A)] });
    }

    [Fact]
    public void BuildThatStillHasTheFindings_IsNotRepeated_UntilThereAreOthers()
    {
        var facts = WithFindings(Scan("ACTIVE", High));
        var built = BuildTags.Read(Promoted("1.0.0/3", -10), BuildSample.Start(facts).Order.Tags);
        facts = facts with { Builds = [.. facts.Builds, built] };

        var same = new PromotedFindings(built, Scan("ACTIVE", High)).ForBuild(facts.Image, facts.Now);
        AssertNotDue("findings-covered", facts with { Findings = same });

        var more = new PromotedFindings(built, Scan("ACTIVE", High, High with { Id = "CVE-3" })).ForBuild(facts.Image, facts.Now);
        Assert.IsType<BuildCause.FixableFindings>(BuildSample.Start(facts with { Findings = more }).Order.Cause);
    }

    [Fact]
    public void FailedBuildForFindings_CountsAsAnAttempt()
    {
        var facts = WithFindings(Scan("ACTIVE", High));
        var tags = BuildSample.Start(facts).Order.Tags;
        var failed = Enumerable.Range(3, 3).Select(i => BuildTags.Read(BuildSample.Failed($"1.0.0/{i}", -3000 + i), tags));

        var no = Assert.IsType<BuildDecision.No>(BuildPlanner.Decide(facts with { Builds = [.. facts.Builds, .. failed] }));

        Assert.Contains(no.Reasons, reason => reason.Code == "attempts-exhausted");
    }

    private static void AssertNotDue(string code, BuildFacts facts) =>
        Assert.Contains(Assert.IsType<BuildDecision.No>(BuildPlanner.Decide(facts)).Reasons, reason => reason.Code == code);

    private static BuildFacts WithFindings(ScanFacts scan)
    {
        var facts = Facts(null, Severity.High);
        return facts with { Findings = Promoted(scan).ForBuild(facts.Image, facts.Now) };
    }

    private static BuildFacts Facts(Severity? alert, Severity? rebuild = null, GateRules? gate = null) => BuildSample.Facts() with
    {
        Image = Sample.App(
            new BuildRules { RebuildOnFindings = rebuild },
            new PromotionRules { FloatingTags = [TagTemplate.Parse("latest")], AlertOnFindings = alert, Gate = gate }),
        Builds = [Promoted("1.0.0/1", -2000), Promoted("1.0.0/2", -1000)],
    };

    private static PromotedFindings Promoted(ScanFacts? scan) => new(Promoted("1.0.0/2", -1000), scan);

    private static BuildRecord Promoted(string version, int minutes) => BuildSample.Done(version, minutes, BuildSample.A) with
    {
        Digest = Sample.Digest(version),
        Release = new ReleaseMark(ReleaseState.Promoted, 1, Sample.Noon.AddMinutes(minutes), null),
        PromotedAt = Sample.Noon.AddMinutes(minutes),
    };

    private static ScanFacts Scan(string status, params Finding[] findings) => new(status, null, new Dictionary<Severity, int>(), findings);
}
