namespace Automation.Simulation.Histories;

/// <summary>Makes a failing history as short as possible. It removes halves, quarters, … single moves (delta debugging), then simplifies
/// the rest, as long as the same promise is broken.</summary>
internal static class Shrinker
{
    private static readonly Func<Setup, Setup>[] Features =
    [
        setup => setup with { Child = false },
        setup => setup with { Signed = false },
        setup => setup with { Fixable = false },
        setup => setup with { Cvss = false },
        setup => setup with { Epss = false },
        setup => setup with { Grace = false },
        setup => setup with { BaseGate = false },
        setup => setup with { Findings = false },
        setup => setup with { Gate = false },
        setup => setup with { Approval = false },
        setup => setup with { Soak = false },
        setup => setup with { TwoRegions = false },
        setup => setup with { Watch = false },
        setup => setup with { Adopted = false },
        setup => setup with { Delete = false },
        setup => setup with { Quiet = false },
    ];

    /// <param name="stillFails">Whether a history breaks the same promise.</param>
    public static async Task<History> ShrinkAsync(History history, Func<History, Task<bool>> stillFails)
    {
        var before = -1;
        while (before != Weight(history))
        {
            before = Weight(history);
            history = await LeaveOutAsync(history, stillFails);
            history = await PlainerAsync(history, stillFails);
        }

        return history;
    }

    private static int Weight(History history) => (history.Moves.Count * 10_000) + history.Moves.Sum(move => move switch
    {
        Wait wait => wait.Minutes,
        Steps steps => steps.Count,
        During => 100,
        _ => 0,
    }) + typeof(Setup).GetProperties().Count(property => property.GetValue(history.Setup) is true);

    private static async Task<History> LeaveOutAsync(History history, Func<History, Task<bool>> stillFails)
    {
        for (var size = history.Moves.Count; size >= 1; size /= 2)
        {
            for (var start = 0; start < history.Moves.Count;)
            {
                var shorter = history with { Moves = [.. history.Moves.Take(start), .. history.Moves.Skip(start + size)] };
                if (await stillFails(shorter))
                {
                    history = shorter;
                }
                else
                {
                    start += size;
                }
            }
        }

        return history;
    }

    private static async Task<History> PlainerAsync(History history, Func<History, Task<bool>> stillFails)
    {
        foreach (var without in Features)
        {
            var plainer = history with { Setup = without(history.Setup) };
            history = plainer.Setup != history.Setup && await stillFails(plainer) ? plainer : history;
        }

        for (var i = 0; i < history.Moves.Count; i++)
        {
            foreach (var move in PlainerMoves(history.Moves[i]))
            {
                var plainer = history with { Moves = [.. history.Moves.Take(i), move, .. history.Moves.Skip(i + 1)] };
                if (await stillFails(plainer))
                {
                    history = plainer;
                    break;
                }
            }
        }

        return history;
    }

    private static IEnumerable<Move> PlainerMoves(Move move) => move switch
    {
        Wait { Minutes: > 1 } wait => [new Wait(1), new Wait(25), new Wait(wait.Minutes / 2)],
        Steps { Count: > 1 } steps => [new Steps(1), new Steps(steps.Count / 2), new Steps(steps.Count - 1)],
        During during => [during.Move],
        Fault { Count: > 1 } fault => [fault with { Count = 1 }, fault with { Count = fault.Count / 2 }],
        Fault { Skip: > 0 } fault => [fault with { Skip = 0 }],
        BuildsFail { Count: > 1 } fail => [fail with { Count = fail.Count - 1 }],
        _ => [],
    };
}
