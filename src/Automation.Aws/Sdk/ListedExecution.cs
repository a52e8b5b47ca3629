namespace Automation.Aws.Sdk;

/// <param name="Status">RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED.</param>
public sealed record ListedExecution(string Name, string Status, DateTimeOffset StartedAt);
