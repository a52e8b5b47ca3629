namespace Automation.Simulation.Histories;

/// <summary>A move that only the gates on signatures and findings, or the sources of usage, notice. Only the fast gear plays it.</summary>
internal abstract record GateMove : Move;

/// <summary>Someone signs a build's image.</summary>
/// <param name="Trusted">Whether the catalog accepts the signer.</param>
internal sealed record SignImage(string Image, int Build, bool Trusted) : GateMove;

/// <summary>A release of the base gets a finding, or loses it.</summary>
internal sealed record SetBaseVulnerable(int Release, bool Vulnerable) : GateMove;

/// <summary>A fix for the finding of a build's image appears, or is withdrawn.</summary>
internal sealed record SetFix(string Image, int Build, bool Exists) : GateMove;

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

        var (signed, fixable) = (dice.Chance(35), dice.Chance(30));
        return setup with
        {
            Signed = signed,
            Fixable = fixable,
            BaseGate = dice.Chance(35),
            Findings = dice.Chance(50),

            // Both are settings of the gate.
            Gate = setup.Gate || signed || fixable,
        };
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
    }

    private static Move Move(Setup setup, Dice dice)
    {
        var (image, build) = (dice.Pick(setup.Images), dice.From(1, 4));
        return dice.Below(12) switch
        {
            < 2 when setup.Signed => new SignImage(image, build, dice.Chance(70)),
            < 4 when setup.BaseGate => new SetBaseVulnerable(dice.From(1, 4), dice.Chance(60)),
            < 7 => new SetFix(image, build, dice.Chance(75)),
            < 10 => new SetVulnerable(image, build, dice.Chance(75)),
            _ when setup.Delete => new UsageUnreadable(dice.Chance(60)),
            _ => new Wait(dice.Pick(90, 400, 1500)),
        };
    }
}
