namespace Automation.Core.Builds;

/// <summary>Why the base may not be built on now. Its findings are judged by <c>build.baseGate</c>.</summary>
/// <param name="Until">When to look again, if a scan result is expected; null if the gate blocks.</param>
public sealed record BaseVerdict(Reason Why, DateTimeOffset? Until);
