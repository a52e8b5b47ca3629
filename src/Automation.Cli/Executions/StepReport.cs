using System.Globalization;
using System.Text.Json.Nodes;
using Automation.Core;

namespace Automation.Cli.Executions;

/// <summary>
/// What a step of the workflow decided, as lines for people. The steps' answers are those of the functions
/// (<c>{"decision":"start","reasons":[{"code":"…","text":"…"}]}</c>); only what is known is shown, and nothing is made up.
/// </summary>
internal static class StepReport
{
    // Under which name a step's answer stands in the state (the workflow's ResultPath).
    private static readonly Dictionary<string, string> Members = new(StringComparer.Ordinal)
    {
        ["PlanBuild"] = "plan",
        ["StartBuild"] = "build",
        ["InspectImage"] = "release",
        ["CheckScan"] = "scan",
        ["PromoteVersionTags"] = "versionTags",
        ["PromoteFloatingTags"] = "floatingTags",
        ["VerifyPromotion"] = "verify",
        ["PruneImage"] = "prune",
        ["Announce"] = "announcement",
        ["Wait for approval"] = "approval",
    };

    /// <param name="output">What the state handed on.</param>
    public static IEnumerable<string> Of(string state, JsonObject output)
    {
        var answer = Members.TryGetValue(state, out var member) ? output[member] as JsonObject : null;
        return (state, answer) switch
        {
            (_, null) => [],
            ("Announce", _) => Announcement(answer),
            ("PruneImage", _) => Prune(answer),
            ("StartBuild", _) => [$"{answer["version"]} was started and is released by itself when it ends: {HumanText.Join(Texts(answer))}"],
            ("Wait for approval", _) => [$"approved by {answer["by"] ?? "somebody"}"],
            _ when answer["stopped"]?.GetValue<bool>() == true => Decision(answer),
            _ when answer["steps"] is JsonArray steps => steps.OfType<JsonObject>().Select(step =>
                $"{step["action"]} {step["tag"]} in {step["region"]}: {step["reason"]?["text"]}"),
            _ => Decision(answer),
        };
    }

    private static IEnumerable<string> Decision(JsonObject answer)
    {
        var word = answer["decision"] ?? answer["outcome"] ?? answer["verdict"] ?? answer["version"];
        var reasons = Texts(answer);
        yield return $"{word}: {HumanText.Join(reasons)}";
        foreach (var way in answer["toUnblock"] as JsonArray ?? [])
        {
            yield return $"to unblock: {way}";
        }
    }

    private static IEnumerable<string> Prune(JsonObject answer)
    {
        foreach (var item in (answer["items"] as JsonArray ?? []).OfType<JsonObject>())
        {
            var tense = (bool?)item["applied"] == true ? "" : "would ";
            yield return $"{tense}{item["action"]} {item["target"]} in {item["region"]}: {HumanText.Join(Texts(item))}";
        }

        var (verb, tally) = answer["mode"]?.ToString() == "report" ? ("would be ", answer["planned"]) : ("", answer["applied"]);
        var calls = (answer["calls"] as JsonObject ?? []).Sum(call => (int?)call.Value ?? 0);
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"{Count(tally?["images"], "image")} and {Count(tally?["records"], "record")} {verb}deleted, {tally?["superseded"]} superseded, {Count(answer["imagesKept"], "image")} kept (mode {answer["mode"]}, {HumanText.Of(calls, "call")})");
        if (answer["kept"] is JsonObject { Count: > 0 } kept)
        {
            yield return $"kept by reason: {string.Join(", ", kept.Select(count => $"{count.Key} {count.Value}"))}";
        }

        if ((answer["deletionLimit"] ?? answer["unknown"]) is { } why)
        {
            yield return $"stopped: {why}";
        }
    }

    private static IEnumerable<string> Announcement(JsonObject answer)
    {
        if (answer["detail"] is JsonObject detail)
        {
            var tags = string.Join(", ", (detail["tags"] as JsonArray ?? []).Select(tag => tag?.ToString()));
            yield return $"{detail["outcome"]}{(tags.Length > 0 ? $" as {tags}" : "")}: {HumanText.Join(Texts(detail))}";
        }
    }

    private static string Count(JsonNode? number, string one) => HumanText.Of((int?)number ?? 0, one);

    private static IEnumerable<string> Texts(JsonObject answer) =>
        (answer["reasons"] as JsonArray ?? []).OfType<JsonObject>().Select(reason => reason["text"]?.ToString() ?? "");
}
