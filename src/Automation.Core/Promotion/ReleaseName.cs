using System.Globalization;
using Automation.Core.Builds;
using Automation.Core.Images;

namespace Automation.Core.Promotion;

public static class ReleaseName
{
    /// <summary>Nine rounds begin at once, and further ones a day apart.</summary>
    private const int MaxRounds = 16;

    /// <summary><c>release-app_1-0-0-3</c>, and <c>release-app_1-0-0-3_2</c> for the second attempt.</summary>
    public static string For(string image, ImageVersion version, int attempt = 1) =>
        attempt <= 1
            ? ExecutionNames.Of("release", image, ExecutionNames.Part(version))
            : ExecutionNames.Of("release", image, ExecutionNames.Part(version), attempt.ToString(CultureInfo.InvariantCulture));

    /// <summary>The build version in the name of a release of the image, for any attempt or round.</summary>
    /// <param name="builds">A shortened name has lost its version. It is compared with the names of these builds' releases.</param>
    /// <returns>Null if the name has another form, or is shortened and belongs to none of the builds.</returns>
    public static ImageVersion? VersionIn(string image, string name, IEnumerable<BuildRecord> builds) =>
        name.Split('_') is not [var start, var part, ..] || start != $"release-{image}" ? null
        : !ExecutionNames.IsShortened(name)
            ? part.Split('-') is [var major, var minor, var patch, var build] && ImageVersion.TryParse($"{major}.{minor}.{patch}/{build}", out var version)
                ? version
                : null
        : builds.FirstOrDefault(each => NamesOf(image, each).Contains(name))?.Version;

    // A release that runs is at most one attempt ahead of the mark that its inspection writes.
    private static IEnumerable<string> NamesOf(string image, BuildRecord build) =>
        Enumerable.Range(1, (build.Release?.Attempt ?? 0) + 1).SelectMany(attempt => Rounds(For(image, build.Version, attempt)));

    /// <summary>The names of the executions that do the same work one after the other, beginning with the name itself.</summary>
    public static IEnumerable<string> Rounds(string name) => Enumerable.Range(1, MaxRounds).Select(round => ExecutionNames.Again(name, round));

    /// <summary>The execution that is releasing the build; null if the build is not marked as running.</summary>
    public static string? Running(string image, BuildRecord build) =>
        build.Release is { State: ReleaseState.Running } mark ? mark.Why ?? For(image, build.Version, mark.Attempt) : null;

    /// <summary><c>rollback-app_1-0-0-3_20260131T030000</c>. A person may roll back to the same build twice, and each reconcile that resumes a
    /// rollback uses its own time.</summary>
    public static string ForRollback(string image, ImageVersion version, DateTimeOffset now) =>
        ExecutionNames.Of("rollback", image, ExecutionNames.Part(version), now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture));
}
