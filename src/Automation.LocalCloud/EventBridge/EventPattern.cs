using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.EventBridge;

/// <summary>
/// An event pattern: which fields an event must have, each with the values or comparisons of which one must hold.
/// <code>
/// { "source": ["aws.ecr"], "detail": { "action-type": ["PUSH"], "image-tag": [{ "anything-but": "" }] },
///   "$or": [ { "region": ["us-east-1"] }, { "account": [{ "prefix": "1" }] } ] }
/// </code>
/// An array in the event matches when one of its elements does; objects in an array must match as a whole.
/// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
/// </summary>
internal sealed class EventPattern
{
    private static readonly JsonElement Nothing = JsonDocument.Parse("{}").RootElement;

    private readonly Node _root;

    private EventPattern(Node root) => _root = root;

    /// <param name="numbersByValue">
    /// True for SNS filter policies, where 300 and 3.0e2 are the same number; EventBridge compares the digits as they stand.
    /// </param>
    /// <exception cref="PatternException">The text is no pattern.</exception>
    internal static EventPattern Parse(string json, bool numbersByValue = false)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new EventPattern(ParseNode(document.RootElement, numbersByValue))
                : throw new PatternException("Filter is not an object");
        }
        catch (JsonException e)
        {
            throw new PatternException(e.Message);
        }
    }

    internal bool Matches(JsonElement json) => Matches(_root, json);

    private static bool Matches(Node node, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            return value.EnumerateArray().Any(item => Matches(node, item));
        }

        // What is no object has none of the fields, which is what "exists": false asks for.
        var container = value.ValueKind == JsonValueKind.Object ? value : Nothing;
        foreach (var (name, child) in node.Children)
        {
            if (!Matches(child, container.TryGetProperty(name, out var field) ? field : Nothing))
            {
                return false;
            }
        }

        foreach (var (name, leaf) in node.Leaves)
        {
            var found = container.TryGetProperty(name, out var field) ? Scalars(field) : [];
            if (found.Count == 0 ? !leaf.Absent : !found.Exists(scalar => leaf.Tests.Exists(test => test(scalar))))
            {
                return false;
            }
        }

        return node.Alternatives.TrueForAll(alternatives => alternatives.Exists(alternative => Matches(alternative, container)));
    }

    private static List<JsonElement> Scalars(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => [],
        JsonValueKind.Array => [.. value.EnumerateArray().SelectMany(Scalars)],
        _ => [value],
    };

    private static Node ParseNode(JsonElement json, bool numbersByValue)
    {
        var node = new Node();
        foreach (var property in json.EnumerateObject())
        {
            switch (property.Value.ValueKind)
            {
                case JsonValueKind.Array when property.Name == "$or":
                    node.Alternatives.Add(ParseAlternatives(property.Value, numbersByValue));
                    break;
                case JsonValueKind.Array:
                    node.Leaves.Add((property.Name, ParseLeaf(property, numbersByValue)));
                    break;
                case JsonValueKind.Object:
                    node.Children.Add((property.Name, ParseNode(property.Value, numbersByValue)));
                    break;
                default:
                    throw new PatternException($"\"{property.Name}\" must be an object or an array");
            }
        }

        return node.Children.Count + node.Leaves.Count + node.Alternatives.Count > 0
            ? node
            : throw new PatternException("Empty objects are not allowed");
    }

    private static List<Node> ParseAlternatives(JsonElement list, bool numbersByValue)
    {
        var alternatives = list.EnumerateArray().ToArray();
        return alternatives.Length >= 2 && alternatives.All(alternative => alternative.ValueKind == JsonValueKind.Object)
            ? [.. alternatives.Select(alternative => ParseNode(alternative, numbersByValue))]
            : throw new PatternException("\"$or\" must be an array of at least two objects");
    }

    private static Leaf ParseLeaf(JsonProperty property, bool numbersByValue)
    {
        var leaf = new Leaf();
        foreach (var item in property.Value.EnumerateArray())
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
                leaf.Tests.Add(Comparison.Parse(item, numbersByValue));
            }
        }

        return leaf.Tests.Count > 0 || leaf.Absent ? leaf : throw new PatternException("Empty arrays are not allowed");
    }

    private sealed class Node
    {
        public List<(string Name, Node Child)> Children { get; } = [];

        public List<(string Name, Leaf Leaf)> Leaves { get; } = [];

        public List<List<Node>> Alternatives { get; } = [];
    }

    private sealed class Leaf
    {
        public List<Predicate<JsonElement>> Tests { get; } = [];

        /// <summary>Whether the field may be missing: <c>{"exists": false}</c>.</summary>
        public bool Absent { get; set; }
    }
}

/// <summary>A text is no event pattern or filter policy; each service reports it under its own error code.</summary>
[SuppressMessage("Design", "CA1064", Justification = "It never leaves the services: they answer it as their own error")]
internal sealed class PatternException(string reason) : Exception(reason)
{
    public AwsException ForEventBridge() => new("InvalidEventPatternException", $"Event pattern is not valid. Reason: {Message}");
}
