using System.Globalization;
using Automation.Cli.Deployment;
using Automation.Cli.Doctor;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Promotion;

namespace Automation.Cli.Reports;

/// <summary>Compares the promoted build with the one that waits for approval, or any two builds.</summary>
/// <param name="Execution">The release that waits for approval; null if builds are compared without one.</param>
/// <param name="Now">Null if nothing is promoted.</param>
/// <param name="Tags">The floating tags that would move.</param>
/// <param name="Packages">Null if unknown, for the reason in <paramref name="PackagesUnknown"/>.</param>
internal sealed record ReleaseComparison(
    string Image, string? Execution, ComparedBuild? Now, ComparedBuild New, IReadOnlyList<string> Tags, IReadOnlyList<PackageChange>? Packages,
    string? PackagesUnknown)
{
    /// <summary>The maximum number of changed packages in the output for people.</summary>
    private const int MaxPackages = 30;

    /// <summary>Null if there is only one build, or if one of the scans is unknown.</summary>
    public FindingChanges? Findings { get; init; }

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
        Row("recipe", build => build.Recipe?.Name);
        Row("scan", build => build.Scan);
        if (Findings is { } findings)
        {
            report.Add(["findings", $"{findings.Fixed.Count} only here", $"{findings.Added.Count} only here"], findings.Added.Count == 0 ? "default" : "yellow");
        }

        report.Add(["tags", "", Tags.Count == 0 ? "none move" : $"{string.Join(", ", Tags)} {(Tags.Count == 1 ? "moves" : "move")}"]);
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
/// <param name="Recipe">Null if it cannot be read.</param>
internal sealed record ComparedBuild(string Version, DateTimeOffset BuiltAt, string? Digest, string? Base, string Scan, RecipeView? Recipe);

/// <summary>The findings that only one of two builds has, such as <c>CVE-2024-1234 (HIGH in openssl)</c>, the worst first.</summary>
/// <param name="Both">The number of findings that both have.</param>
internal sealed record FindingChanges(IReadOnlyList<string> Added, IReadOnlyList<string> Fixed, int Both)
{
    public static FindingChanges? Of(ScanView? before, ScanView? after) => before?.Findings is { } old && after?.Findings is { } next
        ? new FindingChanges([.. next.Except(old, StringComparer.Ordinal)], [.. old.Except(next, StringComparer.Ordinal)],
            next.Intersect(old, StringComparer.Ordinal).Count())
        : null;
}

/// <param name="Old">Null if it is new.</param>
/// <param name="New">Null if it was removed.</param>
internal sealed record PackageChange(string Name, string? Old, string? New);

/// <summary>Reads a <see cref="ReleaseComparison"/>. A part that cannot be read is reported as unknown; the others are still compared.</summary>
internal sealed class ComparisonReader(Connection connection, PackageReader packages)
{
    /// <param name="against">The build to compare with; null means the promoted one.</param>
    /// <exception cref="PermanentException">The image does not have one of the builds any more.</exception>
    public async Task<ReleaseComparison> ReadAsync(
        string? execution, ImageSpec image, ImageVersion version, CancellationToken cancellationToken, ImageVersion? against = null)
    {
        var (pipeline, builds) = await connection.Fleet.Pipelines.BuildsAsync(image, cancellationToken);
        var next = Find(image, builds, version);
        var owners = FloatingTagOwners.Of(image, builds, pipeline.Hold);
        var promoted = owners.Values.MaxBy(owner => owner.Version)?.Version
            ?? builds.Where(build => build.Release?.State == ReleaseState.Promoted).MaxBy(build => build.Version)?.Version;
        var now = against is not null ? Find(image, builds, against) : builds.FirstOrDefault(build => build.Version == promoted && build.Version != version);
        var tags = next.Digest is { } digest
            ? FloatingTagOwners.TagsOf(image, new Candidate(next.Version, digest, next.CreatedAt))
                .Where(tag => !(owners.GetValueOrDefault(tag)?.Version > version)).ToList()
            : [];
        var (changes, unknown) = now is null
            ? (null, "nothing is promoted to compare with")
            : await packages.ChangesAsync(now.Arn, next.Arn, cancellationToken);
        var before = now is null ? null : await ScanView.ReadAsync(connection, image, now.Digest, cancellationToken);
        var after = await ScanView.ReadAsync(connection, image, next.Digest, cancellationToken);
        return new ReleaseComparison(
            image.Name,
            execution,
            now is null ? null : await BuildAsync(now, before!, cancellationToken),
            await BuildAsync(next, after, cancellationToken),
            tags,
            changes,
            unknown)
        {
            Findings = FindingChanges.Of(before, after),
        };
    }

    private static BuildRecord Find(ImageSpec image, IReadOnlyList<BuildRecord> builds, ImageVersion version) =>
        builds.FirstOrDefault(build => build.Version == version) ?? throw new PermanentException($"{image.Name} has no build {version} any more.");

    private async Task<ComparedBuild> BuildAsync(BuildRecord build, ScanView scan, CancellationToken cancellationToken) => new(
        build.Version.ToString(), build.CreatedAt, build.Digest?.Value, build.BaseDigest?.Value, scan.Text,
        await RecipeView.ReadAsync(connection, build, cancellationToken));
}
