using System.CommandLine;
using Automation.Cli.Commands;
using Automation.Cli.Deployment;

namespace Automation.Cli;

/// <summary>All commands.</summary>
internal static class CommandLine
{
    public static RootCommand Create(Surroundings surroundings)
    {
        var target = new TargetOptions();
        return new RootCommand("Keeps container images fresh on EC2 Image Builder.")
        {
            DemoCommand.Create(),
            CloudCommand.Create(),
            InvokeCommand.Create(surroundings),
            StatusCommand.Create(surroundings, target),
            PlanCommand.Create(surroundings, target),
            WhyCommand.Create(surroundings, target),
            BuildCommand.Create(surroundings, target),
            PromoteCommand.Create(surroundings, target),
            RollbackCommand.Create(surroundings, target),
            ApprovalCommands.CreateApprove(surroundings, target),
            ApprovalCommands.CreateReject(surroundings, target),
            PruneCommand.Create(surroundings, target),
            RedriveCommand.Create(surroundings, target),
            SeedCommand.Create(surroundings, target),
            DoctorCommand.Create(surroundings, target),
        };
    }

    /// <summary>Runs a command; what the user can do something about is one line on the error output.</summary>
    /// <returns>The exit code: 0 done, 1 failed or refused, 130 interrupted.</returns>
    public static async Task<int> RunAsync(Surroundings surroundings, string[] arguments, CancellationToken cancellationToken = default)
    {
        var configuration = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false,
            Output = surroundings.Output,
            Error = surroundings.Error,
        };
        try
        {
            return await Create(surroundings).Parse(arguments).InvokeAsync(configuration, cancellationToken);
        }
        catch (Exception e) when (e is CommandException or Core.AutomationException)
        {
            await surroundings.Error.WriteLineAsync(e.Message);
            return 1;
        }
        catch (Amazon.Runtime.AmazonClientException e)
        {
            // No credentials or no Region: found when a client is made, before any call.
            await surroundings.Error.WriteLineAsync(e.Message);
            return 1;
        }
        catch (OperationCanceledException)
        {
            return 130;
        }
    }
}
