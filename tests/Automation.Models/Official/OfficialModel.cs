using System.Text.Json;
using System.Text.Json.Serialization;

namespace Automation.Models.Official;

/// <summary>
/// One service as AWS describes it to its own clients, in the format of <c>fetch.mjs</c>:
/// <code>
/// {"package":"@aws-sdk/client-ecr","version":"3.1169.0",
///  "operations":{"PutImage":{"method":"POST","path":"/","input":"PutImageRequest","output":"PutImageResponse","errors":["ServerException"]}},
///  "structures":{"PutImageRequest":{"members":{"repositoryName":{"type":"string","required":true,"rule":{"min":2,"max":256}}}}},
///  "enums":{"TagStatus":["ANY","TAGGED","UNTAGGED"]}}
/// </code>
/// </summary>
internal sealed record OfficialModel
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web);

    /// <summary>The npm package that provides most of it.</summary>
    public required string Package { get; init; }

    public required string Version { get; init; }

    /// <summary>The version of npm's <c>aws-sdk</c> that provides number widths and paginated lists.</summary>
    public required string CheckedWith { get; init; }

    public required IReadOnlyDictionary<string, OfficialOperation> Operations { get; init; }

    public required IReadOnlyDictionary<string, OfficialStructure> Structures { get; init; }

    public required IReadOnlyDictionary<string, IReadOnlyList<string>> Enums { get; init; }

    /// <summary>What to do if <see cref="Find"/> finds nothing.</summary>
    public static string HowToFetch => "The official models are not here: node tests/Automation.Models/fetch.mjs";

    /// <param name="service">The signing name, such as <c>states</c>.</param>
    /// <returns>Null when the models have not been fetched.</returns>
    public static OfficialModel? Find(string service)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "cdk.json")))
            {
                var file = Path.Combine(folder.FullName, "artifacts", "models", service + ".json");
                return File.Exists(file) ? JsonSerializer.Deserialize<OfficialModel>(File.ReadAllText(file), Format) : null;
            }
        }

        return null;
    }
}

internal sealed record OfficialOperation
{
    public required string Method { get; init; }

    public required string Path { get; init; }

    /// <summary>The HTTP status of success.</summary>
    public required int Status { get; init; }

    /// <summary>The name of a structure; null if there is no input.</summary>
    public string? Input { get; init; }

    public string? Output { get; init; }

    /// <summary>The names of error structures.</summary>
    public IReadOnlyList<string> Errors { get; init; } = [];

    public bool Paginated { get; init; }

    /// <summary>The paths of the lists that a paginator returns; also empty if only the newer client has a paginator.</summary>
    public IReadOnlyList<string> Pages { get; init; } = [];
}

internal sealed record OfficialStructure
{
    public required IReadOnlyDictionary<string, OfficialShape> Members { get; init; }

    public bool Union { get; init; }

    public string? XmlName { get; init; }

    /// <summary>Set for errors.</summary>
    public OfficialError? Error { get; init; }
}

internal sealed record OfficialError(string Code, int Status);

internal sealed record OfficialShape
{
    /// <summary>string, number, boolean, timestamp, blob, document, list, map or structure.</summary>
    public required string Type { get; init; }

    public bool Required { get; init; }

    /// <summary>The structure's name.</summary>
    public string? Ref { get; init; }

    /// <summary>The element of a list or the value of a map.</summary>
    public OfficialShape? Element { get; init; }

    public string? Enum { get; init; }

    /// <summary>integer, long, float or double; null if only the newer client has the member.</summary>
    public string? Width { get; init; }

    /// <summary>path, query, header, headers, payload or status; null for a member of the body.</summary>
    public string? Location { get; init; }

    public string? LocationName { get; init; }

    /// <summary>date-time, http-date or epoch-seconds, if it differs from the protocol's default.</summary>
    public string? Format { get; init; }

    public bool Token { get; init; }

    public string? XmlName { get; init; }

    [JsonConverter(typeof(OneIsTrue))]
    public bool XmlFlattened { get; init; }

    public string? JsonName { get; init; }

    /// <summary>Null if the source of constraints does not have the member or is not available.</summary>
    public OfficialRule? Rule { get; init; }

    /// <summary>The rule for a map's keys.</summary>
    public OfficialRule? Key { get; init; }

    private sealed class OneIsTrue : JsonConverter<bool>
    {
        public override bool Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Number ? reader.GetInt32() == 1 : reader.GetBoolean();

        public override void Write(Utf8JsonWriter writer, bool value, JsonSerializerOptions options) => writer.WriteBooleanValue(value);
    }
}

/// <summary>Length, value or number of elements, and pattern.</summary>
internal sealed record OfficialRule
{
    public decimal? Min { get; init; }

    public decimal? Max { get; init; }

    public string? Pattern { get; init; }
}
