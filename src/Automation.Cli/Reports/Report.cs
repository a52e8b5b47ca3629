using System.Text;
using Spectre.Console;

namespace Automation.Cli.Reports;

/// <summary>
/// A table for people. On a terminal it fits the width: a cell that is too long continues below, in its own column, and the first column
/// names each subject once. When piped, each row is one complete line, so that it can be searched.
/// </summary>
/// <param name="columns">The headings. The last column takes the remaining width.</param>
internal sealed class Report(params string[] columns)
{
    private const int Gap = 2;

    /// <summary>The last column gets at least this share of the width; the others shrink.</summary>
    private const double LastShare = 0.3;

    private const int Narrowest = 8;

    /// <summary>Words of the other columns up to this length, such as names of images, are broken only if the last column would get less than
    /// <see cref="NarrowestLast"/>.</summary>
    private const int LongestWord = 32;

    private const int NarrowestLast = 18;

    private readonly List<(string[] Cells, string Style)> _rows = [];

    /// <summary>Whether rows with the same first cell belong together: it is written once, and an empty line follows the last.</summary>
    public bool Groups { get; init; }

    public void Add(string[] cells, string style = "default") => _rows.Add((cells, style));

    public void Add(string subject, string matter, string text, string style = "default") => Add([subject, matter, text], style);

    public void Write(IAnsiConsole console)
    {
        if (_rows.Count == 0)
        {
            return;
        }

        if (!console.Profile.Out.IsTerminal)
        {
            var full = Widths(int.MaxValue);
            foreach (var (cells, _) in _rows)
            {
                console.Profile.Out.Writer
                    .WriteLine(string.Concat(cells.Select((cell, i) => i == columns.Length - 1 ? cell : cell.PadRight(full[i] + Gap))).TrimEnd());
            }

            return;
        }

        var widths = Widths(console.Profile.Width - 1);
        WriteRow(console, columns, widths, "bold");
        string? last = null;
        foreach (var (cells, style) in _rows)
        {
            var same = Groups && cells[0] == last;
            if (Groups && last is not null && !same)
            {
                console.WriteLine();
            }

            WriteRow(console, same ? ["", .. cells[1..]] : cells, widths, style);
            last = cells[0];
        }
    }

    // The style applies to the message; the first cell, which names the subject, stays plain.
    private static void WriteRow(IAnsiConsole console, string[] cells, int[] widths, string style)
    {
        var lines = cells.Select((cell, i) => Wrapping.Wrap(cell, widths[i])).ToList();
        for (var row = 0; row < lines.Max(cell => cell.Count); row++)
        {
            var line = new StringBuilder();
            for (var i = 0; i < cells.Length; i++)
            {
                var text = row < lines[i].Count ? lines[i][row] : "";
                var isLast = lines.Skip(i + 1).All(cell => row >= cell.Count);
                var padded = isLast ? text : text.PadRight(widths[i] + Gap);
                line.Append(i == 0 && style != "bold" ? Markup.Escape(padded) : $"[{style}]{Markup.Escape(padded)}[/]");
                if (isLast)
                {
                    break;
                }
            }

            console.MarkupLine(line.ToString());
        }
    }

    /// <summary>Shrinks all columns but the last to a sum, the widest first, one character at a time.</summary>
    /// <param name="narrowest">The width that each column keeps.</param>
    private static void Shrink(int[] widths, int[] narrowest, int sum)
    {
        while (widths[..^1].Sum() > sum
            && Enumerable.Range(0, widths.Length - 1).Where(i => widths[i] > Math.Max(Narrowest, narrowest[i])).OrderByDescending(i => widths[i])
                .Select(i => (int?)i).FirstOrDefault() is { } widest)
        {
            widths[widest]--;
        }
    }

    private int[] Widths(int room)
    {
        var rows = room == int.MaxValue ? _rows.Select(row => row.Cells) : _rows.Select(row => row.Cells).Prepend(columns);
        var widths = Enumerable.Range(0, columns.Length).Select(i => rows.Max(row => row[i].Length)).ToArray();
        if (room == int.MaxValue)
        {
            return widths;
        }

        var gaps = Gap * (columns.Length - 1);
        var last = columns.Length - 1;
        var least = Math.Min(widths[last], (int)(room * LastShare));

        var words = Enumerable.Range(0, last).Select(i => Math.Min(LongestWord, rows.Max(row => row[i].Split(' ').Max(word => word.Length)))).ToArray();
        Shrink(widths, words, room - gaps - least);
        Shrink(widths, new int[last], room - gaps - Math.Min(least, NarrowestLast));
        widths[last] = Math.Max(Narrowest, Math.Min(widths[last], room - gaps - widths[..last].Sum()));
        return widths;
    }
}
