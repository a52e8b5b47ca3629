using Automation.Simulation.Embedded;
using Automation.Simulation.World;

namespace Automation.Simulation;

/// <summary>Histories that once broke a promise, shrunk, as the simulation printed them.</summary>
public sealed class PromiseTests
{
    [Fact]
    public Task TwoBases_AreBuiltAndPromotedOneAfterTheOther() => Holds(
        new Setup { Gate = true, TwoRegions = true, Child = true },
        new PushBase(1),
        new Wait(45),
        new PushBase(2),
        new Wait(45));

    /// <summary>Found by seed 2651: a hold that no rollback had set demoted every build that was promoted before.</summary>
    [Fact]
    public Task PromotedBuild_PromotedAgainUnderAHoldSetByHand_DemotesNoOther() => Holds(
        new Setup(),
        new PushBase(1),
        new Wait(1),
        new PushBase(2),
        new Wait(45),
        new SetHold("app", false),
        new Promote("app", 2),
        new Wait(45));

    /// <summary>A rollback to a build in its soak moved the tags forward.</summary>
    [Fact]
    public Task RollbackToABuildInItsSoak_MovesNothingForward() => Holds(
        new Setup { Soak = true },
        new PushBase(1),
        new Wait(400),
        new PushBase(2),
        new Wait(45),
        new Rollback("app", 2),
        new Wait(45));

    /// <summary>One Region's repository was immutable, but the tags moved in the other one.</summary>
    [Fact]
    public Task RepositoryMadeImmutableInOneRegion_NothingMovesInTheOther() => Holds(
        new Setup { TwoRegions = true },
        new PushBase(1),
        new Wait(45),
        new PushBase(2),
        new SetImmutable("app", "eu-west-1", true),
        new Wait(45));

    /// <summary>A build that is deprecated, or loses its record, during its soak.</summary>
    [Fact]
    public Task BuildDeprecatedDuringItsSoak_IsNotPromoted() => Holds(
        new Setup { Soak = true },
        new PushBase(1),
        new Wait(25),
        new SetState("app", 1, ManualState.Disabled),
        new Wait(400),
        new PushBase(2),
        new Wait(45),
        new DeleteRecord("app", 2));

    /// <summary>Another team builds the stack's own recipe.</summary>
    [Fact]
    public Task ForeignImageOfTheSameRecipe_IsKept() => Holds(
        new Setup { Delete = true },
        new ForeignBuild("app"),
        new Wait(2900));

    /// <summary>Found by seed 413: the rollback waits for a Region in which its target has no tag yet.</summary>
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

    /// <summary>Found by seed 1100: the record of the promoted build is deleted, and the previous build owns the tags.</summary>
    [Fact]
    public Task BuildThatBecameOwnerByADeletedRecord_IsKeptByRetention() => Holds(
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

    /// <summary>Found by seed 3692: a build in its soak is promoted again, and the gate blocks it.</summary>
    [Fact]
    public Task BuildInItsSoak_BlockedMeanwhile_IsNotPromoted() => Holds(
        new Setup { Gate = true, Soak = true },
        new PushBase(1),
        new Wait(45),
        new SetVulnerable("app", 1, true),
        new Promote("app", 1));

    /// <summary>A build in its soak is promoted again, and a person rejects it.</summary>
    [Fact]
    public Task BuildInItsSoak_RejectedMeanwhile_IsNotPromoted() => Holds(
        new Setup { Approval = true, Soak = true },
        new PushBase(1),
        new Wait(25),
        new Approve("app"),
        new Wait(20),
        new Promote("app", 1),
        new Wait(5),
        new Reject("app"));

    /// <summary>Found by seed 5071: only a rollback demotes a promoted build, so its tags stay on it.</summary>
    [Fact]
    public Task PromotedBuild_BlockedOnASecondRequest_KeepsItsTags() => Holds(
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
    public Task RejectionThatAnnounceCannotRecord_IsReported() => Holds(
        new Setup { Approval = true },
        new PushBase(3),
        new Wait(25),
        new RegionFails("us-east-1", true),
        new Reject("app"),
        new Wait(25));

    /// <summary>Found by seed 214: Announce cannot read the open incidents.</summary>
    [Fact]
    public Task FailedBuild_WhileStepFunctionsThrottles_IsReported() => Holds(
        new Setup(),
        new Wait(45),
        new BuildsFail("app", 1, false),
        new PushBase(4),
        new Fault(FaultKind.Throttle, "states", null, 2, 12, false),
        new Wait(45));

    /// <summary>Found by seed 3711: the execution that should report a conflict cannot.</summary>
    [Fact]
    public Task ImageDeletedInARegion_WhileAnnounceCannotReadTheBuild_IsReportedByTheReconcile() => Holds(
        new Setup { TwoRegions = true },
        new PushBase(1),
        new Wait(30),
        new PushBase(2),
        new Wait(45),
        new DeleteImage("app", "eu-west-1", 2),
        new Fault(FaultKind.Throttle, "imagebuilder", "FindRecord", 0, 10, true),
        new Wait(90));

    /// <summary>Found by seed 912: two incidents of one area alternate within an hour.</summary>
    [Fact]
    public Task TagsThatCannotMove_WithANewReleaseFailingMeanwhile_AreReported() => Holds(
        new Setup(),
        new PushBase(1),
        new Wait(50),
        new PushBase(4),
        new Wait(1),
        new Steps(1),
        new PushForeign("app", "us-east-1", "1.0"),
        new Promote("app", 1),
        new SetImmutable("app", "us-east-1", true),
        new Wait(1));

    /// <summary>Found by seed 710: the reconcile ended an incident while its release was running.</summary>
    [Fact]
    public Task ReleaseFails_DuringAReconcile_DoesNotEndItsIncident() => Holds(
        new Setup(),
        new Wait(100),
        new PushBase(2),
        new Wait(1),
        new Steps(1),
        new Wait(1),
        new DeleteTag("app", "us-east-1", "latest"),
        new Fault(FaultKind.Denied, "ecr", null, 4, 1, true),
        new Steps(4));

    /// <summary>Found by seed 6387: a promotion that waits for a Region returned neither a step nor a reason.</summary>
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

    /// <summary>Found by seed 837: a promotion begins and cannot record that, while a prune is due.</summary>
    [Fact]
    public Task PromotionBegins_WhileAPruneIsDue_IsPromotedOrReported() => Holds(
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
    public Task ForeignImageUnderTheParentsTag_IsNotTheBaseOfTheChild() => Holds(
        new Setup { Child = true },
        new PushForeign("app", "us-east-1", "latest"));

    /// <summary>Found by seed 8013025: a person holds the pipeline just when the floating tags have moved, and they go back.</summary>
    [Fact]
    public Task FloatingTagsGivenBackToABuild_WhoseVersionTagWasTaken_GoBackEverywhere() => Holds(
        new Setup { TwoRegions = true },
        new PushBase(1),
        new Wait(1),
        new PushBase(2),
        new Wait(45),
        new Fault(FaultKind.Throttle, "imagebuilder", "Tag", 3, 20, false),
        new PushBase(4),
        new Wait(25),
        new SetHold("app", false),
        new PushForeign("app", "us-east-1", "v1.0.0.2"));

    /// <summary>Found by seed 2027008: a person promotes another build while the rollback runs. This ends the rollback, so its target is superseded
    /// again.</summary>
    [Fact]
    public Task TargetOfARollback_ThatAPromotionHasEnded_MayBeDeleted() => Holds(
        new Setup { TwoRegions = true, Delete = true },
        new PushBase(1),
        new Wait(1),
        new PushBase(2),
        new Wait(25),
        new PushBase(1),
        new Wait(750),
        new RegionFails("eu-west-1", true),
        new Wait(750),
        new Rollback("app", 1),
        new Steps(4),
        new Promote("app", 3));

    /// <summary>Found by seed 4013857: a person ends the hold of the rollback after the function has read it.</summary>
    [Fact]
    public Task HoldOfARollbackEnded_WhileTheTagsMove_IsFollowedByTheNextPhase() => Holds(
        new Setup { TwoRegions = true },
        new PushBase(1),
        new Wait(1),
        new PushBase(2),
        new Wait(45),
        new DeleteTag("app", "us-east-1", "latest"),
        new During("PromoteImage", 6, new Rollback("app", 1)),
        new During("PromoteImage", 12, new EndHold("app")),
        new Wait(187));

    /// <summary>Found by seed 4014386: the record is deleted while its release waits for its next attempt.</summary>
    [Fact]
    public Task RecordDeleted_DuringItsRelease_LeavesAnImageThatRetentionMayDelete() => Holds(
        new Setup { Soak = true, Delete = true },
        new PushBase(1),
        new Wait(25),
        new PushBase(2),
        new Fault(FaultKind.Denied, "ecr", "ReadRepository", 2, 40, false),
        new Wait(400),
        new Wait(45),
        new PushBase(3),
        new Wait(1500),
        new DeleteRecord("app", 3));

    /// <summary>Found by seed 4034262: a second release of the build wakes up after its soak, while a rollback cannot move a tag.</summary>
    [Fact]
    public Task PromotedBuild_WithASecondReleaseInItsSoak_DuringARollbackThatCannotMove_KeepsItsMark() => Holds(
        new Setup { Soak = true, TwoRegions = true },
        new PushBase(1),
        new Wait(400),
        new PushBase(2),
        new Wait(25),
        new Promote("app", 2),
        new PutTag("app", "eu-west-1", "v1.0.0.1", 2),
        new Wait(1),
        new Rollback("app", 1));

    /// <summary>Found by seed 18547: the first phase reads a hold, under which no floating tag can be in conflict. A person then ends the hold.</summary>
    [Fact]
    public Task HoldEnded_WhileTheVersionTagsArePut_StopsTheFloatingTagsThatCannotMove() => Holds(
        new Setup { TwoRegions = true },
        new PushBase(1),
        new SetImmutable("app", "us-east-1", true),
        new Wait(25),
        new SetHold("app", false),
        new During("PromoteImage", 9, new EndHold("app")),
        new PushBase(4),
        new Wait(25));

    /// <summary>Found by seed 20088923: while an approved release soaks, a person rejects a second release. The third one fails at the gate.</summary>
    [Fact]
    public Task ApprovedReleaseInItsSoak_WithAnotherThatWasRejectedAndOneThatFailed_PromotesNothing() => Holds(
        new Setup { Approval = true, Soak = true },
        new PushBase(1),
        new Wait(1),
        new PushBase(2),
        new Wait(45),
        new Approve("app"),
        new Promote("app", 2),
        new Wait(1),
        new Steps(1),
        new Wait(90),
        new Reject("app"),
        new Promote("app", 2),
        new Steps(1),
        new Fault(FaultKind.Denied, "imagebuilder", "FindRecord", 0, 1, false),
        new Steps(7));

    /// <summary>A hand moves the version tag between the two phases.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public Task VersionTagMovedByHand_BetweenTheTwoPhases_StopsTheFloatingTagsEverywhere(int steps) => Holds(
        new Setup { TwoRegions = true, Soak = true },
        new PushBase(1),
        new Wait(385),
        new Steps(steps),
        new PushForeign("app", "us-east-1", "v1.0.0.1"),
        new Wait(45));

    /// <summary>Found by seed 42: EventBridge takes no event.</summary>
    [Fact]
    public Task EventsThatCannotBePublished_AreReported() => Holds(
        new Setup(),
        new Fault(FaultKind.Throttle, "events", null, 0, 12, false),
        new Wait(50));

    /// <summary>Found by seed 29905: the Region answers again after the release was announced, and before its last state.</summary>
    [Fact]
    public Task ReleaseThatFails_JustBeforeItsRegionAnswersAgain_IsReported() => Holds(
        new Setup { Soak = true, TwoRegions = true },
        new Wait(445),
        new PushBase(2),
        new Wait(225),
        new RegionFails("eu-west-1", true),
        new Wait(25),
        new Steps(13));

    /// <summary>Found by seed 7000835: the rollback waits for an image that is gone, and a person promotes another build.</summary>
    [Fact]
    public Task PromoteThatEndsARollback_WhichCouldNotMoveATag_LeavesItsMarks() => Holds(
        new Setup(),
        new PushBase(1),
        new Wait(1),
        new PushBase(2),
        new Wait(45),
        new PushBase(1),
        new Wait(1),
        new PushBase(4),
        new DeleteImage("app", "us-east-1", 1),
        new Wait(45),
        new Rollback("app", 1),
        new Promote("app", 4));

    /// <summary>Found by seed 1795990759164: the build's own tag names other bytes before its first inspection.</summary>
    [Fact]
    public Task BytesUnderTheBuildsTag_AtItsFirstInspection_AreTheBuild() => Holds(
        new Setup(),
        new PushBase(1),
        new Wait(1),
        new BuildNow("app"),
        new Wait(45),
        new PushBase(2),
        new Steps(7),
        new PushForeign("app", "us-east-1", "1.0.0-3"));

    /// <summary>Found by seed 20057492: a person deletes the owner's record just when its tag is put back under a hold.</summary>
    [Fact]
    public Task RecordOfTheOwnerDeleted_WhileItsTagIsPutBackUnderAHold_CannotBeKnown() => Holds(
        new Setup { Soak = true, TwoRegions = true },
        new PushBase(1),
        new Wait(400),
        new PushBase(2),
        new Wait(25),
        new SetHold("app", true),
        new PutTag("app", "eu-west-1", "latest", 2),
        new During("PromoteImage", 7, new DeleteRecord("app", 1)),
        new Wait(90));

    /// <summary>Found by seed 3417: the last reconcile starts the build that replaces an image with findings. Only the next one ends their incident.</summary>
    [Fact]
    public Task BuildForFindings_PromotedAfterTheReconcile_LeavesTheIncidentToTheNextOne() => Holds(
        new Setup { TwoRegions = true, Child = true, Signed = true, Findings = true },
        new PushBase(1),
        new Wait(25),
        new PushBase(2),
        new Wait(45),
        new RegionFails("eu-west-1", true),
        new SetFix("child", 2, true),
        new During("InspectImage", 1, new SetVulnerable("child", 2, true)),
        new PushBase(4),
        new Wait(93));

    /// <summary>A score at its limit blocks, one below it does not, and a vulnerability is new for two days.</summary>
    [Theory]
    [InlineData(6.9, null, null, true, "promoted")]
    [InlineData(7.0, null, null, true, "blocked")]
    [InlineData(null, 0.099, null, true, "promoted")]
    [InlineData(9.8, 0.1, null, true, "blocked")]
    [InlineData(9.8, 0.9, 47, true, "promoted")]
    [InlineData(9.8, 0.9, 48, true, "blocked")]
    [InlineData(9.8, 0.9, 48, false, "promoted")]
    [InlineData(null, null, null, true, "blocked")]
    public async Task Finding_BlocksUnlessARuleOfTheGateToleratesIt(double? cvss, double? epss, int? hoursAgo, bool isFixable, string release)
    {
        var history = new History(new Setup { Gate = true, Cvss = true, Epss = true, Grace = true },
        [
            new During("InspectImage", 1, new SetVulnerable("app", 1, true)),
            new During("InspectImage", 1, new SetScores("app", 1, cvss, epss)),
            new During("InspectImage", 1, new SetFix("app", 1, isFixable)),
            .. hoursAgo is { } hours ? [new During("InspectImage", 1, new SetPublished("app", 1, hours))] : Array.Empty<Move>(),
            new PushBase(1),
            new Wait(45),
        ]);

        var fast = Runner.Run(history);
        var (broken, picture) = await EmbeddedGear.RunAsync(history);

        Assert.Null(fast.Broken);
        Assert.Null(broken);
        Assert.Equal(release, fast.World.Picture.Images[0].Builds[0].Mark);
        Assert.Equal(release, picture.Images[0].Builds[0].Mark);
    }

    internal static Task Holds(Setup setup, params Move[] moves)
    {
        var outcome = Runner.Run(new History(setup, moves));
        Assert.Null(outcome.Broken);
        return Task.CompletedTask;
    }
}
