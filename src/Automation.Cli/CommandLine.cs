using System.CommandLine;
using Automation.Cli.Commands;
using Automation.Cli.Deployment;

namespace Automation.Cli;

/// <summary>All commands.</summary>
internal static class CommandLine
{
    public static RootCommand Create(CommandContext context)
    {
        var target = new TargetOptions();
        return new RootCommand("Keeps container images fresh on EC2 Image Builder.")
        {
            DemoCommand.Create(),
            CloudCommand.Create(),
            InvokeCommand.Create(context),
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
        };
    }

    /// <summary>Runs a command; what the user can do something about is one line on the error output.</summary>
    /// <returns>The exit code: 0 done, 1 failed or refused, 130 interrupted.</returns>
    public static async Task<int> RunAsync(CommandContext context, string[] arguments, CancellationToken cancellationToken = default)
    {
        var configuration = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            Output = context.Output,
            Error = context.Error,
        };
        try
        {
            return await Create(context).Parse(arguments).InvokeAsync(configuration, cancellationToken);
        }
        catch (Exception e) when (e is CommandException or Core.AutomationException)
        {
            await context.Error.WriteLineAsync(e.Message);
            return 1;
        }
        catch (Amazon.Runtime.AmazonClientException e)
        {
            // No credentials or no Region: found when a client is made, before any call.
            await context.Error.WriteLineAsync(e.Message);
            return 1;
        }
        catch (OperationCanceledException)
        {
            return 130;
        }
    }
}
