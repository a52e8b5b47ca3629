using System.Globalization;
using Automation.Cli.Deployment;
using Automation.Cli.Doctor;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Promotion;

namespace Automation.Cli.Reports;

/// <summary>Compares the promoted build with the one that waits for approval.</summary>
/// <param name="Now">Null if nothing is promoted.</param>
/// <param name="Tags">The floating tags that would move.</param>
/// <param name="Packages">Null if unknown, for the reason in <paramref name="PackagesUnknown"/>.</param>
internal sealed record ReleaseComparison(
    string Image, string Execution, ComparedBuild? Now, ComparedBuild New, IReadOnlyList<string> Tags, IReadOnlyList<PackageChange>? Packages,
    string? PackagesUnknown)
{
    /// <summary>The maximum number of changed packages in the output for people.</summary>
    private const int MaxPackages = 30;

    public Report Table()
    {
        var report = new Report("", "Now", "New");
        void Row(string what, Func<ComparedBuild, string?> of)
        {
            var (now, next) = (Now is null ? null : of(Now), of(New));
            report.Add([what, now ?? "-", next ?? "-"], now == next ? "default" : "yellow");
        }

        Row("build", build => build.Version);
        Row("built", build => HumanText.At(build.BuiltAt));
        Row("digest", build => build.Digest);
        Row("base", build => build.Base);
        Row("scan", build => build.Scan);
        report.Add(["tags", "", Tags.Count == 0 ? "none move" : $"{string.Join(", ", Tags)} move"]);
        if (Packages is null)
        {
            report.Add(["packages", "", PackagesUnknown ?? "not known"]);
            return report;
        }

        report.Add(["packages", "", Packages.Count == 0 ? "none changed" : $"{Packages.Count} changed"]);
        foreach (var package in Packages.Take(MaxPackages))
        {
            report.Add([$"  {package.Name}", package.Old ?? "-", package.New ?? "-"]);
        }

        if (Packages.Count > MaxPackages)
        {
            report.Add(["", "", string.Create(CultureInfo.InvariantCulture, $"and {Packages.Count - MaxPackages} more; --output json lists all")]);
        }

        return report;
    }
}

/// <param name="Scan">Such as <c>2 CRITICAL, 11 HIGH</c>.</param>
internal sealed record ComparedBuild(string Version, DateTimeOffset BuiltAt, string? Digest, string? Base, string Scan);

/// <param name="Old">Null if it is new.</param>
/// <param name="New">Null if it was removed.</param>
internal sealed record PackageChange(string Name, string? Old, string? New);

/// <summary>Reads a <see cref="ReleaseComparison"/>. A part that cannot be read is reported as unknown; the others are still compared.</summary>
internal sealed class ComparisonReader(Connection connection, PackageReader packages)
{
    public async Task<ReleaseComparison> ReadAsync(string execution, ImageSpec image, ImageVersion version, CancellationToken cancellationToken)
    {
        var (pipeline, builds) = await connection.Fleet.Pipelines.BuildsAsync(image, cancellationToken);
        var next = builds.FirstOrDefault(build => build.Version == version) ?? throw new PermanentException($"{image.Name} has no build {version} any more.");
        var owners = FloatingTagOwners.Of(image, builds, pipeline.Hold);
        var promoted = owners.Values.MaxBy(owner => owner.Version)?.Version
            ?? builds.Where(build => build.Release?.State == ReleaseState.Promoted).MaxBy(build => build.Version)?.Version;
        var now = builds.FirstOrDefault(build => build.Version == promoted && build.Version != version);
        var tags = next.Digest is { } digest
            ? FloatingTagOwners.TagsOf(image, new Candidate(next.Version, digest, next.CreatedAt))
                .Where(tag => !(owners.GetValueOrDefault(tag)?.Version > version)).ToList()
            : [];
        var (changes, unknown) = now is null
            ? (null, "nothing is promoted to compare with")
            : await packages.ChangesAsync(now.Arn, next.Arn, cancellationToken);
        return new ReleaseComparison(
            image.Name,
            execution,
            now is null ? null : await BuildAsync(image, now, cancellationToken),
            await BuildAsync(image, next, cancellationToken),
            tags,
            changes,
            unknown);
    }

    private async Task<ComparedBuild> BuildAsync(ImageSpec image, BuildRecord build, CancellationToken cancellationToken) => new(
        build.Version.ToString(), build.CreatedAt, build.Digest?.Value, build.BaseDigest?.Value, await ScanAsync(image, build.Digest, cancellationToken));

    private async Task<string> ScanAsync(ImageSpec image, Digest? digest, CancellationToken cancellationToken)
    {
        if (digest is null)
        {
            return "not known: no digest is recorded";
        }

        try
        {
            var region = connection.Fleet.RegionsOf(image)[0];
            return await connection.Registry.ReadScanAsync(region, image.Repository, digest, withEpss: false, cancellationToken) switch
            {
                null => "no scan",
                { ResultPending: true } or { Status: "IN_PROGRESS" or "PENDING" } => "in progress",
                { Status: "COMPLETE" or "ACTIVE" } scan => Counts(scan.Counts),
                var scan => scan.Description ?? scan.Status,
            };
        }
        catch (AutomationException e) when (Profiles.Expired(e, profile: null) is null)
        {
            return e.Message;
        }
    }

    private static string Counts(IReadOnlyDictionary<Severity, int> counts) => counts.Values.Sum() == 0 ? "no findings" : string.Join(", ", counts
        .Where(count => count.Value > 0).OrderByDescending(count => count.Key)
        .Select(count => string.Create(CultureInfo.InvariantCulture, $"{count.Value} {count.Key.Name()}")));
}
