using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Schedules;

namespace Automation.Core.Tests.Schedules;

/// <summary>Lambda's runtime may have no time zone data.</summary>
public sealed class ScheduleZoneTests
{
    private static readonly Func<string, TimeZoneInfo?> NoData = _ => null;

    [Theory]
    [InlineData("UTC")]
    [InlineData("Etc/UTC")]
    [InlineData("Zulu")]
    [InlineData("Etc/GMT")]
    [InlineData("GMT")]
    public void Find_Utc_NeedsNoData(string name)
    {
        Assert.True(ScheduleZone.TryParse(name, out var zone, NoData));
        Assert.Same(TimeZoneInfo.Utc, zone.Find());
    }

    [Fact]
    public void Find_WithoutData_IsNull()
    {
        Assert.True(ScheduleZone.TryParse("Europe/Zurich", out var zone, NoData));
        Assert.Null(zone.Find());
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("Europe/Zurich ")]
    [InlineData("../../etc/passwd")]
    public void TryParse_NoName_IsRefused(string? text) => Assert.False(ScheduleZone.TryParse(text, out _));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Parse_ZoneUnknownOnThisMachine_IsAFaultOnlyIfChecked(bool check)
    {
        const string Json = """
            {"repositories":[{"name":"golden/base"}],"images":[{"name":"app","from":"golden/base:stable","repository":"images/app",
             "pipeline":{},"build":{"schedule":"cron(0 3 * * ? *)","timeZone":"Mars/Olympus"} }]}
            """;

        if (check)
        {
            Assert.Contains("'Mars/Olympus' is not a known time zone", Assert.Throws<CatalogException>(() => ImageCatalog.Parse(Json)).Message,
                StringComparison.Ordinal);
            return;
        }

        var image = Assert.Single(ImageCatalog.Parse(Json, timeZonesMustExist: false).Images);
        Assert.Null(image.Build.SlotZone);
    }

    [Fact]
    public void Decide_ZoneIsMissing_SaysSoAndTheBaseStillBuilds()
    {
        var facts = Facts("cron(0 3 * * ? *)");

        Assert.IsType<BuildCause.NewBase>(Assert.IsType<BuildDecision.Start>(BuildPlanner.Decide(facts)).Order.Cause);
        var no = Assert.IsType<BuildDecision.No>(BuildPlanner.Decide(facts with { Builds = [Built] }));
        Assert.Contains(no.Reasons, reason => reason.Code == "time-zone-missing" && reason.Text.Contains("Mars/Olympus", StringComparison.Ordinal));
    }

    [Fact]
    public void Decide_Rate_NeedsNoZone()
    {
        var start = Assert.IsType<BuildDecision.Start>(BuildPlanner.Decide(Facts("rate(1 hour)") with { Builds = [Built] }));

        Assert.IsType<BuildCause.ScheduledSlot>(start.Order.Cause);
    }

    private static BuildRecord Built =>
        Sample.Build("1.0.0/1", Sample.Noon.AddMinutes(-70)) with { BaseDigest = Sample.Digest("a"), Cause = "base:" + Sample.Digest("a").Value };

    private static BuildFacts Facts(string schedule)
    {
        Assert.True(ScheduleZone.TryParse("Mars/Olympus", out var zone, NoData));
        return new BuildFacts
        {
            Image = Sample.App(new BuildRules { Schedule = ScheduleExpression.Parse(schedule), TimeZone = zone }),
            Pipeline = new PipelineFacts("arn:aws:imagebuilder:eu-west-1:111122223333:image-pipeline/app", "app", true, new RecipeVersion(1, 0, 0),
                "111122223333.dkr.ecr.eu-west-1.amazonaws.com/images/runtime:latest"),
            Base = new BaseFacts(ImageReference.Parse("images/runtime:latest"), Sample.Digest("a"), Sample.Noon.AddMinutes(-100)),
            Now = Sample.Noon,
        };
    }
}
