namespace Automation.Local;

/// <summary>Divides a text into lines at its spaces, so that the caller can keep the lines in their column.</summary>
internal static class WrappedText
{
    /// <summary>A narrower terminal wraps lines on its own.</summary>
    private const int Narrowest = 20;

    /// <returns>At least one line. A word that is longer than a line gets its own line.</returns>
    public static IReadOnlyList<string> Lines(string text, int width)
    {
        var lines = new List<string>();
        var line = "";
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > Math.Max(width, Narrowest))
            {
                lines.Add(line);
                line = word;
            }
            else
            {
                line = lines.Count == 0 && line.Length == 0 ? word : $"{line} {word}";
            }
        }

        lines.Add(line);
        return lines;
    }
}
