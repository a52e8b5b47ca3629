using System.CommandLine;
using System.Globalization;
using System.Xml;
using Automation.Cli.Deployment;
using Automation.Cli.EmbeddedCloud;

namespace Automation.Cli.Commands;

/// <summary><c>automation clock</c>: the virtual time of an embedded cloud, so that nobody has to wait for schedules, deadlines and prunes.</summary>
internal static class ClockCommand
{
    private const string DefaultEndpoint = "http://127.0.0.1:4566";

    /// <summary>How many of the next events <c>show</c> lists.</summary>
    private const int Shown = 10;

    public static Command Create(CommandContext context)
    {
        var endpoint = new Option<string?>("--endpoint") { Description = $"Endpoint of the embedded cloud; as AWS_ENDPOINT_URL. Without either: {DefaultEndpoint}", Recursive = true };
        var duration = new Argument<string>("duration") { Description = "Such as 36h, 90m, 1d12h or PT36H" };
        var instant = new Argument<string>("time") { Description = "In UTC, such as 2026-01-11T03:00Z" };
        var show = new Command("show", "Shows the time and what is due next");
        var advance = new Command("advance", "Lets time pass, with everything that happens in it") { duration };
        var to = new Command("to", "Lets time pass up to a point in time") { instant };
        var run = new Command("run", "Lets the clock run automatically: it jumps to the next work when nothing is running");
        var hold = new Command("hold", "Stops the clock: time passes only on request");
        show.SetAction((result, cancellationToken) => WithAsync(result, (control, token) => ShowAsync(context, control, token), cancellationToken));
        advance.SetAction((result, cancellationToken) => WithAsync(result, (control, token) => MoveAsync(context, control, "advance", ReadDuration(result.GetValue(duration)!), token), cancellationToken));
        to.SetAction((result, cancellationToken) => WithAsync(result, (control, token) => MoveAsync(context, control, "advanceTo", ReadInstant(result.GetValue(instant)!), token), cancellationToken));
        run.SetAction((result, cancellationToken) => WithAsync(result, (control, token) => MoveAsync(context, control, "mode", "auto", token), cancellationToken));
        hold.SetAction((result, cancellationToken) => WithAsync(result, (control, token) => MoveAsync(context, control, "mode", "held", token), cancellationToken));
        return new Command("clock", "Shows and moves the time of an embedded cloud") { endpoint, show, advance, to, run, hold };

        async Task<int> WithAsync(ParseResult result, Func<CloudControl, CancellationToken, Task> act, CancellationToken cancellationToken)
        {
            using var control = new CloudControl(Endpoints.Chosen(result.GetValue(endpoint), context.Variable) ?? new Uri(DefaultEndpoint));
            await act(control, cancellationToken);
            return 0;
        }
    }

    private static async Task ShowAsync(CommandContext context, CloudControl control, CancellationToken cancellationToken)
    {
        var clock = await control.ClockAsync(cancellationToken);
        await WriteNowAsync(context, clock);
        foreach (var timer in clock.Timers.Take(Shown))
        {
            await context.Output.WriteLineAsync($"{CloudControl.Text(timer.Due)} {timer.What}");
        }

        if (clock.Timers.Count > Shown)
        {
            await context.Output.WriteLineAsync($"and {clock.Timers.Count - Shown} more");
        }
    }

    private static async Task MoveAsync(CommandContext context, CloudControl control, string member, string value, CancellationToken cancellationToken)
    {
        var last = await control.LastEntryAsync(cancellationToken);
        var clock = await control.SetClockAsync(member, value, cancellationToken);
        foreach (var line in await control.EntriesAsync(last, cancellationToken))
        {
            await context.Output.WriteLineAsync(line);
        }

        await WriteNowAsync(context, clock);
    }

    private static Task WriteNowAsync(CommandContext context, CloudClock clock) =>
        context.Output.WriteLineAsync($"{CloudControl.Text(clock.Now)} UTC, the clock {(clock.IsHeld ? "is held" : "runs")}");

    private static string ReadDuration(string text) => Duration.TryParse(text, out var duration)
        ? XmlConvert.ToString(duration.Value)
        : throw new CommandException($"'{text}' is not a duration: write 36h, 90m, 1d12h or PT36H.");

    private static string ReadInstant(string text) => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)
        ? instant.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)
        : throw new CommandException($"'{text}' is not a time: write 2026-01-11T03:00Z.");
}
