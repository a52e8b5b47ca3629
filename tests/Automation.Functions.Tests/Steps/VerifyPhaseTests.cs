using Automation.Core;
using Automation.Core.Builds;
using static Automation.Functions.Tests.Steps.PromotionSteps;

namespace Automation.Functions.Tests.Steps;

/// <summary>The last phase of a promotion: it reads every tag back and marks the build as promoted.</summary>
public sealed class VerifyPhaseTests
{
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
}
