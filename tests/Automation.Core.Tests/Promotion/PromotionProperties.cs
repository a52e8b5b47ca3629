using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.Core.Promotion;
using CsCheck;

namespace Automation.Core.Tests.Promotion;

/// <summary>Releases of any builds in any order; each step may be repeated.</summary>
public sealed class PromotionProperties
{
    private static readonly Gen<(ImageVersion Version, bool Held, bool Twice)> Release =
        Gen.Select(Gen.Int[1, 2], Gen.Int[0, 2], Gen.Int[1, 12], Gen.Bool, Gen.Bool)
        .Select((major, minor, build, held, twice) => (new ImageVersion(major, minor, 0, build), held && build > 9, twice));

    [Fact]
    public void FloatingTags_NeverMoveBackwards_AndTheResultNeedsNoPlan() => Release.Array[1, 12].Sample(releases =>
    {
        var world = new World(releases.Select(release => release.Version));
        foreach (var (version, held, twice) in releases)
        {
            for (var i = 0; i < (twice ? 2 : 1); i++)
            {
                var before = new Dictionary<string, Digest>(world.Tags);
                var plan = world.Release(version, held);
                Assert.All(plan.Steps, step => Assert.NotEmpty(step.Reason.Code));
                Assert.False(plan.HasConflict);
                Assert.All(before, pair => Assert.True(world.Versions[world.Tags[pair.Key]] >= world.Versions[pair.Value]));
                Assert.Empty(PromotionPlanner.PlanFloatingTags(world.Facts(version, held)).ToPut);
            }
        }
    });

    [Fact]
    public void FloatingTags_AfterReleasesInAnyOrder_AreOnTheNewestBuildWhichOwnsThem() => Release.Array[1, 12].Sample(releases =>
    {
        var world = new World(releases.Select(release => release.Version));
        foreach (var (version, _, _) in releases)
        {
            world.Release(version, held: false);
        }

        Assert.Equal(world.Versions.Values.Max(), world.Versions[world.Tags["latest"]]);
        Assert.All(world.Versions.Values.GroupBy(version => (version.Major, version.Minor)),
            line => Assert.Equal(line.Max(), world.Versions[world.Tags[$"{line.Key.Major}.{line.Key.Minor}"]]));
        Assert.All(FloatingTagOwners.Of(Sample.App(), world.Builds, null), owner => Assert.Equal(owner.Value.Digest, world.Tags[owner.Key]));
    });

    [Fact]
    public void VersionTags_NeverMove() => Release.Array[1, 12].Sample(releases =>
    {
        var tags = new Dictionary<string, Digest>();
        foreach (var (version, otherBytes, _) in releases)
        {
            var facts = new World([version]).Facts(version, held: false) with { Repository = new RepositoryFacts(true, TagMutability.Mutable, tags) };
            facts = facts with { Candidate = facts.Candidate with { Digest = Sample.Digest($"{version} {otherBytes}") } };
            foreach (var step in PromotionPlanner.PlanVersionTags(facts).ToPut)
            {
                Assert.True(tags.TryAdd(step.Tag, step.To));
            }
        }
    });

    /// <summary>One Region with the marks that releases write.</summary>
    private sealed class World(IEnumerable<ImageVersion> versions)
    {
        public Dictionary<Digest, ImageVersion> Versions { get; } = versions.Distinct().ToDictionary(version => Sample.Digest(version.ToString()));

        public Dictionary<string, Digest> Tags { get; } = [];

        public List<BuildRecord> Builds { get; } = [];

        public TagPlan Release(ImageVersion version, bool held)
        {
            if (Builds.TrueForAll(build => build.Version != version))
            {
                Mark(version, ReleaseState.Running);
            }

            var plan = PromotionPlanner.PlanFloatingTags(Facts(version, held));
            foreach (var step in plan.ToPut)
            {
                Tags[step.Tag] = step.To;
            }

            var outcome = PromotionPlanner.Outcome([PromotionPlanner.PlanFloatingTags(Facts(version, held))]);
            if (Builds.Find(build => build.Version == version)!.Release!.State != ReleaseState.Promoted)
            {
                Mark(version, outcome);
            }

            return plan;
        }

        public PromotionFacts Facts(ImageVersion version, bool held) => new()
        {
            Image = Sample.App(),
            Candidate = new Candidate(version, Sample.Digest(version.ToString()), Sample.Noon),
            Region = "eu-west-1",
            Repository = new RepositoryFacts(true, TagMutability.Mutable, Tags),
            Versions = Versions,
            Builds = Builds,
            Hold = held ? new Hold("incident 7", HoldScope.Promotion) : null,
            Now = Sample.Noon,
        };

        private void Mark(ImageVersion version, ReleaseState state)
        {
            Builds.RemoveAll(build => build.Version == version);
            Builds.Add(Sample.Build(version.ToString(), Sample.Noon) with
            {
                Digest = Sample.Digest(version.ToString()),
                Release = new ReleaseMark(state, 1, Sample.Noon)
            });
        }
    }
}
