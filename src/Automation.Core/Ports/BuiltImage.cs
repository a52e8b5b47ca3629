namespace Automation.Core.Ports;

/// <param name="Arn">The ARN of the build, without wildcards.</param>
/// <param name="Uris">The URIs of its container image in all Regions; empty if Image Builder names none.</param>
public sealed record BuiltImage(string Arn, DateTimeOffset? CreatedAt, IReadOnlyList<string> Uris);
