namespace Automation.LocalCloud.Lambda;

/// <summary>A deployed function.</summary>
/// <param name="CodeFolder">The folder with the unpacked code, or null for a function without an asset.</param>
public sealed record FunctionConfiguration(
    string Name,
    string Arn,
    string Region,
    string? CodeFolder,
    string Handler,
    string Runtime,
    IReadOnlyList<string> Architectures,
    IReadOnlyDictionary<string, string> Environment,
    TimeSpan Timeout,
    int MemoryMegabytes,
    string? Role,
    string? DeadLetterArn)
{
    /// <summary>Kept and shown, without effect: there is no X-Ray here.</summary>
    public string Tracing { get; set; } = "PassThrough";

    /// <summary>Text or JSON. The function's runtime follows it; the journal and the log group have its lines unchanged.</summary>
    public string LogFormat { get; set; } = "Text";

    /// <summary>Null means the group that Lambda names after the function.</summary>
    public string? LogGroup { get; init; }
}
