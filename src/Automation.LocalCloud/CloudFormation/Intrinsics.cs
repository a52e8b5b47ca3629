using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.CloudFormation;

/// <summary>One reference within the template: <c>Ref</c> if <paramref name="Attribute"/> is null, else <c>Fn::GetAtt</c>.</summary>
internal sealed record Reference(string Target, string? Attribute);

/// <summary>
/// The intrinsic functions of templates.
/// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
/// </summary>
/// <param name="mappings">The template's <c>Mappings</c>.</param>
/// <param name="conditions">The template's <c>Conditions</c>, unevaluated.</param>
/// <param name="values">Parameters and pseudo parameters by name.</param>
/// <param name="ssm">Returns the value of an SSM parameter (<c>name</c> or <c>name:version</c>), or null; for dynamic references.</param>
internal sealed partial class Intrinsics(
    JsonObject mappings, JsonObject conditions, IReadOnlyDictionary<string, JsonNode> values, Func<string, string?> ssm)
{
    /// <summary>Represents <c>AWS::NoValue</c> until the property is removed.</summary>
    private static readonly JsonNode NoValue = new JsonObject { ["AWS::NoValue"] = true };

    private readonly Dictionary<string, bool> _conditions = new(StringComparer.Ordinal);
    private readonly HashSet<string> _evaluating = new(StringComparer.Ordinal);

    public bool IsValue(string name) => name == "AWS::NoValue" || values.ContainsKey(name);

    /// <exception cref="TemplateException">The condition does not exist or is malformed.</exception>
    public bool Condition(string name)
    {
        if (_conditions.TryGetValue(name, out var known))
        {
            return known;
        }

        var expression = conditions[name] ?? throw new TemplateException($"the condition {name} does not exist");
        if (!_evaluating.Add(name))
        {
            throw new TemplateException($"the condition {name} depends on itself");
        }

        return _conditions[name] = Evaluate(expression);
    }

    /// <summary>Evaluates a Boolean expression of <c>Conditions</c> or <c>Rules</c>.</summary>
    public bool Evaluate(JsonNode? expression)
    {
        if (expression is JsonObject { Count: 1 } reference && reference["Condition"] is { } other)
        {
            return Condition(Text(other));
        }

        if (Function(expression) is not { } function)
        {
            throw new TemplateException($"{expression?.ToJsonString() ?? "null"} is not a condition");
        }

        var argument = function.Argument;
        return function.Name switch
        {
            "Fn::Equals" => Pair(argument, function.Name) is var (left, right) && Text(Value(left)) == Text(Value(right)),
            "Fn::And" => List(argument, function.Name).All(Evaluate),
            "Fn::Or" => List(argument, function.Name).Any(Evaluate),
            "Fn::Not" => !Evaluate(List(argument, function.Name).Single()),
            "Fn::Contains" => Pair(argument, function.Name) is var (list, value)
                && List(Value(list), function.Name).Select(Text).Contains(Text(Value(value)), StringComparer.Ordinal),
            var name => throw new TemplateException($"{name} cannot be used in conditions"),
        };

        JsonNode? Value(JsonNode? node) => Resolve(node, reference => throw new TemplateException($"a condition cannot refer to {reference.Target}"));
    }

    /// <summary>All references of a value, in the branches that apply. Also reports what does not exist or is not supported.</summary>
    public IEnumerable<Reference> References(JsonNode? node)
    {
        if (Function(node) is { } function)
        {
            return References(function.Name, function.Argument);
        }

        return node switch
        {
            JsonObject map => map.SelectMany(member => References(member.Value)),
            JsonArray list => list.SelectMany(References),
            _ => [],
        };
    }

    /// <summary>The value with all functions applied. Members that are <c>AWS::NoValue</c> are removed; null if the whole value is.</summary>
    /// <param name="resource">Resolves references to resources.</param>
    public JsonNode? Resolve(JsonNode? node, Func<Reference, JsonNode> resource) =>
        Apply(node, resource) is { } value && value != NoValue ? DynamicReferences.Resolve(value, ssm) : null;

    private IEnumerable<Reference> References(string name, JsonNode? argument)
    {
        switch (name)
        {
            case "Ref":
                return [new Reference(Text(argument), null)];
            case "Fn::GetAtt":
                return [Attribute(argument)];
            case "Fn::If":
                return References(Branch(argument));
            case "Fn::Sub":
                var (template, own) = SubParts(argument);
                return [
                    .. SubReferences(template).Where(reference => reference.Attribute is not null || !own.ContainsKey(reference.Target)),
                    .. References(own),
                ];
            case "Fn::Join" or "Fn::Select" or "Fn::Split" or "Fn::Base64" or "Fn::FindInMap" or "Fn::GetAZs" or "Fn::Cidr":
                return argument is JsonArray list ? list.SelectMany(References) : References(argument);
            case "Fn::ImportValue":
                throw new TemplateException("Fn::ImportValue is not supported: stacks do not share exports here; pass the value as a parameter");
            default:
                throw new TemplateException($"{name} is not supported");
        }
    }

    private JsonNode? Apply(JsonNode? node, Func<Reference, JsonNode> resource)
    {
        if (Function(node) is { } function)
        {
            return Call(function.Name, function.Argument, resource);
        }

        switch (node)
        {
            case JsonObject map:
                var members = new JsonObject();
                foreach (var (name, member) in map)
                {
                    var value = Apply(member, resource);
                    if (value != NoValue)
                    {
                        members[name] = Detached(value);
                    }
                }

                return members;
            case JsonArray list:
                return new JsonArray([.. list.Select(item => Apply(item, resource)).Where(value => value != NoValue).Select(Detached)]);
            default:
                return node;
        }
    }

    private JsonNode? Call(string name, JsonNode? argument, Func<Reference, JsonNode> resource)
    {
        switch (name)
        {
            case "Ref":
                return Value(new Reference(Text(argument), null), resource);
            case "Fn::GetAtt":
                return resource(Attribute(argument));
            case "Fn::If":
                return Apply(Branch(argument), resource);
            case "Fn::Sub":
                return Sub(argument, resource);
            case "Fn::Join":
                var (separator, parts) = Pair(argument, name);
                return string.Join(Text(separator), List(Apply(parts, resource), name).Select(Text));
            case "Fn::Split":
                var (delimiter, text) = Pair(argument, name);
                return new JsonArray([.. Text(Apply(text, resource)).Split(Text(delimiter)).Select(part => JsonValue.Create(part))]);
            case "Fn::Select":
                var (index, from) = Pair(argument, name);
                return Select(Text(Apply(index, resource)), List(Apply(from, resource), name));
            case "Fn::Base64":
                return Convert.ToBase64String(Encoding.UTF8.GetBytes(Text(Apply(argument, resource))));
            case "Fn::FindInMap":
                return Find([.. List(argument, name).Select(key => Text(Apply(key, resource)))]);
            case "Fn::Cidr":
                return AddressBlocks.Of([.. List(argument, name).Select(part => Text(Apply(part, resource)))]);
            case "Fn::GetAZs":
                var region = Text(Apply(argument, resource)) is { Length: > 0 } given ? given : values["AWS::Region"].ToString();
                return new JsonArray($"{region}a", $"{region}b", $"{region}c");
            default:
                throw new TemplateException($"{name} is not supported");
        }
    }

    private JsonNode Value(Reference reference, Func<Reference, JsonNode> resource)
    {
        if (reference is { Target: "AWS::NoValue", Attribute: null })
        {
            return NoValue;
        }

        return reference.Attribute is null && values.TryGetValue(reference.Target, out var value) ? value : resource(reference);
    }

    private JsonNode Sub(JsonNode? argument, Func<Reference, JsonNode> resource)
    {
        var (template, own) = SubParts(argument);
        return SubVariable().Replace(template, match =>
        {
            var name = match.Groups[1].Value.Trim();
            if (name.StartsWith('!'))
            {
                return $"${{{name[1..]}}}";
            }

            return own.TryGetPropertyValue(name, out var given)
                ? Text(Apply(given, resource))
                : Text(Value(SubReference(name), resource));
        });
    }

    private static IEnumerable<Reference> SubReferences(string template) => SubVariable().Matches(template)
        .Select(match => match.Groups[1].Value.Trim())
        .Where(name => !name.StartsWith('!'))
        .Select(SubReference);

    private static Reference SubReference(string name)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? new Reference(name, null) : new Reference(name[..dot], name[(dot + 1)..]);
    }

    /// <summary><c>"text ${X}"</c> or <c>["text ${Y}", {"Y": …}]</c>.</summary>
    private static (string Template, JsonObject Own) SubParts(JsonNode? argument) => argument switch
    {
        JsonValue => (Text(argument), []),
        JsonArray { Count: 2 } list when list[1] is JsonObject own => (Text(list[0]), own),
        _ => throw new TemplateException("Fn::Sub takes a text, or a list of a text and a mapping"),
    };

    private JsonNode? Branch(JsonNode? argument)
    {
        var parts = List(argument, "Fn::If");
        return parts.Count == 3 ? Condition(Text(parts[0])) ? parts[1] : parts[2] : throw new TemplateException("Fn::If takes a condition and two values");
    }

    private JsonNode Find(string[] keys) => keys.Length == 3
        ? (mappings[keys[0]] as JsonObject)?[keys[1]]?[keys[2]] ?? throw new TemplateException($"Mappings has no {string.Join('.', keys)}")
        : throw new TemplateException("Fn::FindInMap takes a mapping and two keys");

    private static JsonNode? Select(string index, JsonArray list) =>
        int.TryParse(index, CultureInfo.InvariantCulture, out var number) && number >= 0 && number < list.Count
            ? list[number]
            : throw new TemplateException($"Fn::Select: {list.ToJsonString()} has no item {index}");

    private static Reference Attribute(JsonNode? argument) => argument switch
    {
        JsonArray { Count: 2 } list => new Reference(Text(list[0]), Text(list[1])),
        JsonValue when Text(argument).Split('.', 2) is [var target, var attribute] => new Reference(target, attribute),
        _ => throw new TemplateException("Fn::GetAtt takes a logical id and the name of an attribute"),
    };

    /// <summary>An object with the single member <c>Ref</c> or <c>Fn::…</c>.</summary>
    private static (string Name, JsonNode? Argument)? Function(JsonNode? node)
    {
        if (node is not JsonObject { Count: 1 } map)
        {
            return null;
        }

        var (name, argument) = map.First();
        return name == "Ref" || name.StartsWith("Fn::", StringComparison.Ordinal) ? (name, argument) : null;
    }

    private static (JsonNode? First, JsonNode? Second) Pair(JsonNode? argument, string function) => argument is JsonArray { Count: 2 } list
        ? (list[0], list[1])
        : throw new TemplateException($"{function} takes a list of two");

    private static JsonArray List(JsonNode? node, string function) =>
        node as JsonArray ?? throw new TemplateException($"{function} takes a list, not {node?.ToJsonString() ?? "null"}");

    private static string Text(JsonNode? node) => node switch
    {
        null => "",
        JsonValue => node.ToString(),
        _ => throw new TemplateException($"{node.ToJsonString(WireJson.Compact)} is not a string"),
    };

    /// <summary>Copies the node, because a node can have only one parent.</summary>
    private static JsonNode? Detached(JsonNode? node) => node?.Parent is null ? node : node.DeepClone();

    [GeneratedRegex(@"\$\{([^}]*)\}")]
    private static partial Regex SubVariable();
}
