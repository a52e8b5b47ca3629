using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Storage;

namespace Automation.LocalCloud.Iam;

/// <summary>
/// Roles and policies. The policies of a role that is in use here are compiled when they change, so a policy that cannot be evaluated is
/// refused when it is deployed. All others (of people, of instances) are stored unchanged.
/// </summary>
internal sealed class IamState(Engine engine)
{
    private readonly Table<RoleRow> _roles = new("iam.roles", engine.Store, () => IamJson.Default.RoleRow);
    private readonly Table<PolicyRow> _policies = new("iam.policies", engine.Store, () => IamJson.Default.PolicyRow);
    private readonly Table<InstanceProfileRow> _profiles = new("iam.instance-profiles", engine.Store, () => IamJson.Default.InstanceProfileRow);
    private readonly Dictionary<string, IReadOnlyList<PolicyDocument>?> _compiled = new(StringComparer.Ordinal);

    /// <summary>A number that changes whenever a role or a policy changes.</summary>
    public long Revision => _roles.Revision + _policies.Revision;

    public IEnumerable<string> RolesInUse => _roles.Values.Where(role => role.IsInUse).Select(role => role.Arn);

    public IEnumerable<RoleRow> Roles => _roles.Values.OrderBy(role => role.Name, StringComparer.Ordinal);

    public IEnumerable<InstanceProfileRow> Profiles => _profiles.Values.OrderBy(profile => profile.Name, StringComparer.Ordinal);

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

    public void Put(InstanceProfileRow profile) => _profiles.Set(profile.Name, profile);

    public InstanceProfileRow? FindProfile(string name) => _profiles.Find(name);

    public void DeleteProfile(string name) => _profiles.Remove(name);

    /// <summary>The role of the instances with an instance profile; null if it does not exist here, or has no role.</summary>
    public RoleRow? RoleOfProfile(string name) => _profiles.Find(name) is { } profile ? FindRoleByName(profile.Role) : null;

    public IEnumerable<PolicyRow> InlineOf(string role) => _policies.Values.Where(policy => policy.Name is not null && policy.Roles.Contains(role));

    public IEnumerable<PolicyRow> Managed => _policies.Values.Where(policy => policy.Name is null).OrderBy(policy => policy.Id, StringComparer.Ordinal);

    /// <summary>Finds a managed policy by its ARN.</summary>
    public PolicyRow? FindManaged(string arn) => _policies.Find(arn) is { Name: null } policy ? policy : null;

    /// <summary>The ARNs of a role's managed policies: those that the role lists, and those that list the role.</summary>
    public IEnumerable<string> ManagedOf(RoleRow role) =>
        role.Managed.Concat(_policies.Values.Where(policy => policy.Name is null && policy.Roles.Contains(role.Name)).Select(policy => policy.Id))
            .Distinct(StringComparer.Ordinal);

    public void DeletePolicy(string id)
    {
        _policies.Remove(id);
        _compiled.Clear();
    }

    /// <summary>A role that only people and tools assume is deployed whatever its policies contain. If they cannot be evaluated, it is not
    /// restricted.</summary>
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
