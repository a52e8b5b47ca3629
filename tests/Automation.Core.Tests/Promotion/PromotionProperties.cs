using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.Core.Promotion;
using CsCheck;

namespace Automation.Core.Tests.Promotion;

/// <summary>Releases of any builds in any order, each step perhaps repeated.</summary>
public sealed class PromotionProperties
{
    private static readonly Gen<(ImageVersion Version, bool Held, bool Twice)> Release = Gen.Select(Gen.Int[1, 2], Gen.Int[0, 2], Gen.Int[1, 12], Gen.Bool, Gen.Bool)
        .Select((major, minor, build, held, twice) => (new ImageVersion(major, minor, 0, build), held && build > 9, twice));

    [Fact]
    public void FloatingTags_NeverMoveBackwards_AndAPlansResultNeedsNoPlan() => Release.Array[1, 12].Sample(releases =>
    {
        var tags = new Dictionary<string, Digest>();
        var versions = releases.Select(release => release.Version).Distinct().ToDictionary(version => Some.Digest(version.ToString()));
        foreach (var (version, held, twice) in releases)
        {
            for (var i = 0; i < (twice ? 2 : 1); i++)
            {
                var before = new Dictionary<string, Digest>(tags);
                var facts = Facts(version, tags, versions, held);
                var plan = PromotionPlanner.PlanFloatingTags(facts);
                Assert.All(plan.Steps, step => Assert.NotEmpty(step.Reason.Code));
                Assert.False(plan.HasConflict);
                foreach (var step in plan.ToPut)
                {
                    tags[step.Tag] = step.To;
                }

                Assert.All(before, pair => Assert.True(versions[tags[pair.Key]] >= versions[pair.Value]));
                Assert.Empty(PromotionPlanner.PlanFloatingTags(Facts(version, tags, versions, held)).ToPut);
            }
        }
    });

    [Fact]
    public void AfterAnyOrderOfReleases_EachFloatingTagIsOnItsNewestBuild() => Release.Array[1, 12].Sample(releases =>
    {
        var tags = new Dictionary<string, Digest>();
        var versions = releases.Select(release => release.Version).Distinct().ToDictionary(version => Some.Digest(version.ToString()));
        foreach (var (version, _, _) in releases)
        {
            foreach (var step in PromotionPlanner.PlanFloatingTags(Facts(version, tags, versions, held: false)).ToPut)
            {
                tags[step.Tag] = step.To;
            }
        }

        Assert.Equal(versions.Values.Max(), versions[tags["latest"]]);
        Assert.All(versions.Values.GroupBy(version => (version.Major, version.Minor)),
            line => Assert.Equal(line.Max(), versions[tags[$"{line.Key.Major}.{line.Key.Minor}"]]));
    });

    [Fact]
    public void VersionTags_NeverMove() => Release.Array[1, 12].Sample(releases =>
    {
        var tags = new Dictionary<string, Digest>();
        foreach (var (version, otherBytes, _) in releases)
        {
            var facts = Facts(version, tags, [], held: false);
            facts = facts with { Candidate = facts.Candidate with { Digest = Some.Digest($"{version} {otherBytes}") } };
            foreach (var step in PromotionPlanner.PlanVersionTags(facts).ToPut)
            {
                Assert.True(tags.TryAdd(step.Tag, step.To));
            }
        }
    });

    private static PromotionFacts Facts(ImageVersion version, Dictionary<string, Digest> tags, Dictionary<Digest, ImageVersion> versions, bool held) => new()
    {
        Image = Some.App(),
        Candidate = new Candidate(version, Some.Digest(version.ToString()), Some.Noon),
        Region = "eu-west-1",
        Repository = new RepositoryFacts(true, TagMutability.Mutable, tags),
        Versions = versions,
        Hold = held ? new Hold("rolled back", HoldScope.Promotion) : null,
        Now = Some.Noon,
    };
}
