using System.Text;
using Automation.Core.Incidents;
using Automation.Simulation.Checks;
using Automation.Simulation.World;

namespace Automation.Simulation.Histories;

/// <summary>The end of a history.</summary>
/// <param name="Broken">The first promise that it broke; null if it broke none.</param>
internal sealed record Outcome(Violation? Broken, SimulatedWorld World)
{
    /// <summary>All that the history leaves behind, to compare two runs.</summary>
    public string Account
    {
        get
        {
            var text = new StringBuilder();
            foreach (var execution in World.Workflow.Executions.Values)
            {
                text.AppendLine($"{execution.Name} {execution.Started:O} {execution.Stopped:O} {execution.Status} {execution.Error} {execution.Cause}")
                    .AppendLine($"  {string.Join('>', execution.Path)} {(execution.Runs ? null : execution.Output)}");
            }

            foreach (var build in World.Builder.Builds)
            {
                text.AppendLine($"{build.Arn} {build.State} {build.Deleted} {build.Digest} {string.Join(' ', build.Tags)}");
            }

            foreach (var ((region, name), repository) in World.Registry.Repositories)
            {
                text.AppendLine($"{region} {name} {string.Join(' ', repository.Images.Select(image => $"{image.Digest} [{string.Join(' ', image.Tags)}]"))}");
            }

            foreach (var message in World.Messages)
            {
                text.AppendLine($"{message.At:O} {message.Execution} {message.Subject} {message.Text}");
            }

            return text.Append(Broken).ToString();
        }
    }
}

/// <summary>Runs a history in the fast gear until it rests.</summary>
internal static class Runner
{
    /// <summary>The reconciles that bring the desired state once faults and pauses are over. The second is for what the first one made due: an explicit
    /// promotion that it resumes ends a hold, and then a newer build that the hold kept back is due.</summary>
    public const int Reconciles = 2;

    /// <summary>Longer than every pause between the attempts at something that fails.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromHours(25);

    /// <summary>Longer than every wait of an execution: approval, soak and scan.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromDays(28);

    public static Outcome Run(History history, Mutation? mutation = null)
    {
        var world = new SimulatedWorld(history.Setup, mutation);
        var hands = new ManualActions(world);
        foreach (var move in history.Moves)
        {
            hands.Do(move);
            if (world.Watch.Violations is [var broken, ..])
            {
                return new Outcome(broken, world);
            }
        }

        Calm(world);
        var problem = Rests(world);

        // Then a person corrects everything that is still wrong, and all promises hold without an excuse.
        return new Outcome(problem is null && world.Resources.PutAllRight() ? Rests(world) : problem, world);
    }

    private static Violation? Rests(SimulatedWorld world)
    {
        world.Timers.RunUntil(world.Timers.Now + Pause);
        world.Timers.RunUntilIdle(world.Timers.Now + Patience);
        Violation? problem = null;
        for (var reconciles = 0; reconciles < Reconciles; reconciles++)
        {
            world.Reconcile();
            world.Timers.RunUntilIdle(world.Timers.Now + Patience);
            problem = Problem(world);
            if (problem is null)
            {
                break;
            }
        }

        return problem;
    }

    private static Violation? Problem(SimulatedWorld world)
    {
        var picture = world.Picture;
        return world.Watch.Violations.Concat(Rest.Problems(picture)).Concat(StatusProblems(world)).Concat(ObstacleProblems(world, picture))
            .Concat(world.Watch.FindingsProblems(picture)).Concat(world.Watch.ResourceProblems(picture)).FirstOrDefault();
    }

    /// <summary>All faults have ended, no person answers, and the runner decides when the reconcile runs.</summary>
    private static void Calm(SimulatedWorld world)
    {
        world.Calls.Faults.Clear();
        world.Calls.Interceptions.Clear();
        world.Calls.RegionsDown.Clear();
        world.Deliveries.Clear();
        world.Scheduled = false;
        world.Workloads.Unreadable = false;
    }

    /// <summary>Checks that <c>status</c> shows the real state of the floating tags.</summary>
    private static IEnumerable<Violation> StatusProblems(SimulatedWorld world)
    {
        foreach (var (image, region, tag, said) in world.Status())
        {
            var standing = world.Registry.Find(region, Setup.RepositoryOf(image))?.On(tag)?.Digest;
            var build = standing is null ? null : world.Watch.BuildOf(image, standing);
            if (build is { Deleted: false } && said != build.Version.ToString())
            {
                yield return new Violation(
                    "status-wrong", $"status says that {tag} of {image} in {region} is {said ?? "no known build"}, and it is {build.Version}",
                    world.Timers.Now);
            }
        }
    }

    /// <summary>If a tag cannot follow, this was reported when it began, and <c>status</c> shows the tag.</summary>
    private static IEnumerable<Violation> ObstacleProblems(SimulatedWorld world, Picture picture)
    {
        foreach (var image in picture.Images.Where(image => image is { Exists: true, Odd: false } and not { HeldByHand: true, Hold: not null }))
        {
            if (Rest.Obstacle(image) is not { } obstacle || image.Owner is not { } owner)
            {
                continue;
            }

            if (!world.Incidents.Open.Exists(incident => incident.Id.Image == image.Image && incident.Id.Kind.Area() == IncidentArea.Release)
                && !world.Messages.Exists(
                    message => message.Text.Contains(owner.Version, StringComparison.Ordinal)
                        && message.Text.Contains("No tag was moved", StringComparison.Ordinal)))
            {
                yield return new Violation("obstacle-unreported", $"{obstacle}, but no one was notified", picture.Now);
            }

            var behind = world.Behind(image.Image);
            foreach (var region in image.Regions)
            {
                foreach (var tag in Invariants.Floating.Where(
                    tag => region.Tags.GetValueOrDefault(tag) != owner.Known && !behind.Contains((region.Region, tag))))
                {
                    yield return new Violation(
                        "status-wrong", $"{obstacle}, {tag} of {image.Image} in {region.Region} is not on it, and status does not show that", picture.Now);
                }
            }
        }
    }
}
