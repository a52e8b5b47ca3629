using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Automation.LocalCloud.CloudFormation;

/// <summary>What a template demands of the value of a parameter:
/// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html</summary>
internal static class ParameterRules
{
    /// <summary>AWS's refusal of the value, or null.</summary>
    public static string? Fault(string name, JsonObject parameter, string value)
    {
        if (Broken(parameter, value) is not { } broken)
        {
            return null;
        }

        return parameter["ConstraintDescription"]?.ToString() is { } description
            ? $"Parameter {name} failed to satisfy constraint: {description}"
            : $"Parameter '{name}' {broken}";
    }

    private static string? Broken(JsonObject parameter, string value)
    {
        var type = parameter["Type"]?.ToString() ?? "String";
        var values = type is "CommaDelimitedList" or "List<Number>" ? value.Split(',', StringSplitOptions.TrimEntries) : (string[])[value];
        if (parameter["AllowedValues"] is JsonArray allowed && !values.All(one => allowed.Any(each => each?.ToString() == one)))
        {
            return "must be one of AllowedValues";
        }

        if (parameter["AllowedPattern"]?.ToString() is { } pattern && !values.All(one => Matches(one, pattern)))
        {
            return $"must match pattern {pattern}";
        }

        return type switch
        {
            "Number" or "List<Number>" => values.Select(one => Bounds(parameter, one)).FirstOrDefault(broken => broken is not null),
            "String" when Number(parameter["MinLength"]) is { } least && value.Length < least => $"must contain at least {Text(least)} characters",
            "String" when Number(parameter["MaxLength"]) is { } most && value.Length > most => $"must contain at most {Text(most)} characters",
            _ => null,
        };
    }

    private static bool Matches(string value, string pattern)
    {
        try
        {
            return Regex.IsMatch(value, $"^(?:{pattern})$", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        }
        catch (ArgumentException)
        {
            throw new TemplateException($"{pattern} is not a regular expression");
        }
        catch (RegexMatchTimeoutException)
        {
            throw new TemplateException($"{pattern} takes too long on '{value}'");
        }
    }

    private static string? Bounds(JsonObject parameter, string value)
    {
        if (!double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            return "must be a number";
        }

        return Number(parameter["MinValue"]) is { } least && number < least ? $"must be a number not less than {Text(least)}"
            : Number(parameter["MaxValue"]) is { } most && number > most ? $"must be a number not greater than {Text(most)}"
            : null;
    }

    private static double? Number(JsonNode? node) =>
        double.TryParse(node?.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);
}
