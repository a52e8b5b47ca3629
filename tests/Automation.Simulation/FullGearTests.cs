using Automation.Simulation.Embedded;
using Automation.Simulation.World;

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

    /// <summary>Found by seed 501034: one mail a day reports that EventBridge refuses events.</summary>
    [Fact]
    public Task EventsThatCannotBePublished_AreReportedOnceADay() => Holds(
        new Setup(),
        new PushBase(4),
        new Fault(FaultKind.Denied, "events", null, 0, 20, true),
        new Wait(725));

    /// <summary>Found by seed 501622: the faults of a history affect the functions, not the person who holds the pipeline.</summary>
    [Fact]
    public Task HoldByHand_DuringACrashOfAFunction_IsAHold() => Holds(
        new Setup { Child = true },
        new PushBase(2),
        new Wait(25),
        new Crash("PlanBuild", 4, true),
        new Steps(1),
        new SetHold("app", true),
        new DeleteTag("app", "us-east-1", "1.0"));

    /// <summary>Found by seed 5000040: neither Announce nor the workflow reaches Step Functions.</summary>
    [Fact]
    public Task ReleaseThatFails_WhileStepFunctionsThrottles_IsReportedByTheReconcile() => Holds(
        new Setup { Soak = true },
        new PushBase(1),
        new Wait(25),
        new Fault(FaultKind.Throttle, "states", null, 2, 40, false),
        new DeleteImage("app", "us-east-1", 1),
        new Wait(362));

    /// <summary>A function is to die right after a call that the service refuses, because the image or the record is gone: no later call of a person dies
    /// for it.</summary>
    [Theory]
    [InlineData("InspectImage")]
    [InlineData("PromoteImage")]
    public async Task CrashAfterRefusedCall_DoesNotEndOtherCallers(string function)
    {
        for (var call = 1; call <= 16; call++)
        {
            foreach (var change in new Move[] { new DeleteImage("app", "us-east-1", 1), new DeleteRecord("app", 1) })
            {
                await Holds(
                    new Setup(),
                    new PushBase(1),
                    new During(function, call, change),
                    new Crash(function, call, true),
                    new Wait(45),
                    new SetHold("app", false),
                    new PushBase(2),
                    new Wait(45),
                    new DeleteRecord("app", 2));
            }
        }
    }

    /// <summary>A service deploys an image before a prune, and in the middle of one.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(6)]
    [InlineData(9)]
    public Task ImageThatAServiceRuns_IsKeptByRetention(int call) => Holds(
        new Setup { TwoRegions = true, Delete = true },
        new PushBase(1),
        new Wait(45),
        call == 0 ? new Deploy("app", "eu-west-1", 1) : new During("Prune", call, new Deploy("app", "eu-west-1", 1)),
        new PushBase(2),
        new Wait(2900),
        new PushBase(3),
        new Wait(2900),
        new Wait(2900));

    /// <summary>A manual change right before a function's call, for each call.</summary>
    [Theory]
    [InlineData("PromoteImage")]
    [InlineData("InspectImage")]
    [InlineData("Prune")]
    public async Task RepositoryMadeImmutable_InTheMiddleOfAFunction_HoldsEveryPromise(string function)
    {
        for (var call = 1; call <= 6; call++)
        {
            await Holds(
                new Setup { TwoRegions = true, Delete = true },
                new PushBase(1),
                new Wait(45),
                new PushBase(2),
                new During(function, call, new SetImmutable("app", "eu-west-1", true)),
                new Wait(45));
        }
    }

    /// <summary>A workflow that takes a wrong turn breaks a promise at the moment when it writes a tag.</summary>
    [Theory]
    [InlineData("""
        "Next":"Wait for next check"}],"Default":"Announce"
        """, """
        "Next":"Wait for next check"}],"Default":"Approval needed?"
        """, "not-scanned")]
    [InlineData("""
        "IsNumeric":true}],"Next":"Request known?"
        """, """
        "IsString":true}],"Next":"Request known?"
        """, "not-approved")]
    public async Task WorkflowWithAWrongTurn_IsFound(string right, string wrong, string rule)
    {
        var isGate = rule == "not-scanned";
        var history = new History(
            new Setup { Gate = isGate, Approval = !isGate },
            [new During("InspectImage", 1, new SetVulnerable("app", 1, true)), new PushBase(1), new Wait(45)]);
        Assert.Null((await EmbeddedGear.RunAsync(history)).Broken);
        var (broken, _) = await EmbeddedGear.RunAsync(history, change: template =>
        {
            Assert.Contains(InTemplate(right), template, StringComparison.Ordinal);
            return template.Replace(InTemplate(right), InTemplate(wrong), StringComparison.Ordinal);
        });
        Assert.Equal(rule, broken?.Rule);

        static string InTemplate(string definition) => definition.Replace("\"", "\\\"", StringComparison.Ordinal);
    }

    /// <summary>The functions read a catalog with a laxer rule than the one that the checks hold them to.</summary>
    [Theory]
    [InlineData("\"cvss\": 7", "\"cvss\": 10", "gate-open")]
    [InlineData("\"epss\": 0.1", "\"epss\": 1", "gate-open")]
    [InlineData("\"HIGH\": 2", "\"HIGH\": 300", "gate-open")]
    [InlineData("\"baseGate\": { \"severity\": \"HIGH\"", "\"baseGate\": { \"severity\": \"CRITICAL\"", "bad-base")]
    [InlineData("\"repositories\":", "\"usage\": [], \"repositories\":", "deleted-unknown-use")]
    public async Task LaxerRule_IsFound(string right, string wrong, string rule)
    {
        var history = new History(
            new Setup { Gate = true, Cvss = true, Epss = true, Grace = true, BaseGate = true, Delete = true },
            [
                new UsageUnreadable(true),
                new During("InspectImage", 1, new SetScores("app", 1, 9.8, 0.9)),
                new During("InspectImage", 1, new SetFix("app", 1, true)),
                new During("InspectImage", 1, new SetPublished("app", 1, 100)),
                new During("InspectImage", 1, new SetVulnerable("app", 1, true)),
                new PushBase(1),
                new Wait(45),
                new PushBase(2),
                new SetBaseVulnerable(2, true),
                new Wait(45),
                new PushBase(3),
                new Wait(2900),
                new PushBase(4),
                new Wait(2900),
                new Wait(2900),
            ]);

        Assert.Null((await EmbeddedGear.RunAsync(history)).Broken);
        var (broken, _) = await EmbeddedGear.RunAsync(history, catalog: text => text.Contains(right, StringComparison.Ordinal)
            ? text.Replace(right, wrong, StringComparison.Ordinal)
            : throw new InvalidOperationException($"The catalog has no {right}."));
        Assert.Equal(rule, broken?.Rule);
    }

    private static async Task Holds(Setup setup, params Move[] moves) => Assert.Null((await EmbeddedGear.RunAsync(new History(setup, moves))).Broken);

    /// <summary>The part of a history that is the same in both gears: without faults, which hit different calls, and without interruptions.</summary>
    private static History Plain(History history)
    {
        var moves = new List<Move>();
        foreach (var move in history.Moves)
        {
            switch (move)
            {
                case Steps or Fault or Crash or During or DropEvents or DuplicateEvents or DelayEvents or RegionFails or ForeignBuild or Sign or Pull or Deploy
                    or SetVulnerable or PushTools or GateMove or ResourceMove:
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
