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
        var house = WithBuild("1.0.0/1");

        var result = await PhaseAsync(house, "version", "1.0.0/1");

        Assert.Equal(["put us-east-1 images/app:1.0.0-20260105.1"], house.Registry.Changes);
        Assert.Equal((FunctionHarness.Now, false), (result.At, result.Stopped));
    }

    [Fact]
    public async Task Phases_Repeated_WriteEverythingOnce()
    {
        var house = WithBuild("1.0.0/1");
        foreach (var phase in (string[])["version", "version", "floating", "floating", "verify", "verify"])
        {
            await PhaseAsync(house, phase, "1.0.0/1");
        }

        Assert.Equal(
            ["put us-east-1 images/app:1.0.0-20260105.1", "put us-east-1 images/app:1", "put us-east-1 images/app:latest"],
            house.Registry.Changes);
    }

    [Fact]
    public async Task Version_TagIsOnAnotherDigest_IsAConflictAndNothingMoves()
    {
        var house = WithBuild("1.0.0/1");
        house.Registry.Push(Repository, "pushed by hand", FunctionHarness.Now, ["1.0.0-20260105.1"]);

        var fault = await Assert.ThrowsAsync<TagConflictException>(() => PhaseAsync(house, "version", "1.0.0/1"));

        Assert.Contains("images/app:1.0.0-20260105.1 in us-east-1", fault.Message, StringComparison.Ordinal);
        Assert.Empty(house.Registry.Changes);
    }

    [Fact]
    public async Task Floating_OneTagIsImmutableOnAnotherDigest_MovesNoTag()
    {
        var house = WithBuild("1.0.0/1");
        house.Registry.Push(Repository, "other", FunctionHarness.Now, ["latest"]);
        house.Registry.Immutable.Add(Repository);

        await Assert.ThrowsAsync<TagConflictException>(() => PhaseAsync(house, "floating", "1.0.0/1"));

        Assert.Empty(house.Registry.Changes);
        Assert.Equal(FunctionHarness.Digest("other"), house.Registry.On(Repository, "latest"));
    }

    /// <summary>A release announces that no tag was moved, so none may be when the verification finds the conflict.</summary>
    [Fact]
    public async Task Floating_VersionTagWasTakenSinceItStood_MovesNothing()
    {
        var house = WithBuild("1.0.0/1");
        await PhaseAsync(house, "version", "1.0.0/1");
        house.Registry.Push(Repository, "pushed by hand", FunctionHarness.Now, ["1.0.0-20260105.1"]);

        await Assert.ThrowsAsync<TagConflictException>(() => PhaseAsync(house, "floating", "1.0.0/1"));

        Assert.Null(house.Registry.On(Repository, "latest"));
    }

    [Fact]
    public async Task Floating_TagIsOnANewerBuild_IsOvertakenAndStays()
    {
        var house = WithBuild("1.0.0/1", "1.0.0/2");
        house.Registry.Move(FunctionHarness.Region, Repository, FunctionHarness.Digest("app 1.0.0/2"), "latest");
        house.Registry.Move(FunctionHarness.Region, Repository, FunctionHarness.Digest("app 1.0.0/2"), "1");

        var result = await PhaseAsync(house, "floating", "1.0.0/1");

        Assert.Equal("overtaken", result.Outcome);
        Assert.All(result.Steps, step => Assert.Equal("not-forward", step.Action));
        Assert.Empty(house.Registry.Changes);
    }

    [Fact]
    public async Task Floating_Held_Stays()
    {
        var house = WithBuild("1.0.0/1");
        Hold(house);

        var result = await PhaseAsync(house, "floating", "1.0.0/1");

        Assert.Equal("held", result.Outcome);
        Assert.Empty(house.Registry.Changes);
    }

    [Fact]
    public async Task Soak_CountsFromTheVersionTagsAndNotForAnExplicitPromotion()
    {
        var house = new FunctionHarness(ImageCatalog.Parse("""
            {"repositories":[{"name":"golden/base","watchTags":["stable"]}],"images":[
             {"name":"app","from":"golden/base:stable","repository":"images/app","pipeline":{"recipeVersion":"1.0.0"},
              "promote":{"versionTags":["{version}-r{build}"],"floatingTags":["latest"],"soakHours":4}}]}
            """));
        house.Built("app", "1.0.0/1");
        var state = FunctionHarness.Released("app", "1.0.0/1") with { Phase = "version" };

        var first = await house.PromoteImage(FunctionHarness.Step(state));
        var again = await house.PromoteImage(FunctionHarness.Step(state, FunctionHarness.Now.AddHours(3)));
        var floating = await house.PromoteImage(FunctionHarness.Step(state with { Phase = "floating" }, FunctionHarness.Now.AddHours(3)));
        var explicitly = await house.PromoteImage(FunctionHarness.Step(state with { Release = state.Release! with { Explicit = true } }, FunctionHarness.Now.AddHours(3)));
        var over = await house.PromoteImage(FunctionHarness.Step(state, FunctionHarness.Now.AddHours(4)));
        var done = await house.PromoteImage(FunctionHarness.Step(state with { Phase = "floating" }, FunctionHarness.Now.AddHours(4)));

        Assert.Equal([FunctionHarness.Now.AddHours(4), FunctionHarness.Now.AddHours(4), null, null], new[] { first, again, explicitly, over }.Select(step => step.WaitUntil));
        Assert.Single(house.Builder.Changes, "tag app/1.0.0/1 version-tags-at=2026-01-05T08:30:00Z");
        Assert.Equal(("soaking", "put"), (Assert.Single(floating.Steps).Action, Assert.Single(done.Steps).Action));
    }

    [Fact]
    public async Task Version_BeforeTheFirstTagMoves_WritesTheClearance()
    {
        var house = WithBuild("1.0.0/1");
        house.Registry.Fault = call => call.StartsWith("put", StringComparison.Ordinal) ? new TransientException("throttled") : null;

        await Assert.ThrowsAsync<TransientException>(() => PhaseAsync(house, "version", "1.0.0/1"));

        Assert.Equal(["tag app/1.0.0/1 cleared-at=2026-01-05T08:30:00Z", $"tag app/1.0.0/1 cleared-digest={FunctionHarness.Digest("app 1.0.0/1")}"], house.Builder.Changes);
    }

    [Fact]
    public async Task Verify_AllTagsAreCorrect_IsPromoted()
    {
        var house = WithBuild("1.0.0/1");
        await PhaseAsync(house, "version", "1.0.0/1");
        await PhaseAsync(house, "floating", "1.0.0/1");

        var result = await PhaseAsync(house, "verify", "1.0.0/1");

        Assert.Equal(("verify", "promoted"), (result.Phase, result.Outcome));
        Assert.All(result.Steps, step => Assert.Equal("present", step.Action));
        Assert.Contains("tag app/1.0.0/1 release=promoted", house.Builder.Changes);
        Assert.Contains($"tag app/1.0.0/1 digest={FunctionHarness.Digest("app 1.0.0/1")}", house.Builder.Changes);
    }

    [Fact]
    public async Task Verify_WritesPromotedAndReadsOnceMore()
    {
        var house = WithBuild("1.0.0/1", "1.0.0/2");
        await PhaseAsync(house, "version", "1.0.0/1");
        await PhaseAsync(house, "floating", "1.0.0/1");
        house.Builder.Fault = call =>
        {
            // The newer build is promoted at the very moment at which the older one is marked.
            if (call == $"tag {FunctionHarness.BuildArn("app", "1.0.0/1")}")
            {
                house.Change(FunctionHarness.BuildArn("app", "1.0.0/2"), build => build with { Release = new ReleaseMark(ReleaseState.Promoted, 1, FunctionHarness.Now), Digest = FunctionHarness.Digest("app 1.0.0/2") });
            }

            return null;
        };

        var result = await PhaseAsync(house, "verify", "1.0.0/1");

        Assert.Equal("overtaken", result.Outcome);
        Assert.Equal(FunctionHarness.Digest("app 1.0.0/2"), house.Registry.On(Repository, "latest"));
    }

    [Fact]
    public async Task Verify_HoldWasSetMeanwhile_ReturnsTheTagsToTheirOwner()
    {
        var house = WithBuild("1.0.0/1", "1.0.0/2");
        house.Change(FunctionHarness.BuildArn("app", "1.0.0/1"), build => build with { Release = new ReleaseMark(ReleaseState.Promoted, 1, FunctionHarness.Now), Digest = FunctionHarness.Digest("app 1.0.0/1") });
        await PhaseAsync(house, "version", "1.0.0/2");
        await PhaseAsync(house, "floating", "1.0.0/2");
        Hold(house);

        var result = await PhaseAsync(house, "verify", "1.0.0/2");

        Assert.Equal("held", result.Outcome);
        Assert.Equal(FunctionHarness.Digest("app 1.0.0/1"), house.Registry.On(Repository, "latest"));
        Assert.DoesNotContain("tag app/1.0.0/2 release=promoted", house.Builder.Changes);
    }

    [Fact]
    public async Task Verify_RollbackBeganJustBeforeTheMark_WithdrawsMarkAndTags()
    {
        var house = WithBuild("1.0.0/1", "1.0.0/2");
        house.Change(FunctionHarness.BuildArn("app", "1.0.0/1"), build => build with { Release = new ReleaseMark(ReleaseState.Promoted, 1, FunctionHarness.Now), Digest = FunctionHarness.Digest("app 1.0.0/1") });
        await PhaseAsync(house, "version", "1.0.0/2");
        await PhaseAsync(house, "floating", "1.0.0/2");
        house.Builder.Fault = call =>
        {
            if (call == $"tag {FunctionHarness.BuildArn("app", "1.0.0/2")}" && !house.Builder.Changes.Contains("tag app/1.0.0/2 release=promoted"))
            {
                RollBack(house, "1.0.0/1");
            }

            return null;
        };

        var result = await PhaseAsync(house, "verify", "1.0.0/2");

        Assert.Equal("held", result.Outcome);
        Assert.Equal(["promoted", "held"], house.Builder.Changes.Where(change => change.StartsWith("tag app/1.0.0/2 release=", StringComparison.Ordinal)).Select(change => change.Split('=')[1]));
        Assert.Equal(FunctionHarness.Digest("app 1.0.0/1"), house.Registry.On(Repository, "latest"));
    }

    [Fact]
    public async Task Verify_DiesAfterTheHoldEndedAndRunsAgain_LeavesThePersonsChange()
    {
        var house = WithBuild("1.0.0/1", "1.0.0/2");
        house.Change(FunctionHarness.BuildArn("app", "1.0.0/2"), build => build with { Release = new ReleaseMark(ReleaseState.Promoted, 1, FunctionHarness.Now), Digest = FunctionHarness.Digest("app 1.0.0/2") });
        RollBack(house, "1.0.0/1");
        await PhaseAsync(house, "floating", "1.0.0/1", "rollback");
        await PhaseAsync(house, "verify", "1.0.0/1", "rollback");
        var state = FunctionHarness.Released("app", "1.0.0/1");
        state = state with { Phase = "verify", Release = state.Release! with { Explicit = true } };

        await house.PromoteImage(FunctionHarness.Step(state));
        var again = await house.PromoteImage(FunctionHarness.Step(state));

        Assert.Null(house.Builder.Pipelines.Single(pipeline => pipeline.Name == "app").Hold);
        Assert.Equal("promoted", again.Outcome);
        Assert.Equal(FunctionHarness.Digest("app 1.0.0/1"), house.Registry.On(Repository, "latest"));
    }

    [Fact]
    public async Task Verify_OlderBuildMovedATagMeanwhile_RestoresIt()
    {
        var house = WithBuild("1.0.0/1", "1.0.0/2");
        await PhaseAsync(house, "version", "1.0.0/2");
        await PhaseAsync(house, "floating", "1.0.0/2");
        house.Registry.Move(FunctionHarness.Region, Repository, FunctionHarness.Digest("app 1.0.0/1"), "latest");

        var result = await PhaseAsync(house, "verify", "1.0.0/2");

        Assert.Equal("promoted", result.Outcome);
        Assert.Equal(FunctionHarness.Digest("app 1.0.0/2"), house.Registry.On(Repository, "latest"));
    }

    [Fact]
    public async Task Verify_NewerBuildWasPromotedMeanwhile_ReturnsItsTags()
    {
        var house = WithBuild("1.0.0/1", "1.0.0/2");
        await PhaseAsync(house, "version", "1.0.0/1");
        house.Change(FunctionHarness.BuildArn("app", "1.0.0/2"), build => build with
        {
            Release = new ReleaseMark(ReleaseState.Promoted, 1, FunctionHarness.Now),
            Digest = FunctionHarness.Digest("app 1.0.0/2"),
        });
        house.Registry.Move(FunctionHarness.Region, Repository, FunctionHarness.Digest("app 1.0.0/1"), "latest");
        house.Registry.Move(FunctionHarness.Region, Repository, FunctionHarness.Digest("app 1.0.0/1"), "1");

        var result = await PhaseAsync(house, "verify", "1.0.0/1");

        Assert.Equal("overtaken", result.Outcome);
        Assert.Equal(FunctionHarness.Digest("app 1.0.0/2"), house.Registry.On(Repository, "latest"));
        Assert.Equal(FunctionHarness.Digest("app 1.0.0/2"), house.Registry.On(Repository, "1"));
    }

    [Fact]
    public async Task Verify_TagMovesDuringTheWrite_IsRetriedAndThenTakenOver()
    {
        var house = WithBuild("1.0.0/1");
        await PhaseAsync(house, "version", "1.0.0/1");
        house.Registry.Push(Repository, "other", FunctionHarness.Now, []);
        house.Registry.AfterPut = () => house.Registry.Move(FunctionHarness.Region, Repository, FunctionHarness.Digest("other"), "1");

        await Assert.ThrowsAsync<TransientException>(() => PhaseAsync(house, "verify", "1.0.0/1"));
        Assert.DoesNotContain("tag app/1.0.0/1 release=promoted", house.Builder.Changes);

        Assert.Equal("promoted", (await PhaseAsync(house, "verify", "1.0.0/1")).Outcome);
        Assert.Equal(FunctionHarness.Digest("app 1.0.0/1"), house.Registry.On(Repository, "1"));
    }

    [Fact]
    public async Task Rollback_DemotesNewerBuildsBeforeTheFirstTagMoves()
    {
        var house = WithBuild("1.0.0/1", "1.0.0/2");
        house.Change(FunctionHarness.BuildArn("app", "1.0.0/2"), build => build with { Release = new ReleaseMark(ReleaseState.Promoted, 1, FunctionHarness.Now), Digest = FunctionHarness.Digest("app 1.0.0/2") });
        house.Registry.Move(FunctionHarness.Region, Repository, FunctionHarness.Digest("app 1.0.0/2"), "latest");
        house.Registry.Fault = call => call.StartsWith("put", StringComparison.Ordinal) ? new TransientException("throttled") : null;

        RollBack(house, "1.0.0/1");
        await Assert.ThrowsAsync<TransientException>(() => PhaseAsync(house, "floating", "1.0.0/1", "rollback"));

        Assert.Contains("tag app/1.0.0/1 release=promoted", house.Builder.Changes);
        Assert.Contains("tag app/1.0.0/2 release=rolled-back", house.Builder.Changes);
        Assert.Equal(FunctionHarness.Digest("app 1.0.0/2"), house.Registry.On(Repository, "latest"));
    }

    [Fact]
    public async Task Rollback_OlderBuild_MovesFloatingTagsBackAndHoldsThePipeline()
    {
        var house = WithBuild("1.0.0/1", "1.0.0/2");
        house.Registry.Move(FunctionHarness.Region, Repository, FunctionHarness.Digest("app 1.0.0/2"), "latest");

        RollBack(house, "1.0.0/1");
        await PhaseAsync(house, "version", "1.0.0/1", "rollback");
        await PhaseAsync(house, "floating", "1.0.0/1", "rollback");
        var result = await PhaseAsync(house, "verify", "1.0.0/1", "rollback");

        Assert.Equal("promoted", result.Outcome);
        Assert.Equal(FunctionHarness.Digest("app 1.0.0/1"), house.Registry.On(Repository, "latest"));
    }

    [Fact]
    public async Task Rollback_HeldAndNewerPromoted_EndsAtTheOlderBuild()
    {
        var house = WithBuild("1.0.0/1", "1.0.0/2");
        Hold(house);
        house.Change(FunctionHarness.BuildArn("app", "1.0.0/2"), build => build with
        {
            Release = new ReleaseMark(ReleaseState.Promoted, 1, FunctionHarness.Now),
            Digest = FunctionHarness.Digest("app 1.0.0/2"),
        });
        house.Registry.Move(FunctionHarness.Region, Repository, FunctionHarness.Digest("app 1.0.0/2"), "latest");

        RollBack(house, "1.0.0/1");
        await PhaseAsync(house, "version", "1.0.0/1", "rollback");
        Assert.Equal("promoted", (await PhaseAsync(house, "verify", "1.0.0/1", "rollback")).Outcome);
        Assert.Equal(FunctionHarness.Digest("app 1.0.0/1"), house.Registry.On(Repository, "latest"));
    }

    [Fact]
    public async Task Explicit_Held_PromotesAndEndsTheHoldOnlyWhenAllTagsAreCorrect()
    {
        var house = WithBuild("1.0.0/1");
        Hold(house);
        var state = FunctionHarness.Released("app", "1.0.0/1");
        state = state with { Release = state.Release! with { Explicit = true } };

        await house.PromoteImage(FunctionHarness.Step(state with { Phase = "version" }));
        await house.PromoteImage(FunctionHarness.Step(state with { Phase = "floating" }));
        Assert.DoesNotContain(house.Builder.Changes, change => change.StartsWith("untag", StringComparison.Ordinal));
        var result = await house.PromoteImage(FunctionHarness.Step(state with { Phase = "verify" }));

        Assert.Equal("promoted", result.Outcome);
        Assert.Contains(house.Builder.Changes, change => change.StartsWith("untag app automation:hold", StringComparison.Ordinal));
        Assert.Contains("tag app/1.0.0/1 release=promoted", house.Builder.Changes);
    }

    [Fact]
    public async Task Explicit_OlderThanTheOwner_DoesNotMoveBackwardsAndKeepsTheHold()
    {
        var house = WithBuild("1.0.0/1", "1.0.0/2");
        Hold(house);
        house.Registry.Move(FunctionHarness.Region, Repository, FunctionHarness.Digest("app 1.0.0/2"), "latest");
        house.Registry.Move(FunctionHarness.Region, Repository, FunctionHarness.Digest("app 1.0.0/2"), "1");
        var state = FunctionHarness.Released("app", "1.0.0/1");

        var result = await house.PromoteImage(FunctionHarness.Step(state with { Phase = "verify", Release = state.Release! with { Explicit = true } }));

        Assert.Equal("overtaken", result.Outcome);
        Assert.Empty(house.Builder.Changes);
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
        var house = WithBuild("1.0.0/1");
        async Task<string> CodeAsync()
        {
            var result = await PhaseAsync(house, phase, "1.0.0/1");
            Assert.True(result.Stopped);
            return result.Reasons[0].Code;
        }

        house.Change(FunctionHarness.BuildArn("app", "1.0.0/1"), build => build with { State = BuildState.Deprecated });
        Assert.Equal("build-deprecated", await CodeAsync());
        house.Change(FunctionHarness.BuildArn("app", "1.0.0/1"), build => build with { State = BuildState.Disabled });
        Assert.Equal("build-disabled", await CodeAsync());
        house.Change(FunctionHarness.BuildArn("app", "1.0.0/1"), build => build with { State = BuildState.Available, Digest = FunctionHarness.Digest("other") });
        Assert.Equal("digest-changed", await CodeAsync());
        house.Builder.Builds.Clear();
        Assert.Equal("build-gone", await CodeAsync());
        Assert.Empty(house.Registry.Changes);
        Assert.Empty(house.Builder.Changes);
    }

    [Fact]
    public async Task Repository_MissingInTheRegion_IsAConflictThatSaysSo()
    {
        var house = WithBuild("1.0.0/1");
        house.Registry.Drop(Repository);

        var fault = await Assert.ThrowsAsync<TagConflictException>(() => PhaseAsync(house, "version", "1.0.0/1"));

        Assert.Contains("there is no repository images/app", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Put_IsThrottledInTheMiddle_TheNextRunFinishes()
    {
        var house = WithBuild("1.0.0/1");
        house.Registry.Fault = call => call.EndsWith("put us-east-1 images/app:latest", StringComparison.Ordinal) ? new TransientException("throttled") : null;
        await Assert.ThrowsAsync<TransientException>(() => PhaseAsync(house, "floating", "1.0.0/1"));

        house.Registry.Fault = null;
        var result = await PhaseAsync(house, "floating", "1.0.0/1");

        Assert.Equal([("1", "present"), ("latest", "put")], result.Steps.Select(step => (step.Tag, step.Action)));
    }

    private static FunctionHarness WithBuild(params string[] versions)
    {
        var house = new FunctionHarness();
        foreach (var version in versions)
        {
            house.Built("app", version);
        }

        return house;
    }

    private static void Hold(FunctionHarness house)
    {
        var at = house.Builder.Pipelines.FindIndex(pipeline => pipeline.Name == "app");
        house.Builder.Pipelines[at] = house.Builder.Pipelines[at] with { Hold = new Hold("incident 7", HoldScope.Promotion) };
    }

    // What InspectImage writes for a rollback, or marks for a release.
    private static void RollBack(FunctionHarness house, string version)
    {
        var at = house.Builder.Pipelines.FindIndex(pipeline => pipeline.Name == "app");
        var hold = Rollback.CreateHold(ImageVersion.Parse(version), house.Builder.Pipelines[at].Hold, "execution-1", FunctionHarness.Now);
        house.Builder.Pipelines[at] = house.Builder.Pipelines[at] with { Hold = hold };
        house.Change(FunctionHarness.BuildArn("app", version), build => build with { Digest = FunctionHarness.Digest($"app {version}") });
    }

    private static Task<PromoteImageResult> PhaseAsync(FunctionHarness house, string phase, string version, string action = "release") =>
        house.PromoteImage(FunctionHarness.Step(FunctionHarness.Released("app", version) with { Action = action, Phase = phase }));
}
