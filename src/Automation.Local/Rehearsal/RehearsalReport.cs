using System.Globalization;
using Automation.Cli;
using Automation.Cli.Reports;
using Automation.Core;

namespace Automation.Local.Rehearsal;

/// <summary>Prints a rehearsal for people: what happens on which day and why, what differs, what it counts to, and what is forbidden.</summary>
internal static class RehearsalReport
{
    /// <summary>The number of equal lines of one day that are shown as one.</summary>
    private const int Alike = 4;

    public static async Task WriteAsync(CommandContext context, RehearsalDocument document)
    {
        var output = context.Output;
        if (document.Difference is { } difference)
        {
            await output.WriteLineAsync(difference.IsEmpty
                ? "Both catalogs bring the same decisions."
                : "What differs: - only with the deployed catalog, + only with the changed one");
            var table = new Report("", "day", "image", "what", "which and why") { Groups = false };
            foreach (var (sign, decision) in difference.OnlyDeployed.Select(each => ("-", each)).Concat(difference.OnlyChanged.Select(each => ("+", each)))
                .OrderBy(each => each.Item2.At))
            {
                table.Add([sign, .. Cells(decision)], Style(decision.Kind));
            }

            table.Write(context.Console);
        }
        else
        {
            var table = new Report("day", "image", "what", "which and why") { Groups = true };
            foreach (var cells in Lines(document.Deployed.Decisions))
            {
                table.Add(cells.Cells, cells.Style);
            }

            table.Write(context.Console);
            if (document.Deployed.Decisions.Count == 0)
            {
                await output.WriteLineAsync("Nothing would be built, promoted or pruned.");
            }
        }

        foreach (var line in Ends(document))
        {
            await output.WriteLineAsync(line);
        }
    }

    private static IEnumerable<string> Ends(RehearsalDocument document)
    {
        yield return "";
        if (document.Changed is { } changed)
        {
            yield return $"Deployed: {Counts(document.Deployed)}";
            yield return $"Changed: {Counts(changed)}";
        }
        else
        {
            yield return Counts(document.Deployed);
        }

        foreach (var waiting in document.Wanted.Waiting)
        {
            yield return $"{waiting.Execution} still waits in {waiting.State} at the end.";
        }

        foreach (var text in document.Assumptions)
        {
            yield return $"Assumed: {text}";
        }

        foreach (var warning in document.Wanted.Warnings)
        {
            yield return $"Warning: {warning}";
        }

        foreach (var broken in document.Forbidden)
        {
            yield return $"Forbidden: {broken}";
        }
    }

    private static string Counts(RehearsalView view)
    {
        var (totals, cost) = (view.Totals, view.CostUsd);
        return string.Create(CultureInfo.InvariantCulture,
            $"{HumanText.Of(totals.Builds, "build")} ({totals.FailedBuilds} failed), {HumanText.Of(totals.Promotions, "promotion")}, {totals.Blocked} blocked, "
            + $"{HumanText.Of(totals.Deletions, "deletion")}; {totals.ApiCalls:N0} API calls, {totals.Invocations:N0} invocations, "
            + $"{totals.Transitions:N0} state transitions; about {cost.BuildInstances:0.00} USD for {totals.BuildMinutes / 60:0.0} hours of build instances, "
            + $"{cost.Transitions + cost.Requests:0.00} USD for the automation, {cost.StorageMonth:0.00} USD a month for {totals.StoredBytes / 1e9:0.00} GB of images");
    }

    /// <summary>The decisions in the order of time. Many that are alike on one day are one line, at the time of the first. A moved tag is part of its
    /// promotion.</summary>
    internal static IEnumerable<(string[] Cells, string Style)> Lines(IReadOnlyList<Decision> decisions) =>
        decisions.Where(decision => decision.Kind != DecisionKinds.Move)
            .GroupBy(decision => (decision.Day, decision.Image, decision.Kind, decision.Code))
            .SelectMany(alike => alike.Count() < Alike ? alike.Select(decision => (decision.At, Cells: Cells(decision), decision.Kind)) : [Joined([.. alike])])
            .OrderBy(line => line.At)
            .Select(line => (line.Cells, Style(line.Kind)));

    private static (DateTimeOffset At, string[] Cells, string Kind) Joined(IReadOnlyList<Decision> alike)
    {
        var cells = Cells(alike[0]);
        cells[^1] = string.Create(CultureInfo.InvariantCulture, $"{alike.Count}, first {cells[^1]}");
        return (alike[0].At, cells, alike[0].Kind);
    }

    private static string[] Cells(Decision decision)
    {
        var tags = decision.Tags is { Count: > 0 } all ? $" as {string.Join(", ", all)}" : "";
        var region = decision.Region is null ? "" : $" in {decision.Region}";
        return
        [
            string.Create(CultureInfo.InvariantCulture, $"{decision.Day} ({decision.At:ddd dd MMM HH:mm})"), decision.Image, decision.Kind,
            $"{decision.Subject}{tags}{region}: {decision.Why}".TrimStart(':', ' '),
        ];
    }

    private static string Style(string kind) => kind switch
    {
        "promoted" or "rolled-back" => "green",
        DecisionKinds.Build or DecisionKinds.Pushed or DecisionKinds.Superseded or DecisionKinds.WouldDelete or "overtaken" => "default",
        DecisionKinds.Deleted or DecisionKinds.Approval or "held" => "yellow",
        _ => "red",
    };
}
