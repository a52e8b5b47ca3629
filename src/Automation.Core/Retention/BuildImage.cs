using Automation.Core.Images;

namespace Automation.Core.Retention;

/// <summary>The image of a build in a Region without the records.</summary>
/// <param name="Kept">Whether a rule keeps it. False if it waits for its mark or grace period, belongs to another image, or will be deleted.</param>
/// <param name="Stays">Why it stays; null if it will be deleted, or stays only for another build.</param>
public sealed record BuildImage(string RecordArn, Digest Digest, bool Kept, string? Stays);
