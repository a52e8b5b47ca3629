namespace Automation.LocalCloud;

/// <summary>An injected fault ends the caller at this call; the call has no response.</summary>
public sealed class CallerCrashedException(string accessKeyId)
    : Exception($"An injected fault ended the caller with the access key {accessKeyId}.")
{
    public string AccessKeyId { get; } = accessKeyId;
}
