namespace Automation.LocalCloud;

/// <summary>The caller was ordered to end at this very call; the call has no answer.</summary>
public sealed class CallerCrashedException(string accessKeyId)
    : Exception($"An ordered fault ended the caller with the access key {accessKeyId}.")
{
    public string AccessKeyId { get; } = accessKeyId;
}
