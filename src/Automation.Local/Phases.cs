using System.Globalization;
using Automation.Cli.Reports;
using Spectre.Console;

namespace Automation.Local;

/// <summary>
/// Shows the phases of a long command. On a terminal, the running phase has a line that is updated; when it ends, its name, time and result
/// remain. Otherwise (a pipe, CI) each is written as a line.
/// </summary>
internal sealed class Phases(IAnsiConsole console, TimeProvider time)
{
    private const int NameWidth = 10;
    private const int TimeWidth = 9;

    /// <summary>The columns of the spinner before the line of a running phase.</summary>
    private const int SpinnerWidth = 2;

    /// <summary>A pipe gets lines of full length.</summary>
    private const int PipedWidth = 1000;

    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(200);

    /// <summary>How often a running phase prints a line to a pipe.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    /// <summary>Writes to another writer, such as the error output if the standard output is for results.</summary>
    public static Phases On(TextWriter writer, TimeProvider time)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
        if (!console.Profile.Out.IsTerminal)
        {
            console.Profile.Width = PipedWidth;
            console.Profile.Capabilities.Ansi = false;
            console.Profile.Capabilities.ColorSystem = ColorSystem.NoColors;
        }

        return new Phases(console, time);
    }

    /// <summary>Runs one phase.</summary>
    /// <param name="name">One word, such as <c>build</c>.</param>
    /// <param name="first">The first activity to show.</param>
    public async Task<T> RunAsync<T>(string name, string first, Func<Phase, Task<T>> work)
    {
        var start = time.GetTimestamp();
        var live = console.Profile.Out.IsTerminal && console.Profile.Capabilities is { Interactive: true, Ansi: true };
        var phase = new Phase(first, text =>
        {
            if (!live)
            {
                console.WriteLine($"{name,-NameWidth}        …  {text}");
            }
        });
        try
        {
            var running = work(phase);
            if (live)
            {
                await console.Status().Spinner(Spinner.Known.Dots).StartAsync(Line(), async status =>
                {
                    while (await Task.WhenAny(running, Task.Delay(Refresh, time)) != running)
                    {
                        status.Status = Line();
                    }
                });
            }

            else
            {
                while (await Task.WhenAny(running, Task.Delay(Silence, time)) != running)
                {
                    console.WriteLine($"{Head(NameWidth + TimeWidth)}… {phase.Doing}");
                }
            }

            var result = await running;
            Write("blue", phase.Result ?? phase.Doing);
            foreach (var warning in phase.Warnings)
            {
                WriteWrapped($"{"warning",-NameWidth}{"",TimeWidth}  ", warning, "yellow");
            }

            return result;
        }
        catch
        {
            Write("red", "failed");
            throw;
        }

        // A line that wraps would not be overwritten.
        string Line() => Markup.Escape(Cut($"{Head(NameWidth + TimeWidth - SpinnerWidth)}{phase.Doing}", console.Profile.Width - SpinnerWidth - 1));

        void Write(string colour, string text) => WriteWrapped(Head(NameWidth + TimeWidth), text, colour);

        string Head(int columns)
        {
            var took = string.Create(CultureInfo.InvariantCulture, $"{time.GetElapsedTime(start).TotalSeconds:0.0} s");
            return $"{name}{took.PadLeft(columns - name.Length)}  ";
        }
    }

    private void WriteWrapped(string head, string text, string colour)
    {
        var lines = Wrapping.Wrap(text, console.Profile.Width - head.Length);
        console.MarkupLine($"[{colour}]{Markup.Escape(head)}[/]{Markup.Escape(lines[0])}");
        foreach (var line in lines.Skip(1))
        {
            console.WriteLine($"{new string(' ', head.Length)}{line}");
        }
    }

    private static string Cut(string text, int width) => text.Length <= width ? text : $"{text[..Math.Max(0, width - 1)]}…";
}

/// <summary>A running phase.</summary>
internal sealed class Phase
{
    private readonly Action<string> _said;
    private readonly List<string> _warnings = [];

    public Phase(string first, Action<string> said)
    {
        _said = said;
        Doing = first;
    }

    /// <summary>The current activity.</summary>
    public string Doing { get; private set; }

    /// <summary>The text that remains after its end.</summary>
    public string? Result { get; set; }

    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Shows a new activity.</summary>
    public void Say(string text)
    {
        Doing = text;
        _said(text);
    }

    /// <summary>Shows an activity on a terminal only; a pipe does not get every step.</summary>
    public void Show(string text) => Doing = text;

    /// <summary>Adds a warning, which is shown at the end of the phase.</summary>
    public void Warn(string text) => _warnings.Add(text);
}
