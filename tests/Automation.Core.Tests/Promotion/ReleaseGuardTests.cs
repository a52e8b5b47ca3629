using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.Core.Promotion;

namespace Automation.Core.Tests.Promotion;

public sealed class ReleaseGuardTests
{
    private const string Own = "release-app_1-0-0-1";
    private const string Other = "release-app_1-0-0-1_2";

    /// <summary>The build's mark when a release checks it again, and whether the build has clearance.</summary>
    public static TheoryData<ReleaseState?, string?, bool, string?> Marks => new()
    {
        { null, null, false, null },
        { ReleaseState.Running, Own, false, null },
        { ReleaseState.Running, Own, true, null },
        { ReleaseState.Running, Other, true, null },
        { ReleaseState.Running, Other, false, "release-repeated" },
        { ReleaseState.Blocked, "CVE-2026-0001", true, "clearance-withdrawn" },
        { ReleaseState.Blocked, "CVE-2026-0001", false, "clearance-withdrawn" },
        { ReleaseState.Rejected, null, true, "clearance-withdrawn" },
        { ReleaseState.Promoted, "by another release", false, null },
        { ReleaseState.Failed, "denied", true, null },
        { ReleaseState.Failed, "denied", false, null },
        { ReleaseState.Held, "held", true, null },
    };

    [Theory]
    [MemberData(nameof(Marks))]
    public void Guard_AnotherReleaseOfTheBuildIsNewer_Stops(ReleaseState? state, string? why, bool cleared, string? code)
    {
        var build = Sample.Build("1.0.0/1", Sample.Noon) with
        {
            Release = state is { } known ? new ReleaseMark(known, 2, Sample.Noon, why) : null,
            ClearedAt = cleared ? Sample.Noon : null,
        };

        Assert.Equal(code, ReleaseGuard.Overtaken(build, Own)?.Code);
    }

    [Theory]
    [InlineData(ReleaseState.Failed, "clearance-withdrawn")]
    [InlineData(ReleaseState.Missing, "clearance-withdrawn")]
    [InlineData(ReleaseState.Promoted, null)]
    [InlineData(ReleaseState.RolledBack, null)]
    public void Guard_AnotherReleaseTookTheClearanceBackAndFailed_Stops(ReleaseState state, string? code)
    {
        var build = Sample.Build("1.0.0/1", Sample.Noon) with
        {
            Release = new ReleaseMark(state, 3, Sample.Noon, "denied"),
            ClearedDigest = Sample.Digest("a"),
        };

        Assert.Equal(code, ReleaseGuard.Overtaken(build, Own)?.Code);
    }

    /// <summary>Image Builder allows versions that do not fit into a name of 80 characters beside the image.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(1, 3)]
    public void InVain_ReleaseWithAShortenedName_IsFoundByItsBuild(int attempt, int round)
    {
        const string image = "an-image-with-a-very-long-name-x";
        var retired = Sample.Build("1000000001.1000000002.1000000003/1000000004", Sample.Noon) with { State = BuildState.Deprecated };
        var other = retired with { Version = ImageVersion.Parse("1000000001.1000000002.1000000003/1000000005"), State = BuildState.Available };
        var name = ExecutionNames.Again(ReleaseName.For(image, retired.Version, attempt), round);
        Assert.Equal(80, name.Length);

        BuildRecord[] builds = [retired with { Release = new ReleaseMark(ReleaseState.Running, attempt, Sample.Noon, name) }, other];
        string[] running = [name, ReleaseName.For(image, other.Version), "build-an-image-with-a-very-long-name-x_1"];

        Assert.Equal([name], ReleaseGuard.InVain(image, builds, running).Select(release => release.Execution));
    }
}
