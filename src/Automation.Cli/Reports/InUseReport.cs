using Automation.Cli.Deployment;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Cli.Reports;

/// <summary>Lists where an image runs: account, Region, cluster, service and since when.</summary>
internal static class InUseReport
{
    /// <summary>One for each workload of each image in use; none if nothing uses the image.</summary>
    public static async Task<IReadOnlyList<ImageUse>> ReadAsync(
        Connection connection, ImageSpec image, IReadOnlyList<BuildRecord> builds, CancellationToken cancellationToken)
    {
        var answer = await connection.Workloads.ReadAsync(connection.Clock.GetUtcNow(), cancellationToken);
        var uses = new List<ImageUse>();
        if (answer.Unknown is { } why)
        {
            uses.Add(new ImageUse(image.Name, "unknown", null, null, null, null, why));
        }

        foreach (var region in connection.Fleet.RegionsOf(image))
        {
            foreach (var used in answer.Survey.In(region, image.Repository))
            {
                var digest = used.Digest ?? (await connection.Registry.FindAsync(region, image.Repository, used.Tag!, cancellationToken))?.Digest;
                var version = builds.LastOrDefault(build => build.Digest is not null && build.Digest == digest)?.Version.ToString();
                uses.AddRange(used.Workloads.Select(workload => ImageUse.Of(image.Name, region, version, digest?.Value, used.Tag, workload)));
                if (used.More > 0)
                {
                    uses.Add(new ImageUse(image.Name, "runs", region, version, digest?.Value, used.Tag, HumanText.Of(used.More, "more place")));
                }
            }
        }

        return uses;
    }

    public static Report Table(IEnumerable<ImageUse> uses)
    {
        var report = new Report("Image", "Use", "Where");
        foreach (var use in uses)
        {
            var (word, style) = use.Use switch { "runs" => ("runs in", "green"), "would-run" => ("would run in", "default"), _ => ("unknown", "red") };
            report.Add(Name(use), word, use.Where, style);
        }

        return report;
    }

    // "app 1.0.0/4 26f937d7a98a in eu-west-1", "app :latest (no such tag) in eu-west-1"
    private static string Name(ImageUse use)
    {
        var tag = use.Tag is null ? "" : $" :{use.Tag}{(use.Digest is null ? " (no such tag)" : "")}";
        var digest = use.Digest is { } text ? $" {Digest.Parse(text).Short12}" : "";
        return $"{use.Image}{(use.Version is null ? "" : $" {use.Version}")}{digest}{tag}{(use.Region is null ? "" : $" in {use.Region}")}";
    }
}
