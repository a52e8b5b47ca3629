using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Automation.Core.Catalog;
using Automation.Core.Workflow;
using Automation.LocalCloud;

namespace Automation.Local.Rehearsal;

/// <summary>
/// Reads decisions from the journal of a cloud. Each reason is what a function returned. The log can follow any embedded cloud with the deployed stack,
/// so a test compares a rehearsal with what really happens.
/// </summary>
internal sealed partial class DecisionLog(ImageCatalog catalog, IReadOnlyCollection<string> bases, DateTimeOffset start)
{
    private readonly List<Decision> _decisions = [];
    private readonly Dictionary<string, int> _builds = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _images = new(StringComparer.Ordinal);
    private readonly HashSet<string> _reported = new(StringComparer.Ordinal);

    /// <summary>In the order of their times.</summary>
    public IReadOnlyList<Decision> Decisions => _decisions;

    /// <summary>The builds that started, by ARN.</summary>
    public IEnumerable<string> Builds => _builds.Keys;

    public int DayOf(DateTimeOffset time) => (int)Math.Floor((time - start).TotalDays) + 1;

    /// <summary>Called under the cloud's gate for every entry.</summary>
    public void On(JournalEntry entry)
    {
        switch (entry.Source, entry.Kind)
        {
            case ("imagebuilder", "build-started"):
                Started(entry);
                break;
            case ("ecr", "image-pushed") when entry.Data.GetValueOrDefault("tag") is { Length: > 0 } tag && bases.Contains(entry.Data["repository"]):
                Add(entry.Time, DecisionKinds.Pushed, entry.Data["repository"], tag, entry.Data["region"], null, "a new image of the base");
                break;
            case ("ecr", "tag-moved") when ImageOf(entry) is { } image:
                Add(entry.Time, DecisionKinds.Move, image.Name, entry.Data["tag"], entry.Data["region"], null,
                    $"{entry.Data["repository"]}:{entry.Data["tag"]} names another image");
                break;
            case ("lambda", "function-invoked") when entry.Data["function"].Contains($"Functions{FunctionNames.Prune}", StringComparison.Ordinal):
                _images[entry.Data["requestId"]] = JsonNode.Parse(entry.Data["input"])?["state"]?["image"]?.ToString() ?? "";
                break;
            case ("lambda", "function-returned"):
                Returned(entry);
                break;
        }
    }

    private ImageSpec? ImageOf(JournalEntry entry) =>
        catalog.Images.FirstOrDefault(image => image.Repository == entry.Data["repository"]);

    private void Started(JournalEntry entry)
    {
        var arn = entry.Data["arn"];
        var pipeline = entry.Data.GetValueOrDefault("pipeline") ?? entry.Data["image"];
        _builds[arn] = _decisions.Count;
        Add(entry.Time, DecisionKinds.Build, catalog.FindByPipeline(pipeline)?.Name ?? pipeline, Version(arn), null, "started-outside",
            "a schedule of the pipeline, or a person, started it");
    }

    private void Returned(JournalEntry entry)
    {
        var function = entry.Data["function"];
        if (FunctionNames.Steps.FirstOrDefault(name => function.Contains($"Functions{name}", StringComparison.Ordinal)) is not { } step
            || JsonNode.Parse(entry.Data["output"]) is not JsonObject output)
        {
            return;
        }

        switch (step)
        {
            // The build has started before the function returns; a repeated start returns the same build.
            case FunctionNames.StartBuild when output["arn"]?.ToString() is { } arn && _builds.TryGetValue(arn, out var index):
                _decisions[index] = _decisions[index] with { Code = Code(output), Why = Why(output) };
                break;
            case FunctionNames.CheckScan when output["requestDetail"] is JsonObject request:
                Add(entry.Time, DecisionKinds.Approval, request["image"]?.ToString() ?? "", request["version"]?.ToString() ?? "", null, Code(output),
                    Why(output));
                break;
            case FunctionNames.Announce when output["detail"] is JsonObject detail && detail["outcome"]?.ToString() is { } outcome and not "pruned":
                Add(entry.Time, outcome, detail["image"]?.ToString() ?? "", detail["version"]?.ToString() ?? "", null, Code(detail), Why(detail));
                _decisions[^1] = _decisions[^1] with { Tags = [.. (detail["tags"] as JsonArray ?? []).Select(tag => tag!.ToString())] };
                break;
            case FunctionNames.Prune:
                Pruned(entry, output);
                break;
        }
    }

    // A prune that continues lists the items of its earlier runs again, and a report lists the same items every day.
    private void Pruned(JournalEntry entry, JsonObject output)
    {
        _images.Remove(entry.Data["requestId"], out var image);
        foreach (var item in (output["items"] as JsonArray ?? []).OfType<JsonObject>())
        {
            var applied = item["applied"]?.GetValue<bool>() == true;
            var kind = (item["action"]?.ToString(), applied) switch
            {
                ("delete", true) => DecisionKinds.Deleted,
                ("delete", false) => DecisionKinds.WouldDelete,
                _ => DecisionKinds.Superseded,
            };
            var target = Named().Replace(item["target"]?.ToString() ?? "", "$1");
            var region = item["region"]?.ToString();
            if (_reported.Add($"{kind} {image} {region} {target}"))
            {
                Add(entry.Time, kind, image ?? "", target, region, Code(item), Why(item));
            }
        }
    }

    private void Add(DateTimeOffset at, string kind, string image, string subject, string? region, string? code, string why) =>
        _decisions.Add(new Decision(at, DayOf(at), kind, image, subject, region, code, why));

    private static string? Code(JsonObject decision) => (decision["reasons"] as JsonArray)?.FirstOrDefault()?["code"]?.ToString();

    // Most reasons are sentences; those of a prune are parts of one.
    private static string Why(JsonObject decision) => (decision["reasons"] as JsonArray ?? []).Take(3).Select(reason => reason!["text"]!.ToString())
        .Aggregate("", (all, reason) => all.Length == 0 ? reason : $"{all}{(all.EndsWith('.') ? "" : ";")} {reason}");

    // arn:aws:imagebuilder:eu-west-1:123456789012:image/app/1.0.0/3
    private static string Version(string arn) => string.Join('/', arn.Split('/')[^2..]);

    // image 1.0.0/2 1a8234c50f8c [1.0.0-2]: a version says more than a digest, which in a rehearsal differs from the real one.
    [GeneratedRegex("^((?:image|record) [0-9.]+/[0-9]+) [0-9a-f]{12}", RegexOptions.CultureInvariant)]
    private static partial Regex Named();
}
