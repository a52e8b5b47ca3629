using System.Text.Json;
using System.Text.RegularExpressions;

namespace Automation.Functions.Tests;

/// <summary>
/// A schema of events/schemas, checked against what the functions emit. It is stricter than a validator for consumers: a member that the schema does
/// not describe is a fault. It knows the keywords that these schemas use, and no others.
/// </summary>
internal sealed class EventSchema
{
    private static readonly string[] Known = ["$schema", "$id", "$ref", "$defs", "title", "description", "type", "enum", "pattern", "minLength", "maxLength",
        "minItems", "properties", "required", "items"];

    private readonly JsonElement _root;

    private EventSchema(JsonElement root) => _root = root;

    /// <param name="detailType">Such as <c>Image Release</c>.</param>
    public static EventSchema Of(string detailType)
    {
        var file = $"{detailType.ToLowerInvariant().Replace(' ', '-')}.v1.json";
        return new EventSchema(JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, SampleTests.Folder, "schemas", file))).RootElement);
    }

    public static void Check(string detailType, JsonElement detail) => Assert.Equal([], Of(detailType).Faults(detail));

    public IReadOnlyList<string> Faults(JsonElement value) => [.. Faults(value, _root, "$")];

    private IEnumerable<string> Faults(JsonElement value, JsonElement schema, string path)
    {
        if (schema.TryGetProperty("$ref", out var reference))
        {
            // #/$defs/reason
            return Faults(value, _root.GetProperty("$defs").GetProperty(reference.GetString()!.Split('/')[^1]), path);
        }

        Assert.Empty(schema.EnumerateObject().Select(member => member.Name).Except(Known));
        return FaultsOf(value, schema, path);
    }

    private IEnumerable<string> FaultsOf(JsonElement value, JsonElement schema, string path)
    {
        if (schema.TryGetProperty("type", out var type) && !Names(type).Contains(TypeOf(value)))
        {
            yield return $"{path} is {TypeOf(value)}, not {type}";
            yield break;
        }

        if (schema.TryGetProperty("enum", out var choices) && !choices.EnumerateArray().Any(choice => JsonElement.DeepEquals(choice, value)))
        {
            yield return $"{path} is {value}, not one of {choices}";
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            var text = value.GetString()!;
            if (schema.TryGetProperty("pattern", out var pattern) && !Regex.IsMatch(text, pattern.GetString()!))
            {
                yield return $"{path} is '{text}', which does not match {pattern}";
            }

            if ((schema.TryGetProperty("minLength", out var min) && text.Length < min.GetInt32())
                || (schema.TryGetProperty("maxLength", out var max) && text.Length > max.GetInt32()))
            {
                yield return $"{path} has {text.Length} characters";
            }
        }

        if (value.ValueKind == JsonValueKind.Array)
        {
            if (schema.TryGetProperty("minItems", out var least) && value.GetArrayLength() < least.GetInt32())
            {
                yield return $"{path} has {value.GetArrayLength()} items";
            }

            foreach (var fault in value.EnumerateArray().SelectMany((item, i) => Faults(item, schema.GetProperty("items"), $"{path}[{i}]")))
            {
                yield return fault;
            }
        }

        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var missing in schema.TryGetProperty("required", out var required)
                ? Names(required).Where(name => !value.TryGetProperty(name, out _))
                : [])
            {
                yield return $"{path}.{missing} is missing";
            }

            foreach (var member in value.EnumerateObject())
            {
                if (!schema.GetProperty("properties").TryGetProperty(member.Name, out var described))
                {
                    yield return $"{path}.{member.Name} is not described";
                    continue;
                }

                foreach (var fault in Faults(member.Value, described, $"{path}.{member.Name}"))
                {
                    yield return fault;
                }
            }
        }
    }

    private static IEnumerable<string> Names(JsonElement one) =>
        one.ValueKind == JsonValueKind.Array ? one.EnumerateArray().Select(item => item.GetString()!) : [one.GetString()!];

    private static string TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => "boolean",
        var kind => kind.ToString().ToLowerInvariant(),
    };
}
