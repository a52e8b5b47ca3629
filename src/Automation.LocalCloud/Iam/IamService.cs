using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Iam;

/// <summary>
/// Identity and access management: roles and policies, the policies of keys, and the authorisation of each call of a
/// role or of a service. A role that does not exist here is not restricted.
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
/// </summary>
public sealed class IamService : IAccess
{
    /// <summary>How many answers of policies are kept.</summary>
    private const int MaxEvaluated = 20_000;

    private readonly Engine _engine;
    private readonly IamState _identities;
    private readonly KmsState _keys;
    private readonly ConditionalWeakTable<object, PolicyDocument> _resourcePolicies = [];
    private readonly Dictionary<(string Role, string Action, string Resource), long> _used = [];
    private readonly Dictionary<(IReadOnlyList<PolicyDocument> Own, AccessRequest Request), (Verdict, IReadOnlyList<(string, string, string)>)> _evaluated = [];

    public IamService(Engine engine)
    {
        _engine = engine;
        _identities = new IamState(engine);
        _keys = new KmsState(engine.Store);
        ResourceTypes = [.. IamResources.All(_identities), .. KmsResources.All(_keys)];
        Roles = new IamApi(engine, _identities);
        WireServices = [Roles, new KmsService(_keys)];
    }

    /// <summary>The IAM and KMS APIs.</summary>
    internal IReadOnlyList<IWireService> WireServices { get; }

    internal long Revision => _identities.Revision;

    internal IamApi Roles { get; }

    public IReadOnlyList<IResourceType> ResourceTypes { get; }

    /// <summary>Every role that functions, workflows, rules and schedules use, by ARN.</summary>
    public IReadOnlyList<RoleGrants> Permissions =>
    [
        .. _identities.RolesInUse.OrderBy(role => role, StringComparer.Ordinal).Select(role => new RoleGrants(role,
        [
            .. _identities.PoliciesOf(role)!
                .SelectMany(policy => policy.Statements)
                .Where(statement => statement.Allows)
                .SelectMany(
                    statement => statement.Actions.SelectMany(action => statement.Resources.Select(resource => (Action: action.Text, Resource: resource.Text))))
                .Distinct()
                .Order()
                .Select(grant => new GrantUse(grant.Action, grant.Resource, _used.GetValueOrDefault((role, grant.Action, grant.Resource)))),
        ])),
    ];

    /// <summary>Authorises a request.</summary>
    /// <exception cref="AwsException">AccessDeniedException, or the service's own code.</exception>
    internal void Authorize(IWireService service, string operation, WireRequest request, CallContext context)
    {
        var caller = CallerOf(context.AccessKeyId);
        if (caller is not RoleSession role || _identities.PoliciesOf(role.RoleArn) is null)
        {
            return;
        }

        // Operations whose permissions the embedded cloud does not know are allowed to sessions of people and tools, as to their own credentials.
        var isAssumed = _engine.Sessions.CallerOf(context.AccessKeyId) is not null;

        var needs = service.Needs(operation, request, context)
            ?? (isAssumed ? Array.Empty<Need>() : null)
            ?? throw new AwsException("AccessDeniedException",
                $"The embedded cloud does not know which permissions {service.SigningName}:{operation} needs, so no role may call it here.", 403);
        foreach (var need in needs)
        {
            RequirePermission(caller, need.Action, need.Resource);
        }
    }

    /// <summary>
    /// Authorises a call: the caller's policies or the resource's must allow it, and none may deny it. A key's policy
    /// must allow it, directly or by delegation to the account. Messages to an encrypted topic or queue also need its key.
    /// </summary>
    /// <exception cref="AwsException">AccessDeniedException, or the service's own code.</exception>
    public void RequirePermission(Caller caller, string action, string resource)
    {
        if (Evaluate(caller, action, resource, null) is { } reason)
        {
            throw Denied(action, Refuse(caller, action, resource, reason));
        }

        if (caller != Caller.Administrator && EncryptedWith(action, resource) is { } key)
        {
            RequireKeyPermission(caller, action, key, TargetRegion(resource));
        }
    }

    /// <summary>Whether a caller has a permission without which the call returns less instead of failing.</summary>
    bool IAccess.Allows(string accessKeyId, string action, string resource) => Evaluate(CallerOf(accessKeyId), action, resource, null) is null;

    /// <param name="code">The error code of the resource's service.</param>
    /// <exception cref="AwsException">The policy cannot be read or evaluated here.</exception>
    internal static void CheckResourcePolicy(string what, string json, string code) => Checked(what, () => PolicyDocument.ForResource(json), code);

    /// <exception cref="AwsException">MalformedPolicyDocument, or the given code.</exception>
    internal static void Checked(string what, Action compile, string code = "MalformedPolicyDocument")
    {
        try
        {
            compile();
        }
        catch (PolicyException e)
        {
            throw new AwsException(code, $"The policy of {what}: {e.Message}.");
        }
    }

    public Caller CallerOf(string accessKeyId) =>
        _engine.Functions.CallerOf(accessKeyId) ?? _engine.Sessions.CallerOf(accessKeyId) ?? Caller.Administrator;

    /// <summary>Whether callers with credentials of the account may assume a role: it exists, and its trust policy allows more than services.</summary>
    bool IAccess.MayBeAssumed(string roleArn) => _identities.FindRole(roleArn) is { AllowsCallers: true };

    Caller IAccess.InstanceCaller(string profileName) => Caller.Role(_identities.RoleOfProfile(profileName)?.Arn, "i-0123456789abcdef0");

    void IAccess.CheckResourcePolicy(string what, string json, string code) => CheckResourcePolicy(what, json, code);

    void IAccess.EnsureLinkedRole() => Roles.EnsureLinkedRole();

    /// <summary>Why the call is refused; null if it is allowed.</summary>
    private string? Evaluate(Caller caller, string action, string resource, string? viaService)
    {
        var role = caller as RoleSession;
        var own = role is null ? null : _identities.PoliciesOf(role.RoleArn);
        if (own is null && caller is not ServicePrincipal)
        {
            return null;
        }

        var request = new AccessRequest(caller, action, resource, _engine.Options.AccountId, viaService);
        var (identity, grants) = own is null ? (Verdict.Silent, []) : Evaluated(own, role!, request);
        var exists = TryPolicyOf(resource, out var resourcePolicy);
        if (!exists && role is null)
        {
            // The target of the service does not exist; the call itself reports that.
            return null;
        }

        var its = resourcePolicy?.Evaluate(request) ?? Verdict.Silent;
        if (identity == Verdict.Denied || its == Verdict.Denied)
        {
            return $"with an explicit deny in {(identity == Verdict.Denied ? "an identity-based" : "a resource-based")} policy";
        }

        var byOwn = identity == Verdict.Allowed && (its == Verdict.Delegated || !IsKey(resource));
        if (byOwn)
        {
            Count(grants);
        }

        return byOwn || its == Verdict.Allowed
            ? null
            : $"because no {(role is null || (IsKey(resource) && identity == Verdict.Allowed) ? "resource" : "identity")}-based policy allows the {action} action";
    }

    private void RequireKeyPermission(Caller caller, string action, string key, string region)
    {
        var service = action.Split(':')[0];
        if (key.Contains("alias/aws/", StringComparison.Ordinal))
        {
            // The policy of an AWS managed key cannot be changed. It allows the account's own principals but no service.
            if (caller is ServicePrincipal)
            {
                throw KeyDenied(service, Refuse(caller, "kms:GenerateDataKey", key, "because the key is managed by AWS and its policy allows no service"));
            }

            return;
        }

        var arn = _keys.Resolve(key, region) ?? throw KeyDenied(service, Refuse(caller, "kms:GenerateDataKey", key, "because the key does not exist"));
        foreach (var need in (string[])["kms:GenerateDataKey", "kms:Decrypt"])
        {
            if (Evaluate(caller, need, arn, $"{service}.{region}.amazonaws.com") is { } reason)
            {
                throw KeyDenied(service, Refuse(caller, need, arn, reason));
            }
        }
    }

    private string? EncryptedWith(string action, string resource) => action switch
    {
        "sns:Publish" => _engine.Topics.Guard(resource)?.KmsKey,
        "sqs:SendMessage" => _engine.Queues.Guard(resource)?.KmsKey,
        _ => null,
    };

    /// <summary>The policy of an existing resource; null if it has none.</summary>
    private bool TryPolicyOf(string resource, out PolicyDocument? policy)
    {
        policy = null;
        switch (Arn.ServiceOf(resource))
        {
            case "sns":
                return Compiled(_engine.Topics.Guard(resource), out policy);
            case "sqs":
                return Compiled(_engine.Queues.Guard(resource), out policy);
            case "lambda":
                // Without the version or alias behind the name.
                return Compiled(_engine.Functions.Guard(string.Join(':', resource.Split(':').Take(7))), out policy);
            case "kms":
                policy = Compiled(_keys.PolicyOf(resource));
                return policy is not null;
            default:
                return true;
        }
    }

    private bool Compiled(ResourceGuard? guard, out PolicyDocument? policy)
    {
        policy = guard is not { Statements.Count: > 0 }
            ? Compiled(guard?.Policy)
            : _resourcePolicies.GetValue(guard.Statements, _ => PolicyDocument.ForResource(
            new JsonObject { ["Statement"] = new JsonArray([.. guard.Statements.Values.Select(statement => statement.DeepClone())]) }));
        return guard is not null;
    }

    private PolicyDocument? Compiled(string? json) => json is null ? null : _resourcePolicies.GetValue(json, text => PolicyDocument.ForResource((string)text));

    /// <summary>The verdict of a role's own policies, and the grants that allow the request. A change of a policy compiles it again, and the same
    /// policies answer the same request alike, so an answer is kept.</summary>
    private (Verdict Verdict, IReadOnlyList<(string Role, string Action, string Resource)> Grants) Evaluated(
        IReadOnlyList<PolicyDocument> own, RoleSession role, AccessRequest request)
    {
        if (_evaluated.TryGetValue((own, request), out var known))
        {
            return known;
        }

        var granted = new List<PolicyStatement>();
        var identity = Verdict.Silent;
        foreach (var policy in own)
        {
            var verdict = policy.Evaluate(request, granted.Add);
            identity = verdict > identity ? verdict : identity;
        }

        if (_evaluated.Count >= MaxEvaluated)
        {
            _evaluated.Clear();
        }

        return _evaluated[(own, request)] = (identity, [
            .. from statement in granted
               from action in statement.Actions.Where(action => statement.IsExcept || action.Matches(request.Action))
               from resource in statement.Resources.Where(resource => statement.IsExcept || resource.Matches(request.Resource))
               select (role.RoleArn, action.Text, resource.Text)
        ]);
    }

    private void Count(IReadOnlyList<(string Role, string Action, string Resource)> grants)
    {
        foreach (var grant in grants)
        {
            _used[grant] = _used.GetValueOrDefault(grant) + 1;
        }
    }

    /// <summary>Callers often swallow a refusal, so the journal records each one.</summary>
    private string Refuse(Caller caller, string action, string resource, string reason)
    {
        var who = caller switch
        {
            RoleSession role => role.Arn,
            ServicePrincipal service => service.Name,
            _ => "administrator",
        };
        var message = $"User: {who} is not authorized to perform: {action} on resource: {resource} {reason}";
        _engine.Journal.Write("iam", "access-denied", message, ("caller", who), ("action", action), ("resource", resource));
        return message;
    }

    [SuppressMessage("Style", "IDE0072", Justification = "All other services use AccessDeniedException")]
    private static AwsException Denied(string action, string message) => action.Split(':')[0] switch
    {
        "sns" => new AwsException("AuthorizationError", message, 403),
        "sts" or "s3" or "cloudformation" => new AwsException("AccessDenied", message, 403),
        "imagebuilder" or "lambda" or "scheduler" or "sqs" => new AwsException("AccessDeniedException", message, 403),
        _ => new AwsException("AccessDeniedException", message),
    };

    private static AwsException KeyDenied(string service, string message) =>
        new(service == "sqs" ? "KmsAccessDenied" : "KMSAccessDenied", message);

    private static bool IsKey(string resource) => Arn.ServiceOf(resource) == "kms";

    private static string TargetRegion(string resource) => Arn.Parse(resource).Region;
}
