namespace Automation.Core;

/// <summary>Finds the known name that a person probably meant.</summary>
public static class Suggestion
{
    /// <summary>The number of letters by which names are compared.</summary>
    private const int Beginning = 3;

    /// <summary>Ends a sentence about an unknown name: <c>; did you mean 'status'?</c>, or a full stop if no known name is similar.</summary>
    public static string End(string text, IEnumerable<string> known) => Find(text, known) is { } meant ? $"; did you mean '{meant}'?" : ".";

    /// <summary>The most similar known name: at most a third of its letters are wrong, missing, superfluous or swapped, or the text is its beginning.
    /// A single wrong letter and a beginning come before two wrong letters. Null if there is none.</summary>
    public static string? Find(string text, IEnumerable<string> known) => known
        .Where(name => !string.Equals(name, text, StringComparison.Ordinal))
        .Select(name => (Name: name, Edits: Edits(text.ToLowerInvariant(), name.ToLowerInvariant())))
        .Where(each => each.Edits <= Math.Max(1, each.Name.Length / 3)
            || (text.Length >= Beginning && each.Name.StartsWith(text, StringComparison.OrdinalIgnoreCase)))
        .OrderBy(each => each.Edits > 1 && !each.Name.StartsWith(text, StringComparison.OrdinalIgnoreCase))
        .ThenBy(each => each.Edits).ThenBy(each => each.Name, StringComparer.Ordinal)
        .Select(each => each.Name).FirstOrDefault();

    // The distance of Damerau and Levenshtein, where no letter is edited twice.
    private static int Edits(string one, string other)
    {
        var rows = Enumerable.Range(0, one.Length + 1).Select(_ => new int[other.Length + 1]).ToArray();
        for (var i = 0; i <= one.Length; i++)
        {
            for (var j = 0; j <= other.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    rows[i][j] = i + j;
                    continue;
                }

                var change = one[i - 1] == other[j - 1] ? 0 : 1;
                rows[i][j] = Math.Min(Math.Min(rows[i - 1][j] + 1, rows[i][j - 1] + 1), rows[i - 1][j - 1] + change);
                if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                {
                    rows[i][j] = Math.Min(rows[i][j], rows[i - 2][j - 2] + 1);
                }
            }
        }

        return rows[^1][^1];
    }
}
