using Automation.Core.Images;

namespace Automation.Core.Retention;

/// <param name="StillThere">Why it still exists; null if it is deleted.</param>
public sealed record Deletion(Digest Digest, string? StillThere);
