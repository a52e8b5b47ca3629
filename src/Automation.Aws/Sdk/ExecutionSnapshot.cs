namespace Automation.Aws.Sdk;

/// <param name="Status">RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED.</param>
/// <param name="Output">The last state as JSON; null while it runs and when it failed.</param>
public sealed record ExecutionSnapshot(string Arn, string Name, string Status, string? Output, string? Error, string? Cause)
{
    public bool IsRunning => Status == "RUNNING";
}
