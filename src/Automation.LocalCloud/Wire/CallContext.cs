using Automation.LocalCloud.Common;

namespace Automation.LocalCloud.Wire;

/// <summary>
/// The caller and the Region of a call. <see cref="AccessKeyId"/> identifies the role, because a function's process signs with its own key.
/// </summary>
public sealed record CallContext(string Region, string AccountId, string AccessKeyId)
{
    /// <summary>The scheme and host of the request, for responses with links.</summary>
    public string Endpoint { get; init; } = "";

    public string Arn(string service, string resource) => new Arn(service, Region, AccountId, resource).ToString();
}
