using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Automation.Aws.Sdk;
using Automation.Core;
using Automation.Core.Workflow;

namespace Automation.Cli.EmbeddedCloud;

/// <summary>An entry of an embedded cloud's journal.</summary>
/// <param name="Source">The service.</param>
/// <param name="Kind">A stable identifier, such as <c>image-pushed</c>.</param>
/// <param name="Text">One line about it.</param>
/// <param name="Data">The facts, such as repository, tag, digest, output.</param>
internal sealed record CloudEvent(DateTimeOffset Time, string Source, string Kind, string Text, IReadOnlyDictionary<string, string> Data)
{
    /// <summary>Whether it is a step or a log line within something that has an entry of its own.</summary>
    public bool IsDetail => Kind is "function-log" or "state-entered";
}

/// <summary>A line of the story.</summary>
/// <param name="Who">The function, service or person.</param>
/// <param name="Style">The colour.</param>
internal sealed record StoryLine(DateTimeOffset Time, string Who, string Text, string Style = "default");

/// <summary>
/// Turns the journal of an embedded cloud into a readable story: when, who, what, and for every decision why. The reasons are those that the
/// functions returned; nothing is invented here.
/// </summary>
/// <param name="region">The Region that lines need not name; null if it is unknown.</param>
internal sealed partial class CloudStory(string? region)
{
    /// <summary>The width of the longest name, <c>BuildNotification</c>.</summary>
    public const int WhoWidth = 17;

    /// <summary>Kinds about the transport of events and messages; each moved tag is also pushed.</summary>
    private static readonly HashSet<string> Passing = new(StringComparer.Ordinal)
    {
        "function-log", "state-entered", "task-succeeded", "execution-started", "event-published", "event-reported", "rule-matched",
        "schedule-fired", "message-sent", "delivered", "tag-moved",
    };

    /// <summary>The state machines of the automation: each of their successes already has a line of its own.</summary>
    private static readonly string[] Machines = [StepFunctionsExecutions.Workflow, StepFunctionsExecutions.Incidents, StepFunctionsExecutions.Redrive];

    /// <summary>The state machine of waits for a scan, which end early by design.</summary>
    private const string ScanWaits = "ScanWaits";

    private readonly HashSet<string> _started = new(StringComparer.Ordinal);

    /// <summary>The image that a running invocation is about.</summary>
    private readonly Dictionary<string, string> _images = new(StringComparer.Ordinal);

    /// <summary>The lines of an entry.</summary>
    /// <param name="everything">Also gives the entries that are not about images, with the journal's own text.</param>
    public IEnumerable<StoryLine> Of(CloudEvent entry, bool everything)
    {
        var lines = Known(entry) ?? (everything && !Passing.Contains(entry.Kind) ? [new StoryLine(entry.Time, entry.Source, entry.Text)] : []);
        return lines.Select(line => line with { Text = Brief(line.Text) });
    }

    /// <summary>Without the host names of registries: every image here is in the same account.</summary>
    public static string Brief(string text) => RegistryHost().Replace(text, "");

    /// <returns>Null if the entry is not about images.</returns>
    private IReadOnlyList<StoryLine>? Known(CloudEvent entry)
    {
        var data = entry.Data;
        switch (entry.Source, entry.Kind)
        {
            case ("ecr", "image-pushed"):
                return data.GetValueOrDefault("tag") is { Length: > 0 } tag
                    ? [Line("ECR", $"{data["repository"]}:{tag} is now {Short(data["digest"])}{Place(data)}")]
                    : [];
            case ("ecr", "image-scanned"):
                return data.GetValueOrDefault("findings") is { } count && count != "0"
                    ? [Line("ECR", $"the scan of {data["repository"]} {Short(data["digest"])}{Place(data)} has {count} {(count == "1" ? "finding" : "findings")}",
                        "yellow")]
                    : [];
            case ("imagebuilder", "build-started"):
                return [Line("Image Builder", entry.Text)];
            case ("imagebuilder", "build-state"):
                return data["status"] is "AVAILABLE" or "FAILED" or "CANCELLED"
                    ? [Line("Image Builder", entry.Text, data["status"] == "AVAILABLE" ? "default" : "red")]
                    : [];
            case ("lambda", "function-invoked"):
                if (FunctionOf(data["function"]) is null)
                {
                    return null;
                }

                _images[data["requestId"]] = (Parse(data.GetValueOrDefault("input"))?["state"] as JsonObject)?["image"]?.ToString() ?? "";
                return [];
            case ("lambda", "function-returned"):
                _images.Remove(data["requestId"], out var image);
                return FunctionOf(data["function"]) is { } function ? [.. Returned(entry, function, image)] : null;
            case ("lambda", "function-failed"):
                return [Line(FunctionOf(data["function"]) ?? data["function"], $"{data.GetValueOrDefault("errorType")}: {entry.Text}", "red")];
            case ("sns", "message-published"):
                return data.GetValueOrDefault("subject") is { } subject ? [Line("alert", subject, "yellow")] : [];
            case ("states", "execution-ended"):
                var machine = data.GetValueOrDefault("machine") ?? "";
                return machine.StartsWith(ScanWaits, StringComparison.Ordinal) ? []
                    : data.GetValueOrDefault("status") is "FAILED" or "TIMED_OUT" or "ABORTED" ? [Line("workflow", entry.Text, "red")]
                    : Machines.Any(name => machine.Contains(name, StringComparison.Ordinal)) ? []
                    : null;
            case ("cloud", "bug"):
                return [Line("cloud", entry.Text, "red")];
            default:
                return null;
        }

        StoryLine Line(string who, string text, string style = "default") => new(entry.Time, who, text, style);
    }

    private IEnumerable<StoryLine> Returned(CloudEvent entry, string function, string? image)
    {
        if (Parse(entry.Data.GetValueOrDefault("output")) is not { } output)
        {
            yield break;
        }

        if (FunctionNames.Triggers.Contains(function))
        {
            // A reconcile without work runs every hour, so only a new execution is shown.
            foreach (var decision in Items(output["decisions"]))
            {
                var execution = decision["execution"]?.ToString() ?? "";
                if (decision["decision"]?.ToString() == "started" && !execution.StartsWith("prune-", StringComparison.Ordinal) && _started.Add(execution))
                {
                    yield return new StoryLine(entry.Time, function, $"{decision["subject"]}: starts {execution}, {Why(decision)}");
                }
            }

            yield break;
        }

        if (function == FunctionNames.Prune)
        {
            foreach (var item in Items(output["items"]))
            {
                yield return new StoryLine(entry.Time, function, $"{About(image)}{item["action"]} {item["target"]}: {Why(item)}");
            }

            yield break;
        }

        if (function == FunctionNames.Announce)
        {
            if (output["detail"] is JsonObject detail && detail["outcome"]?.ToString() is { } outcome and not "pruned")
            {
                var tags = string.Join(", ", (detail["tags"] as JsonArray ?? []).Select(tag => tag!.ToString()));
                yield return new StoryLine(
                    entry.Time, function, $"{detail["image"]} {detail["version"]} {outcome}{(tags.Length > 0 ? $" as {tags}" : "")}: {Why(detail)}",
                    outcome == "promoted" ? "green" : "red");
            }

            yield break;
        }

        var (word, style) = function switch
        {
            FunctionNames.PlanBuild when output["decision"]?.ToString() != "not-yet" => (output["decision"]?.ToString(), "default"),
            FunctionNames.InspectImage when output["outcome"]?.ToString() != "releasable" => (output["outcome"]?.ToString(), "red"),
            FunctionNames.CheckScan when output["reasons"]?.ToString().Contains("no-gate", StringComparison.Ordinal) == false =>
                (output["verdict"]?.ToString(), output["verdict"]?.ToString() == "blocked" ? "red" : "default"),
            _ => (null, "default"),
        };
        if (word is not null)
        {
            yield return new StoryLine(entry.Time, function, $"{About(image)}{word}: {Why(output)}", style);
        }
    }

    private static string About(string? image) => string.IsNullOrEmpty(image) ? "" : $"{image}: ";

    private static string Why(JsonObject decision) =>
        decision["reasons"] is JsonArray { Count: > 0 } reasons
            ? HumanText.Join(reasons.Take(3).Select(reason => reason!["text"]!.ToString()))
            : "no reason given";

    private static IEnumerable<JsonObject> Items(JsonNode? list) => (list as JsonArray ?? []).OfType<JsonObject>();

    private string Place(IReadOnlyDictionary<string, string> data) =>
        data.GetValueOrDefault("region") is { } place && place != region ? $" in {place}" : "";

    // A function of another stack may take and return anything.
    private static JsonObject? Parse(string? text)
    {
        try
        {
            return text is null ? null : JsonNode.Parse(text) as JsonObject;
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }

    // Automation-FunctionsPlanBuild1A2B3C4D-1XAMPLE -> PlanBuild
    private static string? FunctionOf(string physicalName) =>
        FunctionNames.All.FirstOrDefault(name => physicalName.Contains($"Functions{name}", StringComparison.Ordinal));

    private static string Short(string digest) => digest.StartsWith("sha256:", StringComparison.Ordinal) ? digest[7..19] : digest;

    [GeneratedRegex(@"\b\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/", RegexOptions.CultureInvariant)]
    private static partial Regex RegistryHost();
}
