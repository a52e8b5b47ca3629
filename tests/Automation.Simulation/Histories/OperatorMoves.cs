namespace Automation.Simulation.Histories;

/// <summary>
/// Gives a part of the histories moves of an operator. Their choices come from a stream of their own, so a seed keeps the other moves of its history.
/// </summary>
internal static class OperatorHistories
{
    private const long Stream = 0x3C6EF372FE94F82B;

    /// <param name="first">The moves before this one stay together: they make the first builds.</param>
    public static void Insert(long seed, List<Move> moves, int first, Setup setup)
    {
        var dice = new Dice(seed ^ Stream);
        if (!dice.Chance(25))
        {
            return;
        }

        for (var left = dice.From(1, 3); left > 0; left--)
        {
            var stop = new StopExecutions(dice.Pick(setup.Images));
            moves.Insert(dice.From(first, moves.Count), dice.Chance(50)
                ? stop
                : new During(dice.Pick("PlanBuild", "StartBuild", "InspectImage", "CheckScan", "PromoteImage", "PromoteImage", "Prune", "Announce"),
                    dice.From(1, 8), stop));
        }
    }
}
