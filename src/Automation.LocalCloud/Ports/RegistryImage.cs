namespace Automation.LocalCloud.Ports;

/// <summary>A stored manifest.</summary>
public sealed record RegistryImage(string Digest, string MediaType, ReadOnlyMemory<byte> Manifest, IReadOnlyList<string> Tags, DateTimeOffset PushedAt);
