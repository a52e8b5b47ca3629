using System.CommandLine;
using System.CommandLine.Invocation;
using Automation.Cli.Commands;
using Automation.Cli.Deployment;

namespace Automation.Cli;

/// <summary>The operator's commands, and the common way to run a command of either tool.</summary>
internal static class CommandLine
{
    public static RootCommand Create(CommandContext context)
    {
        var target = new TargetOptions();
        var root = new RootCommand("Keeps container images fresh on EC2 Image Builder.")
        {
            StatusCommand.Create(context, target),
            PlanCommand.Create(context, target),
            WhyCommand.Create(context, target),
            BuildCommand.Create(context, target),
            PromoteCommand.Create(context, target),
            RollbackCommand.Create(context, target),
            ApprovalCommands.CreateApprove(context, target),
            ApprovalCommands.CreateReject(context, target),
            PruneCommand.Create(context, target),
            RedriveCommand.Create(context, target),
            SeedCommand.Create(context, target),
            DoctorCommand.Create(context, target),
            ClockCommand.Create(context),
            CompletionCommand.Create(context),
        };
        foreach (var command in LocalTool.Commands())
        {
            root.Add(command);
        }

        return root;
    }

    /// <summary>Runs a command of the operator, or starts the local tool for one of its commands.</summary>
    /// <returns>The exit code: 0 done, 1 failed or refused, 130 interrupted.</returns>
    public static Task<int> RunAsync(CommandContext context, string[] arguments, CancellationToken cancellationToken = default) => LocalTool.Takes(arguments)
        ? ReportAsync(context, () => LocalTool.RunAsync(context, arguments, cancellationToken))
        : RunAsync(Create(context), context, arguments, cancellationToken);

    /// <summary>Runs a command of <paramref name="root"/>.</summary>
    /// <returns>The exit code: 0 done, 1 failed or refused, 130 interrupted.</returns>
    public static Task<int> RunAsync(RootCommand root, CommandContext context, string[] arguments, CancellationToken cancellationToken)
    {
        var configuration = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            Output = context.Output,
            Error = context.Error,
        };
        var parsed = root.Parse(arguments);
        if (parsed.Action is ParseErrorAction mistake)
        {
            // The error must not scroll away above the help text.
            mistake.ShowHelp = false;
        }

        return ReportAsync(context, () => parsed.InvokeAsync(configuration, cancellationToken));
    }

    /// <summary>A failure that the user can solve is one line on the error output.</summary>
    private static async Task<int> ReportAsync(CommandContext context, Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (Exception e) when (e is CommandException or Core.AutomationException)
        {
            await context.Error.WriteLineAsync(e.Message);
            return 1;
        }
        catch (Amazon.Runtime.AmazonClientException e)
        {
            // There are no credentials or no Region. The SDK finds this when a client is created, before any call.
            await context.Error.WriteLineAsync(e.Message);
            return 1;
        }
        catch (OperationCanceledException)
        {
            return 130;
        }
    }
}
