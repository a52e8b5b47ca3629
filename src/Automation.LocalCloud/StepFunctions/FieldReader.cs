using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>
/// Reads the fields of one object of a definition and records unknown ones. The service's words are those of recorded answers of
/// CreateStateMachine and ValidateStateMachineDefinition: https://github.com/aws-cloudformation/cfn-lint/issues/4078,
/// https://github.com/floci-io/floci/pull/2786.
/// </summary>
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
        if (Check(name, required, "[STRING]") is not { } node)
        {
            return null;
        }

        return node.AsText() ?? Wrong<string>(name, "[STRING]");
    }

    public int? Integer(string name, int minimum, int maximum = 99_999_999)
    {
        if (Check(name, false, "Integer") is not { } node)
        {
            return null;
        }

        if (node.AsNumber() is not { } number || number != decimal.Truncate(number))
        {
            return Wrong<int?>(name, "Integer");
        }

        return InRange(name, number, minimum, maximum) ? (int)number : null;
    }

    public decimal? Number(string name, decimal minimum)
    {
        if (Check(name, false, "[NUMBER]") is not { } node)
        {
            return null;
        }

        if (node.AsNumber() is not { } number)
        {
            return Wrong<decimal?>(name, "[NUMBER]");
        }

        return InRange(name, number, minimum, decimal.MaxValue) ? number : null;
    }

    public bool Flag(string name)
    {
        if (Check(name, false, "[BOOLEAN]") is not { } node)
        {
            return false;
        }

        return node.AsBoolean() ?? Wrong<bool>(name, "[BOOLEAN]");
    }

    public JsonObject? Object(string name, bool required = false) =>
        Check(name, required, "[OBJECT]") is not { } node ? null : node as JsonObject ?? Wrong<JsonObject>(name, "[OBJECT]");

    public JsonArray? Array(string name, bool required = false) =>
        Check(name, required, "[ARRAY]") is not { } node ? null : node as JsonArray ?? Wrong<JsonArray>(name, "[ARRAY]");

    /// <summary>A list that must have elements if it exists.</summary>
    public JsonArray? Elements(string name, bool required = true)
    {
        var array = Array(name, required);
        if (array is { Count: 0 })
        {
            faults.Schema("Value cannot be empty", At(name));
        }

        return array;
    }

    /// <summary>A text of a fixed set.</summary>
    public string? Choice(string name, params ReadOnlySpan<string> values)
    {
        if (Text(name) is { } text && !values.Contains(text))
        {
            faults.Schema($"Value should be one of the following: [{string.Join(", ", values!)}]", At(name));
            return null;
        }

        return Node(name).AsText();
    }

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
            return Wrong<JsonPath>(name, "[STRING]") ?? missing;
        }

        try
        {
            var path = JsonPath.Parse(text);
            if (!reference || path.IsReference)
            {
                return path;
            }

            faults.Schema("Value is not a Reference Path", At(name));
        }
        catch (FormatException)
        {
            faults.Schema("Value must be a valid JSONPath.", At(name));
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
        catch (FormatException)
        {
            faults.Schema("Value must be a valid JSONPath.", At(name));
            return null;
        }
    }

    public Template? Template(string name) => Has(name) ? StepFunctions.Template.Parse(Node(name), At(name), faults) : null;

    /// <summary>The variables of <c>Assign</c>: letters, digits and underscores after a letter, but not <c>states</c>.</summary>
    public Template? Assign()
    {
        foreach (var (field, _) in fields["Assign"] as JsonObject ?? [])
        {
            var name = field.EndsWith(".$", StringComparison.Ordinal) ? field[..^2] : field;
            if (name == "states")
            {
                faults.Add("RESERVED_VARIABLE_NAME", "Cannot assign to reserved variable '$states'.", $"{At("Assign")}/{field}");
            }
            else if (name.Length == 0 || !char.IsLetter(name[0]) || !name.All(letter => char.IsLetterOrDigit(letter) || letter == '_'))
            {
                faults.Add(
                    "INVALID_VARIABLE_NAME", $"Invalid variable name '{name}': the variable name contains invalid characters.", $"{At("Assign")}/{field}");
            }
        }

        return Template("Assign");
    }

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
            var rule = count > 1 ? "There should only be one of the following fields" : "This object should have only one of the following fields";
            faults.Schema($"{rule}: [{string.Join(", ", names!)}]", Location);
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
                faults.Schema($"Field '{name}' is not supported", Location);
            }
        }
    }

    private JsonNode? Check(string name, bool required, string type)
    {
        _known.Add(name);
        if (fields.TryGetPropertyValue(name, out var node))
        {
            return node ?? Wrong<JsonNode>(name, type);
        }

        if (required)
        {
            faults.Schema($"These fields are required: [{name}]", Location);
        }

        return null;
    }

    private bool InRange(string name, decimal number, decimal minimum, decimal maximum)
    {
        if (number >= minimum && number <= maximum)
        {
            return true;
        }

        faults.Schema(number < minimum ? $"Minimum value is {minimum}" : $"Maximum value is {maximum}", At(name));
        return false;
    }

    private T? Wrong<T>(string name, string type)
    {
        faults.Schema($"Expected value of type {type}", At(name));
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
