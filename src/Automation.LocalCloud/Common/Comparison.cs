using System.Globalization;
using System.Text.Json;

namespace Automation.LocalCloud.Common;

/// <summary>
/// One element of a pattern's array: a value, or an object with exactly one operator, such as <c>{"prefix":"a"}</c>,
/// <c>{"numeric":["&gt;",0,"&lt;=",5]}</c>, <c>{"anything-but":{"suffix":[".tmp"]}}</c>.
/// </summary>
internal static class Comparison
{
    private const decimal NumericLimit = 5_000_000_000m;
    private const int MaxDecimals = 6;

    // The services' own text.
    private const string OutOfRange = "Value must be between -5.0E9 and 5.0E9, inclusive";

    /// <summary>Reads <c>{"exists":true}</c>; null for any other operator.</summary>
    public static bool? ReadExists(JsonElement item)
    {
        var members = item.EnumerateObject();
        if (!members.MoveNext() || members.Current.Name != "exists")
        {
            return null;
        }

        var exists = members.Current.Value;
        if (exists.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            throw new PatternException("exists match pattern must be either true or false.", exists);
        }

        return Single(item, "Match expression", member => member.Value.ValueKind == JsonValueKind.True);
    }

    /// <summary>The pattern of <c>{"wildcard":"a*b"}</c>; null for any other operator.</summary>
    public static EscapedWildcard? WildcardOf(JsonElement item) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty("wildcard", out var wildcard) && wildcard.ValueKind == JsonValueKind.String
            ? new EscapedWildcard(wildcard.GetString()!)
            : null;

    public static Predicate<JsonElement> Parse(JsonElement item, PatternDialect dialect) => item.ValueKind switch
    {
        JsonValueKind.Object => Single(item, "Match expression", comparison => ParseOperator(comparison, dialect)),
        JsonValueKind.Array => throw new PatternException("Match value must be String, number, true, false, or null", item),
        _ => ExactTest(item),
    };

    private static Predicate<JsonElement> ParseOperator(JsonProperty comparison, PatternDialect dialect)
    {
        var operand = comparison.Value;
        switch (comparison.Name)
        {
            case "wildcard" when dialect == PatternDialect.Sns:
                goto default;
            case "exactly" or "prefix" or "suffix" or "equals-ignore-case" or "wildcard":
                var test = StringTest(comparison.Name, operand, dialect);
                return value => value.ValueKind == JsonValueKind.String && test(value.GetString()!);
            case "anything-but":
                return AnythingBut(operand, dialect);
            case "numeric":
                return NumericTest(operand);
            case "cidr":
                return CidrTest(operand);
            default:
                throw new PatternException($"Unrecognized match type {comparison.Name}", operand);
        }
    }

    private static Predicate<JsonElement> AnythingBut(JsonElement operand, PatternDialect dialect)
    {
        if (operand.ValueKind == JsonValueKind.Object)
        {
            var tests = Single(operand, "Anything-But expression", comparison => AnythingButTests(comparison, dialect));
            return value => value.ValueKind != JsonValueKind.String || !Array.Exists(tests, test => test(value.GetString()!));
        }

        if (operand.ValueKind is not (JsonValueKind.Array or JsonValueKind.String or JsonValueKind.Number))
        {
            throw new PatternException("Value of anything-but must be an array or single string/number value.", operand);
        }

        if (operand.ValueKind == JsonValueKind.Number && Unfit(operand) is { } unfit)
        {
            throw new PatternException(unfit);
        }

        var excluded = operand.ValueKind == JsonValueKind.Array ? operand.EnumerateArray().ToArray() : [operand];
        foreach (var item in excluded)
        {
            if (item.ValueKind is not (JsonValueKind.String or JsonValueKind.Number))
            {
                throw new PatternException("Inside anything but list, start|null|boolean is not supported.", item) { IsInList = true };
            }

            if (item.ValueKind == JsonValueKind.Number && Unfit(item) is { } reason)
            {
                throw new PatternException(reason, item);
            }
        }

        if (excluded.DistinctBy(item => item.ValueKind).Count() != 1)
        {
            throw new PatternException(
                "Inside anything but list, either all values are number or string, mixed type is not supported", operand, JsonStop.Left);
        }

        // Addresses are compared as texts here.
        var equal = excluded.Select(item => item.ValueKind == JsonValueKind.String ? TextIs(item.GetString()!) : ExactTest(item)).ToArray();
        return value => !Array.Exists(equal, test => test(value));
    }

    private static Predicate<string>[] AnythingButTests(JsonProperty comparison, PatternDialect dialect)
    {
        var texts = dialect == PatternDialect.Sns ? [PrefixForSns(comparison)] : AnythingButTexts(comparison).ToArray();
        try
        {
            return [.. texts.Select(text => TextTest(comparison.Name, text, StringComparison.Ordinal))];
        }
        catch (PatternException wildcard)
        {
            // The services check the wildcards of a list after the whole list.
            throw new PatternException(
                wildcard.Message, comparison.Value, comparison.Value.ValueKind == JsonValueKind.Array ? JsonStop.Left : JsonStop.Read);
        }
    }

    /// <summary>The strings of <c>{"prefix":"a"}</c> or <c>{"prefix":["a","b"]}</c> inside anything-but, with the service's errors.</summary>
    private static IEnumerable<string> AnythingButTexts(JsonProperty comparison)
    {
        var affix = comparison.Name is "prefix" or "suffix";
        if (!affix && comparison.Name is not ("equals-ignore-case" or "wildcard"))
        {
            throw new PatternException($"Unsupported anything-but pattern: {comparison.Name}", comparison.Value);
        }

        if (comparison.Value.ValueKind is not (JsonValueKind.Array or JsonValueKind.String or JsonValueKind.Number))
        {
            throw new PatternException("Value of anything-but must be an array or single string/number value.", comparison.Value);
        }

        foreach (var one in Many(comparison.Value))
        {
            if (one.ValueKind != JsonValueKind.String)
            {
                var reason = affix ? "prefix/suffix match pattern must be a string"
                    : comparison.Name == "wildcard" ? "wildcard match pattern must be a string"
                    : "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.";
                throw new PatternException(reason, one) { IsInList = comparison.Value.ValueKind == JsonValueKind.Array };
            }

            yield return affix && one.GetString()!.Length == 0
                ? throw new PatternException("Null prefix/suffix not allowed", one, JsonStop.Read)
                {
                    IsInList = comparison.Value.ValueKind == JsonValueKind.Array,
                }
                : one.GetString()!;
        }
    }

    /// <summary>SNS knows one comparison inside anything-but, and no list of it, as recorded and as in its list of operators.
    /// https://docs.aws.amazon.com/sns/latest/dg/example-filter-policies.html</summary>
    private static string PrefixForSns(JsonProperty comparison) =>
        comparison.Name != "prefix" ? throw new PatternException($"Unsupported anything-but pattern: {comparison.Name}", comparison.Value)
        : comparison.Value.ValueKind != JsonValueKind.String ? throw new PatternException("prefix match pattern must be a string", comparison.Value)
        : comparison.Value.GetString() is { Length: > 0 } prefix ? prefix
        : throw new PatternException("Null prefix/suffix not allowed", comparison.Value, JsonStop.Read);

    private static Predicate<string> StringTest(string name, JsonElement operand, PatternDialect dialect)
    {
        var casing = StringComparison.Ordinal;
        if (operand.ValueKind == JsonValueKind.Object && dialect != PatternDialect.Sns && name is "prefix" or "suffix")
        {
            // {"prefix": {"equals-ignore-case": "ab"}}
            operand = Single(operand, name == "prefix" ? "Prefix expression" : "Suffix expression", inner =>
                inner.Name != "equals-ignore-case" ? throw new PatternException($"Unsupported {name} pattern: {inner.Name}", inner.Value)
                : inner.Value.ValueKind != JsonValueKind.String
                    ? throw new PatternException("equals-ignore-case match pattern must be a string", inner.Value)
                : inner.Value);
            casing = StringComparison.OrdinalIgnoreCase;
        }

        if (operand.ValueKind != JsonValueKind.String)
        {
            throw new PatternException($"{(name == "exactly" ? "exact" : name)} match pattern must be a string", operand);
        }

        var text = operand.GetString()!;
        if (text.Length == 0 && name is "prefix" or "suffix")
        {
            throw new PatternException("Null prefix/suffix not allowed", operand, JsonStop.Read);
        }

        try
        {
            return TextTest(name, text, casing);
        }
        catch (PatternException wildcard)
        {
            throw new PatternException(wildcard.Message, operand, JsonStop.Read);
        }
    }

    private static Predicate<string> TextTest(string name, string text, StringComparison casing) => name switch
    {
        "exactly" => value => value == text,
        "prefix" => value => value.StartsWith(text, casing),
        "suffix" => value => value.EndsWith(text, casing),
        "equals-ignore-case" => value => value.Equals(text, StringComparison.OrdinalIgnoreCase),
        _ => new EscapedWildcard(text).Matches,
    };

    /// <summary>Numbers are equal however they are written (300, 300.0, 3.0e2), within the range in which numbers are compared by value.</summary>
    private static Predicate<JsonElement> ExactTest(JsonElement expected)
    {
        switch (expected.ValueKind)
        {
            case JsonValueKind.String:
                var text = expected.GetString()!;
                if (AddressText.Read(text) is { } address)
                {
                    return value => value.ValueKind == JsonValueKind.String && address.AsSpan().SequenceEqual(AddressText.Read(value.GetString()!));
                }

                return TextIs(text);
            case JsonValueKind.Number:
                var digits = expected.GetRawText();
                var number = Number(expected);
                return value => value.ValueKind == JsonValueKind.Number
                    && ((number is not null && Number(value) == number) || value.GetRawText() == digits);
            default:
                var kind = expected.ValueKind;
                return value => value.ValueKind == kind;
        }
    }

    private static Predicate<JsonElement> TextIs(string text) => value => value.ValueKind == JsonValueKind.String && value.ValueEquals(text);

    private static Predicate<JsonElement> NumericTest(JsonElement operand)
    {
        if (operand.ValueKind != JsonValueKind.Array)
        {
            throw new PatternException("Value of numeric must be an array.", operand);
        }

        var parts = operand.EnumerateArray().ToArray();
        if (parts.Length == 0)
        {
            throw new PatternException("Invalid member in numeric match: ]", operand, JsonStop.Left);
        }

        if (parts[0].ValueKind != JsonValueKind.String)
        {
            throw new PatternException($"Invalid member in numeric match: {parts[0]}", parts[0]);
        }

        var first = parts[0].GetString()!;
        if (first is not ("=" or "<" or "<=" or ">" or ">="))
        {
            throw At(1, $"Unrecognized numeric range operator: {first}");
        }

        var bound = Bound(first == "=" ? "equals" : first, 1);
        if (parts.Length == 2)
        {
            return NumericTest(value => Holds(value, first, bound));
        }

        if (first is not (">" or ">="))
        {
            throw At(2, "Too many elements in numeric expression");
        }

        if (parts[2].ValueKind != JsonValueKind.String)
        {
            throw At(2, $"Bad value in numeric range: {parts[2]}");
        }

        var second = parts[2].GetString()!;
        if (second is not ("<" or "<="))
        {
            throw new PatternException($"Bad numeric range operator: {second}", parts[2], JsonStop.Read);
        }

        var top = Bound(second, 3);
        return parts.Length > 4 ? throw At(4, "Too many terms in numeric range expression")
            : bound >= top ? throw At(4, "Bottom must be less than top")
            : NumericTest(value => Holds(value, first, bound) && Holds(value, second, top));

        decimal Bound(string relation, int at)
        {
            if (at >= parts.Length || parts[at].ValueKind != JsonValueKind.Number)
            {
                throw At(at, $"Value of {relation} must be numeric");
            }

            return Number(parts[at]) ?? throw At(at, Unfit(parts[at])!);
        }

        PatternException At(int at, string reason) =>
            at < parts.Length ? new PatternException(reason, parts[at]) : new PatternException(reason, operand, JsonStop.Left);
    }

    private static Predicate<JsonElement> NumericTest(Predicate<decimal> test) =>
        value => value.ValueKind == JsonValueKind.Number && Number(value) is { } number && test(number);

    private static bool Holds(decimal value, string relation, decimal bound) => relation switch
    {
        "=" => value == bound,
        "<" => value < bound,
        "<=" => value <= bound,
        ">" => value > bound,
        _ => value >= bound,
    };

    private static Predicate<JsonElement> CidrTest(JsonElement operand)
    {
        if (operand.ValueKind != JsonValueKind.String)
        {
            // The service's own text.
            throw new PatternException("prefix match pattern must be a string", operand);
        }

        if (operand.GetString()!.Split('/') is not [var address, var mask])
        {
            throw new PatternException("Malformed CIDR, one '/' required");
        }

        if (!int.TryParse(mask, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var bits))
        {
            throw new PatternException("Malformed CIDR, mask bits must be an integer");
        }

        if (bits < 0)
        {
            throw new PatternException("Malformed CIDR, mask bits must not be negative");
        }

        var first = AddressText.Read(address)
            ?? throw new PatternException(AddressText.IsLike(address) ? $"Invalid IP address: {address}" : $"Nonstandard IP address: {address}");
        if (bits >= first.Length * 8)
        {
            throw new PatternException($"IPv{(first.Length == 4 ? 4 : 6)} mask bits must be < {first.Length * 8}");
        }

        // The range begins with the address itself, which need not be the first one of its network.
        var last = first.Select((value, i) => (byte)(value | (0xFF >> Math.Clamp(bits - (8 * i), 0, 8)))).ToArray();
        return value => value.ValueKind == JsonValueKind.String
            && AddressText.Read(value.GetString()!) is { } tested
            && tested.Length == first.Length
            && tested.AsSpan().SequenceCompareTo(first) >= 0
            && tested.AsSpan().SequenceCompareTo(last) <= 0;
    }

    private static JsonElement[] Many(JsonElement operand) => operand.ValueKind != JsonValueKind.Array
        ? [operand]
        : operand.GetArrayLength() > 0 ? [.. operand.EnumerateArray()] : throw new PatternException("Empty arrays are not allowed", operand, JsonStop.Left);

    /// <summary>Reads the only member of a comparison. As in the services, faults of the first member come before a second member.</summary>
    /// <param name="what">How the services name the comparison.</param>
    private static T Single<T>(JsonElement item, string what, Func<JsonProperty, T> read)
    {
        var members = item.EnumerateObject().Take(2).ToArray();
        if (members.Length == 0)
        {
            throw new PatternException($"{what} name not found", item, JsonStop.Left);
        }

        var result = read(members[0]);
        return members.Length == 1 ? result
            : throw new PatternException(
                members[0].Name is "numeric" or "anything-but" || what.StartsWith("Anything", StringComparison.Ordinal)
                    ? "Too many elements in numeric expression" : "Only one key allowed in match expression",
                members[1].Value);
    }

    /// <summary>Why a number of a pattern cannot be compared by value; null if it can.</summary>
    private static string? Unfit(JsonElement value) =>
        Number(value) is not null ? null
        : value.TryGetDecimal(out var number) && Math.Abs(number) <= NumericLimit ? $"Only values upto {MaxDecimals} decimals are supported{value.GetRawText()}"
        : OutOfRange;

    /// <summary>The value with which the services compare a number. Null if it exceeds their range or decimals: then they compare it as a text.
    /// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html#eb-filtering-numeric-matching</summary>
    private static decimal? Number(JsonElement value) =>
        value.TryGetDecimal(out var number) && Math.Abs(number) <= NumericLimit && decimal.Round(number, MaxDecimals) == number ? number : null;
}
