using System.Text.Json.Nodes;

namespace Automation.LocalCloud.Ports;

/// <summary>The policy and the key that protect a resource, in addition to the policies of its callers.</summary>
internal sealed record ResourceGuard
{
    /// <summary>The resource's policy as JSON; null if it has none.</summary>
    public string? Policy { get; init; }

    /// <summary>The statements of the policy, for a service that keeps them one by one.</summary>
    public IReadOnlyDictionary<string, JsonObject> Statements { get; init; } = new Dictionary<string, JsonObject>();

    /// <summary>The key that encrypts the resource's messages; null if there is none.</summary>
    public string? KmsKey { get; init; }
}
