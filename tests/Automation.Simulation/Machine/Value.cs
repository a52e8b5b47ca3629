using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Automation.Simulation.Machine;

/// <summary>
/// A JSON value that never changes. It has its text, its parts or both, and makes one from the other on first use. So a result becomes a part of a state
/// without a copy, and nothing is parsed before a rule or a check reads it.
/// </summary>
internal sealed class Value
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _shared;

    private ReadOnlyMemory<byte> _text;
    private Member[]? _members;
    private Value[]? _items;
    private string? _string;

    /// <param name="text">One value, without spaces around it. Its bytes never change.</param>
    private Value(ReadOnlyMemory<byte> text)
    {
        _text = text;
        ValueKind = text.Span[0] switch
        {
            (byte)'{' => JsonValueKind.Object,
            (byte)'[' => JsonValueKind.Array,
            (byte)'"' => JsonValueKind.String,
            (byte)'t' => JsonValueKind.True,
            (byte)'f' => JsonValueKind.False,
            (byte)'n' => JsonValueKind.Null,
            _ => JsonValueKind.Number,
        };
    }

    public Value(Member[] members) => (_members, ValueKind) = (members, JsonValueKind.Object);

    public Value(Value[] items) => (_items, ValueKind) = (items, JsonValueKind.Array);

    public Value(string text) => (_string, ValueKind) = (text, JsonValueKind.String);

    public static Value EmptyObject { get; } = new(Array.Empty<Member>());

    public JsonValueKind ValueKind { get; }

    /// <summary>The JSON text.</summary>
    public ReadOnlyMemory<byte> Text
    {
        get
        {
            if (_text.IsEmpty)
            {
                var buffer = _shared ??= new ArrayBufferWriter<byte>(16_384);
                buffer.ResetWrittenCount();
                Write(buffer);
                _text = buffer.WrittenSpan.ToArray();
            }

            return _text;
        }
    }

    private ReadOnlySpan<Member> Members => ValueKind == JsonValueKind.Object ? _members ??= ReadMembers() : [];

    public static Value Parse(ReadOnlySpan<byte> text) => new(text.Trim(" \t\r\n"u8).ToArray());

    public static Value Parse(string text) => Parse(Encoding.UTF8.GetBytes(text));

    public static Value Time(DateTimeOffset time)
    {
        Span<byte> text = stackalloc byte[32];
        _ = time.UtcDateTime.TryFormat(text, out _, "s", CultureInfo.InvariantCulture);
        text[19] = (byte)'.';
        _ = time.Millisecond.TryFormat(text[20..], out _, "D3", CultureInfo.InvariantCulture);
        text[23] = (byte)'Z';
        return new Value(Encoding.ASCII.GetString(text[..24]));
    }

    public bool TryGetProperty(string name, out Value value)
    {
        foreach (var member in Members)
        {
            if (Ascii.Equals(member.Name.Span, name))
            {
                value = member.Value;
                return true;
            }
        }

        value = EmptyObject;
        return false;
    }

    /// <exception cref="KeyNotFoundException">It is not an object with this member.</exception>
    public Value GetProperty(string name) => TryGetProperty(name, out var value) ? value : throw new KeyNotFoundException($"There is no '{name}' in {this}.");

    /// <exception cref="InvalidOperationException">It is neither a text nor null.</exception>
    public string? GetString() => ValueKind switch
    {
        JsonValueKind.String => _string ??= Reader().GetString(),
        JsonValueKind.Null => null,
        _ => throw new InvalidOperationException($"{this} is not a text."),
    };

    public double GetDouble() => Reader().GetDouble();

    public int GetInt32() => Reader().GetInt32();

    public bool GetBoolean() => Reader().GetBoolean();

    public DateTimeOffset GetDateTimeOffset() => Reader().GetDateTimeOffset();

    public IReadOnlyList<Value> EnumerateArray() => _items ??= ReadItems();

    public string GetRawText() => Encoding.UTF8.GetString(Text.Span);

    public override string ToString() => ValueKind switch
    {
        JsonValueKind.String => GetString()!,
        JsonValueKind.Null => "",
        _ => GetRawText(),
    };

    /// <summary>This object with a value at the path; missing objects of the path are created. All other members are shared.</summary>
    public Value With(ReadOnlySpan<string> path, Value value)
    {
        if (path.Length == 0)
        {
            return value;
        }

        var members = Members;
        for (var i = 0; i < members.Length; i++)
        {
            if (Ascii.Equals(members[i].Name.Span, path[0]))
            {
                var changed = members.ToArray();
                changed[i] = new Member(members[i].Name, members[i].Value.With(path[1..], value));
                return new Value(changed);
            }
        }

        return new Value([.. members, new Member(path[0], EmptyObject.With(path[1..], value))]);
    }

    public void Write(ArrayBufferWriter<byte> buffer)
    {
        if (!_text.IsEmpty)
        {
            buffer.Write(_text.Span);
        }
        else if (_members is not null)
        {
            var before = "{\""u8;
            foreach (var member in _members)
            {
                buffer.Write(before);
                buffer.Write(member.Name.Span);
                buffer.Write("\":"u8);
                member.Value.Write(buffer);
                before = ",\""u8;
            }

            buffer.Write(_members.Length == 0 ? "{}"u8 : "}"u8);
        }
        else if (_items is not null)
        {
            var before = "["u8;
            foreach (var item in _items)
            {
                buffer.Write(before);
                item.Write(buffer);
                before = ","u8;
            }

            buffer.Write(_items.Length == 0 ? "[]"u8 : "]"u8);
        }
        else
        {
            buffer.Write("\""u8);
            buffer.Write(JsonEncodedText.Encode(_string!).EncodedUtf8Bytes);
            buffer.Write("\""u8);
        }
    }

    private Utf8JsonReader Reader()
    {
        var reader = new Utf8JsonReader(Text.Span);
        _ = reader.Read();
        return reader;
    }

    private Member[] ReadMembers()
    {
        var members = new List<Member>(16);
        var reader = Reader();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = _text.Slice((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
            _ = reader.Read();
            members.Add(new Member(name, Next(ref reader)));
        }

        return [.. members];
    }

    /// <exception cref="InvalidOperationException">It is not an array.</exception>
    private Value[] ReadItems()
    {
        if (ValueKind != JsonValueKind.Array)
        {
            throw new InvalidOperationException($"{this} is not an array.");
        }

        var items = new List<Value>();
        var reader = Reader();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            items.Add(Next(ref reader));
        }

        return [.. items];
    }

    private Value Next(ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return new Value(_text[start..(int)reader.BytesConsumed]);
    }
}

/// <summary>A member of an object.</summary>
/// <param name="Name">As in the JSON text, without quotes.</param>
internal readonly record struct Member(ReadOnlyMemory<byte> Name, Value Value)
{
    public Member(string name, Value value)
        : this(JsonEncodedText.Encode(name).EncodedUtf8Bytes.ToArray(), value)
    {
    }
}
