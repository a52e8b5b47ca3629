using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Iam;

/// <summary>
/// The part of the IAM API that tools use to inspect roles: roles of stacks with their inline policies, and creating and
/// deleting the service-linked role of Image Builder. All other operations are refused by name.
/// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html
/// </summary>
internal sealed class IamApi(Engine engine, IamState identities) : IWireService
{
    /// <summary>The only service with a service-linked role here.</summary>
    internal const string ImageBuilder = "imagebuilder.amazonaws.com";

    private const string ImageBuilderRoleName = "AWSServiceRoleForImageBuilder";

    private static readonly QueryXml Xml = new("https://iam.amazonaws.com/doc/2010-05-08/");
    private readonly Table<LinkedRole> _linked = new("iam.linked-roles", engine.Store);

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
                return Xml.Result("GetRole", engine.Ids.Next(), Xml.Element("Role", Describe(Required(form, "RoleName"), context)));
            case "ListRolePolicies":
                return Xml.Result(
                    "ListRolePolicies", engine.Ids.Next(), Xml.List("PolicyNames", identities.InlineOf(RoleOf(form)).Select(policy => policy.Name).Order(StringComparer.Ordinal)), Xml.Element("IsTruncated", "false"));
            case "GetRolePolicy":
                var shown = PolicyOf(form);
                return Xml.Result(
                    "GetRolePolicy", engine.Ids.Next(), Xml.Element("RoleName", Required(form, "RoleName")), Xml.Element("PolicyName", shown.Name),
                    Xml.Element("PolicyDocument", Uri.EscapeDataString(shown.Document.ToJsonString(WireJson.Compact))));
            case "PutRolePolicy":
                PutPolicy(form);
                return Xml.Result("PutRolePolicy", engine.Ids.Next());
            case "DeleteRolePolicy":
                identities.DeletePolicy(PolicyOf(form).Id);
                return Xml.Result("DeleteRolePolicy", engine.Ids.Next());
            case "CreateServiceLinkedRole":
                var service = Required(form, "AWSServiceName");
                if (service != ImageBuilder)
                {
                    throw new AwsException("InvalidInput", $"The embedded cloud has a service-linked role for {ImageBuilder} only, not for {service}.");
                }

                if (_linked.Find(service) is not null)
                {
                    throw new AwsException("InvalidInput", $"Service role name {ImageBuilderRoleName} has been taken in this account, please try a different suffix.");
                }

                EnsureLinkedRole();
                return Xml.Result("CreateServiceLinkedRole", engine.Ids.Next(), Xml.Element("Role", Describe(ImageBuilderRoleName, context)));
            case "DeleteServiceLinkedRole":
                var name = Required(form, "RoleName");
                if (name != ImageBuilderRoleName || !_linked.Remove(ImageBuilder))
                {
                    throw NoSuchRole(name);
                }

                return Xml.Result("DeleteServiceLinkedRole", engine.Ids.Next(), Xml.Element("DeletionTaskId", $"task/aws-service-role/{ImageBuilder}/{name}/{engine.Ids.Next()}"));
            case var other:
                throw new AwsException("InvalidAction", $"The embedded cloud does not serve iam:{other}; roles come from stacks.");
        }
    }

    public WireResponse Error(WireRequest request, AwsException error) => Xml.Error(error);

    private string RoleOf(QueryForm form)
    {
        var name = Required(form, "RoleName");
        return identities.FindRoleByName(name)?.Name ?? throw NoSuchRole(name);
    }

    private PolicyRow PolicyOf(QueryForm form)
    {
        var (role, name) = (RoleOf(form), Required(form, "PolicyName"));
        return identities.InlineOf(role).FirstOrDefault(policy => policy.Name == name)
            ?? throw new AwsException("NoSuchEntity", $"The role policy with name {name} cannot be found.", 404);
    }

    private void PutPolicy(QueryForm form)
    {
        var (role, name, text) = (RoleOf(form), Required(form, "PolicyName"), Required(form, "PolicyDocument"));
        JsonNode document;
        try
        {
            document = JsonNode.Parse(text) as JsonObject ?? throw new AwsException("MalformedPolicyDocument", "Syntax errors in policy.");
        }
        catch (JsonException)
        {
            throw new AwsException("MalformedPolicyDocument", "Syntax errors in policy.");
        }

        var known = identities.InlineOf(role).FirstOrDefault(policy => policy.Name == name);
        IamService.Checked(name, () =>
        {
            identities.Put(known is null ? new PolicyRow($"{role}/{name}", document, [role], name) : known with { Document = document });
            return true;
        });
    }

    private object[] Describe(string name, CallContext context)
    {
        if (name == ImageBuilderRoleName && _linked.Find(ImageBuilder) is { } linked)
        {
            return Role($"/aws-service-role/{ImageBuilder}/", name, Caller.ImageBuilderRole(context.AccountId), linked.CreatedAt);
        }

        var role = identities.FindRoleByName(name) ?? throw NoSuchRole(name);
        return Role("/", name, role.Arn, engine.Options.Start);
    }

    private static object[] Role(string path, string name, string arn, DateTimeOffset created) =>
    [
        Xml.Element("Path", path),
        Xml.Element("RoleName", name),
        Xml.Element("RoleId", $"AROA{Ids.From(arn):N}"[..21].ToUpperInvariant()),
        Xml.Element("Arn", arn),
        Xml.Element("CreateDate", created.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)),
    ];

    private static string Required(QueryForm form, string name) => form.Text(name) is { Length: > 0 } text
        ? text
        : throw new AwsException("ValidationError", $"1 validation error detected: Value at '{char.ToLowerInvariant(name[0])}{name[1..]}' failed to satisfy constraint: Member must not be null");

    private static AwsException NoSuchRole(string name) => new("NoSuchEntity", $"The role with name {name} cannot be found.", 404);

    private sealed record LinkedRole(string Name, DateTimeOffset CreatedAt);
}
