namespace Automation.Infra;

/// <summary>AWS limits by characters what a large catalog makes long: policies, event patterns.</summary>
internal static class Chunks
{
    /// <summary>The items in order, without doubles, in as few chunks as do not exceed a length; an item that does is a chunk by itself.</summary>
    public static IEnumerable<IReadOnlyList<string>> ChunkByLength(this IEnumerable<string> items, int most, Func<string, int> length)
    {
        var chunk = new List<string>();
        var taken = 0;
        foreach (var item in items.Distinct(StringComparer.Ordinal))
        {
            if (chunk.Count > 0 && taken + length(item) > most)
            {
                yield return chunk;
                chunk = [];
                taken = 0;
            }

            chunk.Add(item);
            taken += length(item);
        }

        if (chunk.Count > 0)
        {
            yield return chunk;
        }
    }
}
