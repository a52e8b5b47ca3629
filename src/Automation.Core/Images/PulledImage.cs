namespace Automation.Core.Images;

/// <summary>What came of a pull.</summary>
/// <param name="Digest">Null when there was nothing to pull.</param>
/// <param name="Failure">Why there was nothing to pull; null when there was.</param>
public sealed record PulledImage(Digest? Digest, string? Failure = null);
