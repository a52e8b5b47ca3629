using Automation.Core.Catalog;

namespace Automation.Core.Builds;

/// <summary>The lane of an image (<see cref="BuildLanes"/>), as it is at this moment.</summary>
/// <param name="Before">What comes first when both are due, in order.</param>
/// <param name="After">What comes later.</param>
/// <param name="WaitingSince">Since when the image has let a due one before it pass that does not start; null: it has not.</param>
public sealed record LaneFacts(IReadOnlyList<BuildFacts> Before, IReadOnlyList<BuildFacts> After, DateTimeOffset? WaitingSince = null);
