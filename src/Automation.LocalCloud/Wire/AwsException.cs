using System.Text.Json.Nodes;

namespace Automation.LocalCloud.Wire;

/// <summary>
/// An error as the service reports it. Thrown by state and rules, rendered by the service's wire format.
/// </summary>
/// <param name="code">The error code on the wire, such as <c>RepositoryNotFoundException</c>.</param>
public sealed class AwsException(string code, string message, int status = 400) : Exception(message)
{
    public string Code { get; } = code;

    public int Status { get; } = status;

    /// <summary>Further members of the error document, by wire name.</summary>
    public JsonObject? Members { get; init; }
}
