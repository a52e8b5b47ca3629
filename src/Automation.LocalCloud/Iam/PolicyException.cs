namespace Automation.LocalCloud.Iam;

/// <summary>A policy that cannot be read, or that contains something the embedded cloud does not evaluate.</summary>
public sealed class PolicyException(string message) : Exception(message);
