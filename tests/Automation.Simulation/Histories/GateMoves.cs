namespace Automation.Simulation.Histories;

/// <summary>A move that only the gates on signatures and findings, or the sources of usage, notice.</summary>
internal abstract record GateMove : Move;

/// <summary>Someone signs a build's image.</summary>
/// <param name="Trusted">Whether the catalog accepts the signer.</param>
internal sealed record SignImage(string Image, int Build, bool Trusted) : GateMove;

/// <summary>A release of the base gets a finding, or loses it.</summary>
internal sealed record SetBaseVulnerable(int Release, bool Vulnerable) : GateMove;

/// <summary>A fix for the finding of a build's image appears, or is withdrawn.</summary>
internal sealed record SetFix(string Image, int Build, bool Exists) : GateMove;

/// <summary>The scores of the finding of a build's image become known, change, or are withdrawn.</summary>
internal sealed record SetScores(string Image, int Build, double? Cvss, double? Epss) : GateMove;

/// <summary>The scan shows since when the vulnerability of a build's image has been published.</summary>
internal sealed record SetPublished(string Image, int Build, int HoursAgo) : GateMove;

/// <summary>A service that runs images refuses every call, or answers again.</summary>
internal sealed record UsageUnreadable(bool Unreadable) : GateMove;

/// <summary>
/// Gives a part of the histories the newer gates. Their choices come from a stream of their own, so a seed keeps the other moves of its history.
/// </summary>
internal static class GateHistories
{
    private const long Stream = 0x6A09E667F3BCC909;

    /// <summary>The choices for a seed.</summary>
    public static Dice DiceOf(long seed) => new(seed ^ Stream);

    public static Setup Extend(Setup setup, Dice dice)
    {
        if (!dice.Chance(40))
        {
            return setup;
        }

        var extended = setup with
        {
            Signed = dice.Chance(35),
            Fixable = dice.Chance(30),
            BaseGate = dice.Chance(35),
            Findings = dice.Chance(50),
            Cvss = dice.Chance(25),
            Epss = dice.Chance(25),
            Grace = dice.Chance(30),
        };

        // These are settings of the gate.
        return extended with { Gate = setup.Gate || extended.Signed || extended.IsTolerant };
    }

    /// <param name="first">The moves before this one stay together: they make the first builds.</param>
    public static void Insert(List<Move> moves, int first, Setup setup, Dice dice)
    {
        if (!setup.HasNewGates)
        {
            return;
        }

        for (var left = dice.From(1, 5); left > 0; left--)
        {
            moves.Insert(dice.From(first, moves.Count), Move(setup, dice));
        }

        if (setup.IsTolerant)
        {
            moves.InsertRange(dice.From(first, moves.Count), Finding(setup, dice));
        }
    }

    private static Move Move(Setup setup, Dice dice)
    {
        var (image, build) = (dice.Pick(setup.Images), dice.From(1, 4));
        return dice.Below(17) switch
        {
            < 2 when setup.Signed => new SignImage(image, build, dice.Chance(70)),
            < 4 when setup.BaseGate => new SetBaseVulnerable(dice.From(1, 4), dice.Chance(60)),
            < 7 => BeforeTheGate(new SetFix(image, build, dice.Chance(75)), dice),
            < 10 => BeforeTheGate(new SetVulnerable(image, build, dice.Chance(75)), dice),
            < 13 => BeforeTheGate(new SetScores(image, build, dice.Pick<double?>(null, 6.9, 7, 9.8), dice.Pick<double?>(null, 0.099, 0.1, 0.9)), dice),
            < 15 => BeforeTheGate(new SetPublished(image, build, dice.Pick(0, 1, 24, 47, 48, 100)), dice),
            _ when setup.Delete => new UsageUnreadable(dice.Chance(60)),
            _ => new Wait(dice.Pick(90, 400, 1500)),
        };
    }

    /// <summary>A finding, with what the gate may tolerate it for. Most come before the gate of a build.</summary>
    private static IEnumerable<Move> Finding(Setup setup, Dice dice)
    {
        var (image, build) = (dice.Pick(setup.Images), dice.From(1, 4));
        Move[] facts =
        [
            new SetFix(image, build, dice.Chance(75)),
            new SetScores(image, build, setup.Cvss ? Score(6.9, 7, 9.8) : null, setup.Epss ? Score(0.099, 0.1, 0.9) : null),
            new SetPublished(image, build, dice.Pick(0, 24, 47, 48, 100)),
            new SetVulnerable(image, build, true),
        ];
        var function = dice.Chance(70) ? dice.Pick("InspectImage", "CheckScan") : null;
        return facts.Where(fact => setup.Grace || fact is not SetPublished).Select(fact => function is null ? fact : new During(function, 1, fact)).ToList();

        double? Score(double low, double limit, double high) => dice.Chance(15) ? null : dice.Pick(low, limit, high);
    }

    /// <summary>Some facts about a finding are there when the release of the image begins, others come later.</summary>
    private static Move BeforeTheGate(Move move, Dice dice) =>
        dice.Chance(40) ? new During(dice.Pick("InspectImage", "CheckScan"), dice.From(1, 3), move) : move;
}
