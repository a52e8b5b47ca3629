using System.Globalization;
using Automation.Core.Builds;
using Automation.Core.Images;

namespace Automation.Core.Promotion;

public static class ReleaseName
{
    /// <summary><c>release-app_1-0-0-3</c>, and <c>release-app_1-0-0-3_2</c> for the second attempt.</summary>
    public static string For(string image, ImageVersion version, int attempt = 1) =>
        attempt <= 1
            ? ExecutionNames.Of("release", image, ExecutionNames.Part(version))
            : ExecutionNames.Of("release", image, ExecutionNames.Part(version), attempt.ToString(CultureInfo.InvariantCulture));

    /// <summary>The build version in the name of a release of the image, for any attempt or round; null if the name has another form or was
    /// shortened.</summary>
    public static ImageVersion? VersionIn(string image, string name) =>
        name.Split('_') is [var start, var part, ..] && start == $"release-{image}" && part.Split('-') is [var major, var minor, var patch, var build]
        && ImageVersion.TryParse($"{major}.{minor}.{patch}/{build}", out var version) ? version : null;

    /// <summary>The execution that is releasing the build; null if the build is not marked as running.</summary>
    public static string? Running(string image, BuildRecord build) =>
        build.Release is { State: ReleaseState.Running } mark ? mark.Why ?? For(image, build.Version, mark.Attempt) : null;

    /// <summary><c>rollback-app_1-0-0-3_20260131T030000</c>. A person may roll back to the same build twice, and each reconcile that resumes a
    /// rollback uses its own time.</summary>
    public static string ForRollback(string image, ImageVersion version, DateTimeOffset now) =>
        ExecutionNames.Of("rollback", image, ExecutionNames.Part(version), now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture));
}
