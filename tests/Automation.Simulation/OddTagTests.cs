namespace Automation.Simulation;

/// <summary>Histories in which a person writes a value that cannot be read over the mark of a release. The simulation found them.</summary>
public sealed class OddTagTests
{
    /// <summary>Its child once waited for the release until the execution timed out after 30 days, and no one was notified.</summary>
    [Fact]
    public Task Child_OfABuildWithAnUnreadableMark_WaitsInNoExecution() => PromiseTests.Holds(
        new Setup { Child = true },
        new PushBase(1),
        new Wait(45),
        new WriteOddTag("app", 1, "automation:release", OddValue.Strange),
        new DeleteRecord("child", 1));

    [Fact]
    public Task PromotedBuild_WithAnUnreadableMark_MayBePromotedAgain() => PromiseTests.Holds(
        new Setup { Approval = true },
        new PushBase(1),
        new Wait(25),
        new Approve("app"),
        new PushBase(2),
        new Wait(25),
        new Approve("app"),
        new Wait(1),
        new WriteOddTag("app", 2, "automation:release", OddValue.FirstYear),
        new Promote("app", 2));
}
