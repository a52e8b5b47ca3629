using Amazon.ECR.Model;
using Amazon.Imagebuilder.Model;
using Amazon.StepFunctions.Model;
using Spectre.Console;

namespace Automation.Local.Demo;

/// <summary>
/// The end state of the demo, read from the cloud's APIs like any client, and its checks.
/// </summary>
internal sealed class EndState
{
    private static readonly string[] Repositories = ["golden/base", "images/runtime", "images/app"];

    /// <summary>The required outcomes of the story's releases; their builds may be pruned by now.</summary>
    private static readonly Dictionary<string, string> Ended = new(StringComparer.Ordinal)
    {
        ["release-runtime_1-0-0-1"] = "promoted",
        ["release-app_1-0-0-1"] = "promoted",
        ["release-app_1-0-0-2"] = "blocked",
        ["release-runtime_1-0-0-3"] = "build-failed",
        ["release-runtime_1-0-0-4"] = "promoted",
        ["release-app_1-0-0-3"] = "promoted",
    };

    private readonly Dictionary<string, IReadOnlyList<ImageDetail>> _images = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyDictionary<string, ImageSummary>> _builds = new(StringComparer.Ordinal);
    private readonly List<ExecutionListItem> _failed = [];
    private readonly Dictionary<string, string?> _outcomes = new(StringComparer.Ordinal);

    public static async Task<EndState> ReadAsync(Fleet fleet, CancellationToken cancellationToken)
    {
        var state = new EndState();
        foreach (var repository in Repositories)
        {
            state._images[repository] = await fleet.ImagesAsync(repository, cancellationToken);
        }

        foreach (var pipeline in (string[])["runtime", "app"])
        {
            state._builds[pipeline] = await fleet.BuildsAsync(pipeline, cancellationToken);
        }

        foreach (var release in Ended.Keys)
        {
            state._outcomes[release] = await fleet.OutcomeAsync(release, cancellationToken);
        }

        state._failed.AddRange(await fleet.ExecutionsAsync("FAILED", cancellationToken));
        return state;
    }

    public Table Table()
    {
        var table = new Table().RoundedBorder().AddColumns("image", "build", "digest", "tags", "state");
        foreach (var row in Rows())
        {
            table.AddRow([.. row.Select(Markup.Escape)]);
        }

        return table;
    }

    /// <summary>The image, build, digest, tags and state of each image.</summary>
    public IEnumerable<string[]> Rows()
    {
        foreach (var image in _images["golden/base"])
        {
            yield return ["golden/base", "", image.ImageDigest[7..19], Tags(image), "pushed by you"];
        }

        foreach (var (pipeline, builds) in _builds)
        {
            foreach (var (version, build) in builds)
            {
                var image = Find(pipeline, version);
                yield return [pipeline, version, image?.ImageDigest[7..19] ?? "-", image is null ? "" : Tags(image), StateOf(build)];
            }
        }

        static string Tags(ImageDetail image) => string.Join(", ", (image.ImageTags ?? []).Order(StringComparer.Ordinal));
    }

    /// <summary>The checks that failed; empty when all passed.</summary>
    public IReadOnlyList<string> Faults()
    {
        var faults = new List<string>();
        foreach (var pipeline in _builds.Keys)
        {
            var promoted = _builds[pipeline].Where(build => Tag(build.Value, "automation:release") == "promoted").ToList();
            if (promoted.Count == 0)
            {
                faults.Add($"no build of {pipeline} is promoted");
                continue;
            }

            var newest = promoted.MaxBy(build => int.Parse(build.Key.Split('/')[1], System.Globalization.CultureInfo.InvariantCulture)).Key;
            if (Find(pipeline, newest)?.ImageTags.Contains("latest") != true)
            {
                faults.Add($"latest of {pipeline} is not on its newest promoted build {newest}");
            }
        }

        // The chain: app's newest build was made from runtime's current latest.
        var runtimeLatest = _images["images/runtime"].FirstOrDefault(image => image.ImageTags?.Contains("latest") == true)?.ImageDigest;
        var appLatest = _images["images/app"].FirstOrDefault(image => image.ImageTags?.Contains("latest") == true);
        var appBuild = _builds["app"].Values.FirstOrDefault(build => Find("app", Version(build)) == appLatest);
        Expect(appBuild is not null && Tag(appBuild, "automation:base-digest") == runtimeLatest, "app:latest is not built on runtime:latest");

        var stable = _images["golden/base"].FirstOrDefault(image => image.ImageTags?.Contains("stable") == true)?.ImageDigest;
        var runtimeBuild = _builds["runtime"].Values.FirstOrDefault(build => Find("runtime", Version(build))?.ImageDigest == runtimeLatest);
        Expect(runtimeBuild is not null && Tag(runtimeBuild, "automation:base-digest") == stable, "runtime:latest is not built on golden/base:stable");

        // The events of the story: one build was blocked, one failed and was built again, one was scheduled, and old ones are deleted.
        foreach (var (release, outcome) in Ended)
        {
            Expect(_outcomes[release] == outcome, $"{release} ended as {_outcomes[release] ?? "nothing"} instead of {outcome}");
        }

        Expect(!_builds["runtime"].ContainsKey("1.0.0/1") && Find("runtime", "1.0.0/1") is null, "runtime 1.0.0/1 was not pruned");
        Expect(!_builds["app"].ContainsKey("1.0.0/1") && Find("app", "1.0.0/1") is null, "app 1.0.0/1 was not pruned");
        Expect(_builds["runtime"].Values.Any(build => Tag(build, "automation:cause")?.StartsWith("slot:", StringComparison.Ordinal) == true),
            "no build of runtime was started by its schedule");
        Expect(_failed.Count == 0, $"{_failed.Count} executions of the workflow failed: {string.Join(", ", _failed.Select(execution => execution.Name))}");
        return faults;

        void Expect(bool holds, string otherwise)
        {
            if (!holds)
            {
                faults.Add(otherwise);
            }
        }
    }

    private ImageDetail? Find(string pipeline, string version) =>
        _images[$"images/{pipeline}"].FirstOrDefault(image => image.ImageTags?.Contains(version.Replace('/', '-')) == true);

    private static string Version(ImageSummary build) => string.Join('/', build.Arn.Split('/')[^2..]);

    private static string? Tag(ImageSummary build, string key) => build.Tags?.GetValueOrDefault(key);

    private static string StateOf(ImageSummary build)
    {
        var release = Tag(build, "automation:release") is { } mark ? $", {mark}" : "";
        var superseded = Tag(build, "automation:superseded-at") is { } since ? $", superseded since {since[..10]}" : "";
        var reason = build.State.Reason is { } why ? $": {why}" : "";
        return $"{build.State.Status.Value.ToLowerInvariant()}{release}{superseded}{reason}";
    }
}
