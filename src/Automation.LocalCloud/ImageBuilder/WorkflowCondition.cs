using System.Globalization;
using System.Text.Json.Nodes;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>
/// The <c>if</c> of a workflow step, over the values that a workflow has:
/// <code>
/// { "and": [ { "stringEquals": "RESUME", "value": "$.stepOutputs.Approval.action" }, { "not": { "booleanEquals": true, "value": "$.parameters.skip" } } ] }
/// </code>
/// A path that leads nowhere is null, and no comparison with it holds.
/// https://docs.aws.amazon.com/imagebuilder/latest/userguide/image-workflow-create-document.html
/// </summary>
internal static class WorkflowCondition
{
    private static readonly string[] Comparisons =
        ["booleanEquals", "numberEquals", "numberGreaterThan", "numberGreaterThanEquals", "numberLessThan", "numberLessThanEquals", "stringEquals"];

    /// <returns>What is wrong; null for a valid condition.</returns>
    public static string? Fault(JsonObject condition)
    {
        var operators = condition.Select(member => member.Key).Where(name => name != "value").ToList();
        if (operators is not [var name])
        {
            return "it needs exactly one operator.";
        }

        return name switch
        {
            "and" or "or" => condition[name] is JsonArray { Count: > 0 } parts
                ? parts.Select(part => part is JsonObject inner ? Fault(inner) : "each part must be a mapping.").FirstOrDefault(fault => fault is not null)
                : $"'{name}' needs a list.",
            "not" => condition[name] is JsonObject inner ? Fault(inner) : "'not' needs a mapping.",
            _ when !Comparisons.Contains(name) => $"'{name}' is not an operator.",
            _ => condition["value"] is JsonValue && condition[name] is JsonValue ? null : $"'{name}' needs a value to compare with, and 'value'.",
        };
    }

    public static bool Holds(JsonObject condition, JsonObject values)
    {
        var (name, operand) = condition.First(member => member.Key != "value");
        switch (name)
        {
            case "and":
                return operand!.AsArray().All(part => Holds(part!.AsObject(), values));
            case "or":
                return operand!.AsArray().Any(part => Holds(part!.AsObject(), values));
            case "not":
                return !Holds(operand!.AsObject(), values);
        }

        if (Resolve(condition["value"]!.ToString(), values) is not { } given || Resolve(operand!.ToString(), values) is not { } wanted)
        {
            return false;
        }

        if (!name.StartsWith("number", StringComparison.Ordinal))
        {
            return string.Equals(given, wanted, name == "booleanEquals" ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);
        }

        return decimal.TryParse(given, NumberStyles.Float, CultureInfo.InvariantCulture, out var left)
            && decimal.TryParse(wanted, NumberStyles.Float, CultureInfo.InvariantCulture, out var right)
            && name switch
            {
                "numberEquals" => left == right,
                "numberGreaterThan" => left > right,
                "numberGreaterThanEquals" => left >= right,
                "numberLessThan" => left < right,
                _ => left <= right,
            };
    }

    /// <summary>The text at a path such as <c>$.parameters.name</c>, or the text itself.</summary>
    private static string? Resolve(string text, JsonObject values)
    {
        if (!text.StartsWith("$.", StringComparison.Ordinal))
        {
            return text;
        }

        JsonNode? node = values;
        foreach (var name in text[2..].Split('.'))
        {
            node = (node as JsonObject)?[name];
        }

        return (node as JsonValue)?.ToString();
    }
}
