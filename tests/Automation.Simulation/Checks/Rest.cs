using Automation.Core.Builds;
using Automation.Simulation.World;

namespace Automation.Simulation.Checks;

/// <summary>What must hold when every fault is over and the reconcile has come by: the desired state.</summary>
internal static class Rest
{
    /// <summary>What is not as it must be, by rule; nothing when the world is at rest.</summary>
    public static IEnumerable<Violation> Problems(SimulatedWorld world)
    {
        var now = world.Agenda.Now;
        foreach (var execution in world.Workflow.Executions.Values.Where(execution => execution.Runs))
        {
            yield return new Violation("never-ends", $"{execution.Name} still runs, in {execution.Path[^1]}", now);
        }

        foreach (var image in world.Setup.Images)
        {
            foreach (var (rule, text) in Tags(world, image).Concat(Builds(world, image)).Concat(Releases(world, image)))
            {
                yield return new Violation(rule, text, now);
            }
        }
    }

    /// <summary>Every floating tag stands on the build whose it is, the same in all Regions, unless a person keeps it from there.</summary>
    private static IEnumerable<(string Rule, string Text)> Tags(SimulatedWorld world, string image)
    {
        var pipeline = world.Builder.PipelineOf(image);
        if (world.Watch.NewestPromoted(image) is not { } owner || pipeline.HeldByHand && pipeline.Tags.ContainsKey(BuildTags.Hold))
        {
            yield break;
        }

        var digest = Core.Images.Digest.TryParse(owner.Tags.GetValueOrDefault(BuildTags.Digest), out var recorded) ? recorded : owner.Digest;
        var repositories = world.Setup.Regions.Select(region => (Region: region, Repository: world.Registry.Find(region, Setup.RepositoryOf(image)))).ToList();

        // Where one Region cannot follow, none may: then there is nothing to say but that people were told.
        if (digest is null || repositories.Exists(each => each.Repository is null || each.Repository.Find(digest) is null
            || (each.Repository.Immutable && Invariants.Floating.Any(tag => each.Repository.On(tag) is { } standing && standing.Digest != digest))))
        {
            yield break;
        }

        foreach (var (region, repository) in repositories)
        {
            foreach (var tag in Invariants.Floating)
            {
                if (repository!.On(tag)?.Digest is var standing && standing != digest)
                {
                    yield return ("apart", $"{tag} of {image} in {region} is on {Name(world, image, standing)}, and {owner.Version} owns it");
                }
            }
        }
    }

    /// <summary>The base of now is built, or somebody was told why not.</summary>
    private static IEnumerable<(string Rule, string Text)> Builds(SimulatedWorld world, string image)
    {
        var pipeline = world.Builder.PipelineOf(image);
        var hold = BuildTags.ReadHold(pipeline.Tags);
        var parent = image == "child" ? world.Registry.Find(Setup.Home, "images/app")!.On("latest") : world.Registry.Find(Setup.Home, Setup.Base)!.On("stable");
        if (!pipeline.Enabled || hold?.Scope == HoldScope.Everything || parent is null)
        {
            yield break;
        }

        var builds = world.Builder.Of(image).Where(build => !build.Deleted && build.Pipeline is not null).ToList();
        var made = builds.LastOrDefault(build => build.State.Succeeded());
        var failures = builds.AsEnumerable().Reverse().TakeWhile(build => !build.State.Succeeded()).ToList();
        if (made?.Tags.GetValueOrDefault(BuildTags.BaseDigest) != parent.Digest.Value && failures.Count == 0)
        {
            yield return ("base-not-built", $"the base of {image} is {parent.Digest.Short12}, and {(made is null ? "nothing was built" : $"{made.Version} was made from something else")}");
        }
    }

    /// <summary>The newest build is promoted, or its mark says why not; tags and marks agree.</summary>
    private static IEnumerable<(string Rule, string Text)> Releases(SimulatedWorld world, string image)
    {
        var newest = world.Builder.Of(image).LastOrDefault(build => !build.Deleted && build.Pipeline is not null && build.State == BuildState.Available);
        if (newest is null)
        {
            yield break;
        }

        switch (newest.Tags.GetValueOrDefault(BuildTags.Release))
        {
            case null:
                yield return ("release-lost", $"{image} {newest.Version} is available and was never released");
                break;
            case "running":
                yield return ("release-lost", $"the release of {image} {newest.Version} stopped half-way");
                break;
            case not "promoted" and var mark when string.IsNullOrWhiteSpace(newest.Tags.GetValueOrDefault(BuildTags.ReleaseReason)):
                yield return ("no-reason", $"{image} {newest.Version} is {mark}, and its mark does not say why");
                break;
            case "held" when !world.Builder.PipelineOf(image).Tags.ContainsKey(BuildTags.Hold):
                yield return ("release-lost", $"{image} {newest.Version} is held, and there is no hold");
                break;
        }
    }

    private static string Name(SimulatedWorld world, string image, Core.Images.Digest? digest) =>
        digest is null ? "nothing" : world.Watch.BuildOf(image, digest)?.Version.ToString() ?? $"a stranger ({digest.Short12})";
}
