using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.Core.Promotion;
using CsCheck;

namespace Automation.Core.Tests.Promotion;

/// <summary>
/// Several releases and perhaps a rollback at the same time in two Regions. Each writes its tags and then verifies them like PromoteImage,
/// and their calls interleave in any way. Plans use the facts of the last read. When all have ended, each floating tag is on
/// its owner: the newest promoted build, or the target of the rollback.
/// </summary>
public sealed class RaceProperties
{
    private static readonly string[] Regions = ["eu-west-1", "us-east-1"];

    [Fact]
    public void ReleasesAndARollback_InAnyInterleaving_EndWithEachTagOnItsOwner() =>
        Gen.Select(Gen.Int[2, 4], Gen.Bool, Gen.Int[0, 1000].Array[400]).Sample((releases, rollsBack, schedule) =>
        {
            var world = new World(releases);
            var actors = Enumerable.Range(2, releases - 1).Select(build => world.Promote(build, isRollback: false).GetEnumerator()).ToList();
            if (rollsBack)
            {
                actors.Add(world.Promote(1, isRollback: true).GetEnumerator());
            }

            for (var turn = 0; actors.Count > 0; turn++)
            {
                var actor = actors[schedule[turn % schedule.Length] % actors.Count];
                if (!actor.MoveNext())
                {
                    actors.Remove(actor);
                }
            }

            var expected = rollsBack ? 1 : releases;
            Assert.All(Regions, region => Assert.Equal($"1.0.0/{expected}", world.On(region, "latest")));
            Assert.Equal($"1.0.0/{expected}", FloatingTagOwners.Of(Sample.App(), world.Builds, world.Hold)["latest"].Version.ToString());
        }, iter: 3000);

    /// <summary>The state of the services. Build 1 is promoted.</summary>
    private sealed class World
    {
        private readonly Dictionary<(string Region, string Tag), Digest> _tags = [];
        private readonly Dictionary<Digest, ImageVersion> _versions = [];
        private Hold? _hold;

        public World(int builds)
        {
            for (var build = 1; build <= builds; build++)
            {
                var digest = Sample.Digest(build);
                Builds.Add(Sample.Build($"1.0.0/{build}", Sample.Noon) with
                {
                    Digest = digest,
                    Release = new ReleaseMark(build == 1 ? ReleaseState.Promoted : ReleaseState.Running, 1, Sample.Noon),
                });
                _versions[digest] = Builds[^1].Version;
            }

            foreach (var region in Regions)
            {
                _tags[(region, "latest")] = _tags[(region, "1.0")] = Sample.Digest(1);
            }
        }

        public List<BuildRecord> Builds { get; } = [];

        public Hold? Hold => _hold;

        public string On(string region, string tag) => _versions[_tags[(region, tag)]].ToString();

        /// <summary>Writes the floating tags of each Region, then verifies; every call is a separate step.</summary>
        public IEnumerable<int> Promote(int build, bool isRollback)
        {
            for (var round = -1; round < 50; round++)
            {
                var (hold, builds) = (_hold, Builds.ToArray());
                yield return 1;
                var wrote = false;
                if (isRollback)
                {
                    if (hold is null)
                    {
                        wrote = true;
                        _hold = hold = new Hold(
                            "rolled back", HoldScope.Promotion, Sample.Noon, new RollbackRecord(builds[build - 1].Version, "rollback-app", Sample.Noon));
                        yield return 2;
                    }

                    foreach (var (other, mark) in Rollback.Marks(hold, builds, Sample.Noon))
                    {
                        wrote = true;
                        Mark(other.Version, mark.State);
                        yield return 3;
                    }

                    if (wrote && round >= 0)
                    {
                        continue;
                    }
                }

                else if (ReleaseMarks.DemoteToHeld(builds[build - 1], hold, Sample.Noon) is { } withdrawn)
                {
                    // The mark was written after a rollback that this execution had not seen, so it is withdrawn.
                    Mark(builds[build - 1].Version, withdrawn.State);
                    yield return 7;
                    continue;
                }

                var plans = new List<TagPlan>();
                foreach (var region in Regions)
                {
                    var tags = _tags.Where(tag => tag.Key.Region == region).ToDictionary(tag => tag.Key.Tag, tag => tag.Value);
                    yield return 4;
                    plans.Add(PromotionPlanner.PlanFloatingTags(new PromotionFacts
                    {
                        Image = Sample.App(),
                        Candidate = new Candidate(builds[build - 1].Version, builds[build - 1].Digest!, Sample.Noon),
                        Region = region,
                        Repository = new RepositoryFacts(true, TagMutability.Mutable, tags),
                        Versions = _versions,
                        Builds = builds,
                        Hold = hold,
                        Now = Sample.Noon,
                    }));
                    foreach (var step in plans[^1].ToPut)
                    {
                        _tags[(region, step.Tag)] = step.To;
                        yield return 5;
                    }
                }

                if (round < 0 || plans.Any(plan => plan.ToPut.Any()))
                {
                    continue;
                }

                if (PromotionPlanner.Outcome(plans) != ReleaseState.Promoted || builds[build - 1].Release!.State == ReleaseState.Promoted)
                {
                    yield break;
                }

                Mark(builds[build - 1].Version, ReleaseState.Promoted);
                yield return 6;
            }

            Assert.Fail("The executions did not end.");
        }

        private void Mark(ImageVersion version, ReleaseState state)
        {
            var at = Builds.FindIndex(build => build.Version == version);
            Builds[at] = Builds[at] with { Release = new ReleaseMark(state, 1, Sample.Noon) };
        }
    }
}
