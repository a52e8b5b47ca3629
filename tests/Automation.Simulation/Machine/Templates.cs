using System.Buffers;
using System.Text.Json;

namespace Automation.Simulation.Machine;

/// <summary>The source of a path of the States Language: the data of the flow and the context object.</summary>
internal readonly record struct Scope(Value Data, IContext Context);

/// <summary>The context object, member by member; only requested members are created.</summary>
internal interface IContext
{
    /// <param name="path">Such as <c>State.EnteredTime</c> or <c>Map.Item.Value</c>.</param>
    /// <param name="rest">The rest of the path after a part of the context that is data itself.</param>
    Value Context(ReadOnlySpan<string> path, out ReadOnlySpan<string> rest);
}

/// <summary>A reference path: <c>$</c>, <c>$.release.regions</c>, <c>$$.Execution.Name</c>. More complex paths are refused when the definition is
/// read.</summary>
internal sealed class Reference
{
    private static readonly SearchValues<char> TooRich = SearchValues.Create("[]*@?()");
    private readonly string[] _members;

    private Reference(string text, bool ofContext, string[] members)
    {
        Text = text;
        OfContext = ofContext;
        _members = members;
    }

    public string Text { get; }

    public bool OfContext { get; }

    public ReadOnlySpan<string> Members => _members;

    /// <exception cref="NotSupportedException">The path has filters, wildcards, slices or indexes.</exception>
    public static Reference Parse(string text)
    {
        var ofContext = text.StartsWith("$$", StringComparison.Ordinal);
        var rest = text[(ofContext ? 2 : 1)..];
        return !text.StartsWith('$') || rest.AsSpan().ContainsAny(TooRich) || (rest.Length > 0 && rest[0] != '.')
            ? throw new NotSupportedException($"The simulation supports only plain reference paths, not '{text}'.")
            : new Reference(text, ofContext, rest.Length == 0 ? [] : rest[1..].Split('.'));
    }

    public Value? Find(Scope scope)
    {
        ReadOnlySpan<string> members = _members;
        var value = OfContext ? scope.Context.Context(members, out members) : scope.Data;
        foreach (var member in members)
        {
            if (!value.TryGetProperty(member, out value))
            {
                return null;
            }
        }

        return value;
    }

    /// <exception cref="StateError">The value does not exist.</exception>
    public Value Get(Scope scope) => Find(scope)
        ?? throw new StateError("States.Runtime", $"The JSONPath '{Text}' could not be found in the input.");
}

/// <summary>Parameters or an ItemSelector: JSON in which members that end in <c>.$</c> are paths or intrinsic functions.</summary>
internal abstract class Template
{
    public abstract Value Evaluate(Scope scope);

    public static Template Parse(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => new ObjectTemplate(json),
        JsonValueKind.Array => new ArrayTemplate([.. json.EnumerateArray().Select(Parse)]),
        _ => new Constant(Value.Parse(json.GetRawText())),
    };

    /// <summary>A path, a text in quotes, a number or an intrinsic function.</summary>
    private static Template ParseExpression(string text)
    {
        if (text.StartsWith('$'))
        {
            return new PathTemplate(Reference.Parse(text));
        }

        if (text.StartsWith('\'') || char.IsAsciiDigit(text[0]))
        {
            return new Constant(text.StartsWith('\'') ? new Value(text[1..^1]) : Value.Parse(text));
        }

        // States.Format('approval needed: {} {}', $.image, $.release.version)
        var open = text.IndexOf('(', StringComparison.Ordinal);
        return new FunctionTemplate(text[..open], [.. Arguments(text[(open + 1)..^1]).Select(ParseExpression)]);
    }

    // Commas in quotes and in parentheses do not separate.
    private static IEnumerable<string> Arguments(string text)
    {
        var (start, depth, quoted) = (0, 0, false);
        for (var i = 0; i < text.Length; i++)
        {
            quoted ^= text[i] == '\'';
            depth += quoted ? 0 : text[i] switch { '(' => 1, ')' => -1, _ => 0 };
            if (text[i] == ',' && depth == 0 && !quoted)
            {
                yield return text[start..i].Trim();
                start = i + 1;
            }
        }

        yield return text[start..].Trim();
    }

    private sealed class Constant(Value value) : Template
    {
        public override Value Evaluate(Scope scope) => value;
    }

    private sealed class PathTemplate(Reference path) : Template
    {
        public override Value Evaluate(Scope scope) => path.Get(scope);
    }

    /// <summary>An intrinsic function. https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html</summary>
    private sealed class FunctionTemplate(string name, Template[] arguments) : Template
    {
        public override Value Evaluate(Scope scope)
        {
            var values = Array.ConvertAll(arguments, argument => argument.Evaluate(scope));
            return name switch
            {
                "States.Format" => new Value(Format(values[0].GetString()!.Split("{}"), values)),
                "States.StringSplit" => new Value(Array.ConvertAll(values[0].GetString()!.Split(values[1].GetString()!), part => new Value(part))),
                "States.ArrayGetItem" => values[0].EnumerateArray()[values[1].GetInt32()],
                _ => throw new NotSupportedException($"The simulation does not know the intrinsic function {name}."),
            };
        }

        private static string Format(string[] parts, Value[] values) =>
            parts[0] + string.Concat(parts.Skip(1).Select((part, i) => TextOf(values[i + 1]) + part));

        private static string? TextOf(Value value) => value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText();
    }

    private sealed class ArrayTemplate(Template[] items) : Template
    {
        public override Value Evaluate(Scope scope) => new(Array.ConvertAll(items, item => item.Evaluate(scope)));
    }

    private sealed class ObjectTemplate(JsonElement json) : Template
    {
        private readonly Template[] _values = [.. json.EnumerateObject()
            .Select(member => IsExpression(member) ? ParseExpression(member.Value.GetString()!) : Parse(member.Value))];

        // The names are encoded once, and shared by all objects that the template makes.
        private readonly Member[] _names =
            [.. json.EnumerateObject().Select(member => new Member(IsExpression(member) ? member.Name[..^2] : member.Name, Value.EmptyObject))];

        public override Value Evaluate(Scope scope)
        {
            var members = new Member[_values.Length];
            for (var i = 0; i < members.Length; i++)
            {
                members[i] = new Member(_names[i].Name, _values[i].Evaluate(scope));
            }

            return new Value(members);
        }

        private static bool IsExpression(JsonProperty member) => member.Name.EndsWith(".$", StringComparison.Ordinal);
    }
}

/// <summary>An error in a state, with the name that <c>Retry</c> and <c>Catch</c> match.</summary>
internal sealed class StateError(string name, string cause) : Exception($"{name}: {cause}")
{
    public string Name => name;

    public string Cause => cause;
}
