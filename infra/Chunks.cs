namespace Automation.Infra;

/// <summary>Divides long lists, because AWS limits the characters of policies and event patterns.</summary>
internal static class Chunks
{
    /// <summary>The items in order, without duplicates, in as few chunks as possible. A chunk is longer than the limit only if a single item is.</summary>
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
