using System.CommandLine;
using Automation.Cli;
using Spectre.Console;

namespace Automation.Testing;

/// <summary>The result of a command.</summary>
internal sealed record CommandRun(int ExitCode, string Output, string Error)
{
    /// <summary>Runs a command of the operator's tool.</summary>
    /// <param name="variable">Returns an environment variable; null means an empty environment.</param>
    /// <param name="input">A person's answers.</param>
    public static async Task<CommandRun> OfAsync(
        TimeProvider time, string[] arguments, string folder, CancellationToken cancellationToken, Func<string, string?>? variable = null, string input = "")
    {
        using var answers = new StringReader(input);
        return await OfAsync(
            (context, token) => CommandLine.RunAsync(context with { Input = answers }, arguments, token), time, folder, cancellationToken, variable);
    }

    /// <summary>Runs a command of another tool.</summary>
    public static Task<CommandRun> OfAsync(
        Func<CommandContext, RootCommand> root, TimeProvider time, string[] arguments, string folder, CancellationToken cancellationToken) =>
        OfAsync((context, token) => CommandLine.RunAsync(root(context), context, arguments, token), time, folder, cancellationToken);

    private static async Task<CommandRun> OfAsync(
        Func<CommandContext, CancellationToken, Task<int>> run, TimeProvider time, string folder, CancellationToken cancellationToken,
        Func<string, string?>? variable = null)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = 1000;
        var code = await run(new CommandContext(console, output, error, time, "anna", variable ?? (_ => null), folder), cancellationToken);
        return new CommandRun(code, output.ToString(), error.ToString());
    }
}
