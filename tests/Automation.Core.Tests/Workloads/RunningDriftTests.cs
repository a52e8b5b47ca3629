using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Workloads;

namespace Automation.Core.Tests.Workloads;

public sealed class RunningDriftTests
{
    private static readonly ILookup<Digest, ImageVersion> Builds = new[] { 3, 4, 6 }
        .ToLookup(build => Sample.Digest(build), build => ImageVersion.Parse($"1.0.0/{build}"));

    [Fact]
    public void Of_OnlyOlderBuildsRun_NamesTagAndTheirWorkloads()
    {
        var drift = Assert.Single(Of(InUse(3, "batch"), InUse(4, "web")));

        Assert.Equal(("latest", "1.0.0/6"), (drift.Tag, drift.Promoted.ToString()));
        Assert.Equal(["1.0.0/4 web", "1.0.0/3 batch"], drift.Running.Select(each => $"{each.Version} {each.Workload.Name}"));
    }

    [Fact]
    public void Of_PromotedBuildRunsSomewhere_FindsNothing() => Assert.Empty(Of(InUse(4, "web"), InUse(6, "api")));

    [Fact]
    public void Of_NothingRuns_FindsNothing() => Assert.Empty(Of(InUse(4, "web", runs: false)));

    [Fact]
    public void Of_AnImageOfNoBuildRuns_MayBeAChildOfThePromotedIndex() => Assert.Empty(Of(InUse(4, "web"), InUse(99, "api")));

    private static IReadOnlyList<RunningDrift> Of(params ImageInUse[] inUse) => RunningDrift.Of(
        "eu-west-1", new Dictionary<string, (Digest, ImageVersion)> { ["latest"] = (Sample.Digest(6), ImageVersion.Parse("1.0.0/6")) }, Builds, inUse);

    private static ImageInUse InUse(int build, string name, bool runs = true) =>
        new(Sample.Digest(build), null, [new Workload(UsageKind.Ecs, "123456789012", "eu-west-1", name, runs)], false, 0);
}
