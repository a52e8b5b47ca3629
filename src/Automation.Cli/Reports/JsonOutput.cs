using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Automation.Cli.Doctor;

namespace Automation.Cli.Reports;

/// <summary>The format of <c>--json</c>: camel-case member names, times in ISO 8601, members without a value omitted.</summary>
[JsonSerializable(typeof(IReadOnlyList<ImageStatus>))]
[JsonSerializable(typeof(IReadOnlyList<ImagePlan>))]
[JsonSerializable(typeof(IReadOnlyList<Diagnosis>))]
internal sealed partial class JsonOutput : JsonSerializerContext
{
    // Set in code, because the attribute cannot name an encoder. Terminals and files do not need escapes that protect a web page.
    private static readonly JsonOutput Readable = new(new JsonSerializerOptions
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public static string Of(IReadOnlyList<ImageStatus> images) => JsonSerializer.Serialize(images, Readable.IReadOnlyListImageStatus);

    public static string Of(IReadOnlyList<ImagePlan> plans) => JsonSerializer.Serialize(plans, Readable.IReadOnlyListImagePlan);

    public static string Of(IReadOnlyList<Diagnosis> lines) => JsonSerializer.Serialize(lines, Readable.IReadOnlyListDiagnosis);
}
