namespace Automation.LocalCloud.Wire;

/// <summary>Reads <c>a=1&amp;b=x%20y&amp;b=z</c>: query strings and the forms of the Query protocol.</summary>
internal static class QueryText
{
    /// <summary>If a name occurs several times, the last value counts.</summary>
    public static Dictionary<string, string> Parse(string text)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in Pairs(text))
        {
            values[name] = value;
        }

        return values;
    }

    public static List<string> All(string text, string name) => [.. Pairs(text).Where(pair => pair.Name == name).Select(pair => pair.Value)];

    private static IEnumerable<(string Name, string Value)> Pairs(string text)
    {
        foreach (var pair in text.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            yield return equals < 0 ? (Decode(pair), "") : (Decode(pair[..equals]), Decode(pair[(equals + 1)..]));
        }
    }

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
