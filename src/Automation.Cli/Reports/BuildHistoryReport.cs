using System.Globalization;
using Automation.Core;

namespace Automation.Cli.Reports;

/// <summary>Shows <see cref="BuildHistory"/> to people.</summary>
internal static class BuildHistoryReport
{
    public static Report Of(BuildHistory history, DateTimeOffset now)
    {
        var report = new Report("Build", "What", "Why") { Groups = true };
        if (history.Hold is { } hold)
        {
            var since = hold.Since is { } begun ? $", since {HumanText.At(begun)}" : "";
            var until = hold.Until is { } end ? $", until {HumanText.At(end)}" : "";
            report.Add(hold.Target ?? "", hold.Target is null ? "hold" : "rollback", $"{hold.Why}{since}{until}", "yellow");
        }

        foreach (var rollback in history.Rollbacks)
        {
            report.Add("", "rollback", Text(rollback, now), "yellow");
        }

        foreach (var build in history.Builds)
        {
            Add(report, build, now);
        }

        return report;
    }

    private static void Add(Report report, PastBuild build, DateTimeOffset now)
    {
        void Add(string matter, string text, string style = "default") => report.Add(build.Version, matter, text, style);

        Add("state", $"{build.State}, started {HumanText.Ago(build.StartedAt, now)}", build.State is "failed" or "cancelled" ? "red" : "default");
        Add("trigger", build.Trigger is { } trigger
            ? string.Create(CultureInfo.InvariantCulture, $"{trigger}, attempt {build.Attempt}: {build.Why ?? "no reason recorded"}")
            : "not started by the automation");
        if (build.Base is { } from)
        {
            Add("base", from);
        }

        foreach (var watched in build.Watched)
        {
            Add("watched", watched);
        }

        if (build.Digest is { } digest)
        {
            Add("image", digest);
        }

        if (build.Failure is { } failure)
        {
            Add("failure", failure, "red");
        }

        if (build.Release is { } release)
        {
            Add(
                "release",
                string.Create(CultureInfo.InvariantCulture,
                    $"{release.State} {HumanText.Ago(release.At, now)}, attempt {release.Attempt}: {release.Why ?? "no reason recorded"}"),
                release.State == "promoted" ? "green" : "yellow");
        }
        else if (build.State == "available")
        {
            Add("release", "none was begun");
        }

        foreach (var execution in build.Executions)
        {
            Add("execution", Text(execution, now));
        }

        if (build.PromotedAt is { } promoted)
        {
            Add("promoted", HumanText.Ago(promoted, now));
        }

        if (build.SupersededAt is { } superseded)
        {
            Add("superseded", HumanText.Ago(superseded, now), "grey");
        }

        if (build.DeprecatedAt is { } deprecated)
        {
            Add("deprecated", HumanText.At(deprecated), "grey");
        }
    }

    private static string Text(PastExecution execution, DateTimeOffset now) =>
        execution.Status is { } status ? $"{execution.Name}, {status}, started {HumanText.Ago(execution.At, now)}" : execution.Name;
}
