using System.Globalization;
using System.Text.Json;

namespace Automation.Core.Catalog;

/// <summary>A JSON value on top of its defaults, each with its path. Objects merge member by member; any other value in the
/// upper layer hides the lower one; an explicit <c>null</c> removes a default.</summary>
internal sealed class JsonLayers
{
    private const int MaxShown = 60;

    private readonly IReadOnlyList<(JsonElement Value, string Path)> _layers;
    private readonly FaultList _faults;

    public JsonLayers(FaultList faults, params IReadOnlyList<(JsonElement Value, string Path)> layers)
    {
        _faults = faults;
        _layers = layers;
    }

    public string Path => _layers[0].Path;

    public JsonValueKind Kind => _layers[0].Value.ValueKind;

    public bool IsObject => Kind == JsonValueKind.Object;

    /// <summary>This value with the defaults beneath it.</summary>
    public JsonLayers Over(JsonLayers defaults) => new(_faults, [.. _layers, .. defaults._layers]);

    /// <summary>Whether the member already has a fault in any layer.</summary>
    public bool HasFault(string member) => _layers.Any(layer => _faults.Has($"{layer.Path}.{member}"));

    public void Fault(string text) => _faults.Add(Path, text);

    public void Fault(string member, string text) => _faults.Add($"{Path}.{member}", text);

    /// <summary>The member from the uppermost layer that has it; null if no layer has it, or if it is null and nullable.</summary>
    public JsonLayers? Member(string name, bool nullable = false)
    {
        var found = _layers
            .Select(layer => (layer.Value, layer.Path, Name: _faults.NameOf(layer.Path, name)))
            .Where(layer => layer.Value.ValueKind == JsonValueKind.Object && layer.Value.TryGetProperty(layer.Name, out _))
            .Select(layer => (Value: layer.Value.GetProperty(layer.Name), Path: $"{layer.Path}.{layer.Name}"))
            .ToList();
        if (found.Count == 0)
        {
            return null;
        }

        if (found[0].Value.ValueKind == JsonValueKind.Null)
        {
            if (!nullable)
            {
                _faults.Add(found[0].Path, "must not be null");
            }

            return null;
        }

        return found[0].Value.ValueKind == JsonValueKind.Object
            ? new JsonLayers(_faults, [.. found.TakeWhile(layer => layer.Value.ValueKind == JsonValueKind.Object)])
            : new JsonLayers(_faults, found[0]);
    }

    /// <summary>A text member of the uppermost layer; null if it is absent or not a text. Reports no fault.</summary>
    public string? Find(string name) =>
        IsObject && _layers[0].Value.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>An object member with known members only; null if it is absent or not an object.</summary>
    public JsonLayers? Section(string name, IReadOnlyList<string> known, bool nullable = false) =>
        Member(name, nullable) is { } section && section.CheckObject(known) ? section : null;

    public bool CheckObject(IReadOnlyList<string> known)
    {
        if (!IsObject)
        {
            Fault($"must be an object, not {Shown}");
            return false;
        }

        foreach (var (value, path) in _layers)
        {
            foreach (var member in value.EnumerateObject().Where(member => !known.Contains(member.Name)))
            {
                var home = CatalogParser.HomeOf(member.Name);
                var meant = home is null ? Suggestion.Find(member.Name, known.Where(name => !value.TryGetProperty(name, out _))) : null;
                _faults.Add($"{path}.{member.Name}",
                    home is not null ? $"is unknown here; it belongs in '{home}'"
                    : meant is null ? $"is unknown; use {string.Join(", ", known.Where(name => name[0] != '$'))}"
                    : $"is unknown; did you mean '{meant}'?");
                if (meant is not null)
                {
                    _faults.Means(path, member.Name, meant);
                }
            }
        }

        return true;
    }

    /// <summary>The value as a message shows it.</summary>
    private string Shown
    {
        get
        {
            var text = Kind switch
            {
                JsonValueKind.Object => "an object",
                JsonValueKind.Array => "a list",
                JsonValueKind.String => $"'{_layers[0].Value.GetString()}'",
                _ => _layers[0].Value.GetRawText(),
            };
            return text.Length <= MaxShown ? text : $"{text[..MaxShown]}…";
        }
    }

    /// <returns>The text; null after a fault.</returns>
    public string? Required(string name)
    {
        if (Member(name, nullable: true) is null)
        {
            Fault(name, "is missing");
            return null;
        }

        return Text(name);
    }

    public double? OptionalNumber(string name, int min, int max)
    {
        if (Member(name, nullable: true) is not { } member)
        {
            return null;
        }

        if (member.Kind == JsonValueKind.Number && member._layers[0].Value.TryGetDouble(out var number) && number >= min && number <= max)
        {
            return number;
        }

        member.Fault(string.Create(CultureInfo.InvariantCulture, $"must be a number from {min} to {max}, not {member.Shown}"));
        return null;
    }

    public int Int(string name, int defaultValue, int min, int max) => OptionalInt(name, min, max, nullable: false) ?? defaultValue;

    public int? OptionalInt(string name, int min, int max, bool nullable = true)
    {
        if (Member(name, nullable) is not { } member)
        {
            return null;
        }

        if (member.Kind == JsonValueKind.Number && member._layers[0].Value.TryGetInt32(out var number) && number >= min && number <= max)
        {
            return number;
        }

        member.Fault(string.Create(CultureInfo.InvariantCulture, $"must be a whole number from {min} to {max}, not {member.Shown}"));
        return null;
    }

    public bool Bool(string name, bool defaultValue)
    {
        if (Member(name) is not { } member)
        {
            return defaultValue;
        }

        if (member.Kind is JsonValueKind.True or JsonValueKind.False)
        {
            return member.Kind == JsonValueKind.True;
        }

        member.Fault($"must be true or false, not {member.Shown}");
        return defaultValue;
    }

    public string? Text(string name, bool nullable = false)
    {
        if (Member(name, nullable) is not { } member)
        {
            return null;
        }

        return member.AsText();
    }

    public string? AsText()
    {
        if (Kind == JsonValueKind.String && _layers[0].Value.GetString() is { Length: > 0 } text)
        {
            return text;
        }

        Fault($"must be a non-empty text, not {(Kind == JsonValueKind.String ? "an empty one" : Shown)}");
        return null;
    }

    /// <summary>A text that <paramref name="read"/> converts to a value or a fault; null if it is absent or invalid.</summary>
    public T? Parsed<T>(string name, Func<string, (T? Value, string? Fault)> read, bool nullable = false)
        where T : class
    {
        if (Member(name, nullable) is not { } member || member.AsText() is not { } text)
        {
            return null;
        }

        var (value, fault) = read(text);
        if (value is null)
        {
            member.Fault(fault ?? $"'{text}' cannot be read");
        }

        return value;
    }

    public T Choice<T>(string name, T defaultValue, params ReadOnlySpan<(string Text, T Value)> choices)
        where T : struct => Choice(Member(name), choices) ?? defaultValue;

    /// <summary>Null if the member is absent or null.</summary>
    public T? OptionalChoice<T>(string name, params ReadOnlySpan<(string Text, T Value)> choices)
        where T : struct => Choice(Member(name, nullable: true), choices);

    private static T? Choice<T>(JsonLayers? member, ReadOnlySpan<(string Text, T Value)> choices)
        where T : struct
    {
        if (member is null)
        {
            return null;
        }

        var known = new List<string>();
        foreach (var (text, value) in choices)
        {
            if (member.Kind == JsonValueKind.String && member._layers[0].Value.ValueEquals(text))
            {
                return value;
            }

            known.Add(text);
        }

        var end = member.Kind == JsonValueKind.String && Suggestion.Find(member._layers[0].Value.GetString()!, known) is { } meant
            ? $"; did you mean '{meant}'?"
            : "";
        member.Fault($"must be one of {string.Join(", ", known)}, not {member.Shown}{end}");
        return null;
    }

    /// <summary>Joins a list of lines into one text; null if an element is not a text.</summary>
    public string? Lines()
    {
        var lines = _layers[0].Value.EnumerateArray().ToList();
        if (lines.Count == 0 || lines.Exists(line => line.ValueKind != JsonValueKind.String))
        {
            Fault("must be a string or a list of lines");
            return null;
        }

        return string.Concat(lines.Select(line => line.GetString() + "\n"));
    }

    /// <summary>The elements of an array; null if the member is absent or not an array.</summary>
    public IReadOnlyList<JsonLayers>? Items(string name)
    {
        if (Member(name) is not { } member)
        {
            return null;
        }

        if (member.Kind != JsonValueKind.Array)
        {
            member.Fault($"must be a list, not {member.Shown}");
            return null;
        }

        return [.. member._layers[0].Value.EnumerateArray()
            .Select((item, i) => new JsonLayers(_faults, (item, string.Create(CultureInfo.InvariantCulture, $"{member.Path}[{i}]"))))];
    }

    /// <summary>A list of texts that <paramref name="read"/> converts to values or faults. A duplicate text is a fault.</summary>
    public IReadOnlyList<T>? List<T>(string name, Func<string, (T? Value, string? Fault)> read)
        where T : class
    {
        if (Items(name) is not { } items)
        {
            return null;
        }

        var values = new List<T>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in items)
        {
            if (item.AsText() is not { } text)
            {
                continue;
            }

            if (!seen.Add(text))
            {
                item.Fault($"'{text}' is listed twice");
                continue;
            }

            var (value, fault) = read(text);
            if (value is null || fault is not null)
            {
                item.Fault(fault ?? $"'{text}' cannot be read");
                continue;
            }

            values.Add(value);
        }

        return values;
    }
}
