using System.Globalization;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Promotion;

namespace Automation.Cli.Reports;

/// <summary>The history of an image from its builds, newest first: the cause of each, its base and watched images, and its outcome.</summary>
internal static class BuildHistoryReport
{
    public static Report Of(string image, Hold? hold, IEnumerable<BuildRecord> builds, DateTimeOffset now)
    {
        var report = new Report("Build", "What", "Why");
        if (hold is not null)
        {
            var since = hold.Since is { } begun ? $", since {HumanText.At(begun)}" : "";
            report.Add(hold.Target?.ToString() ?? "", hold.Rollback is null ? "hold" : "rollback", $"{hold.Why}{since}", "yellow");
        }

        foreach (var build in builds.OrderByDescending(build => build.CreatedAt).ThenByDescending(build => build.Version))
        {
            var name = build.Version.ToString();
            report.Add(name, "state", $"{build.State.ToString().ToLowerInvariant()}, started {HumanText.Ago(build.CreatedAt, now)}", build.State.WentWrong() ? "red" : "default");
            report.Add(name, "trigger", build.Cause is { } cause
                ? string.Create(CultureInfo.InvariantCulture, $"{Trigger(cause)}, attempt {build.Attempt}: {build.Why ?? "no reason recorded"}")
                : "not started by the automation");
            if (build.BaseDigest is { } from)
            {
                report.Add(name, "base", from.Value);
            }

            foreach (var watched in build.Watched.Values.Distinct().Order())
            {
                report.Add(name, "watched", watched.Value);
            }

            if (build.Digest is { } digest)
            {
                report.Add(name, "image", digest.Value);
            }

            if (build.FailureReason is { } failure)
            {
                report.Add(name, "failure", $"{failure} ({build.FailureKind.ToString().ToLowerInvariant()})", "red");
            }

            if (build.Release is { } mark)
            {
                report.Add(
                    name,
                    "release",
                    string.Create(CultureInfo.InvariantCulture, $"{BuildTags.ToTagValue(mark.State)} {HumanText.Ago(mark.At, now)}, attempt {mark.Attempt}: {mark.Why ?? "no reason recorded"}"),
                    mark.State == ReleaseState.Promoted ? "green" : "yellow");
                report.Add(name, "execution", ReleaseName.Running(image, build) ?? ReleaseName.For(image, build.Version, mark.Attempt));
            }
            else if (build.State == BuildState.Available)
            {
                report.Add(name, "release", "none was begun");
            }

            if (build.PromotedAt is { } promoted)
            {
                report.Add(name, "promoted", HumanText.Ago(promoted, now));
            }

            if (build.SupersededAt is { } superseded)
            {
                report.Add(name, "superseded", HumanText.Ago(superseded, now), "grey");
            }

            if (build.DeprecatedAt is { } deprecated)
            {
                report.Add(name, "deprecated", HumanText.At(deprecated), "grey");
            }
        }

        return report;
    }

    // base:sha256:7f5b…, watched:sha256:3f2a…, slot:2026-01-11T03:00:00Z, recipe:1.1.0, manual:anna-20260105T080000, first
    private static string Trigger(string cause) => cause.Split(':', 2) switch
    {
        ["base", _] => "a new base digest",
        ["watched", _] => "another image under watched tags",
        ["slot", var time] => $"schedule of {time}",
        ["recipe", var version] => $"recipe {version}",
        ["manual", var id] => $"request {id}",
        ["first"] => "first build",
        _ => cause,
    };
}
