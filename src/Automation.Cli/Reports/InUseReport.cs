using Automation.Cli.Deployment;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Workloads;

namespace Automation.Cli.Reports;

/// <summary>Lists where an image runs: account, Region, cluster, service and since when.</summary>
internal static class InUseReport
{
    /// <summary>One line for each workload of each image in use; null if nothing uses the image.</summary>
    public static async Task<Report?> ReadAsync(Connection connection, ImageSpec image, IReadOnlyList<BuildRecord> builds, CancellationToken cancellationToken)
    {
        var answer = await connection.Workloads.ReadAsync(connection.Clock.GetUtcNow(), cancellationToken);
        var report = new Report("Image", "Use", "Where");
        var isEmpty = true;
        if (answer.Unknown is { } why)
        {
            report.Add(image.Name, "unknown", why, "red");
            isEmpty = false;
        }

        foreach (var region in connection.Fleet.RegionsOf(image))
        {
            foreach (var used in answer.Survey.In(region, image.Repository))
            {
                var digest = used.Digest ?? (await connection.Registry.FindAsync(region, image.Repository, used.Tag!, cancellationToken))?.Digest;
                var name = Name(image, region, used, digest, builds);
                foreach (var workload in used.Workloads)
                {
                    report.Add(name, workload.Runs ? "runs in" : "would run in", workload.Where, workload.Runs ? "green" : "default");
                }

                if (used.More > 0)
                {
                    report.Add(name, "runs in", HumanText.Of(used.More, "more place"));
                }

                isEmpty = false;
            }
        }

        return isEmpty ? null : report;
    }

    // "app 1.0.0/4 26f937d7a98a in eu-west-1", "app :latest (no such tag) in eu-west-1"
    private static string Name(ImageSpec image, string region, ImageInUse used, Digest? digest, IReadOnlyList<BuildRecord> builds)
    {
        var version = builds.LastOrDefault(build => build.Digest is not null && build.Digest == digest)?.Version;
        var tag = used.Tag is null ? "" : $" :{used.Tag}{(digest is null ? " (no such tag)" : "")}";
        return $"{image.Name}{(version is null ? "" : $" {version}")}{(digest is null ? "" : $" {digest.Short12}")}{tag} in {region}";
    }
}
