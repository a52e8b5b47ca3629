using System.CommandLine;
using Automation.Cli.Deployment;
using Automation.Cli.Reports;

namespace Automation.Cli.Commands;

/// <summary><c>automation why</c>: the history of an image, build by build.</summary>
internal static class WhyCommand
{
    public static Command Create(Surroundings surroundings, TargetOptions target)
    {
        var name = new Argument<string>("image") { Description = "An image of the catalog" };
        var command = new Command("why", "Shows the history of an image: what started each build, from which base, and what was decided") { name };
        target.AddTo(command);
        command.SetAction((result, cancellationToken) => RunAsync(surroundings, target.Read(result, surroundings), result.GetValue(name)!, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(Surroundings surroundings, Target target, string name, CancellationToken cancellationToken)
    {
        using var connection = await Connection.OpenAsync(target, surroundings, cancellationToken);
        var image = connection.Fleet.Image(name);
        var (_, builds) = await connection.Fleet.BuildsAsync(image, cancellationToken);
        if (builds.Count == 0)
        {
            await surroundings.Output.WriteLineAsync($"{image.Name} was never built; `automation plan {image.Name}` says what is due.");
            return 0;
        }

        BuildHistoryReport.Of(builds, connection.Clock.GetUtcNow()).Write(surroundings.Console);
        return 0;
    }
}
