using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Automation.LocalCloud.Iam;

/// <summary>A role as defined in its template or by CreateRole.</summary>
/// <param name="Trust">The services that may assume it, such as <c>lambda.amazonaws.com</c>.</param>
/// <param name="Inline">The documents of its inline policies.</param>
/// <param name="Managed">The ARNs of its managed policies.</param>
internal sealed record RoleRow(string Arn, string Name, IReadOnlyList<string> Trust, IReadOnlyList<JsonNode> Inline, IReadOnlyList<string> Managed)
{
    private static readonly string[] RoleUsers = ["lambda.amazonaws.com", "states.amazonaws.com", "scheduler.amazonaws.com", "events.amazonaws.com"];

    /// <summary>Whether a service that uses roles here may assume it.</summary>
    [JsonIgnore]
    public bool IsInUse => Trust.Any(RoleUsers.Contains);

    /// <summary>Whether its trust policy names an account, a user or a role, so that callers with credentials may assume it.</summary>
    public bool AllowsCallers { get; init; }

    /// <summary>The trust policy, unchanged from the template or the call.</summary>
    public JsonNode? TrustPolicy { get; init; }

    /// <summary>Further parameters of CreateRole; null for a role of a stack.</summary>
    public RoleDetails? Details { get; init; }

    /// <summary>The same role with another trust policy, such as
    /// <c>{"Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},…}]}</c>.</summary>
    public RoleRow WithTrust(JsonObject? document)
    {
        var allowing = Allowing(document).ToList();
        return this with
        {
            TrustPolicy = document?.DeepClone(),
            Trust =
            [
                .. allowing.SelectMany(statement => (statement["Principal"] as JsonObject)?["Service"] switch
                {
                    JsonArray list => list.Select(service => service!.ToString()),
                    { } one => [one.ToString()],
                    null => [],
                }),
            ],

            // "Principal": "*", or {"AWS": …}
            AllowsCallers = allowing.Any(
                statement => statement["Principal"] is JsonObject principals ? principals.ContainsKey("AWS") : statement["Principal"] is not null),
        };
    }

    private static IEnumerable<JsonObject> Allowing(JsonObject? trust) =>
        (trust?["Statement"] switch { JsonArray list => list.OfType<JsonObject>(), JsonObject one => [one], _ => [] })
            .Where(statement => statement["Effect"]?.ToString() == "Allow");
}

/// <summary>A standalone policy, and the names of the roles that it is attached to.</summary>
/// <param name="Name">The name of an inline policy; null for a managed policy.</param>
internal sealed record PolicyRow(string Id, JsonNode Document, IReadOnlyList<string> Roles, string? Name = null)
{
    /// <summary>The number of the default version, for a managed policy.</summary>
    public int Version { get; set; } = 1;
}

/// <summary>Members of a role that responses contain and that no decision depends on.</summary>
internal sealed record RoleDetails(DateTimeOffset Created, string? Description, long MaxSessionDuration)
{
    public IReadOnlyDictionary<string, string> Tags { get; set; } = new Dictionary<string, string>();
}

/// <param name="Role">The name of its role; empty if it has none yet.</param>
internal sealed record InstanceProfileRow(string Name, string Role)
{
    public string Path { get; set; } = "/";
}

/// <summary>A KMS key. Nothing is encrypted here, but the key's policy decides who may use resources that are encrypted with it.</summary>
internal sealed record KeyRow(string Arn, string Policy);

internal sealed record KeyAlias(string Name, string KeyArn);
