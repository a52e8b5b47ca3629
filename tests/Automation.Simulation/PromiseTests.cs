namespace Automation.Simulation;

/// <summary>Histories that broke a promise once, shrunk, as the simulation printed them.</summary>
public sealed class PromiseTests
{
    [Fact]
    public Task TwoBases_AreBuiltAndPromoted_OneAfterTheOther() => Holds(
        new Setup { Gate = true, TwoRegions = true, Child = true },
        new PushBase(1),
        new Wait(45),
        new PushBase(2),
        new Wait(45));

    /// <summary>Found by seed 2651: a hold that no rollback has set took back every build that was promoted before.</summary>
    [Fact]
    public Task PromotedBuild_AskedForOnceMoreUnderAHoldSetByHand_TakesNoOtherBuildBack() => Holds(
        new Setup(),
        new PushBase(1),
        new Wait(1),
        new PushBase(2),
        new Wait(45),
        new SetHold("app", false),
        new Promote("app", 2),
        new Wait(45));

    /// <summary>Issue 11, V4: a rollback to a build that soaks moved the tags forward.</summary>
    [Fact]
    public Task RollbackToABuildThatSoaks_MovesNothingForward() => Holds(
        new Setup { Soak = true },
        new PushBase(1),
        new Wait(400),
        new PushBase(2),
        new Wait(45),
        new Rollback("app", 2),
        new Wait(45));

    /// <summary>Issue 11, V3: one Region's repository is immutable, and the tags moved in the other one.</summary>
    [Fact]
    public Task RepositoryMadeImmutableInOneRegion_NothingMovesInTheOther() => Holds(
        new Setup { TwoRegions = true },
        new PushBase(1),
        new Wait(45),
        new PushBase(2),
        new SetImmutable("app", "eu-west-1", true),
        new Wait(45));

    /// <summary>Issue 11, V8 and V9: a build that is retired, or whose record is deleted, while it soaks.</summary>
    [Fact]
    public Task BuildRetiredWhileItSoaks_IsNotPromoted() => Holds(
        new Setup { Soak = true },
        new PushBase(1),
        new Wait(25),
        new SetState("app", 1, HandState.Disabled),
        new Wait(400),
        new PushBase(2),
        new Wait(45),
        new DeleteRecord("app", 2));

    /// <summary>Issue 11, V5: a stranger builds the stack's own recipe.</summary>
    [Fact]
    public Task ImageThatOthersBuiltOfTheSameRecipe_IsKept() => Holds(
        new Setup { Delete = true },
        new StrangersBuild("app"),
        new Wait(2900));

    private static Task Holds(Setup setup, params Move[] moves)
    {
        var outcome = Runner.Run(new History(setup, moves));
        Assert.Null(outcome.Broken);
        return Task.CompletedTask;
    }
}
