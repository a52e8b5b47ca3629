namespace Automation.LocalCloud.Common;

/// <summary>
/// Whether wildcards of one field ask for too much at a time: the number of ways in which the worst text could still match after some
/// character. The service counts so and does not tell its limit; of the examples in its documents
/// (<c>*:*:*:*:*:event-bus/*</c> is refused, <c>/Users/*/dir/dir/dir/dir/dir/doc.txt</c> is taken) the first counts ten and the second seven.
/// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html#eb-filtering-wildcard-matching-complexity
/// </summary>
internal static class WildcardComplexity
{
    private const int Limit = 10;

    /// <summary>Sets of positions looked at before the answer is no: patterns that need more have reached the limit long before.</summary>
    private const int MaxSets = 10_000;

    public static bool IsTooGreat(IReadOnlyList<EscapedWildcard> patterns)
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

    /// <summary>Where the patterns may stand after one more character, and how many ways lead there; a null character is one that no pattern names.</summary>
    private static (HashSet<(int Pattern, int At)> Next, int Size) Step(IReadOnlyList<EscapedWildcard> patterns, HashSet<(int Pattern, int At)> set, char? character)
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

    /// <summary>A star may stand for nothing: with it counts what follows it.</summary>
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
