using Automation.Simulation.World;

namespace Automation.Simulation.Histories;

/// <summary>Generates a history from a seed and from nothing else.</summary>
internal static class Generator
{
    private static readonly string[] Functions = ["Reconcile", "ImagePushed", "BuildNotification", "PlanBuild", "StartBuild", "InspectImage", "CheckScan",
        "PromoteImage", "PromoteImage", "Prune", "Announce"];
    private static readonly string[] RegistryCalls = ["Find", "ReadTags", "ReadRepository", "ListImages", "ReadScan", "ReadManifest", "PutTag", "PutTag",
        "DescribeImages", "DeleteImages"];
    private static readonly string[] BuilderCalls = ["FindPipeline", "ListBuilds", "FindBuild", "FindRecord", "StartBuild", "Tag", "Untag", "DeleteBuild"];

    public static History Make(long seed)
    {
        var dice = new Dice(seed);
        var setup = new Setup
        {
            Gate = dice.Chance(45),
            Approval = dice.Chance(25),
            Soak = dice.Chance(25),
            TwoRegions = dice.Chance(45),
            Watch = dice.Chance(15),
            Child = dice.Chance(25),
            Adopted = dice.Chance(20),
            Delete = dice.Chance(50),
            Quiet = dice.Chance(20),
        };

        var gates = GateHistories.DiceOf(seed);
        setup = GateHistories.Extend(setup, gates);

        // Something to act on: a promoted build, and usually a second one.
        var moves = new List<Move> { new PushBase(1), new Wait(45) };
        if (setup.Approval)
        {
            moves.AddRange([new Approve("app"), new Wait(5)]);
        }

        if (dice.Chance(70))
        {
            moves.AddRange([new Wait(setup.Soak ? 400 : 30), new PushBase(2), new Wait(45)]);
            if (setup.Approval)
            {
                moves.AddRange([new Approve("app"), new Wait(5)]);
            }
        }

        var first = moves.Count;
        for (var left = dice.From(1, 12); left > 0; left--)
        {
            moves.Add(Move(dice, setup));
            if (dice.Chance(60))
            {
                moves.Add(Pause(dice));
            }
        }

        GateHistories.Insert(moves, first, setup, gates);
        OperatorHistories.Insert(seed, moves, first, setup);
        ResourceHistories.Insert(seed, moves, first, setup);
        return new History(setup, moves);
    }

    private static Move Pause(Dice dice) => dice.Below(10) switch
    {
        < 2 => new Steps(dice.From(1, 12)),
        < 7 => new Wait(dice.Pick(2, 10, 25, 45)),
        < 9 => new Wait(dice.Pick(90, 240, 400)),
        _ => new Wait(dice.Pick(1500, 2900)),
    };

    private static Move Move(Dice dice, Setup setup)
    {
        var image = dice.Pick(setup.Images);
        return dice.Below(100) switch
        {
            < 14 => new PushBase(dice.From(1, 4)),
            < 15 => new PushTools(dice.From(1, 3)),
            < 22 => new Promote(image, dice.From(1, 4)),
            < 29 => new Rollback(image, dice.From(1, 3)),
            < 32 => new Prune(image, dice.Chance(60)),
            < 35 => new BuildNow(image),
            < 43 when setup.Approval => dice.Chance(60) ? new Approve(image) : new Reject(image),
            < 40 => new PushBase(dice.From(2, 4)),
            < 47 => Fault(dice),
            < 53 => new Crash(dice.Pick(Functions), dice.From(1, 8), dice.Chance(50)),
            < 57 => dice.Below(3) switch
            {
                0 => new DropEvents(dice.From(1, 3)),
                1 => new DuplicateEvents(dice.From(1, 3)),
                _ => new DelayEvents(
                dice.From(1, 3), dice.Pick(5, 40, 200))
            },
            < 62 => new RegionFails(dice.Pick(setup.Regions[^1], setup.Regions[^1], setup.Regions[^1], Setup.Home), dice.Chance(60)),
            < 68 => new During(dice.Pick(Functions), dice.From(1, 8), Hand(dice, setup, image)),
            < 74 => Between(dice, setup, image),
            < 76 => new RepeatEvents(dice.From(1, 4)),
            < 78 when setup.Approval => new AnswerAgain(image),
            _ => Hand(dice, setup, image),
        };
    }

    /// <summary>A change between the reads and the writes of a phase, or between two phases.</summary>
    private static During Between(Dice dice, Setup setup, string image)
    {
        var region = dice.Pick(setup.Regions);
        return new During(dice.Pick("InspectImage", "CheckScan", "PromoteImage", "PromoteImage", "PromoteImage", "Prune", "Announce"), dice.From(1, 12),
            dice.Below(10) switch
            {
                < 2 => new SetHold(image, dice.Chance(40)),
                < 4 => new EndHold(image),
                < 5 => new SetImmutable(image, region, true),
                < 6 => new DeleteRecord(image, dice.From(1, 4)),
                < 7 => new RegionFails(region, true),
                < 8 => new RepeatEvents(dice.From(1, 4)),
                < 9 => new PushBase(dice.From(1, 4)),
                _ => new Rollback(image, dice.From(1, 3)),
            });
    }

    private static Fault Fault(Dice dice)
    {
        var kind = dice.Pick(FaultKind.Throttle, FaultKind.Throttle, FaultKind.Unavailable, FaultKind.Denied);
        var count = dice.Pick(1, 1, 2, 5, 12, 40);
        return dice.Below(10) switch
        {
            < 5 => new Fault(kind, "ecr", dice.Chance(70) ? dice.Pick(RegistryCalls) : null, dice.Below(6), count, dice.Chance(25)),
            < 8 => new Fault(kind, "imagebuilder", dice.Chance(70) ? dice.Pick(BuilderCalls) : null, dice.Below(6), count, dice.Chance(25)),
            8 => new Fault(kind == FaultKind.Denied ? FaultKind.Throttle : kind, "states", null, dice.Below(3), count, dice.Chance(25)),
            _ => new Fault(kind, dice.Pick("sns", "events"), null, dice.Below(2), count, dice.Chance(25)),
        };
    }

    /// <summary>Changes that people make on their own.</summary>
    private static Move Hand(Dice dice, Setup setup, string image)
    {
        var region = dice.Pick(setup.Regions);
        var build = dice.From(1, 3);
        return dice.Below(38) switch
        {
            < 4 => new DeleteTag(image, region, dice.Pick("latest", "1.0", $"v1.0.0.{build}", $"1.0.0-{build}")),
            < 8 => new PutTag(image, region, dice.Pick("latest", "1.0", "prod", "keep-1", $"v1.0.0.{build}"), dice.From(1, 3)),
            < 10 => new PushForeign(image, region, dice.Pick("latest", "1.0", "theirs", $"1.0.0-{build}", $"v1.0.0.{dice.From(2, 4)}")),
            < 12 => new DeleteImage(image, region, build),
            < 14 => new DeleteRecord(image, build),
            < 19 => new SetState(image, dice.From(1, 4), dice.Pick(ManualState.Deprecated, ManualState.Disabled, ManualState.Available)),
            < 22 => new SetImmutable(image, region, dice.Chance(65)),
            < 24 => new SetHold(image, dice.Chance(40)),
            < 26 => new EndHold(image),
            < 27 => new EnablePipeline(image, dice.Chance(40)),
            < 29 => new BuildsFail(image, dice.From(1, 4), dice.Chance(30)),
            < 30 => new CancelBuilds(image),
            < 33 => new SetVulnerable(image, dice.From(1, 4), dice.Chance(70)),
            < 34 => new ForeignBuild(image),
            < 35 => new Sign(image, region, build),
            < 36 => new Pull(image, region, build),
            < 37 => new UseAsBase(image, build),
            _ => new Deploy(image, region, build),
        };
    }
}
