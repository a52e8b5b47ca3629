using System.CommandLine;
using Automation.Cli.Deployment;
using Automation.Cli.Reports;
using Automation.Core;
using Automation.Core.Catalog;

namespace Automation.Cli.Commands;

/// <summary><c>automation plan</c>: what would be built, released and pruned now, with reasons. Changes nothing.</summary>
internal static class PlanCommand
{
    private const string Changes = "changes";

    public static Command Create(CommandContext context, TargetOptions target)
    {
        var name = new Argument<string?>("image")
        {
            Description = "Only this image, with each image that a prune would keep or delete",
            Arity = ArgumentArity.ZeroOrOne
        };
        var only = OnlyOption.Create(Changes, "Only images with something to build, release or delete");
        var command = new Command("plan", "Shows what would be built, released and pruned now, and why; changes nothing") { name, only };
        target.AddTo(command);
        command.SetAction((result, cancellationToken) =>
            RunAsync(context, target.Read(result, context), result.GetValue(name), result.GetValue(only) is not null, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, Target target, string? name, bool changes, CancellationToken cancellationToken)
    {
        using var connection = await Connection.OpenAsync(target, context, cancellationToken);
        var images = name is null ? connection.Catalog.Images : (IReadOnlyList<ImageSpec>)[connection.Fleet.Image(name)];
        var reader = new PlanReader(connection);
        var plans = await context.ReadEachAsync(images, CommandContext.Concurrent, image => reader.ReadAsync(image, cancellationToken), ImagePlan.Unknown);
        var shown = plans.Where(plan => !changes || plan.HasChanges).ToList();
        JsonOutput.Write(context, target.Output, shown, JsonOutput.Node, () => PlanReader.Table(shown, full: name is not null));
        if (target.Output == OutputFormat.Table && name is null)
        {
            var (problems, due) = (plans.Count(plan => plan.IsProblem), plans.Count(plan => plan.HasChanges && !plan.IsProblem));
            var stuck = problems == 0 ? "" : $", {problems} with a problem";
            await context.Output.WriteLineAsync(
                $"{HumanText.Of(plans.Count, "image")}: {due} with something to do, {plans.Count - due - problems} without{stuck}");
        }

        return plans.Any(plan => plan.Build.IsUnknown) ? ExitCodes.Failed : ExitCodes.Done;
    }
}
