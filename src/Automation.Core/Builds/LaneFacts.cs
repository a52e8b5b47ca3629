using Automation.Core.Catalog;

namespace Automation.Core.Builds;

/// <summary>The current state of an image's lane (<see cref="BuildLanes"/>).</summary>
/// <param name="Before">The images that go first if several are due, in order.</param>
/// <param name="After">The images that go later.</param>
/// <param name="WaitingSince">Since when the image has waited for a due image before it that does not start; null if it has not waited.</param>
public sealed record LaneFacts(IReadOnlyList<BuildFacts> Before, IReadOnlyList<BuildFacts> After, DateTimeOffset? WaitingSince = null);
