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

    private static Task Holds(Setup setup, params Move[] moves)
    {
        var outcome = Runner.Run(new History(setup, moves));
        Assert.Null(outcome.Broken);
        return Task.CompletedTask;
    }
}
