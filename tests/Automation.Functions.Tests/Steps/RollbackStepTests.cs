using Automation.Core;
using Automation.Core.Builds;
using static Automation.Functions.Tests.Steps.PromotionSteps;

namespace Automation.Functions.Tests.Steps;

/// <summary>Rollbacks and explicit promotions, which differ from releases in what they may move.</summary>
public sealed class RollbackStepTests
{
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
}
