using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>
/// A test of a Choice state: <c>{"Variable": "$.x", "NumericGreaterThan": 1}</c>, or <c>And</c>, <c>Or</c>, <c>Not</c> of tests.
/// A comparison with a value of another type is false. If the variable does not exist, the execution fails.
/// https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html
/// </summary>
internal abstract class ChoiceRule
{
    private const string OneTest = "The object must have only one of the following fields, [And, Or, Not, Variable, Condition]";

    private static readonly string[] Combinations = ["And", "Or", "Not"];
    private static readonly string[] Orders = ["Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals"];
    private static readonly string[] Kinds = ["IsNull", "IsPresent", "IsNumeric", "IsString", "IsBoolean", "IsTimestamp"];

    /// <summary>In the order of AWS's message: https://github.com/badmintoncryer/cdk-preflight (pf-sfn-asl-choice-rules).</summary>
    private static readonly string[] Operators =
    [
        .. Ordered("String"), "StringMatches", .. Ordered("Numeric"), "BooleanEquals", "BooleanEqualsPath", .. Ordered("Timestamp"), .. Kinds,
    ];

    /// <exception cref="StateException">States.Runtime: a path selects nothing.</exception>
    public abstract bool IsTrue(Scope scope);

    /// <summary>Reads the rule's fields. If there are faults, it records them and returns null.</summary>
    public static ChoiceRule? Read(FieldReader fields)
    {
        var combined = Combinations.Where(fields.Has).ToArray();
        if (combined.Length > 0)
        {
            var rule = combined is [var name] && !fields.Has("Variable") ? Combination(name, fields) : null;
            if (rule is null && (combined.Length > 1 || fields.Has("Variable")))
            {
                fields.Faults.Schema(OneTest, fields.Location);
            }

            fields.RefuseUnknown();
            return rule;
        }

        var variable = fields.Has("Variable") ? Path("Variable", fields) : null;
        if (!fields.Has("Variable"))
        {
            fields.Faults.Schema(OneTest, fields.Location);
        }

        var operators = Operators.Where(fields.Has).ToArray();
        ChoiceRule? comparison = null;
        if (operators is [var comparator])
        {
            comparison = Comparison.Read(comparator, variable, fields);
        }
        else
        {
            fields.OneOf(required: true, Operators);
            foreach (var extra in operators)
            {
                fields.Node(extra);
            }
        }

        fields.RefuseUnknown();
        return variable is null ? null : comparison;
    }

    private static IEnumerable<string> Ordered(string type) => Orders.SelectMany(order => new[] { $"{type}{order}", $"{type}{order}Path" });

    private static ChoiceRule? Combination(string name, FieldReader fields)
    {
        if (name == "Not")
        {
            return fields.Object("Not") is { } negated && Read(new FieldReader(negated, fields.At("Not"), fields.Faults)) is { } inner
                ? new Negation(inner)
                : null;
        }

        var nodes = fields.Elements(name) ?? [];
        var rules = new List<ChoiceRule>();
        for (var i = 0; i < nodes.Count; i++)
        {
            if (nodes[i] is JsonObject nested && Read(new FieldReader(nested, $"{fields.At(name)}[{i}]", fields.Faults)) is { } rule)
            {
                rules.Add(rule);
            }
        }

        return rules.Count == nodes.Count && rules.Count > 0 ? new Several(rules, name == "And") : null;
    }

    private static JsonPath? Path(string name, FieldReader fields)
    {
        if (fields.Node(name).AsText() is { } text && Fault(text) is { } fault)
        {
            fields.Faults.Schema($"Value is not a Reference Path: {fault}", fields.At(name));
            return null;
        }

        return fields.Path(name);
    }

    /// <summary>The causes are AWS's. https://github.com/Stedi-Public-Archive/ts2asl/issues/912</summary>
    private static string? Fault(string path)
    {
        var bracket = path.IndexOf('[', StringComparison.Ordinal) + 1;
        return !path.StartsWith('$') ? "Reference path didn't start with '$'"
            : bracket > 0 && bracket < path.Length && path[bracket] == '$' ? "'[' must be followed by ' or '['"
            : null;
    }

    private sealed class Negation(ChoiceRule rule) : ChoiceRule
    {
        public override bool IsTrue(Scope scope) => !rule.IsTrue(scope);
    }

    private sealed class Several(IReadOnlyList<ChoiceRule> rules, bool all) : ChoiceRule
    {
        public override bool IsTrue(Scope scope) => all ? rules.All(rule => rule.IsTrue(scope)) : rules.Any(rule => rule.IsTrue(scope));
    }

    private sealed class Comparison(string name, JsonPath variable, JsonNode? literal, JsonPath? path) : ChoiceRule
    {
        public static Comparison? Read(string name, JsonPath? variable, FieldReader fields)
        {
            if (name.EndsWith("Path", StringComparison.Ordinal))
            {
                return ChoiceRule.Path(name, fields) is { } path && variable is not null ? new Comparison(name[..^4], variable, null, path) : null;
            }

            var literal = fields.Node(name);
            var (valid, expected) = name switch
            {
                _ when Kinds.Contains(name) || name == "BooleanEquals" => (literal.AsBoolean() is not null, "Expected value of type [BOOLEAN]"),
                _ when name.StartsWith("Numeric", StringComparison.Ordinal) => (literal.AsNumber() is not null, "Expected value of type [NUMBER]"),
                _ when name.StartsWith("Timestamp", StringComparison.Ordinal) =>
                    (Timestamps.Parse(literal.AsText()) is not null, "String does not match RFC3339 timestamp"),
                _ => (literal.AsText() is not null, "Expected value of type [STRING]"),
            };
            if (!valid)
            {
                fields.Faults.Schema(expected, fields.At(name));
                return null;
            }

            return variable is null ? null : new Comparison(name, variable, literal, null);
        }

        public override bool IsTrue(Scope scope)
        {
            var present = variable.TryEvaluate(scope, out var value);
            if (name == "IsPresent")
            {
                return present == literal.AsBoolean();
            }

            if (!present)
            {
                throw Invalid(variable);
            }

            var other = literal;
            if (path is not null && !path.TryEvaluate(scope, out other))
            {
                throw Invalid(path);
            }

            return Kinds.Contains(name) ? Is(value) == literal.AsBoolean() : Compare(value, other);
        }

        private static StateException Invalid(JsonPath path) =>
            new(StateException.Runtime, $"Invalid path '{path.Text}': The choice state's condition path references an invalid value.");

        private bool Is(JsonNode? value) => name switch
        {
            "IsNull" => value is null,
            "IsNumeric" => value?.GetValueKind() == JsonValueKind.Number,
            "IsString" => value.AsText() is not null,
            "IsBoolean" => value.AsBoolean() is not null,
            _ => Timestamps.Parse(value.AsText()) is not null,
        };

        private bool Compare(JsonNode? value, JsonNode? other)
        {
            if (name == "BooleanEquals")
            {
                return value.AsBoolean() is { } flag && flag == other.AsBoolean();
            }

            if (name == "StringMatches")
            {
                return value.AsText() is { } text && other.AsText() is { } pattern && Wildcards.Match(pattern, text);
            }

            if (name.StartsWith("Numeric", StringComparison.Ordinal))
            {
                return value.AsNumber() is { } number && other.AsNumber() is { } bound && Ordered(number.CompareTo(bound), name[7..]);
            }

            if (name.StartsWith("Timestamp", StringComparison.Ordinal))
            {
                return Timestamps.Parse(value.AsText()) is { } time && Timestamps.Parse(other.AsText()) is { } limit
                    && Ordered(time.CompareTo(limit), name[9..]);
            }

            return value.AsText() is { } left && other.AsText() is { } right && Ordered(string.CompareOrdinal(left, right), name[6..]);
        }

        private static bool Ordered(int order, string relation) => relation switch
        {
            "Equals" => order == 0,
            "LessThan" => order < 0,
            "GreaterThan" => order > 0,
            "LessThanEquals" => order <= 0,
            _ => order >= 0,
        };
    }
}

/// <summary>RFC 3339 timestamps as the States Language requires them: an upper-case T, and an offset or Z.</summary>
internal static class Timestamps
{
    /// <summary>.NET counts in 100 nanoseconds.</summary>
    private const int Digits = 7;

    private static readonly string[] Formats = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK"];

    /// <summary>A fraction may have nine digits (nanoseconds).</summary>
    public static DateTimeOffset? Parse(string? text)
    {
        var dot = text?.IndexOf('.', StringComparison.Ordinal) ?? -1;
        var digits = dot < 0 ? 0 : text!.Skip(dot + 1).TakeWhile(char.IsAsciiDigit).Count();
        return ParseExact(digits is > Digits and <= 9 ? text!.Remove(dot + 1 + Digits, digits - Digits) : text);
    }

    private static DateTimeOffset? ParseExact(string? text) =>
        text is not null
        && (text.EndsWith('Z') || (text.Length > 6 && text[^6] is '+' or '-'))
        && DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? time
            : null;

    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}

/// <summary>The pattern of <c>StringMatches</c>: <c>*</c> matches any text, <c>\*</c> a star and <c>\\</c> a backslash.</summary>
internal static class Wildcards
{
    public static bool Match(string pattern, string text)
    {
        var parts = new List<string>();
        var part = new System.Text.StringBuilder();
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] == '*')
            {
                parts.Add(part.ToString());
                part.Clear();
            }
            else
            {
                i += pattern[i] == '\\' && i + 1 < pattern.Length ? 1 : 0;
                part.Append(pattern[i]);
            }
        }

        var last = part.ToString();
        if (parts.Count == 0)
        {
            return text == last;
        }

        if (!text.StartsWith(parts[0], StringComparison.Ordinal))
        {
            return false;
        }

        var at = parts[0].Length;
        foreach (var middle in parts.Skip(1))
        {
            var found = text.IndexOf(middle, at, StringComparison.Ordinal);
            if (found < 0)
            {
                return false;
            }

            at = found + middle.Length;
        }

        return text.Length - at >= last.Length && text.EndsWith(last, StringComparison.Ordinal);
    }
}
