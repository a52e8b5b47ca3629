using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>Reads the fields of one object of a definition and records unknown ones.</summary>
internal sealed class FieldReader(JsonObject fields, string location, DefinitionFaults faults)
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal) { "Comment" };

    public string Location => location.Length == 0 ? "/" : location;

    public DefinitionFaults Faults => faults;

    public bool Has(string name) => fields.ContainsKey(name);

    public string At(string name) => $"{location}/{name}";

    /// <summary>The raw value; null also if the field does not exist.</summary>
    public JsonNode? Node(string name)
    {
        _known.Add(name);
        return fields[name];
    }

    public string? Text(string name, bool required = false)
    {
        if (Check(name, required) is not { } node)
        {
            return null;
        }

        return node.AsText() ?? Wrong<string>(name, "a STRING");
    }

    public int? Integer(string name, int minimum, int maximum = 99_999_999)
    {
        if (Check(name, false) is not { } node)
        {
            return null;
        }

        return node.AsNumber() is { } number && number == decimal.Truncate(number) && number >= minimum && number <= maximum
            ? (int)number
            : Wrong<int?>(name, $"an INTEGER from {minimum} to {maximum}");
    }

    public decimal? Number(string name, decimal minimum)
    {
        if (Check(name, false) is not { } node)
        {
            return null;
        }

        return node.AsNumber() is { } number && number >= minimum ? number : Wrong<decimal?>(name, $"a NUMBER of at least {minimum}");
    }

    public bool Flag(string name)
    {
        if (Check(name, false) is not { } node)
        {
            return false;
        }

        return node.AsBoolean() ?? Wrong<bool>(name, "a BOOLEAN");
    }

    public JsonObject? Object(string name, bool required = false) =>
        Check(name, required) is not { } node ? null : node as JsonObject ?? Wrong<JsonObject>(name, "an OBJECT");

    public JsonArray? Array(string name, bool required = false) =>
        Check(name, required) is not { } node ? null : node as JsonArray ?? Wrong<JsonArray>(name, "an ARRAY");

    /// <summary>A path; <paramref name="missing"/> if the field does not exist, null for null if that is allowed.</summary>
    public JsonPath? Path(string name, JsonPath? missing = null, bool nullAllowed = false, bool reference = false)
    {
        _known.Add(name);
        if (!fields.TryGetPropertyValue(name, out var node))
        {
            return missing;
        }

        if (node is null && nullAllowed)
        {
            return null;
        }

        if (node.AsText() is not { } text)
        {
            return Wrong<JsonPath>(name, nullAllowed ? "null or a JSONPath" : "a JSONPath") ?? missing;
        }

        try
        {
            var path = JsonPath.Parse(text);
            if (!reference || path.IsReference)
            {
                return path;
            }

            faults.Schema($"Value '{text}' is not a valid reference path: only names and indexes may be in it", At(name));
        }
        catch (FormatException e)
        {
            faults.Schema($"Value is not a valid JSONPath ({e.Message})", At(name));
        }

        return missing;
    }

    public Expression? Expression(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        try
        {
            return StepFunctions.Expression.Parse(text);
        }
        catch (FormatException e)
        {
            faults.Schema($"Value is not a valid JSONPath or intrinsic function call ({e.Message})", At(name));
            return null;
        }
    }

    public Template? Template(string name) => Has(name) ? StepFunctions.Template.Parse(Node(name), At(name), faults) : null;

    /// <summary>Records the fields that are missing, as one fault.</summary>
    public void Require(params ReadOnlySpan<string> names)
    {
        var missing = new List<string>();
        foreach (var name in names)
        {
            if (!Has(name))
            {
                missing.Add(name);
            }
        }

        if (missing.Count > 0)
        {
            faults.Schema($"These fields are required: [{string.Join(", ", missing)}]", Location);
        }
    }

    /// <summary>Requires at most one of the fields, or exactly one.</summary>
    public void OneOf(bool required, params ReadOnlySpan<string> names)
    {
        var count = 0;
        foreach (var name in names)
        {
            count += Has(name) ? 1 : 0;
        }

        if (count > 1 || (required && count == 0))
        {
            faults.Schema($"{(required ? "Exactly" : "At most")} one of these fields is allowed: [{string.Join(", ", names!)}]", Location);
        }
    }

    /// <summary>Fields that the service supports but the embedded cloud does not.</summary>
    public void Refuse(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (Has(name))
            {
                _known.Add(name);
                faults.Unsupported($"the field '{name}'", At(name));
            }
        }
    }

    public void RefuseUnknown()
    {
        foreach (var (name, _) in fields)
        {
            if (!_known.Contains(name))
            {
                faults.Schema($"Field '{name}' is not supported", At(name));
            }
        }
    }

    private JsonNode? Check(string name, bool required)
    {
        _known.Add(name);
        if (fields.TryGetPropertyValue(name, out var node))
        {
            return node ?? Wrong<JsonNode>(name, "set, not null");
        }

        if (required)
        {
            faults.Schema($"These fields are required: [{name}]", Location);
        }

        return null;
    }

    private T? Wrong<T>(string name, string expected)
    {
        faults.Schema($"Expected value of the field '{name}' to be {expected}", At(name));
        return default;
    }

    /// <summary>The definition's object; null, with a fault, for any other text.</summary>
    public static JsonObject? ParseObject(string definition, DefinitionFaults faults)
    {
        try
        {
            if (JsonKinds.Parse(definition) is JsonObject fields)
            {
                return fields;
            }

            faults.NoObject();
        }
        catch (JsonException e)
        {
            var (message, source) = JacksonFault.Explain(definition, e);
            faults.NoJson(message, source);
        }

        return null;
    }
}
