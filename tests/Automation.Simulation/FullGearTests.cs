using Automation.Simulation.Embedded;

namespace Automation.Simulation;

/// <summary>The full gear, and what it shows about the fast one: a history that both can play ends in the same state in both.</summary>
public sealed class FullGearTests(ITestOutputHelper output)
{
    [Fact]
    public async Task FixedSeeds_BreakNoPromise()
    {
        for (var seed = 1; seed <= 8; seed++)
        {
            var history = Generator.Make(seed);
            if ((await EmbeddedGear.RunAsync(history)).Broken is { } broken)
            {
                Assert.Fail(await SimulateCommand.ReportAsync(seed, broken, async shorter => (await EmbeddedGear.RunAsync(shorter)).Broken));
            }
        }
    }

    /// <summary>Compares the ports in memory and the small interpreter of the workflow with the adapters, the wire and the embedded cloud.</summary>
    [Fact]
    public async Task SameHistory_EndsInTheSameStateInBothGears()
    {
        var compared = 0;
        for (var seed = 1; compared < 12; seed++)
        {
            var history = Plain(Generator.Make(seed));
            if (history.Moves.Count < 6)
            {
                continue;
            }

            compared++;
            var fast = Runner.Run(history).World.Picture.Text;
            var full = (await EmbeddedGear.RunAsync(history)).Picture.Text;
            output.WriteLine($"seed {seed}\n{full}");
            Assert.True(fast == full, $"seed {seed}\n{history.ToCode("Compared")}\n\nfast:\n{fast}\nfull:\n{full}");
        }
    }

    /// <summary>The part of a history that is the same in both gears: without faults, which hit different calls, and without interruptions.</summary>
    private static History Plain(History history)
    {
        var moves = new List<Move>();
        foreach (var move in history.Moves)
        {
            switch (move)
            {
                case Steps or Fault or Crash or During or DropEvents or DuplicateEvents or DelayEvents or RegionFails or ForeignBuild or Sign or Pull or Deploy or SetVulnerable or PushTools:
                    break;
                case Wait:
                    moves.Add(move);
                    break;
                default:
                    moves.AddRange([move, new Wait(90)]);
                    break;
            }
        }

        return new History(EmbeddedGear.Fit(history.Setup) with { Delete = false, Quiet = false }, moves);
    }
}
