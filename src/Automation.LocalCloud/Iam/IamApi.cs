using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Iam;

/// <summary>
/// The part of the IAM API that concerns roles: roles with their policies and instance profiles, and the service-linked role of Image Builder.
/// Only the default version of a managed policy is stored. All other operations are refused by name.
/// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html
/// </summary>
internal sealed class IamApi(Engine engine, IamState identities, RoleOperations roles) : IWireService
{
    /// <summary>The only service with a service-linked role here.</summary>
    internal const string ImageBuilder = "imagebuilder.amazonaws.com";

    private const string ImageBuilderRoleName = "AWSServiceRoleForImageBuilder";

    private static readonly QueryXml Xml = IamXml.Xml;
    private readonly ProfileOperations _profiles = new(engine, identities, roles);
    private readonly Table<LinkedRole> _linked = new("iam.linked-roles", engine.Store, () => IamJson.Default.LinkedRole);

    public IamApi(Engine engine, IamState identities)
        : this(engine, identities, new RoleOperations(engine, identities))
    {
    }

    public string SigningName => "iam";

    public string? OperationOf(WireRequest request) => QueryXml.Read(request).GetValueOrDefault("Action");

    /// <summary>Image Builder creates its role on the first use in an account.
    /// https://docs.aws.amazon.com/imagebuilder/latest/userguide/image-builder-service-linked-role.html</summary>
    internal void EnsureLinkedRole()
    {
        if (_linked.Find(ImageBuilder) is null)
        {
            _linked.Set(ImageBuilder, new LinkedRole(ImageBuilderRoleName, engine.Clock.Now));
        }
    }

    public WireResponse Handle(WireRequest request, CallContext context)
    {
        var form = QueryForm.Parse(request);
        switch (form.Text("Action"))
        {
            case "GetRole":
                return Xml.Result("GetRole", engine.Ids.Next(), Xml.Element("Role", Describe(IamXml.Required(form, "RoleName"), context)));
            case "ListRolePolicies":
                return Xml.Result(
                    "ListRolePolicies", engine.Ids.Next(),
                    Xml.List("PolicyNames", identities.InlineOf(RoleOf(form).Name).Select(policy => policy.Name).Order(StringComparer.Ordinal)),
                    Xml.Element("IsTruncated", "false"));
            case "GetRolePolicy":
                var shown = PolicyOf(form);
                return Xml.Result(
                    "GetRolePolicy", engine.Ids.Next(), Xml.Element("RoleName", IamXml.Required(form, "RoleName")), Xml.Element("PolicyName", shown.Name),
                    IamXml.Document("PolicyDocument", shown.Document));
            case "PutRolePolicy":
                PutPolicy(form);
                return Xml.Result("PutRolePolicy", engine.Ids.Next());
            case "DeleteRolePolicy":
                identities.DeletePolicy(PolicyOf(form).Id);
                return Xml.Result("DeleteRolePolicy", engine.Ids.Next());
            case "UpdateAssumeRolePolicy":
                var trusting = RoleOf(form);
                Put(trusting.WithTrust(IamXml.Document(form)));
                return Xml.Result("UpdateAssumeRolePolicy", engine.Ids.Next());
            case "ListAttachedRolePolicies":
                return Xml.Result(
                    "ListAttachedRolePolicies", engine.Ids.Next(),
                    Xml.List("AttachedPolicies",
                        identities.ManagedOf(RoleOf(form)).Order(StringComparer.Ordinal)
                            .Select(arn => new[] { Xml.Element("PolicyName", arn.Split('/')[^1]), Xml.Element("PolicyArn", arn) })),
                    Xml.Element("IsTruncated", "false"));
            case "AttachRolePolicy" or "DetachRolePolicy":
                Attach(form, form.Text("Action") == "AttachRolePolicy");
                return Xml.Result(form.Text("Action")!, engine.Ids.Next());
            case "GetPolicy":
                return Xml.Result("GetPolicy", engine.Ids.Next(), Xml.Element("Policy", Describe(ManagedOf(form))));
            case "GetPolicyVersion":
                var version = ManagedOf(form);
                return IamXml.Required(form, "VersionId") == $"v{version.Version}"
                    ? Xml.Result("GetPolicyVersion", engine.Ids.Next(), Xml.Element("PolicyVersion", DescribeVersion(version)))
                    : throw new AwsException("NoSuchEntity", $"Policy {version.Id} version {form.Text("VersionId")} does not exist or is not attachable.", 404);
            case "CreatePolicy":
                return Xml.Result("CreatePolicy", engine.Ids.Next(), Xml.Element("Policy", Describe(CreatePolicy(form, context))));
            case "ListPolicies":
                return Xml.Result("ListPolicies", engine.Ids.Next(), IamXml.Page(form, "Policies", PoliciesFor(form), Describe));
            case "DeletePolicy":
                var unused = ManagedOf(form);
                identities.DeletePolicy(unused.Roles.Count == 0 ? unused.Id : throw IamXml.Conflict("detach all policies"));
                return Xml.Result("DeletePolicy", engine.Ids.Next());
            case "CreatePolicyVersion":
                return Xml.Result("CreatePolicyVersion", engine.Ids.Next(), Xml.Element("PolicyVersion", DescribeVersion(CreateVersion(form))));
            case "CreateServiceLinkedRole":
                var service = IamXml.Required(form, "AWSServiceName");
                if (service != ImageBuilder)
                {
                    throw new AwsException("InvalidInput", $"The embedded cloud has a service-linked role for {ImageBuilder} only, not for {service}.");
                }

                if (_linked.Find(service) is not null)
                {
                    throw new AwsException(
                        "InvalidInput", $"Service role name {ImageBuilderRoleName} has been taken in this account, please try a different suffix.");
                }

                EnsureLinkedRole();
                return Xml.Result("CreateServiceLinkedRole", engine.Ids.Next(), Xml.Element("Role", Describe(ImageBuilderRoleName, context)));
            case "DeleteServiceLinkedRole":
                var name = IamXml.Required(form, "RoleName");
                if (name != ImageBuilderRoleName || !_linked.Remove(ImageBuilder))
                {
                    throw IamXml.NoSuchRole(name);
                }

                return Xml.Result("DeleteServiceLinkedRole", engine.Ids.Next(),
                    Xml.Element("DeletionTaskId", $"task/aws-service-role/{ImageBuilder}/{name}/{engine.Ids.Next()}"));
            case var other:
                var answer = roles.Handle(other, form, context.AccountId) ?? _profiles.Handle(other, form, context.AccountId)
                    ?? throw new AwsException("InvalidAction", $"The embedded cloud does not serve iam:{other}.");
                return Xml.Result(other!, engine.Ids.Next(), answer);
        }
    }

    public WireResponse Error(WireRequest request, AwsException error) => Xml.Error(error);

    private RoleRow RoleOf(QueryForm form)
    {
        var name = IamXml.Required(form, "RoleName");
        return identities.FindRoleByName(name) ?? throw IamXml.NoSuchRole(name);
    }

    private PolicyRow ManagedOf(QueryForm form)
    {
        var arn = IamXml.Required(form, "PolicyArn");
        return identities.FindManaged(arn) ?? throw new AwsException(
            "NoSuchEntity", arn.Contains(":iam::aws:policy/", StringComparison.Ordinal)
                ? $"The embedded cloud does not have the document of {arn}."
                : $"Policy {arn} does not exist or is not attachable.",
            404);
    }

    private void Attach(QueryForm form, bool attach)
    {
        var (role, arn) = (RoleOf(form), IamXml.Required(form, "PolicyArn"));
        var others = role.Managed.Where(other => other != arn).ToList();
        if (!attach && !identities.ManagedOf(role).Contains(arn))
        {
            throw new AwsException("NoSuchEntity", $"Policy {arn} was not found.", 404);
        }

        // The list of roles exists only for customer managed policies.
        if (arn.Contains(":iam::aws:policy/", StringComparison.Ordinal))
        {
            Put(role with { Managed = attach ? [.. others, arn] : others });
            return;
        }

        var policy = ManagedOf(form);
        Put(policy with { Roles = [.. policy.Roles.Where(name => name != role.Name), .. attach ? new[] { role.Name } : []] });
        Put(role with { Managed = others });
    }

    // Only the default version is stored.
    private PolicyRow CreateVersion(QueryForm form)
    {
        var policy = ManagedOf(form);
        if (form.Text("SetAsDefault") != "true")
        {
            throw new AwsException("InvalidInput", "The embedded cloud does not keep versions of policies: set SetAsDefault.");
        }

        var next = policy with { Document = IamXml.Document(form), Version = policy.Version + 1 };
        Put(next);
        return next;
    }

    private void Put(RoleRow role) => IamService.Checked($"role {role.Name}", () => identities.Put(role));

    private void Put(PolicyRow policy) => IamService.Checked(policy.Name ?? policy.Id, () => identities.Put(policy));

    private PolicyRow CreatePolicy(QueryForm form, CallContext context)
    {
        var name = IamXml.Required(form, "PolicyName");
        var arn = new Arn("iam", "", context.AccountId, $"policy{form.Text("Path") ?? "/"}{name}").ToString();
        var policy = new PolicyRow(arn, IamXml.Document(form), []);
        if (identities.FindManaged(arn) is not null)
        {
            throw new AwsException("EntityAlreadyExists", $"A policy called {name} already exists. Duplicate names are not allowed.", 409);
        }

        Put(policy);
        return policy;
    }

    // The policies of AWS are known by name only, where a role uses them.
    private IReadOnlyList<PolicyRow> PoliciesFor(QueryForm form)
    {
        if (form.Text("Scope") is not "Local")
        {
            throw new AwsException("InvalidInput", "The embedded cloud does not list the policies of AWS: set Scope to Local.");
        }

        var prefix = form.Text("PathPrefix") ?? "/";
        return [.. identities.Managed.Where(policy => IamXml.PathOf(policy.Id).StartsWith(prefix, StringComparison.Ordinal))];
    }

    private PolicyRow PolicyOf(QueryForm form)
    {
        var (role, name) = (RoleOf(form).Name, IamXml.Required(form, "PolicyName"));
        return identities.InlineOf(role).FirstOrDefault(policy => policy.Name == name)
            ?? throw new AwsException("NoSuchEntity", $"The role policy with name {name} cannot be found.", 404);
    }

    private void PutPolicy(QueryForm form)
    {
        var (role, name) = (RoleOf(form).Name, IamXml.Required(form, "PolicyName"));
        var known = identities.InlineOf(role).FirstOrDefault(policy => policy.Name == name);
        Put(known is null ? new PolicyRow($"{role}/{name}", IamXml.Document(form), [role], name) : known with { Document = IamXml.Document(form) });
    }

    private object[] Describe(string name, CallContext context)
    {
        if (name == ImageBuilderRoleName && _linked.Find(ImageBuilder) is { } linked)
        {
            return Role($"/aws-service-role/{ImageBuilder}/", name, Caller.ImageBuilderRole(context.AccountId), linked.CreatedAt);
        }

        return roles.Describe(identities.FindRoleByName(name) ?? throw IamXml.NoSuchRole(name));
    }

    private object[] Describe(PolicyRow policy) =>
    [
        Xml.Element("PolicyName", policy.Id.Split('/')[^1]),
        Xml.Element("PolicyId", IamXml.Id("ANPA", policy.Id)),
        Xml.Element("Arn", policy.Id),
        Xml.Element("Path", IamXml.PathOf(policy.Id)),
        Xml.Element("DefaultVersionId", $"v{policy.Version}"),
        Xml.Element("AttachmentCount", policy.Roles.Count),
        Xml.Element("IsAttachable", "true"),
        Xml.Element("CreateDate", IamXml.Time(engine.Options.Start)),
    ];

    private object[] DescribeVersion(PolicyRow policy) =>
    [
        IamXml.Document("Document", policy.Document),
        Xml.Element("VersionId", $"v{policy.Version}"),
        Xml.Element("IsDefaultVersion", "true"),
        Xml.Element("CreateDate", IamXml.Time(engine.Options.Start)),
    ];

    private static object[] Role(string path, string name, string arn, DateTimeOffset created) =>
    [
        Xml.Element("Path", path),
        Xml.Element("RoleName", name),
        Xml.Element("RoleId", IamXml.Id("AROA", arn)),
        Xml.Element("Arn", arn),
        Xml.Element("CreateDate", IamXml.Time(created)),
    ];

    internal sealed record LinkedRole(string Name, DateTimeOffset CreatedAt);
}
