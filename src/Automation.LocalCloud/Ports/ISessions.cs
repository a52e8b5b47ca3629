namespace Automation.LocalCloud.Ports;

/// <summary>Assumed roles.</summary>
internal interface ISessions
{
    /// <summary>The assumed role that signs with the key; null if there is none.</summary>
    Caller? CallerOf(string accessKeyId);
}
