using System.CommandLine;
using System.Globalization;
using System.Xml;
using Automation.Cli.Deployment;
using Automation.Cli.EmbeddedCloud;
using Automation.Cli.Reports;
using Automation.Core;

namespace Automation.Cli.Commands;

/// <summary><c>automation clock</c>: the virtual time of an embedded cloud, so that nobody has to wait for schedules, deadlines and prunes.</summary>
internal static class ClockCommand
{
    private const string DefaultEndpoint = "http://127.0.0.1:4566";

    /// <summary>How many of the next events <c>show</c> lists.</summary>
    private const int Shown = 10;

    public static Command Create(CommandContext context)
    {
        var endpoint = new Option<string?>("--endpoint")
        {
            Description = $"Endpoint of the embedded cloud; as AWS_ENDPOINT_URL. Without either: {DefaultEndpoint}",
            Recursive = true
        };
        var output = OutputFormats.Option();
        var duration = new Argument<string>("duration") { Description = "Such as 36h, 90m, 1d12h or PT36H" };
        var instant = new Argument<string>("time") { Description = "In UTC, such as 2026-01-11T03:00Z" };
        var show = new Command("show", "Shows the time and what is due next");
        var advance = new Command("advance", "Lets time pass, with everything that happens in it") { duration };
        var to = new Command("to", "Lets time pass up to a point in time") { instant };
        var run = new Command("run", "Lets the clock run automatically: it jumps to the next work when nothing is running");
        var hold = new Command("hold", "Stops the clock: time passes only on request");
        show.SetAction((result, cancellationToken) => WithAsync(result, ShowAsync, cancellationToken));
        advance.SetAction(
            (result, cancellationToken) =>
                WithAsync(result, (control, token) => MoveAsync(control, "advance", ReadDuration(result.GetValue(duration)!), token), cancellationToken));
        to.SetAction((result, cancellationToken) =>
            WithAsync(result, (control, token) => MoveAsync(control, "advanceTo", ReadInstant(result.GetValue(instant)!), token), cancellationToken));
        run.SetAction((result, cancellationToken) => WithAsync(result, (control, token) => MoveAsync(control, "mode", "auto", token), cancellationToken));
        hold.SetAction((result, cancellationToken) => WithAsync(result, (control, token) => MoveAsync(control, "mode", "held", token), cancellationToken));
        var region = TargetOptions.Region("Accepted as in every command; an embedded cloud has one clock for all Regions");
        var profile = TargetOptions.Profile("Accepted as in every command; an embedded cloud needs no credentials");
        output.Recursive = region.Recursive = profile.Recursive = true;
        return new Command("clock", "Shows and moves the time of an embedded cloud") { endpoint, output, profile, region, show, advance, to, run, hold };

        async Task<int> WithAsync(ParseResult result, Func<CloudControl, CancellationToken, Task<ClockView>> act, CancellationToken cancellationToken)
        {
            using var control = new CloudControl(Endpoints.Chosen(result.GetValue(endpoint), context.Variable) ?? new Uri(DefaultEndpoint));
            Write(context, result.GetValue(output), await act(control, cancellationToken));
            return ExitCodes.Done;
        }
    }

    private static async Task<ClockView> ShowAsync(CloudControl control, CancellationToken cancellationToken) =>
        View(await control.ClockAsync(cancellationToken), null);

    private static async Task<ClockView> MoveAsync(CloudControl control, string member, string value, CancellationToken cancellationToken)
    {
        var last = await control.LastEntryAsync(cancellationToken);
        var clock = await control.SetClockAsync(member, value, cancellationToken);
        var events = await control.EntriesAsync(last, cancellationToken);
        var happened = events.Where(entry => !entry.IsDetail)
            .Select(entry => new ClockEntry(entry.Time, entry.Source, entry.Text));
        return View(clock, [.. happened]) with { Events = events };
    }

    private static ClockView View(CloudClock clock, IReadOnlyList<ClockEntry>? happened) =>
        new(clock.Now, clock.IsHeld ? "held" : "auto", happened, [.. clock.Timers.Select(timer => new ClockEntry(timer.Due, null, timer.What))]);

    private static void Write(CommandContext context, OutputFormat format, ClockView clock)
    {
        if (format != OutputFormat.Table)
        {
            JsonOutput.WriteJson(context, format, [clock], JsonOutput.Node);
            return;
        }

        var story = new CloudStory(region: null);
        foreach (var line in (clock.Events ?? []).SelectMany(entry => story.Of(entry, everything: true)))
        {
            WriteHanging($"{CloudControl.Text(line.Time)} {line.Who.PadRight(CloudStory.WhoWidth)} ", line.Text);
        }

        context.Output.WriteLine($"{CloudControl.Text(clock.Now)} UTC, the clock {(clock.Mode == "held" ? "is held" : "runs")}");
        if (clock.Happened is not null)
        {
            return;
        }

        foreach (var timer in clock.Due.Take(Shown))
        {
            WriteHanging($"{CloudControl.Text(timer.At)} ", timer.Text);
        }

        if (clock.Due.Count > Shown)
        {
            context.Output.WriteLine($"and {clock.Due.Count - Shown} more");
        }

        void WriteHanging(string head, string text)
        {
            foreach (var line in Wrapping.Hang(head, text, context.Columns))
            {
                context.Output.WriteLine(line);
            }
        }
    }

    private static string ReadDuration(string text) => Duration.TryParse(text, out var duration)
        ? XmlConvert.ToString(duration.Value)
        : throw new CommandException($"'{text}' is not a duration: write 36h, 90m, 1d12h or PT36H.");

    private static string ReadInstant(string text) =>
        PlausibleTime.ReadTimeOrDay(text) is { } instant
        ? instant.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)
        : throw new CommandException($"'{text}' is not a time: write 2026-01-11T03:00Z.");
}
