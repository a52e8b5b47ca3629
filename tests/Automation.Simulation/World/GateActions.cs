namespace Automation.Simulation.World;

/// <summary>Applies the moves that only the newer gates notice.</summary>
internal static class GateActions
{
    /// <param name="releaseOf">The digest of a release of the base; null if it was never pushed.</param>
    public static void Do(SimulatedWorld world, GateMove move, Func<int, Core.Images.Digest?> releaseOf)
    {
        switch (move)
        {
            case SignImage sign when Find(sign.Image, sign.Build) is { } digest:
                world.Findings.Sign(digest, sign.Trusted);
                break;
            case SetBaseVulnerable set when releaseOf(set.Release) is { } digest:
                world.Findings.Vulnerabilities.Apply(move, digest, world.Timers.Now);
                break;
            case SetFix fix when Find(fix.Image, fix.Build) is { } digest:
                world.Findings.Vulnerabilities.Apply(move, digest, world.Timers.Now);
                break;
            case SetScores scores when Find(scores.Image, scores.Build) is { } digest:
                world.Findings.Vulnerabilities.Apply(move, digest, world.Timers.Now);
                break;
            case SetPublished published when Find(published.Image, published.Build) is { } digest:
                world.Findings.Vulnerabilities.Apply(move, digest, world.Timers.Now);
                break;
            case UsageUnreadable usage:
                world.Workloads.Unreadable = usage.Unreadable;
                break;
            default:
                // The object of the move does not exist.
                break;
        }

        Core.Images.Digest? Find(string image, int number) => world.Builder.Of(image).FirstOrDefault(build => build.Number == number)?.Digest;
    }
}
