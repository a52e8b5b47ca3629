namespace Automation.Core.Promotion;

/// <param name="Age">The time since the last promotion.</param>
public sealed record OverdueImage(string Image, TimeSpan Age, Reason Reason);
