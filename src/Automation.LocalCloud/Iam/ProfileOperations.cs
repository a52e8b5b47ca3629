using Automation.LocalCloud.Common;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Iam;

/// <summary>
/// Instance profiles, such as the one that an infrastructure configuration of Image Builder names.
/// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateInstanceProfile.html
/// </summary>
internal sealed class ProfileOperations(Engine engine, IamState identities, RoleOperations roles)
{
    /// <summary>Null if the operation is not one of these.</summary>
    public object[]? Handle(string? operation, QueryForm form, string account)
    {
        switch (operation)
        {
            case "CreateInstanceProfile":
                return [IamXml.Xml.Element("InstanceProfile", Describe(Create(form), account))];
            case "GetInstanceProfile":
                return [IamXml.Xml.Element("InstanceProfile", Describe(ProfileOf(form), account))];
            case "ListInstanceProfiles":
                var prefix = form.Text("PathPrefix") ?? "/";
                return List(form, account, profile => profile.Path.StartsWith(prefix, StringComparison.Ordinal));
            case "ListInstanceProfilesForRole":
                var name = RoleOf(form);
                return List(form, account, profile => profile.Role == name);
            case "AddRoleToInstanceProfile":
                Add(ProfileOf(form), RoleOf(form));
                return [];
            case "RemoveRoleFromInstanceProfile":
                Remove(ProfileOf(form), RoleOf(form));
                return [];
            case "DeleteInstanceProfile":
                Delete(ProfileOf(form));
                return [];
            default:
                return null;
        }
    }

    private object[] List(QueryForm form, string account, Func<InstanceProfileRow, bool> chosen) =>
        IamXml.Page(form, "InstanceProfiles", [.. identities.Profiles.Where(chosen)], profile => Describe(profile, account));

    private InstanceProfileRow Create(QueryForm form)
    {
        var name = IamXml.Required(form, "InstanceProfileName");
        if (identities.FindProfile(name) is not null)
        {
            throw new AwsException("EntityAlreadyExists", $"Instance Profile {name} already exists.", 409);
        }

        var profile = new InstanceProfileRow(name, "") { Path = form.Text("Path") ?? "/" };
        identities.Put(profile);
        return profile;
    }

    private void Add(InstanceProfileRow profile, string role) =>
        identities.Put(profile.Role.Length == 0
            ? profile with { Role = role }
            : throw new AwsException("LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1", 409));

    private void Remove(InstanceProfileRow profile, string role) =>
        identities.Put(profile.Role == role
            ? profile with { Role = "" }
            : throw IamXml.NoSuchRole(role));

    private void Delete(InstanceProfileRow profile)
    {
        if (profile.Role.Length > 0)
        {
            throw IamXml.Conflict("remove roles from instance profile");
        }

        identities.DeleteProfile(profile.Name);
    }

    private object[] Describe(InstanceProfileRow profile, string account) =>
    [
        IamXml.Xml.Element("Path", profile.Path),
        IamXml.Xml.Element("InstanceProfileName", profile.Name),
        IamXml.Xml.Element("InstanceProfileId", IamXml.Id("AIPA", profile.Name)),
        IamXml.Xml.Element("Arn", new Arn("iam", "", account, $"instance-profile{profile.Path}{profile.Name}").ToString()),
        IamXml.Xml.Element("CreateDate", IamXml.Time(engine.Options.Start)),
        IamXml.Xml.List("Roles", identities.FindRoleByName(profile.Role) is { } role ? [roles.Describe(role)] : []),
    ];

    private InstanceProfileRow ProfileOf(QueryForm form)
    {
        var name = IamXml.Required(form, "InstanceProfileName");
        return identities.FindProfile(name) ?? throw new AwsException("NoSuchEntity", $"Instance Profile {name} cannot be found.", 404);
    }

    private string RoleOf(QueryForm form)
    {
        var name = IamXml.Required(form, "RoleName");
        return identities.FindRoleByName(name)?.Name ?? throw IamXml.NoSuchRole(name);
    }
}
