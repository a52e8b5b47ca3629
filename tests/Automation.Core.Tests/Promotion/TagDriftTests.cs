using Automation.Core.Builds;
using Automation.Core.Promotion;

namespace Automation.Core.Tests.Promotion;

public sealed class TagDriftTests
{
    /// <summary>Retention marked it before the record of the following build was deleted.</summary>
    [Fact]
    public void Compared_SupersededBuild_OnlyIfItOwnsAFloatingTag()
    {
        BuildRecord[] builds = [Promoted(1) with { SupersededAt = Sample.Noon }, Promoted(2) with { SupersededAt = Sample.Noon }];

        Assert.Equal([Sample.Version("1.0.0/2")], TagDrift.Compared(Sample.App(), builds, null).Select(build => build.Version));
        Assert.Equal([Sample.Version("1.0.0/1")], TagDrift.Compared(Sample.App(), builds[..1], null).Select(build => build.Version));
    }

    private static BuildRecord Promoted(int number) => Sample.Build($"1.0.0/{number}", Sample.Noon) with
    {
        Digest = Sample.Digest(number),
        Release = new ReleaseMark(ReleaseState.Promoted, 1, Sample.Noon),
    };
}
