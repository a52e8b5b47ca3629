using System.Text.RegularExpressions;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Schedules;
using CsCheck;

namespace Automation.Core.Tests.Builds;

/// <summary>Histories of one image: bases change and return, builds succeed or fail, and the planner decides at any time, even twice.</summary>
public sealed partial class BuildProperties
{
    private static readonly WatchedTags[] Watch =
        [new("golden/tools", TagPattern.Parse("v*")), new("golden/tools", TagPattern.Parse("stable")), new("images/certs", TagPattern.Parse("latest"))];

    private static readonly BuildRules Rules = new()
    {
        Watch = Watch,
        Schedule = ScheduleExpression.Parse("rate(1 day)"),
        QuietMinutes = 10,
        MaxWaitMinutes = 30,
        MaxAttempts = 2,
    };

    private static readonly Gen<(int Minutes, int Base, int Outcome, int Watched)> Step =
        Gen.Select(Gen.Int[1, 400], Gen.Int[-6, 3], Gen.Int[0, 4], Gen.Int[-20, 17]);

    [Fact]
    public void AnyHistory_StartsEachBuildOnceAndOneAtATime() => Step.Array[1, 40].Sample(steps =>
    {
        var now = Sample.Noon;
        var facts = new BuildFacts
        {
            Image = Sample.App(Rules),
            Pipeline = new PipelineFacts(
                "arn:pipeline/app", "app", true, new RecipeVersion(1, 0, 0), "111122223333.dkr.ecr.eu-west-1.amazonaws.com/images/runtime:latest"),
            Base = new BaseFacts(ImageReference.Parse("images/runtime:latest"), Sample.Digest(0), now),
            Now = now,
        };
        var tokens = new HashSet<string>();
        var names = new HashSet<string>();
        foreach (var (minutes, pushed, outcome, watched) in steps)
        {
            now = now.AddMinutes(minutes);
            var moved = pushed >= 0 && Sample.Digest(pushed) != facts.Base!.Digest;
            facts = facts with
            {
                Now = now,
                Base = moved ? facts.Base! with { Digest = Sample.Digest(pushed), PushedAt = now } : facts.Base,
                Watched = Changed(facts.Watched, watched, now),
                Builds = [.. facts.Builds.Select(build => build.State == BuildState.InProgress ? Ended(build, outcome, now) : build)],
            };

            var decision = BuildPlanner.Decide(facts);
            Assert.NotEmpty(decision.Reasons);
            if (decision is BuildDecision.NotYet later)
            {
                Assert.True(later.Until > now);
            }

            if (decision is BuildDecision.Start { Order: var order })
            {
                Assert.DoesNotContain(facts.Builds, build => build.State.IsRunning());
                Assert.True(tokens.Add(order.ClientToken), "the same token for another build");
                Assert.True(names.Add(order.ExecutionName), "the same name for another build");
                Assert.Matches(Name(), order.ExecutionName);
                Assert.All(order.Tags.Values, value => Assert.InRange(value.Length, 1, 256));
                var build = BuildTags.Read(Sample.Build($"1.0.0/{facts.Builds.Count + 1}", now, BuildState.InProgress), order.Tags);
                facts = facts with { Builds = [.. facts.Builds, build] };

                // The same question again, as a duplicated event would ask it.
                Assert.IsNotType<BuildDecision.Start>(BuildPlanner.Decide(facts));

                Assert.All(facts.Watched, each => Assert.Equal(each.Newest?.Digest, build.Watched.GetValueOrDefault(each.Tags.Id)));

                // After the plan is carried out, nothing is left to plan, even if older records are pruned.
                var done = build with { State = BuildState.Available, FinishedAt = now };
                Assert.All(new[] { facts with { Builds = [.. facts.Builds.SkipLast(1), done] }, facts with { Builds = [done] } }, after =>
                {
                    var no = Assert.IsType<BuildDecision.No>(BuildPlanner.Decide(after));
                    Assert.All(no.Reasons, reason => Assert.NotEmpty(reason.Text));
                });
            }
        }
    });

    [Fact]
    public void Decision_DoesNotDependOnTheOrderOfTheBuilds() => Gen.Select(Step.Array[1, 8], Gen.Int[0, int.MaxValue]).Sample((steps, seed) =>
    {
        var builds = steps.Select((step, i) => Ended(Sample.Build($"1.0.0/{i + 1}", Sample.Noon.AddMinutes(-step.Minutes), BuildState.InProgress) with
        {
            BaseDigest = step.Base < 0 ? null : Sample.Digest(step.Base),
            Watched = step.Watched < 0
                ? new Dictionary<string, Digest>()
                : new Dictionary<string, Digest> { [Watch[step.Watched % 3].Id] = Sample.Digest(step.Watched) },
        }, step.Outcome, Sample.Noon)).ToArray();
        var facts = new BuildFacts
        {
            Image = Sample.App(Rules),
            Pipeline = new PipelineFacts(
                "arn:pipeline/app", "app", true, new RecipeVersion(1, 0, 0), "111122223333.dkr.ecr.eu-west-1.amazonaws.com/images/runtime:latest"),
            Base = new BaseFacts(ImageReference.Parse("images/runtime:latest"), Sample.Digest(0), Sample.Noon.AddMinutes(-200)),
            Watched = Changed([], steps[0].Watched, Sample.Noon.AddMinutes(-steps[0].Minutes)),
            Builds = builds,
            Now = Sample.Noon,
        };
        var shuffled = Sample.Shuffle(builds, seed);

        Assert.Equal(Text(BuildPlanner.Decide(facts)), Text(BuildPlanner.Decide(facts with { Builds = shuffled })));
    });

    /// <summary>Changes one of three patterns: another image (possibly one that was there before or under another pattern, with the old push time of a
    /// moved tag), no image, or an unreadable one.</summary>
    private static IReadOnlyList<WatchedFacts> Changed(IReadOnlyList<WatchedFacts> facts, int change, DateTimeOffset now)
    {
        var before = facts.Count > 0 ? facts : Array.ConvertAll(Watch, tags => new WatchedFacts(tags, null));
        return change < 0 ? before : [.. before.Select((watched, i) => i != change % 3 ? watched : (change / 3) switch
        {
            0 => new WatchedFacts(Watch[i], null),
            1 => new WatchedFacts(Watch[i], null, Unreadable: "denied"),
            2 => new WatchedFacts(Watch[i], new WatchedImage("v1", Sample.Digest(0), now.AddDays(-1))),
            var content => new WatchedFacts(Watch[i], new WatchedImage("v2", Sample.Digest(content), now), now.AddMinutes(-20)),
        })];
    }

    private static BuildRecord Ended(BuildRecord build, int outcome, DateTimeOffset now) => outcome switch
    {
        0 => build,
        1 => build with { State = BuildState.Failed, FinishedAt = now, FailureKind = FailureKind.Transient },
        2 => build with { State = BuildState.Cancelled, FinishedAt = now },
        _ => build with { State = BuildState.Available, FinishedAt = now },
    };

    private static string Text(BuildDecision decision) => $"{decision.GetType().Name} {string.Join(';', decision.Reasons)}"
        + $" {(decision as BuildDecision.Start)?.Order.ClientToken} {(decision as BuildDecision.NotYet)?.Until}";

    [GeneratedRegex(@"^[A-Za-z0-9_.-]{1,80}\z")]
    private static partial Regex Name();
}
