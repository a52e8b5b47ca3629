using System.CommandLine;
using Automation.Cli.Deployment;
using Automation.Cli.Reports;
using Automation.Core.Catalog;

namespace Automation.Cli.Commands;

/// <summary><c>automation status</c>: a row for each image, or one image in full.</summary>
internal static class StatusCommand
{
    public static Command Create(CommandContext context, TargetOptions target)
    {
        var name = new Argument<string?>("image") { Description = "Only this image, in full", Arity = ArgumentArity.ZeroOrOne };
        var only = OnlyOption.Create("problems", "Only images that need a person");
        var command = new Command("status", "Shows a row for each image: newest build, promoted tags, age, and what it waits for or what is wrong")
        {
            name, only
        };
        target.AddTo(command);
        command.SetAction((result, cancellationToken) =>
            RunAsync(context, target.Read(result, context), result.GetValue(name), result.GetValue(only) is not null, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, Target target, string? name, bool problems, CancellationToken cancellationToken)
    {
        using var connection = await Connection.OpenAsync(target, context, cancellationToken);
        var specs = name is null ? connection.Catalog.Images : (IReadOnlyList<ImageSpec>)[connection.Fleet.Image(name)];
        var reader = new StatusReader(connection);
        var images = await context.ReadEachAsync(specs, CommandContext.Concurrent, image => reader.ReadAsync(image, cancellationToken), ImageStatus.Unknown);
        var incidents = await connection.ReadIncidentsAsync(cancellationToken);
        images = [.. images.Zip(specs, (image, spec) => image with { Incidents = IncidentView.Of(image.Image, connection.Fleet.RegionsOf(spec), incidents) })];
        var now = connection.Clock.GetUtcNow();
        var shown = images.Where(image => !problems || image.IsProblem).ToList();
        JsonOutput.Write(context, target.Output, shown, JsonOutput.Node, () => name is null ? StatusReport.Rows(shown, now) : StatusReport.Full(shown, now));
        if (target.Output == OutputFormat.Table && name is null)
        {
            await context.Output.WriteLineAsync(StatusReport.Count(images));
        }

        return images.Any(image => image.Build.IsUnknown || image.Unread.Count > 0) ? ExitCodes.Failed : ExitCodes.Done;
    }
}
