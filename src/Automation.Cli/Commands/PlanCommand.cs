using System.CommandLine;
using Automation.Cli.Deployment;
using Automation.Cli.Reports;
using Automation.Core.Catalog;

namespace Automation.Cli.Commands;

/// <summary><c>automation plan</c>: what would be built, released and pruned now, with reasons. Changes nothing.</summary>
internal static class PlanCommand
{
    public static Command Create(CommandContext context, TargetOptions target)
    {
        var name = new Argument<string?>("image") { Description = "Only this image", Arity = ArgumentArity.ZeroOrOne };
        var json = new Option<bool>("--json") { Description = "For programs" };
        var command = new Command("plan", "Shows what would be built, released and pruned now, and why; changes nothing") { name, json };
        target.AddTo(command);
        command.SetAction((result, cancellationToken) =>
            RunAsync(context, target.Read(result, context), result.GetValue(name), result.GetValue(json), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, Target target, string? name, bool json, CancellationToken cancellationToken)
    {
        using var connection = await Connection.OpenAsync(target, context, cancellationToken);
        var images = name is null ? connection.Catalog.Images : (IReadOnlyList<ImageSpec>)[connection.Fleet.Image(name)];
        var reader = new PlanReader(connection);
        var plans = await context.ReadEachAsync(images, image => image.Name, image => reader.ReadAsync(image, cancellationToken), ImagePlan.Unknown);
        if (json)
        {
            await context.Output.WriteLineAsync(JsonOutput.Of(plans));
        }
        else
        {
            PlanReader.Table(plans).Write(context.Console);
        }

        return plans.Any(plan => plan.Build.IsUnknown) ? 1 : 0;
    }
}
