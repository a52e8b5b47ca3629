using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Promotion;
using Automation.Core.Retention;
using Automation.Core.Schedules;
using CsCheck;
using static Automation.Core.Tests.Builds.BuildSample;

namespace Automation.Core.Tests.Builds;

/// <summary>Anyone can write tags.</summary>
public sealed class BuildTagTests
{
    private static readonly string[] Keys =
    [
        BuildTags.BaseDigest, BuildTags.Cause, BuildTags.Slot, BuildTags.Attempt, BuildTags.Reason, BuildTags.WatchedPrefix + "01234567", BuildTags.Digest,
        BuildTags.Release,
        BuildTags.ReleaseAttempt, BuildTags.ReleaseAt, BuildTags.ReleaseReason, BuildTags.ReleaseExplicit, BuildTags.ClearedAt, BuildTags.ClearedBy,
        BuildTags.VersionTagsAt, BuildTags.PromotedAt, BuildTags.SupersededAt,
    ];

    private static readonly string[] Values =
    [
        "", "-", "0", "1", "2147483647", "99999999999", "-1", "yes", "no", "promoted", "running", "blocked", "missing", "held", "rolled-back", "overtaken",
        "failed", "rejected", "first", "base:x", "slot:", "watched:",
        "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2199-12-31T23:59:59Z", "2000-01-01T00:00:00Z", "2026-03-04T12:00:00Z", "10:00", "04/03/2026",
        "9999-12-31T23:59:59-14:00",
        "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "sha256:0",
    ];

    [Theory]
    [InlineData(BuildTags.ReleaseAt, "9999-12-31T00:00:00Z",
        "automation:release-at is '9999-12-31T00:00:00Z', which is not a time between the years 2000 and 2200 such as 2026-01-31T03:00:00Z")]
    [InlineData(BuildTags.ReleaseAt, "10:00", "automation:release-at is '10:00', which is not a time between")]
    [InlineData(BuildTags.PromotedAt, "0001-01-01T00:00:00Z", "automation:promoted-at is '0001")]
    [InlineData(BuildTags.ReleaseAttempt, "2147483647", "automation:release-attempt is '2147483647', which is not a number from 1 to 1000000")]
    [InlineData(BuildTags.BaseDigest, "sha256:0", "automation:base-digest is 'sha256:0', which is not a digest sha256:…")]
    [InlineData(BuildTags.Release, "promotedd", "automation:release is 'promotedd', which is not the state of a release")]
    public void Value_Unreadable_CountsAsMissingAndIsReported(string key, string value, string fault)
    {
        var written = new Dictionary<string, string>(BuildTags.Write(new ReleaseMark(ReleaseState.Promoted, 2, Sample.Noon)));
        written.Remove(key);
        var before = BuildTags.Read(Sample.Build("1.0.0/1", Sample.Noon), written);
        written[key] = value;
        var record = BuildTags.Read(Sample.Build("1.0.0/1", Sample.Noon), written);

        Assert.StartsWith(fault, Assert.Single(record.Unreadable), StringComparison.Ordinal);
        Assert.Equal(before, record with { Unreadable = before.Unreadable, IsReleaseUnreadable = false, IsDigestUnreadable = false });
    }

    [Fact]
    public void Value_Removed_IsNotAFault() =>
        Assert.Empty(BuildTags.Read(Sample.Build("1.0.0/1", Sample.Noon), new Dictionary<string, string> { [BuildTags.ClearedAt] = "-" }).Unreadable);

    [Theory]
    [InlineData("2026-03-04T12:00:00Z", true)]
    [InlineData("2026-03-04T14:00:00+02:00", true)]
    [InlineData("2026-03-04T12:00:00.000Z", true)]
    [InlineData("2026-03-04T12:00:00", true)]
    [InlineData("2026-03-04", false)]
    [InlineData("12:00", false)]
    [InlineData("1999-12-31T23:59:59Z", false)]
    [InlineData("2200-01-01T00:00:00Z", false)]
    [InlineData(null, false)]
    public void Time_IsWholeAndPlausible(string? text, bool read) => Assert.Equal(read ? Sample.Noon : null, PlausibleTime.Read(text));

    /// <summary>One unreadable tag on one record must not stop the reconcile of later images.</summary>
    [Fact]
    public void AnyTags_EveryPlannerStillAnswers()
    {
        var tags = Gen.Dictionary(Gen.OneOf([.. Keys.Select(Gen.Const)]), Gen.OneOf([.. Values.Select(Gen.Const), Gen.String[0, 20]]))[0, 16];
        var states = Gen.Enum<BuildState>();
        Gen.Select(Gen.Select(tags, states).Array[1, 4], Gen.Int[0, 5]).Sample((records, soak) =>
        {
            var image = Sample.App(new BuildRules { Schedule = ScheduleExpression.Parse("rate(1 day)") }, new PromotionRules
            {
                FloatingTags = [TagTemplate.Parse("latest")],
                Gate = new GateRules { RecheckHours = 720 },
                SoakHours = soak * 100,
                MaxAgeDays = 3650,
            });
            var builds =
                records.Select((record, i) => BuildTags.Read(Sample.Build($"1.0.0/{i + 1}", Sample.Noon.AddDays(-i), record.Item2), record.Item1)).ToList();
            var facts = new BuildFacts
            {
                Image = image,
                Pipeline = new PipelineFacts(
                    "arn:pipeline/app", "app", true, new RecipeVersion(1, 0, 0), "111122223333.dkr.ecr.eu-west-1.amazonaws.com/images/runtime:latest"),
                Base = new BaseFacts(image.From!, Sample.Digest(1), Sample.Noon) { Owner = new TagOwner(image, builds, Sample.Version("1.0.0/1")) },
                Builds = builds,
                Now = Sample.Noon,
            };

            Assert.NotEmpty(BuildPlanner.Decide(facts).Reasons);
            Assert.All(builds, build => Assert.NotEmpty(FailureGuidance.After(build, image, facts.Pipeline, builds).Text));
            _ = ImageAge.Of(image, builds, Sample.Noon);
            _ = ReleasePlanner.Due(new ReleaseFacts(image, builds, BuildTags.ReadHold(records[0].Item1), new HashSet<string>(), Sample.Noon));
            _ = RetentionPlanner.Plan(new RetentionFacts { Image = image, Region = "eu-west-1", Images = [], Builds = builds, Now = Sample.Noon });
        }, seed: "0000KOIKTp83", iter: 20_000);
    }

    [Fact]
    public void Tags_OfABuildRequest_AreReadBackAsTheBuild()
    {
        var order = Start(Facts(new BuildRules { Schedule = ScheduleExpression.Parse("rate(1 day)") })).Order;

        var record = BuildTags.Read(Sample.Build("1.0.0/1", Now, BuildState.InProgress), order.Tags);

        Assert.Equal((order.BaseDigest, order.Cause.Key, order.Slot, order.Attempt), (record.BaseDigest, record.Cause, record.Slot, record.Attempt));
        AssertNo("already-building", Facts() with { Builds = [record] });
    }

    [Fact]
    public void Tags_Unreadable_ChangeNothing()
    {
        var record = Sample.Build("1.0.0/1", Now);

        Assert.Equal(record, BuildTags.Read(record, new Dictionary<string, string>
        {
            [BuildTags.BaseDigest] = "sha256:x",
            [BuildTags.Slot] = "soon",
            [BuildTags.Attempt] = "-1",
            [BuildTags.Release] = "7",
            [BuildTags.PromotedAt] = "",
        }) with
        { Unreadable = record.Unreadable, IsReleaseUnreadable = false });
        Assert.Equal(HoldScope.Everything, BuildTags.ReadHold(new Dictionary<string, string> { [BuildTags.Hold] = "x", [BuildTags.HoldScope] = "?" })!.Scope);
        Assert.Null(BuildTags.ReadHold(new Dictionary<string, string>()));
    }

    [Theory]
    [InlineData(BuildTags.HoldUntil, "soon")]
    [InlineData(BuildTags.HoldUntil, "9999-12-31T00:00:00Z")]
    [InlineData(BuildTags.HoldSince, "0001-01-01T00:00:00Z")]
    [InlineData(BuildTags.HoldScope, "?")]
    public void HoldTag_ThatCannotBeRead_IsReportedInEveryAnswer(string key, string value)
    {
        var hold = BuildTags.ReadHold(new Dictionary<string, string>(BuildTags.Write(new Hold("trial", HoldScope.Everything, Now))) { [key] = value })!;
        var facts = Facts();
        facts = facts with { Pipeline = facts.Pipeline with { Hold = hold } };

        foreach (var enabled in new[] { true, false })
        {
            var answer = BuildPlanner.Decide(facts with { Pipeline = facts.Pipeline with { Enabled = enabled } });

            Assert.Contains(answer.Reasons, reason => reason.Code == "tag-unreadable"
                && reason.Text.StartsWith($"the tag {key} is '{value}', which is not ", StringComparison.Ordinal)
                && reason.Text.Contains($"pipeline {facts.Pipeline.Name}", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(BuildTags.Release, "7", true, false)]
    [InlineData(BuildTags.Release, "-", false, false)]
    [InlineData(BuildTags.Release, "promoted", false, false)]
    [InlineData(BuildTags.Digest, "sha256:x", false, true)]
    [InlineData(BuildTags.Digest, "", false, false)]
    public void Tags_OfMarkAndDigest_SayWhetherTheyCannotBeRead(string key, string value, bool isReleaseUnreadable, bool isDigestUnreadable)
    {
        var record = BuildTags.Read(Sample.Build("1.0.0/1", Now) with { Digest = null }, new Dictionary<string, string> { [key] = value });

        Assert.Equal((isReleaseUnreadable, isDigestUnreadable), (record.IsReleaseUnreadable, record.IsDigestUnreadable));
    }

    [Fact]
    public void Tags_OfHoldAndRelease_AreReadBack()
    {
        var hold = new Hold("bad (really) release", HoldScope.Promotion, Now);
        var mark = new ReleaseMark(ReleaseState.Promoted, 2, Now, "all tags are in place");

        Assert.Equal(hold, BuildTags.ReadHold(BuildTags.Write(hold)));
        var record = BuildTags.Read(Sample.Build("1.0.0/1", Now), BuildTags.Write(mark, A));
        Assert.Equal((mark, Now, A), (record.Release, record.PromotedAt, record.Digest));
    }
}
