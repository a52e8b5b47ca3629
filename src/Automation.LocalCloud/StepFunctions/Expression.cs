using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>The values that the expressions of a state can use.</summary>
/// <param name="Input">The value of <c>$</c>.</param>
/// <param name="Context">The value of <c>$$</c>, created on first use.</param>
/// <param name="Variables">The values of <c>$name</c>: the variables of <c>Assign</c>.</param>
/// <param name="NextId">The source of ids and randomness.</param>
internal sealed record Scope(
    JsonNode? Input,
    Lazy<JsonObject> Context,
    IReadOnlyDictionary<string, JsonNode?> Variables,
    Func<Guid> NextId)
{
    public Scope With(JsonNode? input) => this with { Input = input };
}

/// <summary>A JSONPath, an intrinsic function call or a constant. Values are parts of other documents, so clone them before keeping them.</summary>
internal abstract class Expression
{
    /// <param name="field">The field that contains it, for the error's cause.</param>
    /// <exception cref="StateException">States.Runtime or States.IntrinsicFailure.</exception>
    public abstract JsonNode? Evaluate(Scope scope, string field);

    /// <summary>The names of the variables that it refers to.</summary>
    public virtual IEnumerable<string> Variables => [];

    /// <summary>Parses the value of a field with a name that ends in <c>.$</c>: a path or an intrinsic function.</summary>
    /// <exception cref="FormatException">It is neither.</exception>
    public static Expression Parse(string text) =>
        text.StartsWith("States.", StringComparison.Ordinal) ? IntrinsicParser.Parse(text)
        : text.StartsWith('$') ? JsonPath.Parse(text)
        : throw new FormatException($"The value '{text}' must be a valid JSONPath or a valid intrinsic function call");
}

/// <summary>A constant argument of an intrinsic function: a number, true, false or null.</summary>
internal sealed class Constant(JsonNode? value) : Expression
{
    public override JsonNode? Evaluate(Scope scope, string field) => value;
}

/// <summary>
/// A payload template (Parameters, ItemSelector, ResultSelector, Assign):
/// <c>{"fixed": 1, "name.$": "$.path", "nested": {"list": [{"text.$": "States.Format('{}', $.x)"}]}}</c>.
/// </summary>
internal abstract class Template
{
    public abstract JsonNode? Evaluate(Scope scope);

    /// <param name="location">The template's own field, even for a fault in a nested object: <c>/States/Pass/Assign</c>.
    /// https://github.com/aws-cloudformation/cfn-lint/issues/4085</param>
    public static Template Parse(JsonNode? node, string location, DefinitionFaults faults)
    {
        switch (node)
        {
            case JsonObject fields:
                var members = new List<(string Name, Template Value)>();
                foreach (var (name, value) in fields)
                {
                    if (!IsComputed(name))
                    {
                        members.Add((name, Parse(value, location, faults)));
                    }
                    else if (value.AsText() is { } text)
                    {
                        try
                        {
                            members.Add((name[..^2], new Computed(Expression.Parse(text), name)));
                        }
                        catch (FormatException)
                        {
                            faults.Schema(Invalid(name), location);
                        }
                    }
                    else
                    {
                        faults.Schema($"The value for the field '{name}' must be a STRING that contains a JSONPath or an intrinsic function", location);
                    }
                }

                return new Fields(InRecordedOrder(members));
            case JsonArray items:
                return new Items([.. items.Select(item => Parse(item, location, faults))]);
            default:
                return new Fixed(node);
        }
    }

    /// <summary>
    /// The faults of members that still have a name like <c>token.$</c> after the evaluation, because the template has <c>token.$.$</c>. The service
    /// checks the parameters of an integration before it makes the call. The cause is that of AWS in https://github.com/andybalham/blog-task-tokens.
    /// </summary>
    public static IEnumerable<string> Leftovers(JsonNode? evaluated) => evaluated switch
    {
        JsonObject fields => fields.SelectMany(field => IsComputed(field.Key) && !IsExpression(field.Value) ? [Invalid(field.Key)] : Leftovers(field.Value)),
        JsonArray items => items.SelectMany(Leftovers),
        _ => [],
    };

    private static bool IsComputed(string name) => name.EndsWith(".$", StringComparison.Ordinal);

    private static bool IsExpression(JsonNode? value)
    {
        try
        {
            return value.AsText() is { } text && Expression.Parse(text) is not null;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static string Invalid(string name) => $"The value for the field '{name}' must be a valid JSONPath or a valid intrinsic function call";

    /// <summary>
    /// As recorded, the members with computed values follow the others, in the order of a Java HashMap with their names: <c>encoded</c> and
    /// <c>decoded</c> become <c>decoded</c> and <c>encoded</c>.
    /// </summary>
    private static List<(string Name, Template Value)> InRecordedOrder(List<(string Name, Template Value)> members)
    {
        var buckets = 16;
        while (members.Count(member => member.Value is Computed) > buckets * 3 / 4)
        {
            buckets *= 2;
        }

        return [.. members.OrderBy(member => member.Value is Computed ? Bucket(member.Name, buckets) : -1)];
    }

    private static int Bucket(string name, int buckets)
    {
        var hash = name.Aggregate(0, (code, character) => unchecked((31 * code) + character));
        return (hash ^ (hash >>> 16)) & (buckets - 1);
    }

    private sealed class Fixed(JsonNode? value) : Template
    {
        public override JsonNode? Evaluate(Scope scope) => value?.DeepClone();
    }

    private sealed class Computed(Expression expression, string field) : Template
    {
        public override JsonNode? Evaluate(Scope scope) => expression switch
        {
            // The question "AWS Step function parameters are not moving to the next step" on Stack Overflow shows this cause for {"Input.$": "$"}.
            JsonPath { Root: "$" } when scope.Input is null =>
                throw new StateException(StateException.Runtime, "Unable to apply Path transformation to null or empty input."),
            JsonPath path when path.EndsBeyondAnArray(scope) => null,
            _ => expression.Evaluate(scope, field)?.DeepClone(),
        };
    }

    private sealed class Fields(List<(string Name, Template Value)> members) : Template
    {
        public override JsonNode Evaluate(Scope scope)
        {
            var result = new JsonObject();
            foreach (var (name, value) in members)
            {
                result[name] = value.Evaluate(scope);
            }

            return result;
        }
    }

    private sealed class Items(IReadOnlyList<Template> items) : Template
    {
        public override JsonNode Evaluate(Scope scope) => new JsonArray([.. items.Select(item => item.Evaluate(scope))]);
    }
}

/// <summary>Reads JSON values leniently by kind.</summary>
internal static class JsonKinds
{
    /// <exception cref="JsonException">The text is not JSON, is nested deeper than 64 levels, or repeats a name in an object.</exception>
    public static JsonNode? Parse(string text) => ClientJson.Parse(text);

    public static string? AsText(this JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    public static bool? AsBoolean(this JsonNode? node) => node is JsonValue value && value.TryGetValue<bool>(out var flag) ? flag : null;

    public static decimal? AsNumber(this JsonNode? node) =>
        node is not JsonValue value || value.GetValueKind() != JsonValueKind.Number ? null
        : value.TryGetValue<decimal>(out var number) ? number
        : decimal.TryParse(value.ToJsonString(), System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out number)
            ? number
        : null;

    public static string Text(JsonNode? node) => node is null ? "null" : node.ToJsonString(WireJson.Compact);
}
