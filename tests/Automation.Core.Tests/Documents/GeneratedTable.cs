namespace Automation.Core.Tests.Documents;

/// <summary>
/// The rows of a table that is generated from the code, between two comments of a document:
/// <code>
/// &lt;!-- begin reason codes --&gt;
/// | code | meaning |
/// | --- | --- |
/// | `held` | A hold … |
/// &lt;!-- end reason codes --&gt;
/// </code>
/// UPDATE_SNAPSHOTS=1 writes the rows again.
/// </summary>
internal static class GeneratedTable
{
    public static void IsIn(string file, string name, IEnumerable<string> rows)
    {
        var text = SourceTree.Read(file);
        var (begin, end) = ($"<!-- begin {name} -->\n", $"<!-- end {name} -->\n");
        var start = text.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        var stop = text.IndexOf(end, StringComparison.Ordinal);
        Assert.True(start >= begin.Length && stop >= start, $"{file} has no table between '{begin.Trim()}' and '{end.Trim()}'.");

        var actual = text[start..stop].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] expected = [.. actual.Take(2), .. rows];
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1")
        {
            File.WriteAllText(SourceTree.PathOf(file), text[..start] + string.Join('\n', expected) + '\n' + text[stop..]);
        }
        else
        {
            Assert.Equal(expected, actual);
        }
    }
}
