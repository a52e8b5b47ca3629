using Automation.LocalCloud.Common;

namespace Automation.LocalCloud.Wire;

/// <summary>
/// Who calls, and where. <see cref="AccessKeyId"/> tells the role: a function's process signs with its own key.
/// </summary>
public sealed record CallContext(string Region, string AccountId, string AccessKeyId)
{
    /// <summary>Scheme and host under which the service was called, for answers that contain links to it.</summary>
    public string Endpoint { get; init; } = "";

    public string Arn(string service, string resource) => new Arn(service, Region, AccountId, resource).ToString();
}
