using Automation.Core;
using Spectre.Console;

namespace Automation.Cli;

/// <summary>The console, clock, user, environment and folder of a command. Tests pass their own.</summary>
/// <param name="Error">Everything that is not a result: progress, logs, errors.</param>
/// <param name="User">The person who runs the command; recorded with requested builds and approvals.</param>
/// <param name="Variable">Reads an environment variable.</param>
/// <param name="Folder">The working directory.</param>
internal sealed record CommandContext(
    IAnsiConsole Console, TextWriter Output, TextWriter Error, TimeProvider Time, string User, Func<string, string?> Variable, string Folder)
{
    /// <summary>How many images a command reads at the same time. Image Builder throttles by account and Region, and the functions call it too. The
    /// SDK retries what is throttled.</summary>
    public const int Concurrent = 8;

    /// <summary>Piped output (CI, a file) gets plain lines of full length instead of an 80-column terminal's.</summary>
    private const int PipedWidth = 200;

    /// <summary>The source of a person's answers.</summary>
    public TextReader Input { get; init; } = TextReader.Null;

    /// <summary>Whether the command can prompt a person.</summary>
    public bool CanAsk => Console.Profile.Out.IsTerminal && Console.Profile.Capabilities.Interactive && !System.Console.IsInputRedirected;

    /// <summary>The columns of the terminal; null if the output is piped.</summary>
    public int? Columns => Console.Profile.Out.IsTerminal ? Console.Profile.Width : null;

    /// <summary>The columns for errors; null if they are piped. Then each is one line, so that it can be searched.</summary>
    public int? ErrorColumns { get; init; }

    /// <summary>Writes a line to the error output. A terminal would break it within a word, so it is broken between words there.</summary>
    public async Task ComplainAsync(string text)
    {
        foreach (var line in ErrorColumns is { } columns ? Reports.Wrapping.Wrap(text, columns) : [text])
        {
            await Error.WriteLineAsync(line);
        }
    }

    /// <summary>Reads something for each item; on a terminal it shows how many have been read.</summary>
    /// <param name="concurrent">How many items are read at the same time. The results are in the order of the items.</param>
    /// <param name="failed">The result for an item that could not be read.</param>
    public async Task<IReadOnlyList<TResult>> ReadEachAsync<TItem, TResult>(
        IReadOnlyList<TItem> items, int concurrent, Func<TItem, Task<TResult>> read, Func<TItem, AutomationException, TResult> failed)
    {
        var results = new TResult[items.Count];
        var done = 0;
        if (!Console.Profile.Out.IsTerminal || !Console.Profile.Capabilities.Interactive)
        {
            await ReadAsync(_ => { });
            return results;
        }

        await Console.Status().StartAsync("reading", status => ReadAsync(text => status.Status = text));
        return results;

        Task ReadAsync(Action<string> show) => Parallel.ForEachAsync(
            Enumerable.Range(0, items.Count), new ParallelOptions { MaxDegreeOfParallelism = concurrent }, async (i, _) =>
            {
                try
                {
                    results[i] = await read(items[i]);
                }
                catch (AutomationException e) when (Deployment.Profiles.Expired(e, profile: null) is null)
                {
                    results[i] = failed(items[i], e);
                }

                show($"read {Interlocked.Increment(ref done)} of {items.Count}");
            });
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
            UserName(),
            Environment.GetEnvironmentVariable,
            Environment.CurrentDirectory)
        {
            Input = System.Console.In,
            ErrorColumns = System.Console.IsErrorRedirected ? null : console.Profile.Width,
        };
    }

    /// <summary>The user's name; <c>someone</c> in a container without /etc/passwd, for which .NET throws.</summary>
    private static string UserName()
    {
        try
        {
            return Environment.UserName is { Length: > 0 } name ? name : "someone";
        }
        catch (IOException)
        {
            return "someone";
        }
    }
}
