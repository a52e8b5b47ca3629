using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Cli.Commands;

/// <summary>Finds the build that a person names.</summary>
internal static class BuildChoice
{
    /// <summary>How many builds an error message lists.</summary>
    private const int Named = 5;

    /// <exception cref="CommandException">The text is not a build version.</exception>
    public static ImageVersion Parse(string text) => ImageVersion.TryParse(text, out var version)
        ? version
        : throw new CommandException($"'{text}' is not a build version: expected one such as 1.0.0/3.");

    /// <param name="wanted">Null means the newest.</param>
    /// <exception cref="CommandException">The build does not exist, or it made no image.</exception>
    public static BuildRecord Available(ImageSpec image, IReadOnlyList<BuildRecord> builds, ImageVersion? wanted)
    {
        var build = wanted is null
            ? builds.Where(build => build.State == BuildState.Available).MaxBy(build => build.Version)
            : builds.FirstOrDefault(build => build.Version == wanted);
        return build switch
        {
            null when builds.Count == 0 => throw new CommandException($"{image.Name} was never built."),
            null when wanted is null => throw new CommandException($"{image.Name} has no available build. It has: {Names(builds)}."),
            null => throw new CommandException($"{image.Name} has no build {wanted}. Its newest are: {Names(builds)}."),
            { State: BuildState.Available } => build,
            _ => throw new CommandException(
                $"Build {build.Version} of {image.Name} is {build.State.ToString().ToLowerInvariant()}{(build.FailureReason is { } why ? $": {why}" : "")}."),
        };
    }

    private static string Names(IEnumerable<BuildRecord> builds) => string.Join(", ", builds
        .OrderByDescending(build => build.Version)
        .Take(Named)
        .Select(build => $"{build.Version} ({build.State.ToString().ToLowerInvariant()})"));
}
