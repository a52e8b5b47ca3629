using System.Buffers;

namespace Automation.Cli.Reports;

/// <summary>Breaks text into lines of a given width, between words where it can.</summary>
internal static class Wrapping
{
    /// <summary>The characters after which a word may be broken if it is longer than a line: a digest, an ARN, a path.</summary>
    private static readonly SearchValues<char> Joints = SearchValues.Create("/:,-_.@=");

    /// <summary>A narrower terminal wraps lines on its own.</summary>
    private const int Narrowest = 8;

    /// <summary>Puts a text after a head. Further lines of the text start in the column of its first line.</summary>
    /// <param name="width">Null if the output is not a terminal; then nothing is wrapped.</param>
    public static IEnumerable<string> Hang(string head, string text, int? width)
    {
        var lines = width is { } columns ? Wrap(text, columns - head.Length) : [text];
        return lines.Select((line, i) => $"{(i == 0 ? head : new string(' ', head.Length))}{line}");
    }

    /// <returns>At least one line.</returns>
    public static IReadOnlyList<string> Wrap(string text, int width)
    {
        width = Math.Max(width, Narrowest);
        var lines = new List<string>();
        foreach (var paragraph in text.ReplaceLineEndings("\n").Split('\n'))
        {
            var line = "";
            foreach (var word in paragraph.Split(' '))
            {
                var rest = word;
                if (line.Length > 0 && line.Length + 1 + rest.Length <= width)
                {
                    line += " " + rest;
                    continue;
                }

                if (line.Length > 0)
                {
                    lines.Add(line);
                }

                while (rest.Length > width)
                {
                    var cut = rest.AsSpan(0, width).LastIndexOfAny(Joints) + 1;
                    cut = cut < width / 2 ? width : cut;
                    lines.Add(rest[..cut]);
                    rest = rest[cut..];
                }

                line = rest;
            }

            lines.Add(line);
        }

        return lines;
    }
}
