using System.Globalization;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Iam;

/// <summary>
/// Roles that people create by hand rather than in a stack.
/// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
/// </summary>
internal sealed class RoleOperations(Engine engine, IamState identities)
{
    private const int DefaultSession = 3600;

    /// <summary>Null if the operation is not one of these.</summary>
    public object[]? Handle(string? operation, QueryForm form, string account)
    {
        switch (operation)
        {
            case "CreateRole":
                return [IamXml.Xml.Element("Role", Describe(Create(form, account)))];
            case "ListRoles":
                var prefix = form.Text("PathPrefix") ?? "/";
                return IamXml.Page(
                    form, "Roles", [.. identities.Roles.Where(role => IamXml.PathOf(role.Arn).StartsWith(prefix, StringComparison.Ordinal))], Describe);
            case "UpdateRole":
                var role = RoleOf(form);
                var details = DetailsOf(role);
                Put(role with { Details = details with { Description = form.Text("Description") ?? details.Description, MaxSessionDuration = Session(form) } });
                return [Array.Empty<object>()];
            case "DeleteRole":
                Delete(RoleOf(form).Name);
                return [];
            case "TagRole":
                return Retag(form, tags => form.Map("Tags.member", "Key", "Value").Aggregate(tags, With));
            case "UntagRole":
                var gone = form.Items("TagKeys.member").Select(form.Text).ToHashSet();
                return Retag(form, tags => tags.Where(tag => !gone.Contains(tag.Key)).ToDictionary(StringComparer.Ordinal));
            case "ListRoleTags":
                var tags = DetailsOf(RoleOf(form)).Tags.OrderBy(tag => tag.Key, StringComparer.Ordinal);
                return IamXml.Page(form, "Tags", [.. tags], tag => IamXml.Tag(tag));
            default:
                return null;
        }
    }

    /// <summary>The members of Role, as GetRole and CreateRole show them.</summary>
    public object[] Describe(RoleRow role) =>
    [
        IamXml.Xml.Element("Path", IamXml.PathOf(role.Arn)),
        IamXml.Xml.Element("RoleName", role.Name),
        IamXml.Xml.Element("RoleId", IamXml.Id("AROA", role.Arn)),
        IamXml.Xml.Element("Arn", role.Arn),
        IamXml.Xml.Element("CreateDate", IamXml.Time(DetailsOf(role).Created)),
        .. role.TrustPolicy is { } trust ? new[] { IamXml.Document("AssumeRolePolicyDocument", trust) } : [],
        .. DetailsOf(role).Description is { } description ? new[] { IamXml.Xml.Element("Description", description) } : [],
        IamXml.Xml.Element("MaxSessionDuration", DetailsOf(role).MaxSessionDuration),
        .. DetailsOf(role).Tags.Count > 0 ? new[] { IamXml.Tags(DetailsOf(role).Tags) } : [],
    ];

    private RoleRow Create(QueryForm form, string account)
    {
        var name = IamXml.Required(form, "RoleName");
        var arn = new Arn("iam", "", account, $"role{form.Text("Path") ?? "/"}{name}").ToString();
        var trust = IamXml.Document(form, "AssumeRolePolicyDocument");
        if (identities.FindRoleByName(name) is not null)
        {
            throw IamXml.Taken("Role", name);
        }

        var role = new RoleRow(arn, name, [], [], [])
        {
            Details = new RoleDetails(engine.Clock.Now, form.Text("Description"), Session(form)) { Tags = form.Map("Tags.member", "Key", "Value") },
        };
        IamService.Checked($"role {name}", () =>
        {
            role = role.WithTrust(trust);
            if (role.IsInUse && form.Text("PermissionsBoundary") is not null)
            {
                throw new PolicyException("the embedded cloud does not evaluate a PermissionsBoundary");
            }

            identities.Put(role);
        });
        return role;
    }

    /// <summary>https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html</summary>
    private void Delete(string name)
    {
        var role = identities.FindRoleByName(name)!;
        if (identities.Profiles.Any(profile => profile.Role == name))
        {
            throw IamXml.Conflict("remove roles from instance profile");
        }

        if (identities.ManagedOf(role).Any())
        {
            throw IamXml.Conflict("detach all policies");
        }

        if (identities.InlineOf(name).Any())
        {
            throw IamXml.Conflict("delete policies");
        }

        identities.DeleteRole(name);
    }

    private object[] Retag(QueryForm form, Func<Dictionary<string, string>, Dictionary<string, string>> change)
    {
        var role = RoleOf(form);
        var details = DetailsOf(role);
        Put(role with { Details = details with { Tags = change(new Dictionary<string, string>(details.Tags, StringComparer.Ordinal)) } });
        return [];
    }

    private static Dictionary<string, string> With(Dictionary<string, string> tags, KeyValuePair<string, string> tag)
    {
        tags[tag.Key] = tag.Value;
        return tags;
    }

    private void Put(RoleRow role) => IamService.Checked($"role {role.Name}", () => identities.Put(role));

    private RoleDetails DetailsOf(RoleRow role) => role.Details ?? new RoleDetails(engine.Options.Start, null, DefaultSession);

    private RoleRow RoleOf(QueryForm form)
    {
        var name = IamXml.Required(form, "RoleName");
        return identities.FindRoleByName(name) ?? throw IamXml.NoSuchRole(name);
    }

    private static long Session(QueryForm form) =>
        long.TryParse(form.Text("MaxSessionDuration"), CultureInfo.InvariantCulture, out var seconds) ? seconds : DefaultSession;
}
