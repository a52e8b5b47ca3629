using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Automation.Models.Official;

namespace Automation.LocalCloud.Tests.Conformance;

/// <summary>A request that AWS's own model of the service forbids for one reason.</summary>
/// <param name="Member">The member that is wrong, by its path: <c>Target.Arn</c>, <c>Tags[].Key</c>.</param>
/// <param name="Rule">Such as <c>required</c> or <c>at most 64</c>.</param>
internal sealed record InputCase(string Operation, string Member, string Rule, JsonObject Input)
{
    /// <summary>The last name of the path.</summary>
    public string Name => Member.Split('.')[^1].TrimEnd('[', ']');

    public override string ToString() => $"{Operation}.{Member}: {Rule}";
}

/// <summary>
/// Breaks each rule of an operation's input once: required members, enums, lengths, ranges, numbers of elements, patterns. Everything else in the
/// request is as the model wants it.
/// </summary>
internal sealed class InputCases(OfficialModel model, IReadOnlyDictionary<string, JsonNode> samples)
{
    private const int Deepest = 4;

    /// <summary>Longer texts and lists are not sent.</summary>
    private const int Largest = 20_000;

    private static readonly string[] Texts =
    [
        "app", "a1b2c3d4", "1.0.0", "us-east-1", "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "123456789012",
        "arn:aws:iam::123456789012:role/app",
        "arn:aws:lambda:us-east-1:123456789012:function:app", "app-app-app-app", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "/app", "bootstrap",
    ];

    private static readonly string[] WrongTexts = ["\u0007", "no such! text?", "<>", "a b\tc", "%%%"];

    public IEnumerable<InputCase> Of(string name, OfficialOperation operation) =>
        operation.Input is { } input ? Of(name, input, "", value => value, 0) : [];

    /// <summary>A structure with its required members only.</summary>
    public JsonObject Plain(string structure, int depth = 0) => new(model.Structures[structure].Members
        .Where(member => member.Value.Required)
        .Select(member => KeyValuePair.Create(WireName(member), depth > Deepest ? null : Value(member.Key, member.Value, depth))));

    private IEnumerable<InputCase> Of(string operation, string structure, string prefix, Func<JsonObject, JsonObject> within, int depth)
    {
        foreach (var member in model.Structures[structure].Members)
        {
            var (name, shape) = (member.Key, member.Value);
            InputCase Case(string rule, JsonNode? value)
            {
                var input = Plain(structure, depth);
                input.Remove(WireName(member));
                if (value is not null)
                {
                    input[WireName(member)] = value;
                }

                return new InputCase(operation, prefix + name, rule, within(input));
            }

            // A form cannot contain an empty structure.
            if (shape.Required && !shape.Token && shape.Location is not "path" && (depth == 0 || Plain(structure, depth).Count > 1))
            {
                yield return Case("required", null);
            }

            foreach (var (rule, value) in Wrong(name, shape))
            {
                yield return Case(rule, value);
            }

            foreach (var (rule, value) in shape is { Type: "list", Element: { } element }
                ? Wrong(name, shape.Enum is null ? element : element with { Enum = shape.Enum })
                : [])
            {
                yield return Case("element " + rule, new JsonArray(value));
            }

            var inner = shape.Type == "list" ? shape.Element! : shape;
            if (inner.Type != "structure" || depth >= 2 || model.Structures[inner.Ref!].Union)
            {
                continue;
            }

            foreach (var nested in Of(operation, inner.Ref!, shape.Type == "list" ? $"{prefix}{name}[]." : $"{prefix}{name}.", Wrap, depth + 1))
            {
                yield return nested;
            }

            JsonObject Wrap(JsonObject value)
            {
                var input = Plain(structure, depth);
                input[WireName(member)] = shape.Type == "list" ? new JsonArray(value) : value;
                return within(input);
            }
        }
    }

    private IEnumerable<(string Rule, JsonNode Value)> Wrong(string name, OfficialShape shape)
    {
        var (min, max) = (shape.Rule?.Min, shape.Rule?.Max);
        switch (shape.Type)
        {
            case "string" when shape.Enum is { } values:
                yield return ($"one of {values}", "NO_SUCH_VALUE");
                break;
            case "string":
                if (min > 0 && shape.Location != "path")
                {
                    yield return ($"at least {min} characters", "");
                }

                if (max is > 0 and < Largest)
                {
                    yield return ($"at most {max} characters", new string('a', (int)max + 1));
                }

                if (shape.Rule?.Pattern is { } pattern && Array.Find(WrongTexts, text => !Matches(text, pattern)) is { } wrong)
                {
                    yield return ($"pattern {pattern}", wrong);
                }

                break;
            case "number":
                if (min is not null)
                {
                    yield return ($"at least {min}", min.Value - 1);
                }

                if (max is not null)
                {
                    yield return ($"at most {max}", max.Value + 1);
                }

                break;
            case "list":
                if (min > 0)
                {
                    yield return ($"at least {min} elements", new JsonArray());
                }

                if (max is > 0 and < 600)
                {
                    yield return ($"at most {max} elements", new JsonArray([.. Enumerable.Range(0, (int)max + 1).Select(_ => Value(name, shape.Element!, 1))]));
                }

                break;
        }
    }

    private JsonNode? Value(string name, OfficialShape shape, int depth) =>
        samples.TryGetValue(name, out var sample) && shape.Type is not ("list" or "structure" or "map")
        ? sample.DeepClone()
        : shape.Type switch
        {
            "structure" => Plain(shape.Ref!, depth + 1),
            "list" => new JsonArray(Value(name.TrimEnd('s'), shape.Enum is null ? shape.Element! : shape.Element! with { Enum = shape.Enum }, depth + 1)),
            "map" => new JsonObject(),
            "number" => Math.Max(shape.Rule?.Min ?? 1, 1),
            "boolean" => true,
            "timestamp" => shape.Format == "date-time" ? "2026-01-05T08:00:00Z" : 1767600000,
            "blob" => "YQ==",
            _ when shape.Enum is { } values => model.Enums[values][0],
            _ => Array.Find(Texts, text => Fits(text, shape.Rule)) ?? Texts[0],
        };

    private static bool Fits(string text, OfficialRule? rule) =>
        text.Length >= (rule?.Min ?? 0) && text.Length <= (rule?.Max ?? decimal.MaxValue) && (rule?.Pattern is not { } pattern || Matches(text, pattern));

    private static bool Matches(string text, string pattern) =>
        Regex.IsMatch(text,
            string.Create(CultureInfo.InvariantCulture,
                $@"\A(?:{pattern.Replace(@"\p{ASCII}", @"[\x00-\x7F]", StringComparison.Ordinal).Replace(@"\_", "_", StringComparison.Ordinal)})\z"),
                RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    private static string WireName(KeyValuePair<string, OfficialShape> member) => member.Value.JsonName ?? member.Key;
}
