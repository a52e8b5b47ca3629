using System.CommandLine;
using Automation.Cli.Deployment;
using Automation.Cli.Reports;

namespace Automation.Cli.Commands;

/// <summary><c>automation status</c>: for every image, what is promoted where, and what it is waiting for.</summary>
internal static class StatusCommand
{
    public static Command Create(CommandContext context, TargetOptions target)
    {
        var json = new Option<bool>("--json") { Description = "For programs" };
        var command = new Command("status", "Shows the state of every image: newest build, promoted tags, holds, and what it waits for") { json };
        target.AddTo(command);
        command.SetAction((result, cancellationToken) => RunAsync(context, target.Read(result, context), result.GetValue(json), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context, Target target, bool json, CancellationToken cancellationToken)
    {
        using var connection = await Connection.OpenAsync(target, context, cancellationToken);
        var reader = new StatusReader(connection);
        var images = await context.ReadEachAsync(
            connection.Catalog.Images, image => image.Name, image => reader.ReadAsync(image, cancellationToken), ImageStatus.Unknown);
        var incidents = await connection.ReadIncidentsAsync(cancellationToken);
        images = [.. images.Zip(connection.Catalog.Images, (image, spec) => image with { Incidents = IncidentView.Of(image.Image, connection.Fleet.RegionsOf(spec), incidents) })];
        if (json)
        {
            await context.Output.WriteLineAsync(JsonOutput.Of(images));
        }
        else
        {
            StatusReader.Table(images, connection.Clock.GetUtcNow()).Write(context.Console);
        }

        return images.Any(image => image.Build.IsUnknown || image.Unread.Count > 0) ? 1 : 0;
    }
}
