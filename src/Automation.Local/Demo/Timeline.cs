using System.Globalization;
using System.Text.Json.Nodes;
using Automation.Cli.Reports;
using Automation.Core;
using Automation.Core.Workflow;
using Automation.LocalCloud;
using Spectre.Console;

namespace Automation.Local.Demo;

/// <summary>
/// Turns the cloud's journal into a readable story: when, who, what, and for every decision why. The reasons are
/// those that the functions returned; nothing is invented here.
/// </summary>
/// <param name="narration">For programs; null writes to the console.</param>
internal sealed class Timeline(IAnsiConsole console, Narration? narration)
{
    /// <summary>Where the text begins, after time and source.</summary>
    private const int TextColumn = 31;

    private readonly HashSet<string> _started = new(StringComparer.Ordinal);

    public void Chapter(string title)
    {
        if (narration is not null)
        {
            narration.Say("chapter", title);
            return;
        }

        console.Write(new Rule($"[bold]{Markup.Escape(title)}[/]").LeftJustified());
    }

    public void Say(DateTimeOffset time, string source, string text, string style = "default")
    {
        if (narration is not null)
        {
            narration.Say(new NarrationLine("step", Local(text)) { At = time, Step = source });
            return;
        }

        var lines = Wrapping.Wrap(Local(text), console.Profile.Width - TextColumn);
        console.MarkupLine(
            $"[grey]{time.ToString("ddd dd MMM HH:mm", CultureInfo.InvariantCulture)}[/] [blue]{Markup.Escape(source),-13}[/] [{style}]{Markup.Escape(lines[0])}[/]");
        foreach (var line in lines.Skip(1))
        {
            console.MarkupLine($"{new string(' ', TextColumn)}[{style}]{Markup.Escape(line)}[/]");
        }
    }

    /// <summary>Called under the cloud's gate for every journal entry.</summary>
    public void On(JournalEntry entry)
    {
        switch (entry.Source, entry.Kind)
        {
            case ("ecr", "image-pushed") when entry.Data.GetValueOrDefault("tag") is { Length: > 0 } tag:
                Say(entry.Time, "ECR", $"{entry.Data["repository"]}:{tag} is now {Short(entry.Data["digest"])}");
                break;
            case ("ecr", "image-scanned") when entry.Data.GetValueOrDefault("findings") is { } count && count != "0":
                Say(entry.Time, "ECR", entry.Text, "yellow");
                break;
            case ("imagebuilder", "build-started"):
                Say(entry.Time, "Image Builder", entry.Text);
                break;
            case ("imagebuilder", "build-state") when entry.Data["status"] is "AVAILABLE" or "FAILED" or "CANCELLED":
                Say(entry.Time, "Image Builder", entry.Text, entry.Data["status"] == "AVAILABLE" ? "default" : "red");
                break;
            case ("lambda", "function-returned"):
                Returned(entry);
                break;
            case ("lambda", "function-failed"):
                Say(entry.Time, Name(entry.Data["function"]), $"{entry.Data["errorType"]}: {entry.Text}", "red");
                break;
            case ("sns", "message-published") when entry.Data.GetValueOrDefault("subject") is { } subject:
                Say(entry.Time, "alert", subject, "yellow");
                break;
            case ("states", "execution-ended") when entry.Data.GetValueOrDefault("status") is "FAILED" or "TIMED_OUT" or "ABORTED"
                && !entry.Data["machine"].StartsWith("ScanWaits", StringComparison.Ordinal):
                Say(entry.Time, "workflow", entry.Text, "red");
                break;
            case ("cloud", "bug"):
                Say(entry.Time, "cloud", entry.Text, "red");
                break;
        }
    }

    private void Returned(JournalEntry entry)
    {
        if (JsonNode.Parse(entry.Data["output"]) is not JsonObject output)
        {
            return;
        }

        var function = Name(entry.Data["function"]);
        if (FunctionNames.Triggers.Contains(function))
        {
            // A reconcile without work runs every hour, so only a new execution is shown.
            foreach (var decision in output["decisions"]!.AsArray().OfType<JsonObject>())
            {
                var execution = decision["execution"]?.ToString() ?? "";
                if (decision["decision"]!.ToString() == "started" && !execution.StartsWith("prune-", StringComparison.Ordinal) && _started.Add(execution))
                {
                    Say(entry.Time, function, $"{decision["subject"]}: starts {execution}, {Why(decision)}");
                }
            }

            return;
        }

        var (word, style) = function switch
        {
            FunctionNames.PlanBuild when output["decision"]?.ToString() != "not-yet" => (output["decision"]?.ToString(), "default"),
            FunctionNames.InspectImage when output["outcome"]?.ToString() != "releasable" => (output["outcome"]?.ToString(), "red"),
            FunctionNames.CheckScan when !output["reasons"]!.ToString().Contains("no-gate", StringComparison.Ordinal) =>
                (output["verdict"]?.ToString(), output["verdict"]?.ToString() == "blocked" ? "red" : "default"),
            FunctionNames.Announce when output["detail"]?["outcome"]?.ToString() is { } outcome and not "pruned" =>
                (outcome, outcome == "promoted" ? "green" : "red"),
            FunctionNames.Prune when output["items"] is JsonArray { Count: > 0 } => ("prune", "default"),
            _ => (null, "default"),
        };
        if (word is null)
        {
            return;
        }

        if (function == FunctionNames.Prune)
        {
            foreach (var item in output["items"]!.AsArray().OfType<JsonObject>())
            {
                Say(entry.Time, FunctionNames.Prune, $"{item["action"]} {item["target"]}: {Why(item)}");
            }
        }
        else if (function == FunctionNames.Announce)
        {
            var detail = (JsonObject)output["detail"]!;
            var tags = string.Join(", ", detail["tags"]!.AsArray().Select(tag => tag!.ToString()));
            Say(entry.Time, FunctionNames.Announce,
                $"{detail["image"]} {detail["version"]} {word}{(tags.Length > 0 ? $" as {tags}" : "")}: {Why(detail)}", style);
        }
        else
        {
            Say(entry.Time, function, $"{word}: {Why(output)}", style);
        }
    }

    private static string Why(JsonObject decision) =>
        decision["reasons"] is JsonArray { Count: > 0 } reasons
            ? HumanText.Join(reasons.Take(3).Select(reason => reason!["text"]!.ToString()))
            : "no reason given";

    // The registry's host name carries no information here, because there is only one account and one Region.
    private static string Local(string text) => text.Replace("123456789012.dkr.ecr.us-east-1.amazonaws.com/", "", StringComparison.Ordinal);

    // Automation-FunctionsPlanBuild1A2B3C4D-1XAMPLE -> PlanBuild
    private static string Name(string physicalName)
    {
        return FunctionNames.All.FirstOrDefault(name => physicalName.Contains($"Functions{name}", StringComparison.Ordinal)) ?? physicalName;
    }

    private static string Short(string digest) => digest.StartsWith("sha256:", StringComparison.Ordinal) ? digest[7..19] : digest;
}
