namespace Automation.Core.Ports;

/// <param name="ChangedAt">When the value was written.</param>
public sealed record ParameterValue(string Value, DateTimeOffset ChangedAt);
