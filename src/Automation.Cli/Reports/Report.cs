using Spectre.Console;

namespace Automation.Cli.Reports;

/// <summary>
/// A report for people: lines with subject, topic and text. On a terminal it is a table that names each subject once; piped, each line
/// is complete and aligned, so that it can be searched.
/// </summary>
internal sealed class Report(string subject, string matter, string text)
{
    private readonly List<(string Subject, string Matter, string Text, string Style)> _lines = [];

    public void Add(string of, string about, string what, string style = "default") => _lines.Add((of, about, what, style));

    public void Write(IAnsiConsole console)
    {
        if (!console.Profile.Out.IsTerminal)
        {
            WritePlain(console);
            return;
        }

        var table = new Table().Border(TableBorder.Rounded).AddColumn(subject).AddColumn(matter).AddColumn(text);
        string? last = null;
        foreach (var line in _lines)
        {
            if (last is not null && last != line.Subject)
            {
                table.AddEmptyRow();
            }

            table.AddRow(
                new Markup(line.Subject == last ? "" : $"[bold]{Markup.Escape(line.Subject)}[/]"),
                new Markup(Markup.Escape(line.Matter)),
                new Markup($"[{line.Style}]{Markup.Escape(line.Text)}[/]"));
            last = line.Subject;
        }

        console.Write(table);
    }

    private void WritePlain(IAnsiConsole console)
    {
        var first = _lines.Select(line => line.Subject.Length).DefaultIfEmpty(0).Max();
        var second = _lines.Select(line => line.Matter.Length).DefaultIfEmpty(0).Max();
        foreach (var line in _lines)
        {
            console.Profile.Out.Writer.WriteLine($"{line.Subject.PadRight(first)}  {line.Matter.PadRight(second)}  {line.Text}");
        }
    }
}
