using System.Text.Json.Nodes;

namespace Automation.LocalCloud.Wire;

/// <summary>
/// An error of a service. State and rules throw it; the service's wire format renders it.
/// </summary>
/// <param name="code">The error code on the wire, such as <c>RepositoryNotFoundException</c>.</param>
public sealed class AwsException(string code, string message, int status = 400) : Exception(message)
{
    public string Code { get; } = code;

    public int Status { get; } = status;

    /// <summary>Whether the same call may succeed later: throttling and errors of the service.</summary>
    public bool IsTransient =>
        Status >= 500
        || Status == 429
        || Code.Contains("Throttl", StringComparison.OrdinalIgnoreCase)
        || Code.Contains("TooManyRequests", StringComparison.Ordinal)
        || Code is "ExecutionLimitExceeded" or "RequestThrottled";

    /// <summary>Further members of the error document, by wire name.</summary>
    public JsonObject? Members { get; init; }
}
