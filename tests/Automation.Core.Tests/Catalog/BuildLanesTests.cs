using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using CsCheck;

namespace Automation.Core.Tests.Catalog;

/// <summary>Lanes: which images are built one after another, and which wait.</summary>
public sealed class BuildLanesTests
{
    [Fact]
    public void LaneOf_CatalogFits_HasOnlyTheImageItself()
    {
        var images = Images(100);
        var lanes = new BuildLanes(images, 100);

        Assert.All(images, image => Assert.Equal([image], lanes.LaneOf(image)));
    }

    [Fact]
    public void LaneOf_ChildrenOfOneBase_AreSpreadOverAllLanes()
    {
        // By name alone, b1 and b4 would share a lane with children of the other base in between.
        var images = new[] { "b1", "c1", "c2", "b2", "c3", "b3" }.Select(name => Image(name, $"golden/{name[0]}:stable")).ToList();
        var lanes = new BuildLanes(images, 3);

        Assert.All(images, image => Assert.Single(lanes.LaneOf(image), other => other.From == image.From));
    }

    [Fact]
    public void Decide_LaneIsBusy_WaitsAndNamesTheRunningBuild()
    {
        var wait = NotYet(Facts("d") with { Lane = new LaneFacts([Running("a")], []) });

        Assert.Equal((ReasonCode.LaneBusy.Name(), Sample.Noon + BuildPlanner.CheckAgain), (wait.Reasons[0].Code, wait.Until));
        Assert.Contains("wave 2 of 2: a 1.0.0/1 is building", wait.Reasons[0].Text, StringComparison.Ordinal);
        Assert.Equal(ReasonCode.LaneBusy.Name(), NotYet(Facts("a") with { Lane = new LaneFacts([], [Running("d")]) }).Reasons[0].Code);
    }

    [Fact]
    public void Decide_EarlierImageIsDueToo_LetsItGoFirstForALimitedTime()
    {
        var lane = new LaneFacts([Facts("a")], []);

        Assert.Equal(ReasonCode.LaneTurn.Name(), NotYet(Facts("d") with { Lane = lane }).Reasons[0].Code);
        Assert.Equal(ReasonCode.LaneTurn.Name(), NotYet(Facts("d") with { Lane = lane with { WaitingSince = Sample.Noon.AddMinutes(-14) } }).Reasons[0].Code);
        Assert.IsType<BuildDecision.Start>(BuildPlanner.Decide(Facts("d") with { Lane = lane with { WaitingSince = Sample.Noon.AddMinutes(-15) } }));
    }

    [Fact]
    public void Decide_LaterImageIsDueToo_GoesFirst() =>
        Assert.IsType<BuildDecision.Start>(BuildPlanner.Decide(Facts("a") with { Lane = new LaneFacts([], [Facts("d")]) }));

    [Fact]
    public void Decide_EarlierImageIsNotStarted_DoesNotWaitForIt()
    {
        var disabled = Facts("a");
        disabled = disabled with { Pipeline = disabled.Pipeline with { Enabled = false } };

        Assert.IsType<BuildDecision.Start>(BuildPlanner.Decide(Facts("d") with { Lane = new LaneFacts([disabled], []) }));
    }

    [Fact]
    public void Decide_Request_DoesNotWaitForTheLane() => Assert.IsType<BuildDecision.Start>(BuildPlanner.Decide(
        Facts("d") with { Lane = new LaneFacts([Running("a")], []), Manual = new ManualRequest("now", "anna") }));

    /// <summary>A base with any number of children and any quota: every child decides again when it was told to, in any order.</summary>
    [Fact]
    public void AnyFleet_NeverExceedsTheLimitAndBuildsAll() =>
        Gen.Select(Gen.Int[1, 20], Gen.Int[1, 7], Gen.Int[3, 50], Gen.Int[0, 1000]).Sample((count, limit, minutes, seed) =>
    {
        var fleet = Images(count).ToDictionary(image => image.Name, image => Facts(image.Name));
        var lanes = new BuildLanes(fleet.Values.Select(facts => facts.Image), limit);
        var since = new Dictionary<string, DateTimeOffset?>();
        var most = 0;
        for (var now = Sample.Noon; fleet.Values.Any(facts => facts.Builds is not [{ State: BuildState.Available }]); now += BuildPlanner.CheckAgain)
        {
            Assert.True(now < Sample.Noon.AddDays(4), "an image never gets its turn");
            foreach (var name in fleet.Keys.ToList())
            {
                var ended = fleet[name].Builds.Select(
                    build => build.CreatedAt.AddMinutes(minutes) <= now ? build with { State = BuildState.Available, FinishedAt = now } : build);
                fleet[name] = fleet[name] with { Now = now, Builds = [.. ended] };
            }

            foreach (var name in Sample.Shuffle(fleet.Keys, seed))
            {
                var lane = lanes.LaneOf(fleet[name].Image).Select(image => fleet[image.Name]).ToList();
                var at = lane.IndexOf(fleet[name]);
                var decision = BuildPlanner.Decide(fleet[name] with { Lane = new LaneFacts(lane[..at], lane[(at + 1)..], since.GetValueOrDefault(name)) });
                since[name] = decision.Reasons[0].Code == ReasonCode.LaneTurn.Name() ? since.GetValueOrDefault(name) ?? now : null;
                if (decision is BuildDecision.Start { Order: var order })
                {
                    fleet[name] = fleet[name] with { Builds = [BuildTags.Read(Sample.Build("1.0.0/1", now, BuildState.InProgress), order.Tags)] };
                }
            }

            most = Math.Max(most, fleet.Values.Count(facts => facts.Builds is [{ State: BuildState.InProgress }]));
        }

        Assert.Equal(Math.Min(count, limit), most);
    });

    private static BuildDecision.NotYet NotYet(BuildFacts facts) => Assert.IsType<BuildDecision.NotYet>(BuildPlanner.Decide(facts));

    private static List<ImageSpec> Images(int count) => [.. Enumerable.Range(1, count).Select(i => Image($"leaf-{i:00}", "golden/base:stable"))];

    private static ImageSpec Image(string name, string from) =>
        Sample.App() with { Name = name, Repository = $"images/{name}", From = ImageReference.Parse(from) };

    private static BuildFacts Running(string name) =>
        Facts(name) with { Builds = [Sample.Build("1.0.0/1", Sample.Noon.AddMinutes(-5), BuildState.InProgress)] };

    private static BuildFacts Facts(string name) => new()
    {
        Image = Image(name, "golden/base:stable"),
        Pipeline = new PipelineFacts($"arn:pipeline/{name}", name, true, new RecipeVersion(1, 0, 0), "golden/base:stable"),
        Base = new BaseFacts(ImageReference.Parse("golden/base:stable"), Sample.Digest("base"), Sample.Noon.AddHours(-1)),
        Now = Sample.Noon,
    };
}
