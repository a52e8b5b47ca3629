using System.Text.Json;
using Automation.Core;
using Automation.Core.Builds;

namespace Automation.Functions.Tests.Steps;

public sealed class AnnounceTests
{
    private static readonly LifecycleState App = FunctionHarness.Released("app", "1.0.0/1");

    /// <summary>The state at the end, and the result: outcome, whether people must be alerted, whether it counts as promoted, the mark.</summary>
    private static readonly Dictionary<string, (LifecycleState State, string Outcome, bool Alert, bool Promoted, string? Mark)> Cases = new()
    {
        // The verification itself writes "promoted", before its last read.
        ["verified"] = (App with { Verification = Verified("promoted", "put") }, "promoted", false, true, null),
        ["verified again"] = (App with { Verification = Verified("promoted", "present") }, "promoted", false, true, null),
        ["taken back meanwhile"] = (App with { Verification = Verified("rolled-back", "held") }, "overtaken", false, false, null),
        ["held though promoted before"] = (Promoted() with { Verification = Verified("held", "held") }, "held", true, false, null),
        ["blocked though promoted before"] = (Promoted() with { Scan = Scan("blocked") }, "blocked", true, false, null),
        ["denied though promoted before"] = (Promoted() with { Error = Error("PermanentException", "denied") }, "failed", true, false, null),
        ["denied when floating tags had moved"] =
            (App with { FloatingTags = Verified("running", "put"), Error = Error("PermanentException", "denied") }, "failed", true, false, "failed"),
        ["held"] = (App with { Verification = Verified("held", "held") }, "held", true, false, "held"),
        ["overtaken"] = (App with { Verification = Verified("overtaken", "not-forward") }, "overtaken", false, false, "overtaken"),
        ["never standing"] = (App with { Verification = Verified("running", "put") }, "tags-unstable", true, false, null),
        ["rolled back"] = (App with { Action = "rollback", Verification = Verified("promoted", "put") }, "rolled-back", true, false, null),
        ["blocked"] = (App with { Scan = Scan("blocked") }, "blocked", true, false, "blocked"),
        ["build failed"] = (App with { Release = App.Release! with { Outcome = "failed" } }, "build-failed", true, false, "failed"),
        ["build missing"] = (App with { Release = App.Release! with { Outcome = "missing" } }, "not-releasable", true, false, "missing"),
        ["rolled back to a missing build"] =
            (App with { Action = "rollback", Release = App.Release! with { Outcome = "missing" } }, "not-releasable", true, false, null),
        ["rolled back to a build that was never promoted"] =
            (App with { Action = "rollback", Release = App.Release! with { Outcome = "refused" } }, "refused", true, false, null),
        ["rollback to go on with that is over"] =
            (App with { Action = "rollback", Release = App.Release! with { Outcome = "superseded" } }, "overtaken", false, false, null),
        ["rollback that another one overtook"] =
            (App with { Action = "rollback", Verification = StoppedBy("rollback-superseded") }, "overtaken", true, false, null),
        ["image under the tag changed"] = (App with { Release = App.Release! with { Outcome = "changed" } }, "digest-changed", true, false, "failed"),
        ["image under the tag changed later"] = (App with { VersionTags = StoppedBy("digest-changed") }, "digest-changed", true, false, "failed"),
        ["retired while the scan was waited for"] = (App with { Scan = Scan("stopped") }, "not-releasable", true, false, "failed"),
        ["retired during the soak"] = (App with { VersionTags = StoppedBy("build-deprecated") }, "not-releasable", true, false, "failed"),
        ["retired at last"] = (App with { VersionTags = Verified("promoted", "put"), Verification = StoppedBy("build-disabled") }, "not-releasable", true,
            false, "failed"),
        ["build retired"] = (App with { Release = App.Release! with { Outcome = "retired" } }, "not-releasable", true, false, null),
        ["build running"] = (App with { Release = App.Release! with { Outcome = "in-progress" } }, "not-releasable", true, false, null),
        ["rejected"] = (Awaiting() with { Error = Error("Rejected", "not before the holidays") }, "rejected", true, false, "rejected"),
        ["rejected without a name"] = (Awaiting() with { Error = new StepError() }, "rejected", true, false, "rejected"),
        ["rejected under another name"] = (Awaiting() with { Error = Error("NotToday", "no") }, "rejected", true, false, "rejected"),
        ["retired while the approval was waited for"] =
            (Awaiting() with { Error = Error("NotReleasable", "build 1.0.0/1 is DEPRECATED") }, "not-releasable", true, false, "failed"),
        ["nobody could be asked"] = (Awaiting() with { Error = Error("SNS.AuthorizationErrorException", "denied") }, "failed", true, false, null),
        ["nobody approved"] = (Awaiting() with { Error = Error("States.Timeout", null) }, "rejected", true, false, "rejected"),
        ["hung after approval"] = (Awaiting() with { Approval = JsonDocument.Parse("""{"by":"ann"}""").RootElement, Error = Error("States.Timeout", null) },
            "failed", true, false, null),
        ["hung after an empty approval"] =
            (Awaiting() with { Approval = JsonDocument.Parse("null").RootElement, Error = Error("States.Timeout", null) }, "failed", true, false, null),
        ["hung without approval"] = (App with { Scan = Scan("open"), Error = Error("States.Timeout", null) }, "failed", true, false, null),
        ["hung before the gate"] = (App with { Error = Error("States.Timeout", null) }, "failed", true, false, null),
        ["throttled to the end"] = (App with { Error = Error("TransientException", "throttled") }, "failed", true, false, null),
        ["over quota to the end"] = (App with { Error = Error("QuotaExceededException", "100 builds run") }, "failed", true, false, null),
        ["Lambda died"] = (App with { Error = Error("Runtime.ExitError", "signal: killed") }, "failed", true, false, null),
        ["denied"] = (App with { Error = Error("PermanentException", "denied") }, "failed", true, false, "failed"),
        ["conflict"] = (App with { Error = Error("TagConflictException", "immutable") }, "failed", true, false, "failed"),
        ["invalid"] = (App with { Error = Error("InvalidEventException", "no version") }, "failed", true, false, "failed"),
        ["unknown image"] = (App with { Error = Error("ImageNotInCatalogException", "nobody") }, "failed", true, false, "failed"),
        ["denied before inspecting"] =
            (new LifecycleState { Action = "release", Image = "app", Version = "1.0.0/1", Error = Error("PermanentException", "denied") }, "failed", true,
                false, null),
        ["build step denied"] = (new LifecycleState { Action = "build", Image = "app", Error = Error("PermanentException", "denied") }, "failed", true,
            false, null),
        ["failed after verifying"] =
            (App with { Verification = Verified("promoted", "put"), Error = Error("TransientException", "verify") }, "failed", true, false, null),
        ["prune denied after the promotion"] =
            (App with { Verification = Verified("promoted", "put"), Announcement = Announced(), Error = Error("PermanentException", "denied") }, "prune-failed",
                true, false, null),
        ["prune denied"] = (new LifecycleState { Action = "prune", Image = "app", Error = Error("PermanentException", "denied") }, "prune-failed", true,
            false, null),
        ["pruned"] = (Pruned(null), "pruned", false, false, null),
        ["deletion limit"] = (Pruned("60 of 100 images would be deleted"), "prune-stopped", true, false, null),
        ["nothing"] = (new LifecycleState { Action = "release", Image = "app" }, "failed", true, false, null),
        ["nothing at all"] = (new LifecycleState(), "failed", true, false, null),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    /// <summary>An incident's name can be used once an hour, and this incident has begun and ended within the hour.</summary>
    [Fact]
    public async Task Announce_SameIncidentWithinTheHour_IsReportedAgainButOnlyOnceWhileItLasts()
    {
        var harness = new FunctionHarness();
        harness.Built("app", "1.0.0/1");
        var failed = FunctionHarness.Step(App with { Error = Error("TransientException", "throttled") });

        await harness.Announce(failed);
        await harness.Announce(failed);
        harness.Incidents.Open.Clear();
        await harness.Announce(failed);

        Assert.Equal(2, harness.Incidents.Reports.Count);
        Assert.Single(harness.Incidents.Open);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Announce_State_HasItsOutcomeAlertAndMark(string name)
    {
        var (state, outcome, alert, promoted, mark) = Cases[name];
        var harness = new FunctionHarness();
        harness.Built("app", "1.0.0/1");
        harness.Change(FunctionHarness.BuildArn("app", "1.0.0/1"), build => build with
        {
            Release = state.Release?.Promoted == true ? new ReleaseMark(ReleaseState.Promoted, 1, FunctionHarness.Now)
                : state.Release?.Outcome is "releasable" ? new ReleaseMark(ReleaseState.Running, 1, FunctionHarness.Now, "execution-1")
                : state.Release?.Outcome is "changed" ? new ReleaseMark(ReleaseState.Running, 1, FunctionHarness.Now, "execution-1") : null,
        });

        var result = await harness.Announce(FunctionHarness.Step(state));

        Assert.Equal((outcome, alert, promoted), (result.Detail.Outcome, result.Alert || harness.Incidents.Reports.Count > 0, result.Promoted));
        Assert.Equal(mark is null ? [] : [$"tag app/1.0.0/1 release={mark}"],
            harness.Builder.Changes.Where(change => change.Contains(" release=", StringComparison.Ordinal)));
        Assert.NotEmpty(result.Detail.Reasons);
        Assert.Contains($": {outcome}", result.Message, StringComparison.Ordinal);
        Assert.StartsWith(outcome, result.Subject, StringComparison.Ordinal);
        Assert.Equal(state.Action == "prune" || outcome == "prune-failed" ? "Image Prune" : "Image Release", result.DetailType);
    }

    /// <summary>A release that stopped half-way still needs an answer: the reconcile resumes it.</summary>
    [Theory]
    [InlineData("promoted", null, true)]
    [InlineData("overtaken", null, true)]
    [InlineData("running", null, false)]
    [InlineData(null, "TransientException", false)]
    [InlineData("promoted", "TransientException", false)]
    [InlineData(null, "PermanentException", true)]
    [InlineData(null, "Rejected", true)]
    public async Task Announce_PersonAskedForAPromotedBuild_IsAnsweredAtTheEnd(string? verified, string? error, bool answered)
    {
        var harness = new FunctionHarness();
        harness.Built("app", "1.0.0/1");
        harness.Change(FunctionHarness.BuildArn("app", "1.0.0/1"),
            build => build with { Release = new ReleaseMark(ReleaseState.Promoted, 1, FunctionHarness.Now, Explicit: true) });
        var state = Promoted() with
        {
            Release = Promoted().Release! with { Explicit = true },
            Verification = verified is null ? null : Verified(verified, "put"),
            Error = error is null ? null : Error(error, "why"),
        };

        await harness.Announce(FunctionHarness.Step(state));

        Assert.Equal(answered ? ["tag app/1.0.0/1 release-explicit=no"] : [], harness.Builder.Changes);
    }

    /// <summary>Marks written meanwhile stay: only a rollback removes "promoted", and the execution that began last writes the outcome.</summary>
    [Theory]
    [InlineData(ReleaseState.Promoted, "release-app_1-0-0-1_2", false)]
    [InlineData(ReleaseState.RolledBack, "Rolled back to 1.0.0/0", false)]
    [InlineData(ReleaseState.Running, "release-app_1-0-0-1_2", false)]
    [InlineData(ReleaseState.Rejected, "no", false)]
    [InlineData(ReleaseState.Running, "execution-1", true)]
    public async Task Announce_MarkChangedMeanwhile_IsOverwrittenOnlyByItsOwnExecution(ReleaseState now, string why, bool written)
    {
        var harness = new FunctionHarness();
        harness.Built("app", "1.0.0/1");
        harness.Change(FunctionHarness.BuildArn("app", "1.0.0/1"), build => build with { Release = new ReleaseMark(now, 2, FunctionHarness.Now, why) });

        var result = await harness.Announce(FunctionHarness.Step(Awaiting() with { Error = Error("Rejected", "no") }));

        Assert.Equal(written, harness.Builder.Changes.Contains("tag app/1.0.0/1 release=rejected"));
        Assert.Equal(now == ReleaseState.Promoted, result.Detail.Reasons.Any(reason => reason.Code == "stays-promoted"));
    }

    [Fact]
    public async Task Announce_RecordDoesNotExist_WritesNothingAndSaysSo()
    {
        var harness = new FunctionHarness();

        var result = await harness.Announce(FunctionHarness.Step(Awaiting() with { Error = Error("Rejected", "no") }));

        Assert.Equal(("rejected", true), (result.Detail.Outcome, result.Alert));
        Assert.Empty(harness.Builder.Changes);
    }

    [Fact]
    public async Task Announce_Mark_SaysWhatBlocksAndWhatUnblocksWithinTheLengthOfATag()
    {
        var harness = new FunctionHarness();
        harness.Built("app", "1.0.0/1");
        var scan = new CheckScanResult("blocked", FunctionHarness.Now, null, ["allow it"], [new ReasonText("scan-findings", new string('x', 600))]);

        harness.Change(FunctionHarness.BuildArn("app", "1.0.0/1"),
            build => build with { Release = new ReleaseMark(ReleaseState.Running, 3, FunctionHarness.Now, "execution-1") });
        await harness.Announce(FunctionHarness.Step(App with { Attempt = 3, Scan = scan }));

        Assert.Contains($"tag app/1.0.0/1 release-reason={new string('x', 256)}", harness.Builder.Changes);
        Assert.Contains($"tag app/1.0.0/1 release-reason-2={new string('x', 228)}... Allow it", harness.Builder.Changes);
        Assert.Contains("tag app/1.0.0/1 release-attempt=3", harness.Builder.Changes);
    }

    [Fact]
    public async Task Announce_TagsReturnedToANewerBuild_AreNotListed()
    {
        var own = FunctionHarness.Digest("app 1.0.0/1").Value;
        var newer = FunctionHarness.Digest("app 1.0.0/2").Value;
        var reason = new ReasonText("code", "text");
        var verification = new PromoteImageResult("verify", FunctionHarness.Now, null, "overtaken", false, [],
        [
            new TagStepText(FunctionHarness.Region, "1.0.0-1", "present", own, own, reason),
            new TagStepText(FunctionHarness.Region, "latest", "present", own, own, reason),
            new TagStepText(FunctionHarness.Region, "latest", "put", own, newer, reason),
        ]);

        var result = await new FunctionHarness().Announce(FunctionHarness.Step(App with { Verification = verification }));

        Assert.Equal(["1.0.0-1"], result.Detail.Tags);
    }

    [Theory]
    [InlineData("""{"errorType":"X","errorMessage":"what went wrong","stackTrace":["at A"]}""", "what went wrong")]
    [InlineData("""{"ErrorType":"X","ErrorMessage":"what went wrong"}""", "what went wrong")]
    [InlineData("""{"errorType":"X"}""", """{"errorType":"X"}""")]
    [InlineData("plain text", "plain text")]
    [InlineData("[1]", "[1]")]
    [InlineData("null", "null")]
    [InlineData("{", "{")]
    [InlineData("""{"errorMessage":7}""", """{"errorMessage":7}""")]
    [InlineData("", "no cause given")]
    [InlineData(null, "no cause given")]
    public async Task Announce_Cause_IsReadAsFarAsPossible(string? cause, string text)
    {
        var result = await new FunctionHarness().Announce(FunctionHarness.Step(App with { Error = Error("TransientException", cause, raw: true) }));

        Assert.Equal(text, result.Detail.Reasons[0].Text);
    }

    [Fact]
    public async Task Announce_ErrorWithoutName_StillHasAText()
    {
        var result = await new FunctionHarness().Announce(FunctionHarness.Step(App with { Error = new StepError() }));

        Assert.Equal(new ReasonText("error", "no cause given"), result.Detail.Reasons[0]);
    }

    // SNS accepts a subject of at most 100 printable ASCII characters on one line.
    [Fact]
    public async Task Announce_HugeNameWithLineEndsAndUmlauts_HasASubjectThatSnsAccepts()
    {
        var result = await new FunctionHarness().Announce(
            FunctionHarness.Step(App with { Image = "ä\r\nBcc: x" + new string('y', 10_000), Verification = Verified("promoted", "put") }));

        Assert.InRange(result.Subject.Length, 1, 100);
        Assert.All(result.Subject, c => Assert.InRange(c, ' ', '~'));
    }

    [Fact]
    public async Task Announce_TaggingTheBuildFails_FailsSoThatItIsRetried()
    {
        var harness = new FunctionHarness();
        harness.Builder.Fault = _ => new TransientException("throttled");

        await Assert.ThrowsAsync<TransientException>(() => harness.Announce(FunctionHarness.Step(App with { Verification = Verified("held", "held") })));
    }

    [Theory]
    [InlineData("""{"action":"release","image":"app","release":{"outcome":"failed"}}""")]
    [InlineData("""{"action":"release","image":"app","release":{"outcome":"failed","reasons":[]}}""")]
    [InlineData("""{"action":"release","image":"app","release":{"outcome":"releasable"},"scan":{"verdict":"blocked"}}""")]
    [InlineData("""{"action":"release","image":"app","release":{"outcome":"releasable"},"verify":{"outcome":"promoted"}}""")]
    [InlineData(
        """{"action":"release","image":"app","release":{"outcome":"releasable","arn":"arn:aws:imagebuilder:us-east-1:123456789012:image/app/1.0.0/1","regions":[]},"verify":{"outcome":"promoted","steps":[]}}""")]
    [InlineData("""{"action":"prune","image":"app","prune":{}}""")]
    public async Task Announce_IncompleteState_IsAnnouncedWithAReason(string state)
    {
        var result = await new FunctionHarness().Announce(FunctionHarness.Step(FunctionHarness.Read<LifecycleState>(state)));

        Assert.NotEmpty(result.Detail.Reasons);
    }

    // EventBridge forwards it unchanged: names in lower case, no nulls.
    [Fact]
    public async Task Announce_Detail_MatchesTheReadme()
    {
        var result = await new FunctionHarness().Announce(FunctionHarness.Step(Pruned(null)));

        Assert.Equal(
            """{"image":"app","action":"prune","outcome":"pruned","digests":[],"tags":[],"reasons":[{"code":"delete","text":"2 images and 1 record deleted, 1 marked as superseded, 3 images kept, 1 could not be deleted now (mode delete, 2 calls)."}],"execution":"execution-1"}""",
            FunctionHarness.Written(result).GetProperty("detail").GetRawText());
    }

    [Fact]
    public async Task Announce_StoppedPrune_HasThePlannersReason()
    {
        var result = await new FunctionHarness().Announce(FunctionHarness.Step(Pruned("60 of 100 images would be deleted: automation prune app")));

        Assert.Equal("deletion-limit", Assert.Single(result.Detail.Reasons).Code);
        Assert.Contains("- 60 of 100 images would be deleted: automation prune app\n", result.Message.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    private static LifecycleState Promoted() => App with { Release = App.Release! with { Promoted = true } };

    private static AnnounceResult Announced() =>
        new(true, false, "Image Release",
            new AnnouncementDetail("app", "release", "promoted", "1.0.0/1", "arn", [], [], [new ReasonText("code", "text")], "execution"),
            "subject", "message");

    private static LifecycleState Awaiting() => App with { Release = App.Release! with { ApprovalSeconds = 3600 }, Scan = Scan("open") };

    private static LifecycleState Pruned(string? limit) =>
        new()
        {
            Action = "prune",
            Image = "app",
            Prune = PruneResult.Nothing("delete") with
            {
                Done = true,
                Planned = new PruneCount(2, 2, 1),
                Applied = new PruneCount(2, 1, 1),
                ImagesKept = 3,
                DeletionLimit = limit,
                Calls = new Dictionary<string, int> { ["DescribeImages"] = 2 }
            }
        };

    private static CheckScanResult Scan(string verdict) => new(verdict, FunctionHarness.Now, null, ["allow it"], [new ReasonText("finding", "CVE-2026-1")]);

    private static PromoteImageResult Verified(string outcome, string action)
    {
        var digest = FunctionHarness.Digest("app 1.0.0/1").Value;
        return new PromoteImageResult("verify", FunctionHarness.Now, null, outcome, false, [],
            [new TagStepText(FunctionHarness.Region, "latest", action, null, digest, new ReasonText(action, "text"))]);
    }

    private static PromoteImageResult StoppedBy(string code) => new("version", FunctionHarness.Now, null, "failed", true, [new ReasonText(code, "text")], []);

    private static StepError Error(string name, string? cause, bool raw = false) => new()
    {
        Name = name,
        Cause = raw ? cause : $$"""{"errorType":"{{name}}","errorMessage":"{{cause}}"}""",
    };
}
