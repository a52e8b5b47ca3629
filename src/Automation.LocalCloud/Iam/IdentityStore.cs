using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Storage;

namespace Automation.LocalCloud.Iam;

/// <summary>A role as defined in its template.</summary>
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

    /// <summary>The trust policy as the template or a caller wrote it.</summary>
    public JsonNode? TrustPolicy { get; init; }

    /// <summary>The same role with another trust policy, such as <c>{"Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},…}]}</c>.</summary>
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
            AllowsCallers = allowing.Any(statement => statement["Principal"] is JsonObject principals ? principals.ContainsKey("AWS") : statement["Principal"] is not null),
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
    /// <summary>Of a managed policy: the number of its default version.</summary>
    public int Version { get; init; } = 1;
}

/// <summary>
/// Roles and policies. The policies of a role that is in use here are compiled when they change, so a policy that cannot be evaluated is
/// refused when it is deployed. All others (of people, of instances) are stored unchanged.
/// </summary>
internal sealed class IdentityStore(Engine engine)
{
    private readonly Table<RoleRow> _roles = new("iam.roles", engine.Store);
    private readonly Table<PolicyRow> _policies = new("iam.policies", engine.Store);
    private readonly Dictionary<string, IReadOnlyList<PolicyDocument>?> _compiled = new(StringComparer.Ordinal);

    public IEnumerable<string> RolesInUse => _roles.Values.Where(role => role.IsInUse).Select(role => role.Arn);

    public RoleRow? FindRole(string arn) => _roles.Find(arn);

    public RoleRow? FindRoleByName(string name) => _roles.Values.FirstOrDefault(role => role.Name == name);

    /// <summary>A role's own policies, compiled once; null for a role that was not created here.</summary>
    /// <exception cref="PolicyException">The role is in use here, and its policies cannot be evaluated.</exception>
    public IReadOnlyList<PolicyDocument>? PoliciesOf(string roleArn)
    {
        if (!_compiled.TryGetValue(roleArn, out var policies))
        {
            _compiled[roleArn] = policies =
                roleArn == Caller.ImageBuilderRole(engine.Options.AccountId) ? [ManagedPolicies.ImageBuilder]
                : _roles.Find(roleArn) is { } role ? CompileWherePossible(role)
                : null;
        }

        return policies;
    }

    /// <exception cref="PolicyException">The role is in use here, and its policies cannot be evaluated; nothing was changed.</exception>
    public void Put(RoleRow role)
    {
        if (role.IsInUse)
        {
            Compile(role);
        }

        _roles.Set(role.Arn, role);
        _compiled.Clear();
    }

    /// <exception cref="PolicyException">The same as for a role.</exception>
    public void Put(PolicyRow policy)
    {
        if (_roles.Values.Any(role => role.IsInUse && policy.Roles.Contains(role.Name)))
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

    public IEnumerable<PolicyRow> InlineOf(string role) => _policies.Values.Where(policy => policy.Name is not null && policy.Roles.Contains(role));

    /// <summary>A managed policy, by ARN.</summary>
    public PolicyRow? FindManaged(string arn) => _policies.Find(arn) is { Name: null } policy ? policy : null;

    /// <summary>The ARNs of the managed policies of a role: those that it names, and those that name it.</summary>
    public IEnumerable<string> ManagedOf(RoleRow role) =>
        role.Managed.Concat(_policies.Values.Where(policy => policy.Name is null && policy.Roles.Contains(role.Name)).Select(policy => policy.Id)).Distinct(StringComparer.Ordinal);

    public void DeletePolicy(string id)
    {
        _policies.Remove(id);
        _compiled.Clear();
    }

    /// <summary>A role that only people and tools assume is deployed whatever its policies contain. If they cannot be evaluated, it is not restricted.</summary>
    private IReadOnlyList<PolicyDocument>? CompileWherePossible(RoleRow role)
    {
        try
        {
            return Compile(role);
        }
        catch (PolicyException e) when (!role.IsInUse)
        {
            engine.Journal.Write("iam", "not-evaluated", $"The embedded cloud does not enforce the policies of {role.Name}: {e.Message}", ("role", role.Arn));
            return null;
        }
    }

    private IReadOnlyList<PolicyDocument> Compile(RoleRow role) =>
    [
        .. role.Inline.Select(PolicyDocument.ForIdentity),
        .. _policies.Values.Where(policy => policy.Roles.Contains(role.Name)).Select(policy => PolicyDocument.ForIdentity(policy.Document)),
        .. role.Managed.Select(arn => arn.Contains(":iam::aws:policy/", StringComparison.Ordinal)
            ? ManagedPolicies.Get(arn)
            : PolicyDocument.ForIdentity((_policies.Find(arn) ?? throw new PolicyException($"the policy {arn} does not exist")).Document)),
    ];
}
