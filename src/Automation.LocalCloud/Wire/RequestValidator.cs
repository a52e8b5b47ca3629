using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Automation.ApiTables;

namespace Automation.LocalCloud.Wire;

internal enum ViolationKind
{
    /// <summary>A required member is absent or null.</summary>
    Missing,

    /// <summary>JSON of another type than the model's. Services report it as a SerializationException, not as their validation error.</summary>
    Type,
    Length,
    Range,
    Pattern,
    Enum,

    /// <summary>Too few or too many elements of a list or map.</summary>
    Count,

    /// <summary>An element, key or value of a list or map breaks its rule.</summary>
    Element,
}

/// <summary>One constraint that a request does not satisfy.</summary>
/// <param name="Path">Wire names and list positions from one, as AWS writes them: <c>imageIds.1.member.imageTag</c>.</param>
/// <param name="Value">The value as AWS prints it, shortened if it is very long; null for a missing member.</param>
/// <param name="Constraint">Such as <c>Member must have length less than or equal to 256</c>; for <see cref="ViolationKind.Type"/> the expected type.</param>
internal sealed record Violation(ViolationKind Kind, string Path, string? Value, string Constraint)
{
    public override string ToString() => Kind == ViolationKind.Type
        ? $"{Value} at '{Path}' can not be converted to {Constraint}"
        : $"Value {(Value is null ? "null" : $"'{Value}'")} at '{Path}' failed to satisfy constraint: {Constraint}";

    /// <summary>All violations in one sentence: <c>2 validation errors detected: Value …; Value …</c>.</summary>
    public static string Describe(IReadOnlyCollection<Violation> violations) =>
        $"{violations.Count} validation error{(violations.Count == 1 ? "" : "s")} detected: {string.Join("; ", violations)}";
}

/// <summary>
/// Checks requests against the API tables of a service. It only reports violations, because the error codes for them
/// differ between services. Like the services, it ignores members that the table does not contain.
/// Constraint traits: https://smithy.io/2.0/spec/constraint-traits.html
/// </summary>
internal sealed class RequestValidator(ApiModel model)
{
    private const int MaxPrintedValueLength = 16_384;

    // Members that a service has and its published model lacks. Recorded: test_events.snapshot.json of https://github.com/localstack/localstack.
    private static readonly Dictionary<string, string[]> Unpublished = new(StringComparer.Ordinal)
    {
        ["PutEventsRequestEntry"] = ["kmsKeyIdentifier", "internalMetadata"],
    };

    private static readonly ConcurrentDictionary<string, RequestValidator> Loaded = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Regex> _patterns = new(StringComparer.Ordinal);

    public ApiModel Model => model;

    /// <param name="names">The names of embedded tables, such as <c>ecr</c>; several are read as one.</param>
    public static RequestValidator Of(params string[] names) => Loaded.GetOrAdd(
        string.Join('+', names),
        _ => new RequestValidator(ApiModel.Parse(string.Join('\n', names.Select(Read)))));

    /// <param name="operation">An operation of the model.</param>
    /// <param name="input">All members by wire name, including those of path and query.</param>
    public IReadOnlyList<Violation> Check(string operation, JsonObject input) => Check(model.Operations[operation].Input, input);

    public IReadOnlyList<Violation> Check(ApiStructure structure, JsonObject input)
    {
        var found = new List<Violation>();
        CheckStructure(structure, input, "", found);
        return found;
    }

    /// <summary>The member's name on the wire. ECR's Tag is the only structure with upper-case members.</summary>
    public string WireName(ApiStructure structure, ApiMember member) =>
        structure.Name == "Tag" && model.ServiceId == "ECR" ? member.Name : member.WireName;

    private static string Read(string name)
    {
        using var stream = typeof(ApiModel).Assembly.GetManifestResourceStream(name + ".model")
            ?? throw new ArgumentException($"There is no API table '{name}'.", nameof(name));
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private void CheckStructure(ApiStructure structure, JsonObject value, string prefix, List<Violation> found)
    {
        foreach (var member in structure.Members)
        {
            var name = WireName(structure, member);
            var path = prefix + name;
            if (value[name] is not { } given)
            {
                if (member.Required && !member.IsIdempotencyToken)
                {
                    found.Add(new Violation(ViolationKind.Missing, path, null, "Member must not be null"));
                }

                continue;
            }

            switch (member.Type.Kind)
            {
                case ApiTypeKind.List:
                    CheckList(member, given, path, found);
                    break;
                case ApiTypeKind.Map:
                    CheckMap(member, given, path, found);
                    break;
                default:
                    CheckValue(member.Type, member.Constraint, given, path, found);
                    break;
            }
        }
    }

    private void CheckList(ApiMember member, JsonNode given, string path, List<Violation> found)
    {
        if (given is not JsonArray list)
        {
            found.Add(new Violation(ViolationKind.Type, path, JsonType(given), "list"));
            return;
        }

        CheckCount(member, list.Count, given, path, found);
        var element = member.Type.Element!;
        for (var i = 0; i < list.Count; i++)
        {
            var elementPath = string.Create(CultureInfo.InvariantCulture, $"{path}.{i + 1}.member");
            if (list[i] is not { } item)
            {
                found.Add(new Violation(ViolationKind.Element, elementPath, null, "Member must not be null"));
            }
            else if (!IsSimple(element))
            {
                CheckValue(element, member.Element, item, elementPath, found);
            }
            else if (!CheckElement(element, member.Element, item, "Member must satisfy constraint", given, path, elementPath, found))
            {
                // AWS names the list once, however many elements are wrong.
                return;
            }
        }
    }

    private void CheckMap(ApiMember member, JsonNode given, string path, List<Violation> found)
    {
        if (given is not JsonObject map)
        {
            found.Add(new Violation(ViolationKind.Type, path, JsonType(given), "map"));
            return;
        }

        CheckCount(member, map.Count, given, path, found);
        var value = member.Type.Element!;
        var key = ApiType.Parse("string");
        foreach (var (name, item) in map)
        {
            if (!CheckElement(key, member.Element, JsonValue.Create(name), "Map keys must satisfy constraint", given, path, path, found))
            {
                return;
            }

            var valuePath = $"{path}.{name}.member";
            if (item is null)
            {
                found.Add(new Violation(ViolationKind.Element, valuePath, null, "Member must not be null"));
            }
            else if (!IsSimple(value))
            {
                CheckValue(value, member.MapValue, item, valuePath, found);
            }
            else if (!CheckElement(value, member.MapValue, item, "Map value must satisfy constraint", given, path, valuePath, found))
            {
                return;
            }
        }
    }

    private bool CheckElement(
        ApiType type, ApiConstraint rule, JsonNode item, string title, JsonNode whole, string path, string elementPath, List<Violation> found)
    {
        var own = new List<Violation>();
        CheckValue(type, rule, item, elementPath, own);
        if (own.Count == 0)
        {
            return true;
        }

        found.Add(own.Find(violation => violation.Kind == ViolationKind.Type)
            ?? new Violation(ViolationKind.Element, path, Print(whole), $"{title}: [{string.Join(", ", AllRules(type, rule))}]"));
        return false;
    }

    private void CheckCount(ApiMember member, int count, JsonNode given, string path, List<Violation> found)
    {
        var rule = member.Count;
        if (count < rule.Minimum)
        {
            found.Add(new Violation(ViolationKind.Count, path, PrintAll(given, member.Type), AtLeast("length", rule)));
        }

        if (count > rule.Maximum)
        {
            found.Add(new Violation(ViolationKind.Count, path, PrintAll(given, member.Type), AtMost("length", rule)));
        }
    }

    private void CheckValue(ApiType type, ApiConstraint rule, JsonNode given, string path, List<Violation> found)
    {
        if (type.Kind == ApiTypeKind.Named && model.Structures.TryGetValue(type.Name, out var structure))
        {
            if (given is JsonObject nested)
            {
                CheckStructure(structure, nested, path + ".", found);
            }
            else
            {
                found.Add(new Violation(ViolationKind.Type, path, JsonType(given), "structure"));
            }

            return;
        }

        if (type.Kind == ApiTypeKind.Named)
        {
            var allowed = model.Enums[type.Name];
            if (TextOf(given) is not { } word)
            {
                found.Add(new Violation(ViolationKind.Type, path, JsonType(given), "string"));
            }
            else if (!allowed.Contains(word, StringComparer.Ordinal))
            {
                found.Add(new Violation(ViolationKind.Enum, path, Print(given), EnumRule(allowed)));
            }

            return;
        }

        CheckScalar(type, rule, given, path, found);
    }

    private void CheckScalar(ApiType type, ApiConstraint rule, JsonNode given, string path, List<Violation> found)
    {
        switch (type.Name)
        {
            case "string" when TextOf(given) is { } text:
                // A length counts Unicode characters, not bytes or UTF-16 units.
                CheckBounds(ViolationKind.Length, "length", rule, text.EnumerateRunes().Count(), given, path, found);
                if (rule.Pattern is not null && !Pattern(rule.Pattern).IsMatch(text))
                {
                    found.Add(new Violation(ViolationKind.Pattern, path, Print(given), PatternRule(rule.Pattern)));
                }

                break;
            case "bool" when given.GetValueKind() is JsonValueKind.True or JsonValueKind.False:
                break;
            case "int" when Number(given) is { } number && number == decimal.Truncate(number) && number is >= int.MinValue and <= int.MaxValue:
            case "long" when Number(given) is { } large && large == decimal.Truncate(large) && large is >= long.MinValue and <= long.MaxValue:
            case "double" or "float" when Number(given) is not null:
                CheckBounds(ViolationKind.Range, "value", rule, Number(given)!.Value, given, path, found);
                break;
            case "DateTime" when Number(given) is not null || IsTime(TextOf(given)):
                break;
            case "MemoryStream" when TextOf(given) is { } base64 && Base64Length(base64) is { } length:
                CheckBounds(ViolationKind.Length, "length", rule, length, given, path, found);
                break;
            default:
                found.Add(new Violation(ViolationKind.Type, path, JsonType(given), type.Name switch
                {
                    "MemoryStream" => "base64",
                    "DateTime" => "timestamp",
                    var other => other,
                }));
                break;
        }
    }

    private static void CheckBounds(
        ViolationKind kind, string what, ApiConstraint rule, decimal size, JsonNode given, string path, List<Violation> found)
    {
        if (size < rule.Minimum)
        {
            found.Add(new Violation(kind, path, Print(given), AtLeast(what, rule)));
        }

        if (size > rule.Maximum)
        {
            found.Add(new Violation(kind, path, Print(given), AtMost(what, rule)));
        }
    }

    private List<string> AllRules(ApiType type, ApiConstraint rule)
    {
        if (type.Kind == ApiTypeKind.Named)
        {
            return [EnumRule(model.Enums[type.Name])];
        }

        var what = type.Name is "string" or "MemoryStream" ? "length" : "value";
        var rules = new List<string>();
        if (rule.Maximum is not null)
        {
            rules.Add(AtMost(what, rule));
        }

        if (rule.Minimum is not null)
        {
            rules.Add(AtLeast(what, rule));
        }

        if (rule.Pattern is not null)
        {
            rules.Add(PatternRule(rule.Pattern));
        }

        return rules;
    }

    /// <summary>A compiled pattern of the table. The tables use Java's dialect, with or without anchors; in both cases the whole value must match.</summary>
    internal Regex Pattern(string name) => _patterns.GetOrAdd(name, key =>
    {
        var whole =
            $@"\A(?:{model.Patterns[key].Replace(@"\p{ASCII}", @"[\x00-\x7F]", StringComparison.Ordinal).Replace(@"\_", "_", StringComparison.Ordinal)})\z";
        try
        {
            return new Regex(whole, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        }
        catch (NotSupportedException)
        {
            // A look-around requires backtracking.
            return new Regex(whole, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        }
    });

    private string PatternRule(string name) => $"Member must satisfy regular expression pattern: {model.Patterns[name]}";

    private static string EnumRule(IReadOnlyList<string> values) => $"Member must satisfy enum value set: [{string.Join(", ", values)}]";

    private static string AtLeast(string what, ApiConstraint rule) =>
        string.Create(CultureInfo.InvariantCulture, $"Member must have {what} greater than or equal to {rule.Minimum}");

    private static string AtMost(string what, ApiConstraint rule) =>
        string.Create(CultureInfo.InvariantCulture, $"Member must have {what} less than or equal to {rule.Maximum}");

    private bool IsSimple(ApiType type) =>
        type.Kind == ApiTypeKind.Scalar || (type.Kind == ApiTypeKind.Named && model.Enums.ContainsKey(type.Name));

    private static string? TextOf(JsonNode node) => node.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : null;

    private static decimal? Number(JsonNode node) =>
        node.GetValueKind() == JsonValueKind.Number
        && decimal.TryParse(node.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static bool IsTime(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);

    private static int? Base64Length(string text)
    {
        if (text.Length % 4 != 0)
        {
            return null;
        }

        return System.Buffers.Text.Base64.IsValid(text, out var length) ? length : null;
    }

    private static string JsonType(JsonNode node) => node.GetValueKind() switch
    {
        JsonValueKind.Object => "START_OBJECT",
        JsonValueKind.Array => "START_ARRAY",
        JsonValueKind.String => "STRING_VALUE",
        JsonValueKind.Number => "NUMBER_VALUE",
        JsonValueKind.True => "TRUE_VALUE",
        JsonValueKind.False => "FALSE_VALUE",
        var kind => kind.ToString(),
    };

    /// <summary>
    /// A list of structures as recorded for PutEvents and CreateStateMachineAlias, with every member:
    /// <c>[RoutingConfigurationListItem(stateMachineVersionArn=arn:…, weight=50)]</c>.
    /// </summary>
    private string PrintAll(JsonNode given, ApiType type)
    {
        if (given is not JsonArray list || type.Element is not { } element || !model.Structures.TryGetValue(element.Name, out var structure))
        {
            return Print(given);
        }

        return Shortened($"[{string.Join(", ", list.Select(item => item is JsonObject members ? Whole(members) : Print(item!)))}]");

        string Whole(JsonObject members) => $"{element.Name}({string.Join(", ", structure.Members
            .Select(member => $"{char.ToLowerInvariant(member.Name[0])}{member.Name[1..]}={(members[member.WireName] is { } value ? Print(value) : "null")}")
            .Concat(Unpublished.GetValueOrDefault(element.Name, []).Select(name => $"{name}=null")))})";
    }

    private static string Print(JsonNode node)
    {
        var text = node switch
        {
            JsonArray list => $"[{string.Join(", ", list.Select(item => item is null ? "null" : Print(item)))}]",
            JsonObject map => $"{{{string.Join(", ", map.Select(pair => $"{pair.Key}={(pair.Value is null ? "null" : Print(pair.Value))}"))}}}",
            _ => TextOf(node) ?? node.ToJsonString(),
        };
        return Shortened(text);
    }

    private static string Shortened(string text) =>
        text.Length <= MaxPrintedValueLength ? text : string.Concat(text.AsSpan(0, MaxPrintedValueLength), "…");
}
