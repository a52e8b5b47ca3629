using System.Globalization;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ecr;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.ImageBuilder;
using Automation.LocalCloud.Ports;

namespace Automation.Local.Demo;

/// <summary>
/// The events of the demo: only what people and the outside world do (push a base, find a CVE, break a build, let days
/// pass). Everything else in the timeline is the reaction of the deployed stack.
/// </summary>
/// <param name="pause">Waits before each chapter; null means no pause.</param>
internal sealed class Story(CloudHost host, Fleet fleet, Timeline timeline, Func<CancellationToken, Task>? pause = null)
{
    public const string Cve = "CVE-2026-0815";

    public async Task ReportAsync(CancellationToken cancellationToken)
    {
        await BeginAsync("A base image is pushed: two levels of images follow", cancellationToken);
        await PushBaseAsync("2026.1", cancellationToken);

        await BeginAsync("A new base brings a CVE: the gate of app blocks its build", cancellationToken);
        await SleepAsync(TimeSpan.FromHours(20), cancellationToken);
        Find(new Finding(Cve, "CRITICAL"));
        await PushBaseAsync("2026.2", cancellationToken);

        await BeginAsync("The fix: its first build fails, the next attempt does not", cancellationToken);
        await SleepAsync(TimeSpan.FromHours(4), cancellationToken);
        Find();
        host.Cloud.Run(() => host.Cloud.ImageBuilder.Outcomes.Add(new BuildOutcome(
            "runtime", "Insufficient capacity for the build instance in us-east-1a.", Kind: BuildFailureKind.Infrastructure, Builds: 1)));
        await PushBaseAsync("2026.3", cancellationToken);
        await SleepAsync(TimeSpan.FromHours(4), cancellationToken);

        await BeginAsync("Sunday 03:00: the weekly rebuild, nothing was pushed", cancellationToken);
        await SleepUntilAsync(new DateTimeOffset(2026, 1, 11, 6, 0, 0, TimeSpan.Zero), cancellationToken);

        await BeginAsync("Days go by: what nobody needs is marked, and deleted after its grace", cancellationToken);
        await SleepUntilAsync(new DateTimeOffset(2026, 1, 16, 6, 0, 0, TimeSpan.Zero), cancellationToken);
    }

    private async Task BeginAsync(string chapter, CancellationToken cancellationToken)
    {
        if (pause is not null)
        {
            await pause(cancellationToken);
        }

        timeline.Chapter(chapter);
    }

    private async Task PushBaseAsync(string release, CancellationToken cancellationToken)
    {
        var now = host.Cloud.Run(() => host.Cloud.Clock.Now);
        timeline.Say(now, "you", $"docker push golden/base:stable   (release {release})", "bold");
        var image = OciImage.Of(
            [("etc/os-release", $"NAME=\"Golden Linux\"\nVERSION=\"{release}\"\n"), ("var/lib/packages.list", $"openssl {release}\nglibc 2.41\n")],
            created: now,
            labels: new Dictionary<string, string> { ["org.opencontainers.image.version"] = release });
        await ImagePush.PushAsync(fleet.Ecr, "golden/base", "stable", image, cancellationToken);
        await host.Cloud.RunUntilIdleAsync(cancellationToken: cancellationToken);
    }

    // Applies to future scans, as when the vulnerability database is updated.
    private void Find(params Finding[] findings)
    {
        var now = host.Cloud.Run(() =>
        {
            host.Cloud.Ecr.Findings = findings.Length == 0 ? [] : [new FindingsRule(null, "images/app", null, findings)];
            return host.Cloud.Clock.Now;
        });
        timeline.Say(now, "the world", findings.Length == 0 ? $"the fix for {Cve} is out" : $"{Cve} is published, critical, and app has it", "bold");
    }

    private Task SleepAsync(TimeSpan time, CancellationToken cancellationToken) => host.Cloud.AdvanceAsync(time, cancellationToken);

    private async Task SleepUntilAsync(DateTimeOffset time, CancellationToken cancellationToken)
    {
        timeline.Say(host.Cloud.Run(() => host.Cloud.Clock.Now), "time",
            string.Create(CultureInfo.InvariantCulture, $"passes until {time:ddd dd MMM HH:mm}"), "grey");
        await host.Cloud.AdvanceToAsync(time, cancellationToken);
    }
}
