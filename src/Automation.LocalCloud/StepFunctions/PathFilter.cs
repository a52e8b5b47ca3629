using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>
/// The test in <c>[?(…)]</c>: <c>@.name == 'x'</c>, <c>&lt; &lt;= &gt; &gt;= !=</c>, <c>@.name in ['x', 'y']</c> (<c>nin</c>,
/// <c>subsetof</c>, <c>anyof</c>, <c>noneof</c>), <c>@.name =~ /x.*/i</c>, <c>@.list size 2</c>, <c>@.list empty true</c>, existence (<c>@.name</c>),
/// <c>!</c>, <c>&amp;&amp;</c>, <c>||</c> and parentheses: the operators of the JSONPath library that the service uses.
/// </summary>
internal sealed class PathFilter(Func<JsonNode?, bool> test)
{
    private static readonly string[] Operators = ["==", "!=", "<=", ">=", "=~", "<", ">", "in ", "nin ", "subsetof ", "anyof ", "noneof ", "size ", "empty "];

    public bool IsTrue(JsonNode? element) => test(element);

    public static PathFilter Read(PathReader reader) => new(ReadOr(reader));

    private static Func<JsonNode?, bool> ReadOr(PathReader reader)
    {
        var left = ReadAnd(reader);
        while (TakeOperator(reader, "||"))
        {
            var (first, second) = (left, ReadAnd(reader));
            left = node => first(node) || second(node);
        }

        return left;
    }

    private static Func<JsonNode?, bool> ReadAnd(PathReader reader)
    {
        var left = ReadTest(reader);
        while (TakeOperator(reader, "&&"))
        {
            var (first, second) = (left, ReadTest(reader));
            left = node => first(node) && second(node);
        }

        return left;
    }

    private static bool TakeOperator(PathReader reader, string text)
    {
        reader.SkipSpace();
        return reader.Ahead(text);
    }

    private static Func<JsonNode?, bool> ReadTest(PathReader reader)
    {
        reader.SkipSpace();
        if (reader.Take('!'))
        {
            var negated = ReadTest(reader);
            return node => !negated(node);
        }

        if (reader.Take('('))
        {
            var inner = ReadOr(reader);
            reader.SkipSpace();
            reader.Expect(')');
            return inner;
        }

        var path = JsonPath.Relative(reader);
        reader.SkipSpace();
        if (Operators.FirstOrDefault(reader.Ahead) is not { } comparison)
        {
            return node => path.TrySelect(node, out _);
        }

        reader.SkipSpace();
        var test = ReadOperand(reader, comparison.Trim());
        return node => path.TrySelect(node, out var value) && test(value);
    }

    private static Func<JsonNode?, bool> ReadOperand(PathReader reader, string comparison)
    {
        switch (comparison)
        {
            case "=~":
                var (pattern, flags) = reader.ReadPattern();
                var options = RegexOptions.CultureInvariant | (flags.Contains('i', StringComparison.Ordinal) ? RegexOptions.IgnoreCase : RegexOptions.None);
                var regex = Whole(reader, pattern, options);
                return value => value.AsText() is { } text && regex.IsMatch(text);
            case "in" or "nin":
                var list = reader.ReadList();
                return value => Contains(list, value) == (comparison == "in");
            case "subsetof" or "anyof" or "noneof":
                var others = reader.ReadList();
                return value => value is JsonArray items && comparison switch
                {
                    "subsetof" => items.All(item => Contains(others, item)),
                    "anyof" => items.Any(item => Contains(others, item)),
                    _ => !items.Any(item => Contains(others, item)),
                };
            case "size":
                var size = reader.ReadLiteral().AsNumber();
                return value => (value is JsonArray items ? items.Count : value.AsText()?.Length) == size;
            case "empty":
                var empty = reader.ReadLiteral().AsBoolean();
                return value => (value is JsonArray items ? items.Count == 0 : value.AsText() is { } text ? text.Length == 0 : null as bool?) == empty;
            default:
                var literal = reader.ReadLiteral();
                return value => Compare(value, comparison, literal);
        }
    }

    private static Regex Whole(PathReader reader, string pattern, RegexOptions options)
    {
        try
        {
            return new Regex($@"\A(?:{pattern})\z", options, TimeSpan.FromSeconds(1));
        }
        catch (ArgumentException)
        {
            throw reader.Fault("expected a regular expression");
        }
    }

    private static bool Contains(JsonArray list, JsonNode? value) => list.Any(item => JsonNode.DeepEquals(item, value));

    private static bool Compare(JsonNode? value, string comparison, JsonNode? literal)
    {
        if (comparison is "==" or "!=")
        {
            return JsonNode.DeepEquals(value, literal) == (comparison == "==");
        }

        int order;
        if (value.AsNumber() is { } number && literal.AsNumber() is { } other)
        {
            order = number.CompareTo(other);
        }
        else if (value.AsText() is { } text && literal.AsText() is { } otherText)
        {
            order = string.CompareOrdinal(text, otherText);
        }
        else
        {
            return false;
        }

        return comparison switch
        {
            "<" => order < 0,
            "<=" => order <= 0,
            ">" => order > 0,
            _ => order >= 0,
        };
    }
}
