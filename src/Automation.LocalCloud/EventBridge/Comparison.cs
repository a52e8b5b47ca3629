using System.Net;
using System.Text.Json;

namespace Automation.LocalCloud.EventBridge;

/// <summary>
/// One element of a pattern's array: a value, or an object with exactly one operator, such as <c>{"prefix":"a"}</c>,
/// <c>{"numeric":["&gt;",0,"&lt;=",5]}</c>, <c>{"anything-but":{"suffix":[".tmp"]}}</c>.
/// </summary>
internal static class Comparison
{
    private const decimal NumericLimit = 5_000_000_000m;

    /// <summary>Reads <c>{"exists":true}</c>; null for any other operator.</summary>
    public static bool? ReadExists(JsonElement item)
    {
        if (!item.TryGetProperty("exists", out var exists))
        {
            return null;
        }

        return exists.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw new PatternException("exists match pattern must be either true or false."),
        };
    }

    public static Predicate<JsonElement> Parse(JsonElement item, bool numbersByValue) => item.ValueKind switch
    {
        JsonValueKind.Object => ParseOperator(Single(item), numbersByValue),
        JsonValueKind.Array => throw new PatternException("Arrays in arrays are not allowed"),
        _ => ExactTest(item, numbersByValue),
    };

    private static Predicate<JsonElement> ParseOperator(JsonProperty comparison, bool numbersByValue)
    {
        var operand = comparison.Value;
        switch (comparison.Name)
        {
            case "prefix" or "suffix" or "equals-ignore-case" or "wildcard":
                var test = StringTest(comparison.Name, operand);
                return value => value.ValueKind == JsonValueKind.String && test(value.GetString()!);
            case "anything-but":
                return AnythingBut(operand, numbersByValue);
            case "numeric":
                return NumericTest(operand);
            case "cidr":
                return CidrTest(operand);
            default:
                throw new PatternException($"Unrecognized match type {comparison.Name}");
        }
    }

    private static Predicate<JsonElement> AnythingBut(JsonElement operand, bool numbersByValue)
    {
        if (operand.ValueKind == JsonValueKind.Object)
        {
            var comparison = Single(operand);
            var tests = Many(comparison.Value).Select(one => StringTest(comparison.Name, one)).ToArray();
            return value => value.ValueKind != JsonValueKind.String || !Array.Exists(tests, test => test(value.GetString()!));
        }

        var excluded = Many(operand);
        if (excluded.Any(item => item.ValueKind is not (JsonValueKind.String or JsonValueKind.Number)) || excluded.DistinctBy(item => item.ValueKind).Count() > 1)
        {
            throw new PatternException("Inside anything but list, either all values are number or string, mixed type is not supported");
        }

        var equal = excluded.Select(item => ExactTest(item, numbersByValue)).ToArray();
        return value => !Array.Exists(equal, test => test(value));
    }

    private static Predicate<string> StringTest(string name, JsonElement operand)
    {
        var casing = StringComparison.Ordinal;
        if (operand.ValueKind == JsonValueKind.Object && name is "prefix" or "suffix")
        {
            // {"prefix": {"equals-ignore-case": "ab"}}
            var inner = Single(operand);
            operand = inner.Name == "equals-ignore-case" ? inner.Value : throw new PatternException($"Unsupported {name} pattern: {inner.Name}");
            casing = StringComparison.OrdinalIgnoreCase;
        }

        if (operand.ValueKind != JsonValueKind.String)
        {
            throw new PatternException($"{name} match pattern must be a string");
        }

        var text = operand.GetString()!;
        return name switch
        {
            "prefix" => value => value.StartsWith(text, casing),
            "suffix" => value => value.EndsWith(text, casing),
            "equals-ignore-case" => value => value.Equals(text, StringComparison.OrdinalIgnoreCase),
            "wildcard" => new Wildcard(text).Matches,
            _ => throw new PatternException($"Unsupported anything-but pattern: {name}"),
        };
    }

    private static Predicate<JsonElement> ExactTest(JsonElement expected, bool numbersByValue)
    {
        switch (expected.ValueKind)
        {
            case JsonValueKind.String:
                var text = expected.GetString()!;
                return value => value.ValueKind == JsonValueKind.String && value.ValueEquals(text);
            case JsonValueKind.Number:
                var digits = expected.GetRawText();
                var number = Number(expected);
                return value => value.ValueKind == JsonValueKind.Number && (numbersByValue ? Number(value) == number : value.GetRawText() == digits);
            default:
                var kind = expected.ValueKind;
                return value => value.ValueKind == kind;
        }
    }

    private static Predicate<JsonElement> NumericTest(JsonElement operand)
    {
        var parts = operand.ValueKind == JsonValueKind.Array ? operand.EnumerateArray().ToArray() : [];
        if (parts.Length is not (2 or 4))
        {
            throw new PatternException("Value of numeric must be an array of one or two pairs of operator and number");
        }

        var tests = parts.Chunk(2).Select(pair => NumericTest(pair[0], pair[1])).ToArray();
        return value => value.ValueKind == JsonValueKind.Number && Array.TrueForAll(tests, test => test(Number(value)));
    }

    private static Predicate<decimal> NumericTest(JsonElement comparison, JsonElement operand)
    {
        if (comparison.ValueKind != JsonValueKind.String || operand.ValueKind != JsonValueKind.Number)
        {
            throw new PatternException("Value of numeric must be pairs of operator and number");
        }

        var bound = Number(operand);
        if (Math.Abs(bound) > NumericLimit)
        {
            throw new PatternException($"Value must be between -{NumericLimit} and {NumericLimit}, inclusive");
        }

        return comparison.GetString() switch
        {
            "=" => value => value == bound,
            "<" => value => value < bound,
            "<=" => value => value <= bound,
            ">" => value => value > bound,
            ">=" => value => value >= bound,
            var other => throw new PatternException($"Unrecognized numeric range operator: {other}"),
        };
    }

    private static Predicate<JsonElement> CidrTest(JsonElement operand)
    {
        var text = operand.ValueKind == JsonValueKind.String ? operand.GetString()! : "";
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !IPAddress.TryParse(text[..slash], out var network)
            || !int.TryParse(text[(slash + 1)..], out var bits) || bits < 0 || bits > network.GetAddressBytes().Length * 8)
        {
            throw new PatternException("Malformed CIDR, one '/' required");
        }

        var prefix = network.GetAddressBytes();
        return value => value.ValueKind == JsonValueKind.String
            && IPAddress.TryParse(value.GetString(), out var address)
            && address.GetAddressBytes() is var bytes
            && bytes.Length == prefix.Length
            && Enumerable.Range(0, bits).All(bit => ((bytes[bit / 8] ^ prefix[bit / 8]) & (0x80 >> (bit % 8))) == 0);
    }

    private static JsonElement[] Many(JsonElement operand) => operand.ValueKind != JsonValueKind.Array
        ? [operand]
        : operand.GetArrayLength() > 0 ? [.. operand.EnumerateArray()] : throw new PatternException("Empty arrays are not allowed");

    private static JsonProperty Single(JsonElement item) => item.EnumerateObject().Count() == 1
        ? item.EnumerateObject().First()
        : throw new PatternException("Only one key allowed in match expression");

    /// <summary>What is beyond decimal's range compares as the largest number: no bound of a pattern reaches that far.</summary>
    private static decimal Number(JsonElement value) =>
        value.TryGetDecimal(out var number) ? number : value.GetDouble() > 0 ? decimal.MaxValue : decimal.MinValue;
}

/// <summary>A text with <c>*</c> for any run of characters; <c>\*</c> and <c>\\</c> stand for themselves.</summary>
internal sealed class Wildcard
{
    private const char Star = '\0';

    private readonly string _pattern;

    public Wildcard(string text)
    {
        var pattern = new System.Text.StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '*' when i > 0 && text[i - 1] == '*' && pattern[^1] == Star:
                    throw new PatternException($"Consecutive wildcard characters at pos {i - 1}");
                case '*':
                    pattern.Append(Star);
                    break;
                case '\\' when i + 1 < text.Length && text[i + 1] is '*' or '\\':
                    pattern.Append(text[++i]);
                    break;
                case '\\':
                    throw new PatternException($"Invalid escape character at pos {i}");
                default:
                    pattern.Append(text[i]);
                    break;
            }
        }

        _pattern = pattern.ToString();
    }

    public bool Matches(string value)
    {
        var (at, position) = (0, 0);
        var (starAt, retry) = (-1, 0);
        while (position < value.Length)
        {
            if (at < _pattern.Length && _pattern[at] == Star)
            {
                (starAt, retry) = (at++, position);
            }
            else if (at < _pattern.Length && _pattern[at] == value[position])
            {
                at++;
                position++;
            }
            else if (starAt >= 0)
            {
                at = starAt + 1;
                position = ++retry;
            }
            else
            {
                return false;
            }
        }

        return _pattern.AsSpan(at).TrimStart(Star).IsEmpty;
    }
}
