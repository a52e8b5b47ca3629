using Automation.Simulation.World;

namespace Automation.Simulation;

/// <summary>The fast gear in the test suite: histories with fixed seeds. CI and the nightly run play more of them, and new ones, with
/// <see cref="SimulateCommand"/>.</summary>
public sealed class FastGearTests
{
    private const int Histories = 300;

    [Fact]
    public async Task FixedSeeds_BreakNoPromise()
    {
        for (var seed = 1; seed <= Histories; seed++)
        {
            if (Runner.Run(Generator.Make(seed)).Broken is { } broken)
            {
                Assert.Fail(await SimulateCommand.ReportAsync(seed, broken, history => Task.FromResult(Runner.Run(history).Broken)));
            }
        }
    }

    /// <summary>Compares everything that a history leaves behind in two runs: a seed from a log gives the same history on every machine.</summary>
    [Fact]
    public void SameSeed_GivesTheSameHistoryWithTheSameEnd()
    {
        for (var seed = 1; seed <= 40; seed++)
        {
            Assert.Equal(Generator.Make(seed).ToCode("Same"), Generator.Make(seed).ToCode("Same"));
            Assert.Equal(Runner.Run(Generator.Make(seed)).Account, Runner.Run(Generator.Make(seed)).Account);
        }
    }

    [Fact]
    public async Task FailingHistory_IsShrunkToTheMovesThatBreakThePromise()
    {
        // A promise made for this test: the third release is never pushed.
        var history = Generator.Make(1) with
        {
            Moves = [new PushBase(1), new Wait(45), new Steps(7), new PushBase(3), new Wait(400), new Approve("app"), new PushBase(2)],
        };

        var shrunk = await Shrinker.ShrinkAsync(history, shorter => Task.FromResult(shorter.Moves.Contains(new PushBase(3))));

        Assert.Equal("new Setup()", shrunk.Setup.ToCode());
        Assert.Equal([new PushBase(3)], shrunk.Moves);
    }

    [Fact]
    public void History_IsWritten_AsCode() => Assert.Equal(
        """
            [Fact]
            public Task Seed7() => Holds(
                new Setup { Gate = true, TwoRegions = true },
                new PushBase(1),
                new During("PromoteImage", 3, new SetState("app", 1, ManualState.Deprecated)),
                new Fault(FaultKind.Throttle, "ecr", null, 0, 2, false));
        """,
        new History(
            new Setup { Gate = true, TwoRegions = true },
            [new PushBase(1), new During("PromoteImage", 3, new SetState("app", 1, ManualState.Deprecated)),
                new Fault(FaultKind.Throttle, "ecr", null, 0, 2, false)]).ToCode("Seed7"));
}
