namespace Automation.LocalCloud.Common;

/// <summary>
/// Whether the wildcards of one field are too complex: the number of ways in which the worst text could still match after some
/// character. The service measures this and does not publish its limit. Of the examples in its documentation
/// (<c>*:*:*:*:*:event-bus/*</c> is refused, <c>/Users/*/dir/dir/dir/dir/dir/doc.txt</c> is accepted) the first counts ten and the second seven.
/// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html#eb-filtering-wildcard-matching-complexity
/// </summary>
internal static class WildcardComplexity
{
    private const int Limit = 10;

    /// <summary>The maximum number of position sets that are examined. A pattern that needs more has reached the limit long before.</summary>
    private const int MaxSets = 10_000;

    public static bool IsTooComplex(IReadOnlyList<EscapedWildcard> patterns)
    {
        if (patterns.Count == 0)
        {
            return false;
        }

        var characters = patterns.SelectMany(pattern => pattern.Tokens).Where(token => token is not null).Distinct().Append(null).ToArray();
        var start = Open(patterns, patterns.Select((_, i) => (i, 0)));
        var seen = new HashSet<string>(StringComparer.Ordinal) { Key(start) };
        var waiting = new Queue<HashSet<(int Pattern, int At)>>([start]);
        while (waiting.TryDequeue(out var set) && seen.Count < MaxSets)
        {
            foreach (var character in characters)
            {
                var (next, size) = Step(patterns, set, character);
                if (size >= Limit)
                {
                    return true;
                }

                if (next.Count > 0 && seen.Add(Key(next)))
                {
                    waiting.Enqueue(next);
                }
            }
        }

        return false;
    }

    /// <summary>The positions after one more character, and the number of ways that lead to each; a null character is one that the pattern does not
    /// contain.</summary>
    private static (HashSet<(int Pattern, int At)> Next, int Size) Step(
        IReadOnlyList<EscapedWildcard> patterns, HashSet<(int Pattern, int At)> set, char? character)
    {
        var next = new List<(int, int)>();
        var size = 0;
        foreach (var (pattern, at) in set)
        {
            var tokens = patterns[pattern].Tokens;
            if (at == tokens.Count)
            {
                continue;
            }

            if (tokens[at] is null)
            {
                size++;
                next.Add((pattern, at));
            }
            else if (tokens[at] == character)
            {
                var entersStar = at + 1 < tokens.Count && tokens[at + 1] is null && !set.Contains((pattern, at + 1));
                size += entersStar ? 2 : 1;
                next.Add((pattern, at + 1));
            }
        }

        return (Open(patterns, next), size);
    }

    /// <summary>A star may match nothing, so the position after it counts as well.</summary>
    private static HashSet<(int Pattern, int At)> Open(IReadOnlyList<EscapedWildcard> patterns, IEnumerable<(int Pattern, int At)> positions)
    {
        var set = new HashSet<(int Pattern, int At)>();
        foreach (var (pattern, from) in positions)
        {
            for (var at = from; set.Add((pattern, at)) && at < patterns[pattern].Tokens.Count && patterns[pattern].Tokens[at] is null; at++)
            {
                // The loop adds each position.
            }
        }

        return set;
    }

    private static string Key(HashSet<(int Pattern, int At)> set) => string.Join(';', set.Order());
}
