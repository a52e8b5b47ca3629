using Automation.Cli.Deployment;
using Spectre.Console;

namespace Automation.Cli.Web;

/// <summary>The result of a command that the console ran.</summary>
/// <param name="Command">As a person would type it.</param>
/// <param name="ExitCode">See <see cref="ExitCodes"/>.</param>
/// <param name="Lines">What it printed, the errors last.</param>
internal sealed record ActionResult(string Command, int ExitCode, IReadOnlyList<string> Lines);

/// <summary>Runs actions as the commands that they are, with the same checks and the same user.</summary>
/// <param name="target">The deployment, read at each action.</param>
internal sealed class ConsoleActions(CommandContext context, Func<Target> target)
{
    /// <exception cref="CommandException">The request is not an action of the console.</exception>
    public async Task<ActionResult> RunAsync(ConsoleRequest request, CancellationToken cancellationToken)
    {
        var arguments = request.ToArguments();
        using var output = new StringWriter();
        using var error = new StringWriter();
        var quiet = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        quiet.Profile.Width = 200;
        var own = context with { Console = quiet, Output = output, Error = error, Input = TextReader.Null, ErrorColumns = null };
        var code = await CommandLine.RunAsync(own, [.. arguments, .. target().ToArguments()], cancellationToken);
        return new ActionResult(ConsoleRequest.Typed(arguments), code, [.. Lines(output), .. Lines(error)]);
    }

    private static string[] Lines(StringWriter text) =>
        text.ToString().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
