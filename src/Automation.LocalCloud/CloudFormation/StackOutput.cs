namespace Automation.LocalCloud.CloudFormation;

/// <param name="ExportName">Unique among the stacks of a Region. No stack imports it here.</param>
public sealed record StackOutput(string Key, string Value, string? Description, string? ExportName);
