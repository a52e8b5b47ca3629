using Automation.Simulation.World;

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

    /// <summary>Found by seed 413: the rollback waits for a Region, and its target carries no tag there yet.</summary>
    [Fact]
    public Task TargetOfARollbackThatWaitsForARegion_IsKeptByRetention() => Holds(
        new Setup { TwoRegions = true, Delete = true },
        new PushBase(1),
        new Wait(1),
        new PushBase(2),
        new Wait(45),
        new RegionFails("eu-west-1", true),
        new Rollback("app", 1),
        new Wait(1450));

    /// <summary>Found by seed 1100: the record of the promoted build is deleted, and the build before it owns the tags.</summary>
    [Fact]
    public Task BuildThatOwnsTheTags_SinceTheRecordOfANewerOneWasDeleted_IsKeptByRetention() => Holds(
        new Setup { Approval = true, Delete = true },
        new PushBase(1),
        new Wait(25),
        new Approve("app"),
        new PushBase(2),
        new Wait(25),
        new Approve("app"),
        new Wait(1),
        new PushBase(4),
        new DeleteRecord("app", 2),
        new Wait(1500),
        new PushBase(2));

    /// <summary>Found by seed 3692: a build that soaks is asked for again, and the gate blocks it.</summary>
    [Fact]
    public Task BuildThatSoaks_AndIsBlockedMeanwhile_IsNotPromoted() => Holds(
        new Setup { Gate = true, Soak = true },
        new PushBase(1),
        new Wait(45),
        new SetVulnerable("app", 1, true),
        new Promote("app", 1));

    /// <summary>A build that soaks is asked for again, and a person rejects it.</summary>
    [Fact]
    public Task BuildThatSoaks_AndIsRejectedMeanwhile_IsNotPromoted() => Holds(
        new Setup { Approval = true, Soak = true },
        new PushBase(1),
        new Wait(25),
        new Approve("app"),
        new Wait(20),
        new Promote("app", 1),
        new Wait(5),
        new Reject("app"));

    /// <summary>Found by seed 5071: only a rollback takes back what was promoted, so its tags stay on it.</summary>
    [Fact]
    public Task PromotedBuild_BlockedWhenAskedForAgain_KeepsItsTags() => Holds(
        new Setup { Gate = true },
        new PushBase(1),
        new Wait(25),
        new PushBase(2),
        new Wait(45),
        new SetVulnerable("app", 2, true),
        new Promote("app", 2),
        new DeleteTag("app", "us-east-1", "latest"));

    /// <summary>Found by seed 132: Announce itself cannot reach Image Builder.</summary>
    [Fact]
    public Task RejectionThatAnnounceCannotWriteDown_IsTold() => Holds(
        new Setup { Approval = true },
        new PushBase(3),
        new Wait(25),
        new RegionFails("us-east-1", true),
        new Reject("app"),
        new Wait(25));

    /// <summary>Found by seed 214: Announce cannot read what people know already.</summary>
    [Fact]
    public Task FailedBuild_WhileStepFunctionsThrottles_IsTold() => Holds(
        new Setup(),
        new Wait(45),
        new BuildsFail("app", 1, false),
        new PushBase(4),
        new Fault(FaultKind.Throttle, "states", null, 2, 12, false),
        new Wait(45));

    /// <summary>Found by seed 3711: the execution that is to tell an obstacle cannot.</summary>
    [Fact]
    public Task ImageDeletedInARegion_WhileAnnounceCannotReadTheBuild_IsToldByTheReconcile() => Holds(
        new Setup { TwoRegions = true },
        new PushBase(1),
        new Wait(30),
        new PushBase(2),
        new Wait(45),
        new DeleteImage("app", "eu-west-1", 2),
        new Fault(FaultKind.Throttle, "imagebuilder", "FindRecord", 0, 10, true),
        new Wait(90));

    /// <summary>Found by seed 912: two incidents of one area take turns within an hour.</summary>
    [Fact]
    public Task TagsThatCannotMove_WithANewReleaseFailingMeanwhile_AreTold() => Holds(
        new Setup(),
        new PushBase(1),
        new Wait(50),
        new PushBase(4),
        new Wait(1),
        new Steps(1),
        new PushStranger("app", "us-east-1", "1.0"),
        new Promote("app", 1),
        new SetImmutable("app", "us-east-1", true),
        new Wait(1));

    /// <summary>Found by seed 710: the reconcile called an incident over while its release was running.</summary>
    [Fact]
    public Task ReleaseThatFails_WhileAReconcileLooks_IsNotCalledOver() => Holds(
        new Setup(),
        new Wait(100),
        new PushBase(2),
        new Wait(1),
        new Steps(1),
        new Wait(1),
        new DeleteTag("app", "us-east-1", "latest"),
        new Fault(FaultKind.Denied, "ecr", null, 4, 1, true),
        new Steps(4));

    /// <summary>Found by seed 6387: a promotion that waits for a Region answered with neither a step nor a reason.</summary>
    [Fact]
    public Task TagsThatWaitForARegion_HaveAReason() => Holds(
        new Setup { TwoRegions = true },
        new PushBase(1),
        new Wait(45),
        new PushBase(2),
        new Wait(45),
        new DeleteRecord("app", 2),
        new Steps(1),
        new RegionFails("eu-west-1", true),
        new Wait(1));

    /// <summary>Found by seed 837: a promote begins, and cannot write that down, while a prune is due.</summary>
    [Fact]
    public Task PromoteThatBegins_WhileAPruneIsDue_IsPromotedOrTold() => Holds(
        new Setup { Child = true, Delete = true },
        new PushBase(1),
        new Wait(25),
        new PushBase(2),
        new Wait(45),
        new RegionFails("us-east-1", true),
        new Wait(1500),
        new Promote("child", 1),
        new Wait(1));

    /// <summary>Found by seed 5960: the child's base tag is on an image that no build of the parent made.</summary>
    [Fact]
    public Task ImageThatNoBuildMade_UnderTheParentsTag_IsNoBaseOfTheChild() => Holds(
        new Setup { Child = true },
        new PushStranger("app", "us-east-1", "latest"));

    private static Task Holds(Setup setup, params Move[] moves)
    {
        var outcome = Runner.Run(new History(setup, moves));
        Assert.Null(outcome.Broken);
        return Task.CompletedTask;
    }
}
