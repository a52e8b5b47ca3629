using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Automation.LocalCloud.Wire;

/// <summary>
/// Reads members of requests and of CloudFormation properties by name. Absent and null are the same. Numbers and booleans
/// are also read from strings, as CloudFormation writes them.
/// </summary>
internal static class JsonMembers
{
    /// <summary>A string, number or boolean as text.</summary>
    public static string? Text(this JsonObject json, string name) => json[name] is { } node ? Scalar(node, name) : null;

    /// <exception cref="AwsException">ValidationException: the member is absent or empty.</exception>
    public static string Required(this JsonObject json, string name) =>
        json.Text(name) is { Length: > 0 } text
            ? text
            : throw new AwsException("ValidationException", $"The parameter {name} is required.");

    /// <param name="code">The error of a service that has its own.</param>
    /// <exception cref="AwsException">The member is absent or empty.</exception>
    public static string Required(this JsonObject json, string name, string code) =>
        json.Text(name) is { Length: > 0 } text ? text : throw new AwsException(code, $"{name} is required");

    public static long? Whole(this JsonObject json, string name)
    {
        if (json.Text(name) is not { } text)
        {
            return null;
        }

        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new AwsException("ValidationException", $"The parameter {name} must be a whole number, not '{text}'.");
    }

    public static bool? Flag(this JsonObject json, string name) => json.Text(name) switch
    {
        null => null,
        var text when bool.TryParse(text, out var value) => value,
        var text => throw new AwsException("ValidationException", $"The parameter {name} must be true or false, not '{text}'."),
    };

    /// <summary>An instant, as epoch seconds (AWS JSON) or as ISO 8601 (CloudFormation).</summary>
    public static DateTimeOffset? Instant(this JsonObject json, string name)
    {
        if (json.Text(name) is not { } text)
        {
            return null;
        }

        if (decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds))
        {
            if (Math.Abs(seconds) > DateTimeOffset.MaxValue.ToUnixTimeSeconds() || seconds < DateTimeOffset.MinValue.ToUnixTimeSeconds())
            {
                throw new AwsException("ValidationException", $"The parameter {name} must be a timestamp: '{text}'.");
            }

            return DateTimeOffset.FromUnixTimeMilliseconds((long)(seconds * 1000));
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : throw new AwsException("ValidationException", $"The parameter {name} must be a timestamp: '{text}'.");
    }

    public static JsonObject? Object(this JsonObject json, string name) => json[name] switch
    {
        null => null,
        JsonObject value => value,
        _ => throw new AwsException("ValidationException", $"The parameter {name} must be an object."),
    };

    /// <summary>The objects of a list; an absent list is empty.</summary>
    public static IEnumerable<JsonObject> Objects(this JsonObject json, string name) => json.List(name)
        .Select(item => item as JsonObject ?? throw new AwsException("ValidationException", $"The parameter {name} must be a list of objects."));

    /// <summary>The strings of a list; an absent list is empty.</summary>
    public static IReadOnlyList<string> Texts(this JsonObject json, string name) =>
        [.. json.List(name).Select(item => item is null ? "" : Scalar(item, name))];

    /// <summary>A map of strings; an absent map is empty.</summary>
    public static Dictionary<string, string> Map(this JsonObject json, string name)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in json.Object(name) ?? [])
        {
            map[key] = value is null ? "" : Scalar(value, $"{name}.{key}");
        }

        return map;
    }

    /// <summary>Tags as <c>[{"Key":"…","Value":"…"}]</c>.</summary>
    public static Dictionary<string, string> Tags(this JsonObject json, string name)
    {
        var tags = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var tag in json.Objects(name))
        {
            tags[tag.Required("Key")] = tag.Text("Value") ?? "";
        }

        return tags;
    }

    public static JsonArray ToTagList(IReadOnlyDictionary<string, string> tags) =>
        new([.. tags.Select(tag => new JsonObject { ["Key"] = tag.Key, ["Value"] = tag.Value })]);

    public static JsonObject ToMap(IReadOnlyDictionary<string, string> map)
    {
        var json = new JsonObject();
        foreach (var (key, value) in map)
        {
            json[key] = value;
        }

        return json;
    }

    /// <summary>The fault of an object with a member that is not known, as a clause; null if all are known.</summary>
    public static string? UnknownMember(this JsonObject json, IReadOnlyList<string> known) =>
        json.FirstOrDefault(pair => !known.Contains(pair.Key, StringComparer.Ordinal)).Key is { } unknown
            ? $"'{unknown}' is not a known member; the members are {string.Join(", ", known)}"
            : null;

    public static JsonArray ToList(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);

    private static JsonArray List(this JsonObject json, string name) => json[name] switch
    {
        null => [],
        JsonArray list => list,
        _ => throw new AwsException("ValidationException", $"The parameter {name} must be a list."),
    };

    private static string Scalar(JsonNode node, string name) => node.GetValueKind() switch
    {
        JsonValueKind.String => node.GetValue<string>(),
        JsonValueKind.Number => node.ToJsonString(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => throw new AwsException("ValidationException", $"The parameter {name} must be a string."),
    };
}
