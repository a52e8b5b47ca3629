using System.Text.Json;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Common;

/// <summary>
/// An event pattern: the fields that an event must have, and the values or comparisons for each, at least one of which must match.
/// <code>
/// { "source": ["aws.ecr"], "detail": { "action-type": ["PUSH"], "image-tag": [{ "anything-but": "" }] },
///   "$or": [ { "region": ["us-east-1"] }, { "account": [{ "prefix": "1" }] } ] }
/// </code>
/// An array in the event matches if one of its elements does; an object in an array must match as a whole. As in AWS's event-ruler, paths are
/// compared in the order of their names: an absent field may exist in other objects than those of the paths before it. Pattern and event are compared by
/// path, so <c>{"a.b":[1]}</c> and <c>{"a":{"b":[1]}}</c> are the same pattern.
/// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
/// </summary>
internal sealed class EventPattern
{
    /// <summary>The maximum number of patterns without <c>$or</c> to which one pattern may expand.</summary>
    private const int MaxRules = 1000;

    /// <summary>Names that no field inside <c>$or</c> may have; "regex" and the names after it are kept for later.</summary>
    private static readonly HashSet<string> Reserved = new(StringComparer.Ordinal)
    {
        "exactly", "equals-ignore-case", "prefix", "suffix", "anything-but", "exists", "wildcard", "numeric", "cidr", "=", "<", "<=", ">", ">=",
        "regex", "not-wildcard", "not-equals-ignore-case", "date-after", "date-on-or-after", "date-before", "date-on-or-before", "in-date-range",
        "ip-address-in-range", "ip-address-not-in-range",
    };

    // In the order in which they are compared.
    private readonly KeyValuePair<string, Leaf>[][] _rules;

    private EventPattern(IReadOnlyList<IReadOnlyDictionary<string, Leaf>> rules) =>
        _rules = [.. rules.Select(rule => rule.OrderBy(path => path.Key, StringComparer.Ordinal).ToArray())];

    /// <exception cref="PatternException">The text is not a pattern.</exception>
    internal static EventPattern Parse(string json, PatternDialect dialect = PatternDialect.EventBridge)
    {
        try
        {
            using var document = JsonDocument.Parse(json, ClientJson.Deep);
            return Parse(json, document.RootElement, dialect);
        }
        catch (JsonException e)
        {
            throw new PatternException(JacksonFault.Of(json, e));
        }
    }

    private static EventPattern Parse(string json, JsonElement root, PatternDialect dialect)
    {
        try
        {
            return root.ValueKind == JsonValueKind.Object
                ? new EventPattern(ParseObject("", root, [new(StringComparer.Ordinal)], dialect))
                : throw new PatternException("Filter is not an object", root);
        }
        catch (PatternException e) when (e.Element is { } element)
        {
            var position = $"\n at {JsonPosition.Of(json, root, element, e.Stop)}";
            throw new PatternException(e.Message + position + (e.IsInList ? position : ""));
        }
    }

    internal bool Matches(JsonElement json) => Matches(new EventFields(json));

    internal bool Matches(EventFields fields) => Array.Exists(_rules, rule => Matches(rule, 0, fields, []));

    /// <param name="at">Index of the next path that must match; the paths before it have matched at <paramref name="places"/>.</param>
    private static bool Matches(KeyValuePair<string, Leaf>[] paths, int at, EventFields fields, List<EventFields.Place> places)
    {
        if (at == paths.Length)
        {
            return true;
        }

        var (path, leaf) = paths[at];
        var found = fields.At(path);
        if (leaf.Absent && !found.Any(field => places.TrueForAll(field.Place.IsConsistentWith)) && Matches(paths, at + 1, fields, places))
        {
            return true;
        }

        foreach (var field in found)
        {
            if (leaf.Tests.Exists(test => test(field.Value)) && places.TrueForAll(field.Place.IsConsistentWith))
            {
                places.Add(field.Place);
                if (Matches(paths, at + 1, fields, places))
                {
                    return true;
                }

                places.RemoveAt(places.Count - 1);
            }
        }

        return false;
    }

    /// <summary>Adds an object's conditions to each rule; alternatives multiply the rules.</summary>
    /// <param name="amongAlternatives">Whether it is inside <c>$or</c>, where a field cannot have the name of an operator.</param>
    private static List<Dictionary<string, Leaf>> ParseObject(
        string path, JsonElement json, List<Dictionary<string, Leaf>> rules, PatternDialect dialect, bool amongAlternatives = false)
    {
        var isEmpty = true;
        foreach (var property in json.EnumerateObject())
        {
            isEmpty = false;
            var name = path.Length == 0 ? property.Name : $"{path}.{property.Name}";
            switch (property.Value.ValueKind)
            {
                case var _ when property.Name == "$or":
                    rules = ParseAlternatives(path, property.Value, rules, dialect);
                    break;
                case var _ when amongAlternatives && Reserved.Contains(property.Name):
                    throw new PatternException($"{property.Name} is Ruler reserved fieldName which cannot be used inside $or.", property.Value);
                case JsonValueKind.Array:
                    var leaf = ParseLeaf(property.Value, dialect);
                    rules.ForEach(rule => rule[name] = leaf);
                    break;
                case JsonValueKind.Object:
                    rules = ParseObject(name, property.Value, rules, dialect, amongAlternatives);
                    break;
                default:
                    throw new PatternException($"\"{property.Name}\" must be an object or an array", property.Value);
            }
        }

        return isEmpty ? throw new PatternException("Empty objects are not allowed", json, JsonStop.Left) : rules;
    }

    private static List<Dictionary<string, Leaf>> ParseAlternatives(
        string path, JsonElement list, List<Dictionary<string, Leaf>> rules, PatternDialect dialect)
    {
        if (list.ValueKind != JsonValueKind.Array)
        {
            throw new PatternException("It must be an Array followed with $or.", list);
        }

        var alternatives = list.EnumerateArray().ToArray();
        foreach (var other in alternatives.Where(alternative => alternative.ValueKind != JsonValueKind.Object))
        {
            throw new PatternException("Only JSON object is allowed in array of $or relationship.", other);
        }

        if (alternatives.Length < 2)
        {
            throw new PatternException("There must have at least 2 Objects in $or relationship.", list, JsonStop.Left);
        }

        if (rules.Count * alternatives.Length > MaxRules)
        {
            throw new PatternException($"Rule is too complex - \"$or\" unfolds into more than {MaxRules} rules");
        }

        return
        [
            .. alternatives.SelectMany(alternative => ParseObject(
                path, alternative, [.. rules.Select(rule => new Dictionary<string, Leaf>(rule, StringComparer.Ordinal))], dialect, amongAlternatives: true)),
        ];
    }

    private static Leaf ParseLeaf(JsonElement list, PatternDialect dialect)
    {
        var leaf = new Leaf();
        foreach (var item in list.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.Object && Comparison.ReadExists(item) is { } exists)
            {
                leaf.Absent |= !exists;
                if (exists)
                {
                    leaf.Tests.Add(_ => true);
                }
            }
            else
            {
                leaf.Tests.Add(Comparison.Parse(item, dialect));
            }
        }

        if (WildcardComplexity.IsTooComplex([.. list.EnumerateArray().Select(Comparison.WildcardOf).OfType<EscapedWildcard>()]))
        {
            throw new PatternException(
                "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character");
        }

        return leaf.Tests.Count > 0 || leaf.Absent ? leaf : throw new PatternException("Empty arrays are not allowed", list, JsonStop.Left);
    }

    private sealed class Leaf
    {
        public List<Predicate<JsonElement>> Tests { get; } = [];

        /// <summary>Whether the field may be missing: <c>{"exists": false}</c>.</summary>
        public bool Absent { get; set; }
    }
}
