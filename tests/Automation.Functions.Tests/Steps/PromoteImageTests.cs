using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Promotion;

namespace Automation.Functions.Tests.Steps;

public sealed class PromoteImageTests
{
    private const string Repository = "images/app";

    [Fact]
    public async Task Version_NewBuild_WritesItsTagAndNoFloatingTag()
    {
        var harness = WithBuild("1.0.0/1");

        var result = await PhaseAsync(harness, "version", "1.0.0/1");

        Assert.Equal(["put us-east-1 images/app:1.0.0-20260105.1"], harness.Registry.Changes);
        Assert.Equal((FunctionHarness.Now, false), (result.At, result.Stopped));
    }

    [Fact]
    public async Task Phases_Repeated_WriteEverythingOnce()
    {
        var harness = WithBuild("1.0.0/1");
        foreach (var phase in (string[])["version", "version", "floating", "floating", "verify", "verify"])
        {
            await PhaseAsync(harness, phase, "1.0.0/1");
        }

        Assert.Equal(
            ["put us-east-1 images/app:1.0.0-20260105.1", "put us-east-1 images/app:1", "put us-east-1 images/app:latest"],
            harness.Registry.Changes);
    }

    [Fact]
    public async Task Version_TagIsOnAnotherDigest_IsAConflictAndNothingMoves()
    {
        var harness = WithBuild("1.0.0/1");
        harness.Registry.Push(Repository, "pushed by hand", FunctionHarness.Now, ["1.0.0-20260105.1"]);

        var fault = await Assert.ThrowsAsync<TagConflictException>(() => PhaseAsync(harness, "version", "1.0.0/1"));

        Assert.Contains("images/app:1.0.0-20260105.1 in us-east-1", fault.Message, StringComparison.Ordinal);
        Assert.Empty(harness.Registry.Changes);
    }

    [Fact]
    public async Task Floating_OneTagIsImmutableOnAnotherDigest_MovesNoTag()
    {
        var harness = WithBuild("1.0.0/1");
        harness.Registry.Push(Repository, "other", FunctionHarness.Now, ["latest"]);
        harness.Registry.Immutable.Add(Repository);

        await Assert.ThrowsAsync<TagConflictException>(() => PhaseAsync(harness, "floating", "1.0.0/1"));

        Assert.Empty(harness.Registry.Changes);
        Assert.Equal(FunctionHarness.Digest("other"), harness.Registry.On(Repository, "latest"));
    }

    /// <summary>A release announces that no tag was moved, so none may be when the verification finds the conflict.</summary>
    [Fact]
    public async Task Floating_VersionTagWasTakenSinceItStood_MovesNothing()
    {
        var harness = WithBuild("1.0.0/1");
        await PhaseAsync(harness, "version", "1.0.0/1");
        harness.Registry.Push(Repository, "pushed by hand", FunctionHarness.Now, ["1.0.0-20260105.1"]);

        await Assert.ThrowsAsync<TagConflictException>(() => PhaseAsync(harness, "floating", "1.0.0/1"));

        Assert.Null(harness.Registry.On(Repository, "latest"));
    }

    [Fact]
    public async Task Floating_TagIsOnANewerBuild_IsOvertakenAndStays()
    {
        var harness = WithBuild("1.0.0/1", "1.0.0/2");
        harness.Registry.Move(FunctionHarness.Region, Repository, FunctionHarness.Digest("app 1.0.0/2"), "latest");
        harness.Registry.Move(FunctionHarness.Region, Repository, FunctionHarness.Digest("app 1.0.0/2"), "1");

        var result = await PhaseAsync(harness, "floating", "1.0.0/1");

        Assert.Equal("overtaken", result.Outcome);
        Assert.All(result.Steps, step => Assert.Equal("not-forward", step.Action));
        Assert.Empty(harness.Registry.Changes);
    }

    [Fact]
    public async Task Floating_Held_Stays()
    {
        var harness = WithBuild("1.0.0/1");
        Hold(harness);

        var result = await PhaseAsync(harness, "floating", "1.0.0/1");

        Assert.Equal("held", result.Outcome);
        Assert.Empty(harness.Registry.Changes);
    }

    [Fact]
    public async Task Soak_CountsFromTheVersionTagsAndNotForAnExplicitPromotion()
    {
        var harness = new FunctionHarness(ImageCatalog.Parse("""
            {"repositories":[{"name":"golden/base","watchTags":["stable"]}],"images":[
             {"name":"app","from":"golden/base:stable","repository":"images/app","pipeline":{"recipeVersion":"1.0.0"},
              "promote":{"versionTags":["{version}-r{build}"],"floatingTags":["latest"],"soakHours":4}}]}
            """));
        harness.Built("app", "1.0.0/1");
        var state = FunctionHarness.Released("app", "1.0.0/1") with { Phase = "version" };

        var first = await harness.PromoteImage(FunctionHarness.Step(state));
        var again = await harness.PromoteImage(FunctionHarness.Step(state, FunctionHarness.Now.AddHours(3)));
        var floating = await harness.PromoteImage(FunctionHarness.Step(state with { Phase = "floating" }, FunctionHarness.Now.AddHours(3)));
        var explicitly =
            await harness.PromoteImage(FunctionHarness.Step(state with { Release = state.Release! with { Explicit = true } }, FunctionHarness.Now.AddHours(3)));
        var over = await harness.PromoteImage(FunctionHarness.Step(state, FunctionHarness.Now.AddHours(4)));
        var done = await harness.PromoteImage(FunctionHarness.Step(state with { Phase = "floating" }, FunctionHarness.Now.AddHours(4)));

        Assert.Equal([FunctionHarness.Now.AddHours(4), FunctionHarness.Now.AddHours(4), null, null],
            new[] { first, again, explicitly, over }.Select(step => step.WaitUntil));
        Assert.Single(harness.Builder.Changes, "tag app/1.0.0/1 version-tags-at=2026-01-05T08:30:00Z");
        Assert.Equal(("soaking", "put"), (Assert.Single(floating.Steps).Action, Assert.Single(done.Steps).Action));
    }

    [Fact]
    public async Task Version_BeforeTheFirstTagMoves_WritesTheClearance()
    {
        var harness = WithBuild("1.0.0/1");
        harness.Registry.Fault = call => call.StartsWith("put", StringComparison.Ordinal) ? new TransientException("throttled") : null;

        await Assert.ThrowsAsync<TransientException>(() => PhaseAsync(harness, "version", "1.0.0/1"));

        Assert.Equal(["tag app/1.0.0/1 cleared-at=2026-01-05T08:30:00Z", $"tag app/1.0.0/1 cleared-digest={FunctionHarness.Digest("app 1.0.0/1")}"],
            harness.Builder.Changes);
    }

    [Fact]
    public async Task Verify_AllTagsAreCorrect_IsPromoted()
    {
        var harness = WithBuild("1.0.0/1");
        await PhaseAsync(harness, "version", "1.0.0/1");
        await PhaseAsync(harness, "floating", "1.0.0/1");

        var result = await PhaseAsync(harness, "verify", "1.0.0/1");

        Assert.Equal(("verify", "promoted"), (result.Phase, result.Outcome));
        Assert.All(result.Steps, step => Assert.Equal("present", step.Action));
        Assert.Contains("tag app/1.0.0/1 release=promoted", harness.Builder.Changes);
        Assert.Contains($"tag app/1.0.0/1 digest={FunctionHarness.Digest("app 1.0.0/1")}", harness.Builder.Changes);
    }

    [Fact]
    public async Task Verify_WritesPromotedAndReadsOnceMore()
    {
        var harness = WithBuild("1.0.0/1", "1.0.0/2");
        await PhaseAsync(harness, "version", "1.0.0/1");
        await PhaseAsync(harness, "floating", "1.0.0/1");
        harness.Builder.Fault = call =>
        {
            // The newer build is promoted at the very moment at which the older one is marked.
            if (call == $"tag {FunctionHarness.BuildArn("app", "1.0.0/1")}")
            {
                harness.Change(FunctionHarness.BuildArn("app", "1.0.0/2"),
                    build => build with
                    {
                        Release = new ReleaseMark(ReleaseState.Promoted, 1, FunctionHarness.Now),
                        Digest = FunctionHarness.Digest("app 1.0.0/2")
                    });
            }

            return null;
        };

        var result = await PhaseAsync(harness, "verify", "1.0.0/1");

        Assert.Equal("overtaken", result.Outcome);
        Assert.Equal(FunctionHarness.Digest("app 1.0.0/2"), harness.Registry.On(Repository, "latest"));
    }

    [Fact]
    public async Task Verify_HoldWasSetMeanwhile_ReturnsTheTagsToTheirOwner()
    {
        var harness = WithBuild("1.0.0/1", "1.0.0/2");
        harness.Change(FunctionHarness.BuildArn("app", "1.0.0/1"),
            build => build with { Release = new ReleaseMark(ReleaseState.Promoted, 1, FunctionHarness.Now), Digest = FunctionHarness.Digest("app 1.0.0/1") });
        await PhaseAsync(harness, "version", "1.0.0/2");
        await PhaseAsync(harness, "floating", "1.0.0/2");
        Hold(harness);

        var result = await PhaseAsync(harness, "verify", "1.0.0/2");

        Assert.Equal("held", result.Outcome);
        Assert.Equal(FunctionHarness.Digest("app 1.0.0/1"), harness.Registry.On(Repository, "latest"));
        Assert.DoesNotContain("tag app/1.0.0/2 release=promoted", harness.Builder.Changes);
    }

    [Fact]
    public async Task Verify_RollbackBeganJustBeforeTheMark_WithdrawsMarkAndTags()
    {
        var harness = WithBuild("1.0.0/1", "1.0.0/2");
        harness.Change(FunctionHarness.BuildArn("app", "1.0.0/1"),
            build => build with { Release = new ReleaseMark(ReleaseState.Promoted, 1, FunctionHarness.Now), Digest = FunctionHarness.Digest("app 1.0.0/1") });
        await PhaseAsync(harness, "version", "1.0.0/2");
        await PhaseAsync(harness, "floating", "1.0.0/2");
        harness.Builder.Fault = call =>
        {
            if (call == $"tag {FunctionHarness.BuildArn("app", "1.0.0/2")}" && !harness.Builder.Changes.Contains("tag app/1.0.0/2 release=promoted"))
            {
                RollBack(harness, "1.0.0/1");
            }

            return null;
        };

        var result = await PhaseAsync(harness, "verify", "1.0.0/2");

        Assert.Equal("held", result.Outcome);
        Assert.Equal(["promoted", "held"],
            harness.Builder.Changes.Where(change => change.StartsWith("tag app/1.0.0/2 release=", StringComparison.Ordinal))
                .Select(change => change.Split('=')[1]));
        Assert.Equal(FunctionHarness.Digest("app 1.0.0/1"), harness.Registry.On(Repository, "latest"));
    }

    [Fact]
    public async Task Verify_DiesAfterTheHoldEndedAndRunsAgain_LeavesThePersonsChange()
    {
        var harness = WithBuild("1.0.0/1", "1.0.0/2");
        harness.Change(FunctionHarness.BuildArn("app", "1.0.0/2"),
            build => build with { Release = new ReleaseMark(ReleaseState.Promoted, 1, FunctionHarness.Now), Digest = FunctionHarness.Digest("app 1.0.0/2") });
        RollBack(harness, "1.0.0/1");
        await PhaseAsync(harness, "floating", "1.0.0/1", "rollback");
        await PhaseAsync(harness, "verify", "1.0.0/1", "rollback");
        var state = FunctionHarness.Released("app", "1.0.0/1");
        state = state with { Phase = "verify", Release = state.Release! with { Explicit = true } };

        await harness.PromoteImage(FunctionHarness.Step(state));
        var again = await harness.PromoteImage(FunctionHarness.Step(state));

        Assert.Null(harness.Builder.Pipelines.Single(pipeline => pipeline.Name == "app").Hold);
        Assert.Equal("promoted", again.Outcome);
        Assert.Equal(FunctionHarness.Digest("app 1.0.0/1"), harness.Registry.On(Repository, "latest"));
    }

    [Fact]
    public async Task Verify_OlderBuildMovedATagMeanwhile_RestoresIt()
    {
        var harness = WithBuild("1.0.0/1", "1.0.0/2");
        await PhaseAsync(harness, "version", "1.0.0/2");
        await PhaseAsync(harness, "floating", "1.0.0/2");
        harness.Registry.Move(FunctionHarness.Region, Repository, FunctionHarness.Digest("app 1.0.0/1"), "latest");

        var result = await PhaseAsync(harness, "verify", "1.0.0/2");

        Assert.Equal("promoted", result.Outcome);
        Assert.Equal(FunctionHarness.Digest("app 1.0.0/2"), harness.Registry.On(Repository, "latest"));
    }

    [Fact]
    public async Task Verify_NewerBuildWasPromotedMeanwhile_ReturnsItsTags()
    {
        var harness = WithBuild("1.0.0/1", "1.0.0/2");
        await PhaseAsync(harness, "version", "1.0.0/1");
        harness.Change(FunctionHarness.BuildArn("app", "1.0.0/2"), build => build with
        {
            Release = new ReleaseMark(ReleaseState.Promoted, 1, FunctionHarness.Now),
            Digest = FunctionHarness.Digest("app 1.0.0/2"),
        });
        harness.Registry.Move(FunctionHarness.Region, Repository, FunctionHarness.Digest("app 1.0.0/1"), "latest");
        harness.Registry.Move(FunctionHarness.Region, Repository, FunctionHarness.Digest("app 1.0.0/1"), "1");

        var result = await PhaseAsync(harness, "verify", "1.0.0/1");

        Assert.Equal("overtaken", result.Outcome);
        Assert.Equal(FunctionHarness.Digest("app 1.0.0/2"), harness.Registry.On(Repository, "latest"));
        Assert.Equal(FunctionHarness.Digest("app 1.0.0/2"), harness.Registry.On(Repository, "1"));
    }

    [Fact]
    public async Task Verify_TagMovesDuringTheWrite_IsRetriedAndThenTakenOver()
    {
        var harness = WithBuild("1.0.0/1");
        await PhaseAsync(harness, "version", "1.0.0/1");
        harness.Registry.Push(Repository, "other", FunctionHarness.Now, []);
        harness.Registry.AfterPut = () => harness.Registry.Move(FunctionHarness.Region, Repository, FunctionHarness.Digest("other"), "1");

        await Assert.ThrowsAsync<TransientException>(() => PhaseAsync(harness, "verify", "1.0.0/1"));
        Assert.DoesNotContain("tag app/1.0.0/1 release=promoted", harness.Builder.Changes);

        Assert.Equal("promoted", (await PhaseAsync(harness, "verify", "1.0.0/1")).Outcome);
        Assert.Equal(FunctionHarness.Digest("app 1.0.0/1"), harness.Registry.On(Repository, "1"));
    }

    [Fact]
    public async Task Rollback_DemotesNewerBuildsBeforeTheFirstTagMoves()
    {
        var harness = WithBuild("1.0.0/1", "1.0.0/2");
        harness.Change(FunctionHarness.BuildArn("app", "1.0.0/2"),
            build => build with { Release = new ReleaseMark(ReleaseState.Promoted, 1, FunctionHarness.Now), Digest = FunctionHarness.Digest("app 1.0.0/2") });
        harness.Registry.Move(FunctionHarness.Region, Repository, FunctionHarness.Digest("app 1.0.0/2"), "latest");
        harness.Registry.Fault = call => call.StartsWith("put", StringComparison.Ordinal) ? new TransientException("throttled") : null;

        RollBack(harness, "1.0.0/1");
        await Assert.ThrowsAsync<TransientException>(() => PhaseAsync(harness, "floating", "1.0.0/1", "rollback"));

        Assert.Contains("tag app/1.0.0/1 release=promoted", harness.Builder.Changes);
        Assert.Contains("tag app/1.0.0/2 release=rolled-back", harness.Builder.Changes);
        Assert.Equal(FunctionHarness.Digest("app 1.0.0/2"), harness.Registry.On(Repository, "latest"));
    }

    [Fact]
    public async Task Rollback_OlderBuild_MovesFloatingTagsBackAndHoldsThePipeline()
    {
        var harness = WithBuild("1.0.0/1", "1.0.0/2");
        harness.Registry.Move(FunctionHarness.Region, Repository, FunctionHarness.Digest("app 1.0.0/2"), "latest");

        RollBack(harness, "1.0.0/1");
        await PhaseAsync(harness, "version", "1.0.0/1", "rollback");
        await PhaseAsync(harness, "floating", "1.0.0/1", "rollback");
        var result = await PhaseAsync(harness, "verify", "1.0.0/1", "rollback");

        Assert.Equal("promoted", result.Outcome);
        Assert.Equal(FunctionHarness.Digest("app 1.0.0/1"), harness.Registry.On(Repository, "latest"));
    }

    [Fact]
    public async Task Rollback_HeldAndNewerPromoted_EndsAtTheOlderBuild()
    {
        var harness = WithBuild("1.0.0/1", "1.0.0/2");
        Hold(harness);
        harness.Change(FunctionHarness.BuildArn("app", "1.0.0/2"), build => build with
        {
            Release = new ReleaseMark(ReleaseState.Promoted, 1, FunctionHarness.Now),
            Digest = FunctionHarness.Digest("app 1.0.0/2"),
        });
        harness.Registry.Move(FunctionHarness.Region, Repository, FunctionHarness.Digest("app 1.0.0/2"), "latest");

        RollBack(harness, "1.0.0/1");
        await PhaseAsync(harness, "version", "1.0.0/1", "rollback");
        Assert.Equal("promoted", (await PhaseAsync(harness, "verify", "1.0.0/1", "rollback")).Outcome);
        Assert.Equal(FunctionHarness.Digest("app 1.0.0/1"), harness.Registry.On(Repository, "latest"));
    }

    [Fact]
    public async Task Explicit_Held_PromotesAndEndsTheHoldOnlyWhenAllTagsAreCorrect()
    {
        var harness = WithBuild("1.0.0/1");
        Hold(harness);
        var state = FunctionHarness.Released("app", "1.0.0/1");
        state = state with { Release = state.Release! with { Explicit = true } };

        await harness.PromoteImage(FunctionHarness.Step(state with { Phase = "version" }));
        await harness.PromoteImage(FunctionHarness.Step(state with { Phase = "floating" }));
        Assert.DoesNotContain(harness.Builder.Changes, change => change.StartsWith("untag", StringComparison.Ordinal));
        var result = await harness.PromoteImage(FunctionHarness.Step(state with { Phase = "verify" }));

        Assert.Equal("promoted", result.Outcome);
        Assert.Contains(harness.Builder.Changes, change => change.StartsWith("untag app automation:hold", StringComparison.Ordinal));
        Assert.Contains("tag app/1.0.0/1 release=promoted", harness.Builder.Changes);
    }

    [Fact]
    public async Task Explicit_OlderThanTheOwner_DoesNotMoveBackwardsAndKeepsTheHold()
    {
        var harness = WithBuild("1.0.0/1", "1.0.0/2");
        Hold(harness);
        harness.Registry.Move(FunctionHarness.Region, Repository, FunctionHarness.Digest("app 1.0.0/2"), "latest");
        harness.Registry.Move(FunctionHarness.Region, Repository, FunctionHarness.Digest("app 1.0.0/2"), "1");
        var state = FunctionHarness.Released("app", "1.0.0/1");

        var result = await harness.PromoteImage(FunctionHarness.Step(state with { Phase = "verify", Release = state.Release! with { Explicit = true } }));

        Assert.Equal("overtaken", result.Outcome);
        Assert.Empty(harness.Builder.Changes);
    }

    [Theory]
    [InlineData("VERSION")]
    [InlineData("")]
    [InlineData(null)]
    public async Task Phase_Unknown_IsInvalid(string? phase) => await Assert.ThrowsAsync<InvalidEventException>(() =>
        WithBuild("1.0.0/1").PromoteImage(FunctionHarness.Step(FunctionHarness.Released("app", "1.0.0/1") with { Phase = phase })));

    /// <summary>Read again before every phase, because the build may have changed.</summary>
    [Theory]
    [InlineData("version")]
    [InlineData("floating")]
    [InlineData("verify")]
    public async Task AnyPhase_BuildIsDeprecatedMissingOrAnotherImage_StopsWithTheReasonAndMovesNothing(string phase)
    {
        var harness = WithBuild("1.0.0/1");
        async Task<string> CodeAsync()
        {
            var result = await PhaseAsync(harness, phase, "1.0.0/1");
            Assert.True(result.Stopped);
            return result.Reasons[0].Code;
        }

        harness.Change(FunctionHarness.BuildArn("app", "1.0.0/1"), build => build with { State = BuildState.Deprecated });
        Assert.Equal("build-deprecated", await CodeAsync());
        harness.Change(FunctionHarness.BuildArn("app", "1.0.0/1"), build => build with { State = BuildState.Disabled });
        Assert.Equal("build-disabled", await CodeAsync());
        harness.Change(
            FunctionHarness.BuildArn("app", "1.0.0/1"), build => build with { State = BuildState.Available, Digest = FunctionHarness.Digest("other") });
        Assert.Equal("digest-changed", await CodeAsync());
        harness.Builder.Builds.Clear();
        Assert.Equal("build-gone", await CodeAsync());
        Assert.Empty(harness.Registry.Changes);
        Assert.Empty(harness.Builder.Changes);
    }

    [Fact]
    public async Task Repository_MissingInTheRegion_IsAConflictThatSaysSo()
    {
        var harness = WithBuild("1.0.0/1");
        harness.Registry.Drop(Repository);

        var fault = await Assert.ThrowsAsync<TagConflictException>(() => PhaseAsync(harness, "version", "1.0.0/1"));

        Assert.Contains("there is no repository images/app", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Put_IsThrottledInTheMiddle_TheNextRunFinishes()
    {
        var harness = WithBuild("1.0.0/1");
        harness.Registry.Fault = call =>
            call.EndsWith("put us-east-1 images/app:latest", StringComparison.Ordinal) ? new TransientException("throttled") : null;
        await Assert.ThrowsAsync<TransientException>(() => PhaseAsync(harness, "floating", "1.0.0/1"));

        harness.Registry.Fault = null;
        var result = await PhaseAsync(harness, "floating", "1.0.0/1");

        Assert.Equal([("1", "present"), ("latest", "put")], result.Steps.Select(step => (step.Tag, step.Action)));
    }

    private static FunctionHarness WithBuild(params string[] versions)
    {
        var harness = new FunctionHarness();
        foreach (var version in versions)
        {
            harness.Built("app", version);
        }

        return harness;
    }

    private static void Hold(FunctionHarness harness)
    {
        var at = harness.Builder.Pipelines.FindIndex(pipeline => pipeline.Name == "app");
        harness.Builder.Pipelines[at] = harness.Builder.Pipelines[at] with { Hold = new Hold("incident 7", HoldScope.Promotion) };
    }

    // What InspectImage writes for a rollback, or marks for a release.
    private static void RollBack(FunctionHarness harness, string version)
    {
        var at = harness.Builder.Pipelines.FindIndex(pipeline => pipeline.Name == "app");
        var hold = Rollback.CreateHold(ImageVersion.Parse(version), harness.Builder.Pipelines[at].Hold, "execution-1", FunctionHarness.Now);
        harness.Builder.Pipelines[at] = harness.Builder.Pipelines[at] with { Hold = hold };
        harness.Change(FunctionHarness.BuildArn("app", version), build => build with { Digest = FunctionHarness.Digest($"app {version}") });
    }

    private static Task<PromoteImageResult> PhaseAsync(FunctionHarness harness, string phase, string version, string action = "release") =>
        harness.PromoteImage(FunctionHarness.Step(FunctionHarness.Released("app", version) with { Action = action, Phase = phase }));
}
