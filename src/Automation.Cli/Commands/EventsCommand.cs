using System.CommandLine;
using System.Globalization;
using Automation.Cli.Deployment;
using Automation.Cli.Doctor;
using Automation.Cli.Executions;
using Automation.Cli.Reports;
using Automation.Core;

namespace Automation.Cli.Commands;

/// <summary><c>automation events</c>: the events that reached the automation, and what it decided for each.</summary>
internal static class EventsCommand
{
    private const int MaxHours = 24 * 90;

    public static Command Create(CommandContext context, TargetOptions target)
    {
        var hours = new Option<int>("--hours") { Description = $"How many hours back, 1 to {MaxHours}", DefaultValueFactory = _ => 24 };
        hours.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }]
                && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= MaxHours))
            {
                result.AddError($"--hours must be 1 to {MaxHours}, not '{text}'.");
            }
        });
        var command = new Command("events", "Shows the events that arrived, from the logs of the triggers, and what was decided for each") { hours };
        target.AddTo(command);
        command.SetAction((result, cancellationToken) => RunAsync(context, target.Read(result, context), result.GetValue(hours), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, Target target, int hours, CancellationToken cancellationToken)
    {
        using var connection = await Connection.OpenAsync(target, context, cancellationToken);
        var events = await ReadAsync(connection, new EventReader(), TimeSpan.FromHours(hours), cancellationToken);
        JsonOutput.Write(context, target.Output, events, JsonOutput.Node, () => Table(events));
        if (target.Output == OutputFormat.Table && events.Count == 0)
        {
            await context.Output.WriteLineAsync($"No event arrived in the last {HumanText.Of(hours, "hour")}.");
        }

        return ExitCodes.Done;
    }

    /// <exception cref="CommandException">The workflow belongs to no stack, or a log cannot be read.</exception>
    public static async Task<IReadOnlyList<ReceivedEvent>> ReadAsync(
        Connection connection, EventReader reader, TimeSpan back, CancellationToken cancellationToken)
    {
        var stack = await connection.Executions.FindStackAsync(connection.StateMachineArn, cancellationToken)
            ?? throw new CommandException("The workflow belongs to no stack, so the logs of its triggers are unknown.");
        using var http = new HttpClient();
        try
        {
            return await reader.ReadAsync(connection.Calls(http), connection.Scope.Region, stack, connection.Clock.GetUtcNow() - back, cancellationToken);
        }
        catch (CallException e) when (Profiles.Expired(e, profile: null) is null)
        {
            throw new CommandException($"The events cannot be read: {e.Message}");
        }
    }

    private static Report Table(IReadOnlyList<ReceivedEvent> events)
    {
        var report = new Report("When", "Event", "Image", "Decision and reason") { Groups = true };
        foreach (var each in events)
        {
            var (when, what) = (HumanText.At(each.At), $"{each.Kind}: {each.Subject}");
            foreach (var decision in each.Decisions)
            {
                var execution = decision.Execution is null ? "" : $" {decision.Execution}";
                report.Add([when, what, decision.Subject, $"{decision.Decision}{execution}: {decision.Why}"], "default");
            }

            if (each.Decisions.Count == 0)
            {
                report.Add([when, what, "", "nothing was decided; the log of the function has the reason"], "red");
            }
        }

        return report;
    }
}
