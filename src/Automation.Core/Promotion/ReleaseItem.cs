using Automation.Core.Builds;

namespace Automation.Core.Promotion;

/// <summary>The decision for one build.</summary>
/// <param name="Order">Null if no release is due.</param>
/// <param name="Until">When to decide again; null if nothing waits.</param>
public sealed record ReleaseItem(BuildRecord Build, DueRelease? Order, DateTimeOffset? Until, Reason Reason);
