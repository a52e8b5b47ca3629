using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>
/// A call of an intrinsic function. All intrinsic functions are supported.
/// https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
/// </summary>
internal sealed class IntrinsicCall : Expression
{
    private const int TextLimit = 10_000;
    private const int RangeLimit = 1_000;

    private static readonly Dictionary<string, (int Minimum, int Maximum, Func<IntrinsicCall, JsonNode?[], Scope, JsonNode?> Run)> Functions = new(
        StringComparer.Ordinal)
    {
        ["States.Array"] = (0, int.MaxValue, (_, a, _) => new JsonArray([.. a.Select(Copy)])),
        ["States.ArrayPartition"] = (2, 2, (c, a, _) => c.Partition(a)),
        ["States.ArrayContains"] = (2, 2, (c, a, _) => c.List(a, 0).Any(item => JsonNode.DeepEquals(item, a[1]))),
        ["States.ArrayRange"] = (3, 3, (c, a, _) => c.Range(a)),
        ["States.ArrayGetItem"] = (2, 2, (c, a, _) => c.Item(a)),
        ["States.ArrayLength"] = (1, 1, (c, a, _) => c.List(a, 0).Count),
        ["States.ArrayUnique"] = (1, 1, (c, a, _) => c.Unique(a)),
        ["States.Base64Encode"] = (1, 1, (c, a, _) => Convert.ToBase64String(Encoding.UTF8.GetBytes(c.LimitedText(a, 0)))),
        ["States.Base64Decode"] = (1, 1, (c, a, _) => c.Decode(a)),
        ["States.Hash"] = (2, 2, (c, a, _) => c.Hash(a)),
        ["States.JsonMerge"] = (2, 3, (c, a, _) => c.Merge(a)),
        ["States.StringToJson"] = (1, 1, (c, a, _) => c.ReadJson(a)),
        ["States.JsonToString"] = (1, 1, (_, a, _) => JsonKinds.Text(a[0])),
        ["States.MathRandom"] = (2, 3, (c, a, s) => c.Random(a, s)),
        ["States.MathAdd"] = (2, 2, (c, a, _) => c.Whole(a, 0) + c.Whole(a, 1)),
        ["States.StringSplit"] = (2, 2, (c, a, _) => c.Split(a)),
        ["States.UUID"] = (0, 0, (_, _, s) => s.NextId().ToString()),
        ["States.Format"] = (1, int.MaxValue, (c, a, _) => c.Format(a)),
    };

    private readonly string _name;
    private readonly IReadOnlyList<Expression> _arguments;
    private readonly string _text;

    private IntrinsicCall(string name, IReadOnlyList<Expression> arguments, string text)
    {
        _name = name;
        _arguments = arguments;
        _text = text;
    }

    public override IEnumerable<string> Variables => _arguments.SelectMany(argument => argument.Variables);

    /// <param name="text">The text in the definition, for messages.</param>
    public static IntrinsicCall Create(string name, IReadOnlyList<Expression> arguments, string text)
    {
        if (!Functions.TryGetValue(name, out var function))
        {
            throw new FormatException($"'{name}' is not an intrinsic function");
        }

        return arguments.Count >= function.Minimum && arguments.Count <= function.Maximum
            ? new IntrinsicCall(name, arguments, text)
            : throw new FormatException($"'{name}' cannot take {arguments.Count} arguments");
    }

    public override JsonNode? Evaluate(Scope scope, string field) => Evaluate(scope, field, _text);

    /// <param name="whole">The outermost call, which messages about missing values name.</param>
    private JsonNode? Evaluate(Scope scope, string field, string whole)
    {
        var values = new JsonNode?[_arguments.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Argument(_arguments[i], scope, field, whole);
        }

        return Functions[_name].Run(this, values, scope);
    }

    private static JsonNode? Argument(Expression argument, Scope scope, string field, string whole)
    {
        switch (argument)
        {
            case IntrinsicCall call:
                return call.Evaluate(scope, field, whole);
            case JsonPath path when path.TryEvaluate(scope, out var found):
                return found;
            case JsonPath path:
                // Both causes are those of AWS in https://github.com/floci-io/floci/pull/3002; the first comes from its JSONPath library.
                var cause = path.IndexOfNoArray(scope) is var (index, value)
                    ? $"Filter: [{index}] can only be applied to arrays. Current context is: {Printed(value)}"
                    : $"The JsonPath argument for the field '{path.Shown}' could not be found in the input '{JsonKinds.Text(scope.Input)}'";
                throw new StateException(StateException.Runtime, $"The function '{whole}' had the following error: {cause}");
            default:
                return argument.Evaluate(scope, field);
        }
    }

    private static JsonNode? Copy(JsonNode? node) => node?.DeepClone();

    private StateException Failure(string what) => new(StateException.IntrinsicFailure, $"The function '{_text}' had the following error: {what}");

    private JsonArray List(JsonNode?[] a, int i) => a[i] as JsonArray ?? throw Failure($"argument {i + 1} must be an array, not '{JsonKinds.Text(a[i])}'");

    private string Text(JsonNode?[] a, int i) => a[i].AsText() ?? throw Failure($"argument {i + 1} must be a string, not '{JsonKinds.Text(a[i])}'");

    private string LimitedText(JsonNode?[] a, int i) =>
        Text(a, i) is { Length: <= TextLimit } text ? text : throw Failure($"argument {i + 1} has more than {TextLimit} characters");

    // The service rounds a number to the nearest integer, halves upwards (Java's Math.round).
    private long Whole(JsonNode?[] a, int i) => a[i].AsNumber() is { } number && decimal.Abs(number) < long.MaxValue
        ? (long)Math.Floor(number + 0.5m)
        : throw Failure($"argument {i + 1} must be a number, not '{JsonKinds.Text(a[i])}'");

    private JsonArray Partition(JsonNode?[] a)
    {
        var size = Whole(a, 1);
        return size is > 0 and <= int.MaxValue
            ? new JsonArray([.. List(a, 0).Chunk((int)size).Select(chunk => new JsonArray([.. chunk.Select(Copy)]))])
            : throw Failure("the chunk size must be positive");
    }

    private JsonArray Range(JsonNode?[] a)
    {
        var (first, last, step) = (Whole(a, 0), Whole(a, 1), Whole(a, 2));
        if (step == 0)
        {
            throw Failure("the increment must not be 0");
        }

        var result = new JsonArray();
        for (var value = first; step > 0 ? value <= last : value >= last; value += step)
        {
            if (result.Count == RangeLimit)
            {
                throw Failure($"the array would have more than {RangeLimit} elements");
            }

            result.Add((JsonNode)value);
        }

        return result;
    }

    private JsonNode? Item(JsonNode?[] a)
    {
        var index = Whole(a, 1);
        var list = List(a, 0);
        return index >= 0 && index < list.Count ? list[(int)index] : throw Failure($"the index {index} is outside an array of {list.Count}");
    }

    private JsonArray Unique(JsonNode?[] a)
    {
        var result = new JsonArray();
        foreach (var item in List(a, 0))
        {
            if (!result.Any(other => JsonNode.DeepEquals(other, item)))
            {
                result.Add(Copy(item));
            }
        }

        return result;
    }

    private string Decode(JsonNode?[] a)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(LimitedText(a, 0)));
        }
        catch (FormatException)
        {
            throw Failure("the argument is not Base64");
        }
    }

    [SuppressMessage("Security", "CA5350", Justification = "SHA-1 is one of the documented algorithms of the function; it does not secure anything")]
    [SuppressMessage("Security", "CA5351", Justification = "MD5 likewise")]
    private string Hash(JsonNode?[] a)
    {
        var text = a[0].AsText() is null ? JsonKinds.Text(a[0]) : LimitedText(a, 0);
        var data = Encoding.UTF8.GetBytes(text);
        var algorithm = Text(a, 1);
        var hash = algorithm switch
        {
            "MD5" => MD5.HashData(data),
            "SHA-1" => SHA1.HashData(data),
            "SHA-256" => SHA256.HashData(data),
            "SHA-384" => SHA384.HashData(data),
            "SHA-512" => SHA512.HashData(data),
            _ => throw Failure($"'{algorithm}' is not a supported algorithm"),
        };
        return Convert.ToHexStringLower(hash);
    }

    private JsonObject Merge(JsonNode?[] a)
    {
        if (a[0] is not JsonObject left || a[1] is not JsonObject right)
        {
            throw Failure("the first two arguments must be objects");
        }

        if (a.Length > 2 && a[2].AsBoolean() != false)
        {
            throw Failure("the third argument must be false: only the shallow merging mode is supported");
        }

        var result = (JsonObject)left.DeepClone();
        foreach (var (name, value) in right)
        {
            result[name] = Copy(value);
        }

        return result;
    }

    private JsonNode? ReadJson(JsonNode?[] a)
    {
        try
        {
            return Text(a, 0) is var text && string.IsNullOrWhiteSpace(text) ? null : WithoutMinusZero(JsonKinds.Parse(text));
        }
        catch (JsonException e)
        {
            throw Failure($"the argument is not valid JSON: {e.Message}");
        }
    }

    /// <summary>As recorded, the number -0 is read as 0.</summary>
    private static JsonNode? WithoutMinusZero(JsonNode? node) => node switch
    {
        null => null,
        JsonObject json => new JsonObject(json.Select(member => KeyValuePair.Create(member.Key, WithoutMinusZero(member.Value)))),
        JsonArray list => new JsonArray([.. list.Select(WithoutMinusZero)]),
        JsonValue value when value.GetValueKind() == JsonValueKind.Number && value.ToJsonString() == "-0" => 0,
        _ => node.DeepClone(),
    };

    private JsonNode Random(JsonNode?[] a, Scope scope)
    {
        var (from, to) = (Whole(a, 0), Whole(a, 1));
        if (to <= from)
        {
            throw Failure("the end must be greater than the start");
        }

        var source = a.Length > 2 ? Ids.From($"States.MathRandom/{Whole(a, 2)}") : scope.NextId();
        var random = BitConverter.ToUInt64(source.ToByteArray()) % (ulong)(to - from);
        return from + (long)random;
    }

    private JsonArray Split(JsonNode?[] a) =>
        new([.. Text(a, 0).Split(Text(a, 1).ToCharArray(), StringSplitOptions.RemoveEmptyEntries).Select(part => JsonValue.Create(part))]);

    private string Format(JsonNode?[] a)
    {
        var template = _arguments[0] is TextLiteral literal ? literal.Raw : Text(a, 0);
        var result = new StringBuilder();
        var next = 1;
        for (var i = 0; i < template.Length; i++)
        {
            if (template[i] == '\\' && i + 1 < template.Length)
            {
                result.Append(template[++i]);
            }
            else if (template[i] == '{' && i + 1 < template.Length && template[i + 1] == '}')
            {
                result.Append(next < a.Length ? Printed(a[next++]) : throw Failure($"the template has more '{{}}' than the {a.Length - 1} values"));
                i++;
            }
            else
            {
                result.Append(template[i]);
            }
        }

        return next == a.Length ? result.ToString() : throw Failure($"the template has {next - 1} '{{}}' for {a.Length - 1} values");
    }

    // The service prints objects and arrays like Java: {name=value, …} and [a, b].
    private static string Printed(JsonNode? node) => node switch
    {
        null => "null",
        JsonObject fields => "{" + string.Join(", ", fields.Select(field => $"{field.Key}={Printed(field.Value)}")) + "}",
        JsonArray items => "[" + string.Join(", ", items.Select(Printed)) + "]",
        _ => node.AsText() ?? node.AsNumber()?.ToString(CultureInfo.InvariantCulture) ?? JsonKinds.Text(node),
    };
}
