using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.Core.Promotion;

namespace Automation.Core.Tests.Promotion;

public sealed class ReleaseMarksTests
{
    /// <summary>A rollback that began after the promotion reads the mark and replaces it itself.</summary>
    [Theory]
    [InlineData(-60, true)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(3600, false)]
    public void DemoteToHeld_OnlyIfTheRollbackBeganBeforeTheMark(int secondsAfterTheMark, bool demotes)
    {
        var build = Sample.Build("1.0.0/2", Sample.Noon) with { Release = new ReleaseMark(ReleaseState.Promoted, 1, Sample.Noon, "it was promoted") };
        var hold = Rollback.CreateHold(ImageVersion.Parse("1.0.0/1"), null, "rollback-app_1-0-0-1_1", Sample.Noon.AddSeconds(secondsAfterTheMark));

        Assert.Equal(demotes ? ReleaseState.Held : null, ReleaseMarks.DemoteToHeld(build, hold, Sample.Noon.AddHours(2))?.State);
    }

    [Theory]
    [InlineData("1.0.0/2")]
    [InlineData("1.0.0/3")]
    public void DemoteToHeld_TargetThatIsNotOlder_DemotesNothing(string target)
    {
        var build = Sample.Build("1.0.0/2", Sample.Noon) with { Release = new ReleaseMark(ReleaseState.Promoted, 1, Sample.Noon, "it was promoted") };

        Assert.Null(ReleaseMarks.DemoteToHeld(build, Rollback.CreateHold(ImageVersion.Parse(target), null, "rollback-app_1", Sample.Noon), Sample.Noon));
    }
}
