using Automation.Core;
using Spectre.Console;

namespace Automation.Cli;

/// <summary>The environment of a command; tests replace it.</summary>
/// <param name="Error">The output for everything that is not a result: progress, logs, errors.</param>
/// <param name="User">The user, recorded with manual builds and approvals.</param>
/// <param name="Variable">Returns an environment variable.</param>
/// <param name="Folder">The working directory.</param>
internal sealed record CommandContext(
    IAnsiConsole Console, TextWriter Output, TextWriter Error, TimeProvider Time, string User, Func<string, string?> Variable, string Folder)
{
    /// <summary>Piped output (CI, a file) gets complete plain lines instead of the lines of an 80-column terminal.</summary>
    private const int PipedWidth = 200;

    /// <summary>Reads something for each item; a terminal shows the current item.</summary>
    /// <param name="failed">Returns the value for an item that could not be read.</param>
    public async Task<IReadOnlyList<TResult>> ReadEachAsync<TItem, TResult>(
        IReadOnlyList<TItem> items, Func<TItem, string> name, Func<TItem, Task<TResult>> read, Func<TItem, AutomationException, TResult> failed)
    {
        var results = new List<TResult>();
        if (!Console.Profile.Out.IsTerminal || !Console.Profile.Capabilities.Interactive)
        {
            await ReadAsync(_ => { });
            return results;
        }

        await Console.Status().StartAsync("reading", status => ReadAsync(text => status.Status = Markup.Escape(text)));
        return results;

        async Task ReadAsync(Action<string> show)
        {
            foreach (var item in items)
            {
                show($"reading {name(item)}");
                try
                {
                    results.Add(await read(item));
                }
                catch (AutomationException e)
                {
                    results.Add(failed(item, e));
                }
            }
        }
    }

    public static CommandContext OfProcess()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings());
        if (System.Console.IsOutputRedirected)
        {
            console.Profile.Width = PipedWidth;
        }

        return new CommandContext(
            console,
            System.Console.Out,
            System.Console.Error,
            TimeProvider.System,
            Environment.UserName,
            Environment.GetEnvironmentVariable,
            Environment.CurrentDirectory);
    }
}
