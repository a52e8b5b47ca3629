using System.Text.RegularExpressions;
using Automation.Core.Incidents;

namespace Automation.Core.Tests.Incidents;

public sealed partial class IncidentPlannerTests
{
    private static readonly Reason Why = new(ReasonCode.BuildFailed, "text");

    /// <summary>The open incidents of the area, the finding, and what is reported. "-" means nothing.</summary>
    [Theory]
    [InlineData("-", "build-stuck 1.0.0/3", "begin build-stuck")]
    [InlineData("-", "healthy", "-")]
    [InlineData("-", "unknown", "-")]
    [InlineData("build-stuck 1.0.0/3", "build-stuck 1.0.0/3", "-")]
    [InlineData("build-stuck 1.0.0/3", "build-stuck 1.0.0/6", "begin build-stuck, end build-stuck silently")]
    [InlineData("build-stuck 1.0.0/3", "build-failed", "-")]
    [InlineData("build-stuck 1.0.0/3", "build-not-started", "-")]
    [InlineData("build-stuck 1.0.0/3", "pipeline-missing app", "begin pipeline-missing, end build-stuck silently")]
    [InlineData("build-failed", "build-stuck 1.0.0/3", "begin build-stuck, end build-failed silently")]
    [InlineData("build-failed", "build-not-started", "begin build-not-started, end build-failed silently")]
    [InlineData("build-failed", "unknown", "-")]
    [InlineData("build-failed", "healthy", "end build-failed")]
    [InlineData("release-failing", "build-failed", "begin build-failed")]
    [InlineData("release-failing", "healthy", "-")]
    [InlineData("release-failing", "prune-failed", "-")]
    [InlineData("release-failing", "prune-stopped", "begin prune-stopped")]
    [InlineData("release-failed 1.0.0/3", "prune-failed", "begin prune-failed")]
    [InlineData("blocked 1.0.0/3", "blocked 1.0.0/4", "begin blocked, end blocked silently")]
    [InlineData("not-releasable", "release-failing", "-")]
    [InlineData("build-failed; build-stuck 1.0.0/3", "build-stuck 1.0.0/3", "end build-failed silently")]
    [InlineData("build-failed; build-failed", "healthy", "end build-failed, end build-failed silently")]
    public void Decide_ReportsNewIncidentsAndNothingTwice(string open, string found, string told)
    {
        var all = open == "-" ? [] : open.Split("; ").Select((each, hours) => Open(each, hours)).ToList();
        Observation finding = found switch
        {
            "healthy" => new Observation.Healthy("app", IncidentArea.Build, Why),
            "unknown" => new Observation.Unknown("app", IncidentArea.Build),
            _ => new Observation.Problem(new Incident(Id(found), found, [Why])),
        };

        var plan = IncidentPlanner.Decide(finding, all.Append(Open("build-stuck 1.0.0/1", 0, "other")));

        var parts = plan.End.Select(end => $"end {end.Incident.Id.Kind.Code()}{(end.Tell ? "" : " silently")}");
        parts = plan.Begin is { } begin ? parts.Prepend($"begin {begin.Id.Kind.Code()}") : parts;
        Assert.Equal(told, string.Join(", ", parts.DefaultIfEmpty("-")));
        Assert.DoesNotContain(plan.End, end => end.Incident.Id.Image != "app");
    }

    /// <summary>An incident that follows from an unreadable Region is not reported in addition to the Region, nor the Region in addition to the
    /// incident that was reported first; other problems are.</summary>
    [Theory]
    [InlineData("region-unreadable", "eu-west-1", "release-failing eu-west-1", "app", false)]
    [InlineData("region-unreadable", "eu-west-1", "prune-failed eu-west-1", "app", false)]
    [InlineData("region-unreadable", "eu-west-1", "prune-failed eu-west-2", "app", true)]
    [InlineData("region-unreadable", "eu-west-1", "prune-failed", "app", true)]
    [InlineData("region-unreadable", "eu-west-1", "release-failed 1.0.0/3", "app", true)]
    [InlineData("release-failing eu-west-1", "app", "region-unreadable", "eu-west-1", false)]
    [InlineData("release-failing eu-west-1", "app", "region-unreadable", "eu-west-2", true)]
    [InlineData("release-failing eu-west-1", "other", "release-failing eu-west-1", "app", false)]
    [InlineData("release-failing", "other", "release-failing", "app", true)]
    [InlineData("prune-failed eu-west-1", "app", "region-unreadable", "eu-west-1", true)]
    [InlineData("prune-failed eu-west-1", "other", "release-failing eu-west-1", "app", true)]
    [InlineData("prune-failed eu-west-1", "other", "prune-failed eu-west-1", "app", false)]
    [InlineData("release-failing", "app", "region-unreadable", "eu-west-1", true)]
    public void Decide_UnreadableRegion_IsReportedOnce(string open, string openOf, string found, string foundOf, bool told)
    {
        var incident = new Incident(Id(found, foundOf), found, [Why]);

        var plan = IncidentPlanner.Decide(new Observation.Problem(incident), [Open(open, 0, openOf)]);

        Assert.Equal(told, plan.Begin is not null);
        Assert.Empty(plan.End);
    }

    [Fact]
    public void Decide_OpenIncidentsInAnyOrder_GiveTheSameResult()
    {
        var open = new[] { Open("build-failed", 2), Open("build-failed", 0), Open("build-failed", 1) };
        var healthy = new Observation.Healthy("app", IncidentArea.Build, Why);

        var plan = IncidentPlanner.Decide(healthy, open);

        Assert.Equal(plan.End, IncidentPlanner.Decide(healthy, open.Reverse()).End);
        Assert.Equal(Sample.Noon, Assert.Single(plan.End, end => end.Tell).Incident.Since);
    }

    [Fact]
    public void Forgotten_ImageIsNoLongerInTheCatalog_Ends() => Assert.Equal(
        [("other", true), ("eu-west-2", true)],
        IncidentPlanner.Forgotten(
            ["app"], ["eu-west-1"],
            [Open("build-failed", 0), Open("build-failed", 1, "other"), Open("region-unreadable", 2, "eu-west-1"), Open("region-unreadable", 3, "eu-west-2")])
                .Select(end => (end.Incident.Id.Image, end.Tell)));

    public static TheoryData<IncidentKind> Kinds => [.. Enum.GetValues<IncidentKind>()];

    /// <summary>The name identifies the incident; nothing else stores it.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void Name_OfAnyKind_IsReadBackAndFitsEightyCharacters(IncidentKind kind)
    {
        foreach (var about in new[] { "", "1.0.0/3", "their pipeline", new string('x', 200), "1234567890.1234567890.1234567890/1234567890" })
        {
            var id = new IncidentId(new string('a', 32), kind, about);
            var name = id.NameAt(Sample.Noon);

            Assert.Matches(Allowed(), name);
            Assert.Equal(id, IncidentId.Parse(name));
            Assert.NotEqual(id.NameAt(Sample.Noon), id.NameAt(Sample.Noon.AddHours(1)));
            Assert.Matches(Allowed(), id.NameAgainAt(Sample.Noon));
            Assert.Equal(id, IncidentId.Parse(id.NameAgainAt(Sample.Noon)));
            Assert.NotEqual(id.NameAgainAt(Sample.Noon), id.NameAgainAt(Sample.Noon.AddSeconds(1)));
        }
    }

    [Fact]
    public void Id_ForTwoLongTexts_StaysDistinct() =>
        Assert.NotEqual(new IncidentId("app", IncidentKind.PipelineMissing, new string('x', 100)),
            new IncidentId("app", IncidentKind.PipelineMissing, new string('x', 101)));

    [Theory]
    [InlineData("")]
    [InlineData("by hand")]
    [InlineData("build-stuck")]
    [InlineData("build-stuck_app_1-0-0-3")]
    [InlineData("no-such-kind_app_1-0-0-3_20260105T09")]
    [InlineData("build-stuck_app_1_2_20260105T09")]
    public void Parse_OtherName_IsNotAnIncident(string name) => Assert.Null(IncidentId.Parse(name));

    private static IncidentId Id(string text, string image = "app") =>
        new(image, IncidentKinds.Parse(text.Split(' ')[0])!.Value, text.Contains(' ', StringComparison.Ordinal) ? text.Split(' ')[1] : "");

    private static OpenIncident Open(string text, int hours, string image = "app") =>
        new(Id(text, image), Id(text, image).NameAt(Sample.Noon.AddHours(hours)), Sample.Noon.AddHours(hours));

    [GeneratedRegex(@"^[0-9A-Za-z_-]{1,80}\z")]
    private static partial Regex Allowed();
}
