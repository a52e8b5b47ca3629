namespace Automation.Functions;

/// <summary>One value with its name in CloudWatch.</summary>
/// <param name="Unit">CloudWatch's unit: <c>Count</c>, or <c>None</c> if it has no suitable unit.</param>
public sealed record Metric(string Name, double Value, string Unit = "Count");
