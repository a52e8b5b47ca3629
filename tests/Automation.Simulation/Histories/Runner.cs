using Automation.Simulation.Checks;
using Automation.Simulation.World;

namespace Automation.Simulation.Histories;

/// <summary>How a history ended.</summary>
/// <param name="Broken">What it broke that is not a known fault; null: nothing.</param>
/// <param name="Known">Rules of known faults that it met.</param>
internal sealed record Outcome(Violation? Broken, IReadOnlyList<string> Known, SimulatedWorld World);

/// <summary>Runs a history in the fast gear to its rest.</summary>
internal static class Runner
{
    /// <summary>Looks at a world that is to come to rest: the first ones an hour apart, the others six.</summary>
    public const int MaxRest = 14;

    /// <param name="isKnown">Which broken promises are known faults, to be passed over.</param>
    public static Outcome Run(History history, Mutation? mutation = null, Func<Violation, bool>? isKnown = null)
    {
        var world = new SimulatedWorld(history.Setup, mutation);
        var hands = new Hands(world);
        var known = new List<string>();
        foreach (var move in history.Moves)
        {
            hands.Do(move);
            if (Unknown(world.Watch.Violations, known, isKnown) is { } broken)
            {
                return new Outcome(broken, known, world);
            }
        }

        Calm(world);
        for (var round = 0; ; round++)
        {
            world.Reconcile();
            world.Agenda.RunUntil(world.Agenda.Now.AddMinutes(45));
            if (Unknown(world.Watch.Violations, known, isKnown) is { } broken)
            {
                return new Outcome(broken, known, world);
            }

            var problems = Rest.Problems(world.Picture).Concat(StatusProblems(world)).ToList();
            if (problems.Count == 0)
            {
                return new Outcome(null, known, world);
            }

            if (round == MaxRest)
            {
                return new Outcome(Unknown(problems, known, isKnown), known, world);
            }

            world.Agenda.RunUntil(world.Agenda.Now.AddHours(round < 3 ? 1 : 6));
        }
    }

    /// <summary>All faults are over; nobody answers any more, and the reconcile comes when the runner says.</summary>
    private static void Calm(SimulatedWorld world)
    {
        world.Calls.Faults.Clear();
        world.Calls.Ambushes.Clear();
        world.Calls.RegionsDown.Clear();
        world.Deliveries.Clear();
        world.Scheduled = false;
    }

    /// <summary>What <c>status</c> says of the floating tags is what is so.</summary>
    private static IEnumerable<Violation> StatusProblems(SimulatedWorld world)
    {
        foreach (var (image, region, tag, said) in world.Status())
        {
            var standing = world.Registry.Find(region, Setup.RepositoryOf(image))?.On(tag)?.Digest;
            var build = standing is null ? null : world.Watch.BuildOf(image, standing);
            if (build is { Deleted: false } && said != build.Version.ToString())
            {
                yield return new Violation("status-wrong", $"status says that {tag} of {image} in {region} is {said ?? "no known build"}, and it is {build.Version}", world.Agenda.Now);
            }
        }
    }

    private static Violation? Unknown(List<Violation> violations, List<string> known, Func<Violation, bool>? isKnown)
    {
        foreach (var violation in violations)
        {
            if (isKnown?.Invoke(violation) != true)
            {
                return violation;
            }

            known.Add(violation.Rule);
        }

        violations.Clear();
        return null;
    }
}
