namespace Automation.Core.Images;

/// <summary>The result of a pull.</summary>
/// <param name="Digest">Null if nothing could be pulled.</param>
/// <param name="Failure">Why nothing could be pulled; null on success.</param>
public sealed record PulledImage(Digest? Digest, string? Failure = null);
