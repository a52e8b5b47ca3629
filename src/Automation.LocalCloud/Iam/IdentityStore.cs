using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Automation.LocalCloud.Storage;

namespace Automation.LocalCloud.Iam;

/// <summary>A role as its template says it.</summary>
/// <param name="Trust">The services that may take it, such as <c>lambda.amazonaws.com</c>.</param>
/// <param name="Inline">Documents of its inline policies.</param>
/// <param name="Managed">ARNs of managed policies.</param>
internal sealed record RoleRow(string Arn, string Name, IReadOnlyList<string> Trust, IReadOnlyList<JsonNode> Inline, IReadOnlyList<string> Managed)
{
    private static readonly string[] Acting = ["lambda.amazonaws.com", "states.amazonaws.com", "scheduler.amazonaws.com", "events.amazonaws.com"];

    /// <summary>Whether one of the services that act with roles here may take it.</summary>
    [JsonIgnore]
    public bool IsActedWith => Trust.Any(Acting.Contains);

    /// <summary>Whether its trust policy names an account, a user or a role, so that callers with credentials may take it.</summary>
    public bool AdmitsCallers { get; init; }
}

/// <summary>A policy of its own, and the roles it is attached to, by name.</summary>
internal sealed record PolicyRow(string Id, JsonNode Document, IReadOnlyList<string> Roles);

/// <summary>
/// Roles and policies. Those of a role that something here acts with are compiled when they change, so what cannot be evaluated is
/// refused when it is deployed; all others (of people, of instances) are kept as they are.
/// </summary>
internal sealed class IdentityStore(Cloud cloud)
{
    private readonly Table<RoleRow> _roles = new("iam.roles", cloud.Store);
    private readonly Table<PolicyRow> _policies = new("iam.policies", cloud.Store);
    private readonly Dictionary<string, IReadOnlyList<PolicyDocument>?> _compiled = new(StringComparer.Ordinal);

    public IEnumerable<string> ActedWith => _roles.Values.Where(role => role.IsActedWith).Select(role => role.Arn);

    public RoleRow? FindRole(string arn) => _roles.Find(arn);

    public RoleRow? FindRoleByName(string name) => _roles.Values.FirstOrDefault(role => role.Name == name);

    /// <summary>What a role's own policies are, compiled once; null for a role that is not from here.</summary>
    /// <exception cref="PolicyException">Something here acts with the role, and they cannot be evaluated.</exception>
    public IReadOnlyList<PolicyDocument>? PoliciesOf(string roleArn)
    {
        if (!_compiled.TryGetValue(roleArn, out var policies))
        {
            _compiled[roleArn] = policies =
                roleArn == IamService.ImageBuilderRole(cloud.Options.AccountId) ? [ManagedPolicies.ImageBuilder]
                : _roles.Find(roleArn) is { } role ? CompileWherePossible(role)
                : null;
        }

        return policies;
    }

    /// <exception cref="PolicyException">Something here acts with the role, and its policies cannot be evaluated; nothing was changed.</exception>
    public void Put(RoleRow role)
    {
        if (role.IsActedWith)
        {
            Compile(role);
        }

        _roles.Set(role.Arn, role);
        _compiled.Clear();
    }

    /// <exception cref="PolicyException">As for a role.</exception>
    public void Put(PolicyRow policy)
    {
        if (_roles.Values.Any(role => role.IsActedWith && policy.Roles.Contains(role.Name)))
        {
            PolicyDocument.ForIdentity(policy.Document);
        }

        _policies.Set(policy.Id, policy);
        _compiled.Clear();
    }

    public void DeleteRole(string name)
    {
        foreach (var role in _roles.Values.Where(role => role.Name == name).ToArray())
        {
            _roles.Remove(role.Arn);
        }

        _compiled.Clear();
    }

    public void DeletePolicy(string id)
    {
        _policies.Remove(id);
        _compiled.Clear();
    }

    /// <summary>A role that only people and tools take is deployed whatever its policies say; one that cannot be evaluated is held to nothing.</summary>
    private IReadOnlyList<PolicyDocument>? CompileWherePossible(RoleRow role)
    {
        try
        {
            return Compile(role);
        }
        catch (PolicyException e) when (!role.IsActedWith)
        {
            cloud.Journal.Write("iam", "not-evaluated", $"The embedded cloud does not hold {role.Name} to its policies: {e.Message}", ("role", role.Arn));
            return null;
        }
    }

    private IReadOnlyList<PolicyDocument> Compile(RoleRow role) =>
    [
        .. role.Inline.Select(PolicyDocument.ForIdentity),
        .. _policies.Values.Where(policy => policy.Roles.Contains(role.Name)).Select(policy => PolicyDocument.ForIdentity(policy.Document)),
        .. role.Managed.Select(arn => arn.Contains(":iam::aws:policy/", StringComparison.Ordinal)
            ? ManagedPolicies.Get(arn)
            : PolicyDocument.ForIdentity((_policies.Find(arn) ?? throw new PolicyException($"there is no policy {arn}")).Document)),
    ];
}
