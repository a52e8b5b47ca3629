namespace Automation.Core.Images;

/// <summary>Matches texts against patterns in which <c>*</c> matches any characters or none.</summary>
internal static class Wildcards
{
    public static bool Match(string pattern, string text) => Match(pattern.Split('*'), text);

    /// <param name="parts">The pattern, split at each <c>*</c>.</param>
    public static bool Match(IReadOnlyList<string> parts, string text)
    {
        if (parts is [var exact])
        {
            return string.Equals(exact, text, StringComparison.Ordinal);
        }

        var first = parts[0];
        var last = parts[^1];
        if (text.Length < first.Length + last.Length
            || !text.StartsWith(first, StringComparison.Ordinal)
            || !text.EndsWith(last, StringComparison.Ordinal))
        {
            return false;
        }

        var position = first.Length;
        var end = text.Length - last.Length;
        for (var i = 1; i < parts.Count - 1; i++)
        {
            var found = text.IndexOf(parts[i], position, end - position, StringComparison.Ordinal);
            if (found < 0)
            {
                return false;
            }

            position = found + parts[i].Length;
        }

        return true;
    }
}
