using Automation.Core.Images;

namespace Automation.Core.Promotion;

/// <param name="From">The tag's current digest; null if the tag does not exist.</param>
/// <param name="To">The tag's target: the digest of the candidate or of the build that owns the tag.</param>
public sealed record TagStep(string Tag, TagAction Action, Digest? From, Digest To, Reason Reason);
