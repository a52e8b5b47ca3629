using System.CommandLine;
using Automation.Aws.Sdk;
using Automation.Cli.Deployment;
using Automation.Cli.Reports;

namespace Automation.Cli.Commands;

/// <summary><c>automation seed</c>: pushes a placeholder where a recipe's base is missing, for the first deployment.</summary>
internal static class SeedCommand
{
    public static Command Create(CommandContext context, TargetOptions target)
    {
        var command = new Command("seed", "Pushes a placeholder image where the base of a recipe is missing, before recipes are deployed; never moves a tag");
        target.AddTo(command);
        command.SetAction((result, cancellationToken) => RunAsync(context, target.Read(result, context), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, Target target, CancellationToken cancellationToken)
    {
        using var narration = new Narration(context, target.Output);
        using var connection = await Connection.OpenAsync(target, context, cancellationToken);
        try
        {
            foreach (var seeded in await new Placeholders(connection.Ecr, connection.Scope).SeedAsync(connection.Catalog, cancellationToken))
            {
                narration.Say("note", $"{seeded.Base} {seeded.Why}");
            }
        }
        catch (Amazon.Runtime.AmazonServiceException e)
        {
            throw new CommandException($"The placeholders could not be pushed: {e.Message}");
        }

        return ExitCodes.Done;
    }
}
