using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Automation.Simulation.Machine;

/// <summary>The source of a path of the States Language: the data of the flow and the context object.</summary>
internal readonly record struct Scope(JsonElement Data, IContext Context);

/// <summary>The context object, member by member; only requested members are created.</summary>
internal interface IContext
{
    /// <param name="path">Such as <c>State.EnteredTime</c> or <c>Map.Item.Value</c>.</param>
    /// <param name="rest">The rest of the path after a part of the context that is data itself.</param>
    JsonElement Context(ReadOnlySpan<string> path, out ReadOnlySpan<string> rest);
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

    public JsonElement? Find(Scope scope)
    {
        ReadOnlySpan<string> members = _members;
        var value = OfContext ? scope.Context.Context(members, out members) : scope.Data;
        foreach (var member in members)
        {
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(member, out value))
            {
                return null;
            }
        }

        return value;
    }

    /// <exception cref="StateError">The value does not exist.</exception>
    public JsonElement Get(Scope scope) => Find(scope)
        ?? throw new StateError("States.Runtime", $"The JSONPath '{Text}' could not be found in the input.");
}

/// <summary>Parameters or an ItemSelector: JSON in which members that end in <c>.$</c> are paths or intrinsic functions.</summary>
internal abstract class Template
{
    public abstract void Write(Utf8JsonWriter writer, Scope scope);

    /// <summary>The value of an argument. It does not use the shared buffer, into which the template is being written.</summary>
    public virtual JsonElement Value(Scope scope) => throw new NotSupportedException("An argument is a path, a text, a number or a function.");

    public static Template Parse(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => new ObjectTemplate(json),
        JsonValueKind.Array => new ArrayTemplate([.. json.EnumerateArray().Select(Parse)]),
        _ => new Constant(json.Clone()),
    };

    public JsonElement Evaluate(Scope scope) => Json.Build(writer => Write(writer, scope));

    /// <summary>A path, a text in quotes, a number or an intrinsic function.</summary>
    private static Template ParseExpression(string text)
    {
        if (text.StartsWith('$'))
        {
            return new PathTemplate(Reference.Parse(text));
        }

        if (text.StartsWith('\'') || char.IsAsciiDigit(text[0]))
        {
            return new Constant(text.StartsWith('\'') ? Json.Text(text[1..^1]) : JsonElement.Parse(text));
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

    private sealed class Constant(JsonElement value) : Template
    {
        public override JsonElement Value(Scope scope) => value;

        public override void Write(Utf8JsonWriter writer, Scope scope) => Json.Copy(writer, value);
    }

    private sealed class PathTemplate(Reference path) : Template
    {
        public override JsonElement Value(Scope scope) => path.Get(scope);

        public override void Write(Utf8JsonWriter writer, Scope scope) => Json.Copy(writer, path.Get(scope));
    }

    /// <summary>An intrinsic function. https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html</summary>
    private sealed class FunctionTemplate(string name, Template[] arguments) : Template
    {
        public override void Write(Utf8JsonWriter writer, Scope scope) => Json.Copy(writer, Value(scope));

        public override JsonElement Value(Scope scope)
        {
            var values = arguments.Select(argument => argument.Value(scope)).ToList();
            return name switch
            {
                "States.Format" => Json.Text(Format(values[0].GetString()!.Split("{}"), values)),
                "States.StringSplit" =>
                    JsonElement.Parse(
                        $"[{string.Join(',', values[0].GetString()!.Split(values[1].GetString()!).Select(part => Json.Text(part).GetRawText()))}]"),
                "States.ArrayGetItem" => values[0][values[1].GetInt32()],
                _ => throw new NotSupportedException($"The simulation does not know the intrinsic function {name}."),
            };
        }

        private static string Format(string[] parts, List<JsonElement> values) =>
            parts[0] + string.Concat(
                parts.Skip(1)
                    .Select((part, i) => (values[i + 1].ValueKind == JsonValueKind.String ? values[i + 1].GetString() : values[i + 1].GetRawText()) + part));
    }

    private sealed class ArrayTemplate(Template[] items) : Template
    {
        public override void Write(Utf8JsonWriter writer, Scope scope)
        {
            writer.WriteStartArray();
            foreach (var item in items)
            {
                item.Write(writer, scope);
            }

            writer.WriteEndArray();
        }
    }

    private sealed class ObjectTemplate(JsonElement json) : Template
    {
        private readonly (string Name, Template Value)[] _members = [.. json.EnumerateObject()
            .Select(member => member.Name.EndsWith(".$", StringComparison.Ordinal)
            ? (member.Name[..^2], ParseExpression(member.Value.GetString()!))
            : (member.Name, Parse(member.Value)))];

        public override void Write(Utf8JsonWriter writer, Scope scope)
        {
            writer.WriteStartObject();
            foreach (var (name, value) in _members)
            {
                writer.WritePropertyName(name);
                value.Write(writer, scope);
            }

            writer.WriteEndObject();
        }
    }
}

/// <summary>The target of a result in the data of a flow.</summary>
internal static class Json
{
    public static JsonElement EmptyObject { get; } = JsonElement.Parse("{}");

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    /// <summary>The only way to create data here. It must not be nested.</summary>
    public static JsonElement Build(Action<Utf8JsonWriter> write) => JsonElement.Parse(Bytes(write));

    /// <summary>The same as bytes, which are valid until the next call.</summary>
    public static ReadOnlySpan<byte> Bytes(Action<Utf8JsonWriter> write)
    {
        _buffer ??= new ArrayBufferWriter<byte>(16_384);
        _buffer.ResetWrittenCount();
        _writer ??= new Utf8JsonWriter(_buffer, new JsonWriterOptions { SkipValidation = true });
        _writer.Reset(_buffer);
        write(_writer);
        _writer.Flush();
        return _buffer.WrittenSpan;
    }

    public static void Copy(Utf8JsonWriter writer, JsonElement value) =>
        writer.WriteRawValue(JsonMarshal.GetRawUtf8Value(value), skipInputValidation: true);

    /// <summary>Without the shared buffer, because paths need it while a template is being written.</summary>
    public static JsonElement Text(string value) => JsonElement.Parse($"\"{JsonEncodedText.Encode(value)}\"");

    public static JsonElement Time(DateTimeOffset value)
    {
        Span<byte> text = stackalloc byte[32];
        _ = value.UtcDateTime.TryFormat(text, out var length, "'\"'yyyy-MM-dd'T'HH:mm:ss.fff'Z\"'", CultureInfo.InvariantCulture);
        return JsonElement.Parse(text[..length]);
    }

    /// <summary>A copy of <paramref name="data"/> with a value at the path; missing objects of the path are created.</summary>
    public static JsonElement Put(JsonElement data, ReadOnlySpan<string> path, JsonElement value)
    {
        if (path.Length == 0)
        {
            return value;
        }

        var members = path.ToArray();
        return Build(writer => Put(writer, data, members, value));
    }

    private static void Put(Utf8JsonWriter writer, JsonElement data, ReadOnlySpan<string> path, JsonElement value)
    {
        var placed = false;
        writer.WriteStartObject();
        if (data.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in data.EnumerateObject())
            {
                writer.WritePropertyName(member.Name);
                if (member.NameEquals(path[0]))
                {
                    placed = true;
                    Place(writer, member.Value, path[1..], value);
                }
                else
                {
                    Copy(writer, member.Value);
                }
            }
        }

        if (!placed)
        {
            writer.WritePropertyName(path[0]);
            Place(writer, EmptyObject, path[1..], value);
        }

        writer.WriteEndObject();
    }

    private static void Place(Utf8JsonWriter writer, JsonElement data, ReadOnlySpan<string> path, JsonElement value)
    {
        if (path.Length == 0)
        {
            Copy(writer, value);
        }
        else
        {
            Put(writer, data, path, value);
        }
    }
}

/// <summary>An error in a state, with the name that <c>Retry</c> and <c>Catch</c> match.</summary>
internal sealed class StateError(string name, string cause) : Exception($"{name}: {cause}")
{
    public string Name => name;

    public string Cause => cause;
}
