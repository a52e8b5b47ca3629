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
    string? DeadLetterArn);
