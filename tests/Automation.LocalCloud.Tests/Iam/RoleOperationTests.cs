using System.Text;
using System.Xml.Linq;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.Tests.Conformance;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.Iam;

/// <summary>Roles, instance profiles and policies that people create by hand. https://docs.aws.amazon.com/IAM/latest/APIReference/</summary>
public sealed class RoleOperationTests : IDisposable
{
    private const string Trust = """{"Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}""";
    private const string Document = """{"Statement":[{"Effect":"Allow","Action":"ecr:ListImages","Resource":"*"}]}""";

    private readonly Cloud _cloud = new Cloud(new CloudOptions(), new InProcessFunctionHost()).Checked();

    public void Dispose() => _cloud.Dispose();

    [Fact]
    public void Role_IsCreatedShownAndChanged()
    {
        var created = Call("CreateRole", ("RoleName", "build"), ("Path", "/team/"), ("AssumeRolePolicyDocument", Trust), ("Description", "builds"),
            ("Tags.member.1.Key", "a"), ("Tags.member.1.Value", "1"));

        Assert.Equal("arn:aws:iam::123456789012:role/team/build", Value(created, "Arn"));
        Assert.Equal("/team/", Value(created, "Path"));
        Assert.Equal(Trust, Uri.UnescapeDataString(Value(created, "AssumeRolePolicyDocument")!));
        Call("UpdateRole", ("RoleName", "build"), ("MaxSessionDuration", "7200"));
        Call("TagRole", ("RoleName", "build"), ("Tags.member.1.Key", "b"), ("Tags.member.1.Value", "2"));
        Call("UntagRole", ("RoleName", "build"), ("TagKeys.member.1", "a"));
        var shown = Call("GetRole", ("RoleName", "build"));
        Assert.Equal(("builds", "7200", "b"), (Value(shown, "Description"), Value(shown, "MaxSessionDuration"), Value(shown, "Key")));
        Assert.Equal("b", Value(Call("ListRoleTags", ("RoleName", "build")), "Key"));
        Assert.Equal("build", Value(Call("ListRoles", ("PathPrefix", "/team/")), "RoleName"));
        Assert.Null(Value(Call("ListRoles", ("PathPrefix", "/other/")), "RoleName"));
    }

    [Fact]
    public void ListRoles_HasPages()
    {
        foreach (var name in new[] { "a", "b", "c" })
        {
            Call("CreateRole", ("RoleName", name), ("AssumeRolePolicyDocument", Trust));
        }

        Call("TagRole", ("RoleName", "a"), ("Tags.member.1.Key", "a"), ("Tags.member.1.Value", "1"), ("Tags.member.2.Key", "b"), ("Tags.member.2.Value", "2"));
        Assert.Equal("b", Value(Call("ListRoleTags", ("RoleName", "a"), ("MaxItems", "1"), ("Marker", "1")), "Key"));
        var first = Call("ListRoles", ("MaxItems", "2"));
        var rest = Call("ListRoles", ("Marker", Value(first, "Marker")!));

        Assert.Equal(("true", "false", "c"), (Value(first, "IsTruncated"), Value(rest, "IsTruncated"), Value(rest, "RoleName")));
    }

    [Fact]
    public void Role_InUse_IsDeletedOnlyWhenNothingRefersToIt()
    {
        Call("CreateRole", ("RoleName", "build"), ("AssumeRolePolicyDocument", Trust));
        Call("CreateInstanceProfile", ("InstanceProfileName", "builders"));
        Call("AddRoleToInstanceProfile", ("InstanceProfileName", "builders"), ("RoleName", "build"));
        var policy = Value(Call("CreatePolicy", ("PolicyName", "read"), ("PolicyDocument", Document)), "Arn")!;
        Call("AttachRolePolicy", ("RoleName", "build"), ("PolicyArn", policy));
        Call("PutRolePolicy", ("RoleName", "build"), ("PolicyName", "own"), ("PolicyDocument", Document));

        Assert.Equal("build", Value(Call("GetInstanceProfile", ("InstanceProfileName", "builders")), "RoleName"));
        Assert.Equal("builders", Value(Call("ListInstanceProfilesForRole", ("RoleName", "build")), "InstanceProfileName"));
        Assert.Equal(policy, Value(Call("ListPolicies", ("Scope", "Local")), "Arn"));
        Refused("DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.", "DeleteInstanceProfile&InstanceProfileName=builders");
        Refused("DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.", "DeleteRole&RoleName=build");
        Call("RemoveRoleFromInstanceProfile", ("InstanceProfileName", "builders"), ("RoleName", "build"));
        Refused("DeleteConflict", "Cannot delete entity, must detach all policies first.", "DeleteRole&RoleName=build");
        Refused("DeleteConflict", "Cannot delete entity, must detach all policies first.", $"DeletePolicy&PolicyArn={policy}");
        Call("DetachRolePolicy", ("RoleName", "build"), ("PolicyArn", policy));
        Refused("DeleteConflict", "Cannot delete entity, must delete policies first.", "DeleteRole&RoleName=build");
        Call("DeleteRolePolicy", ("RoleName", "build"), ("PolicyName", "own"));
        Call("DeleteRole", ("RoleName", "build"));
        Call("DeletePolicy", ("PolicyArn", policy));
        Call("DeleteInstanceProfile", ("InstanceProfileName", "builders"));
        Refused("NoSuchEntity", "The role with name build cannot be found.", "GetRole&RoleName=build");
        Refused("NoSuchEntity", "Instance Profile builders cannot be found.", "GetInstanceProfile&InstanceProfileName=builders");
    }

    [Theory]
    [InlineData("CreateRole&RoleName=build&AssumeRolePolicyDocument={}", "EntityAlreadyExists", "Role with name build already exists.")]
    [InlineData("CreateRole&RoleName=other&AssumeRolePolicyDocument={", "MalformedPolicyDocument", "Syntax errors in policy.")]
    [InlineData("CreateInstanceProfile&InstanceProfileName=builders", "EntityAlreadyExists", "Instance Profile builders already exists.")]
    [InlineData("AddRoleToInstanceProfile&InstanceProfileName=builders&RoleName=build", "LimitExceeded",
        "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")]
    [InlineData("AddRoleToInstanceProfile&InstanceProfileName=builders&RoleName=other", "NoSuchEntity", "The role with name other cannot be found.")]
    [InlineData("CreatePolicy&PolicyName=read&PolicyDocument={}", "EntityAlreadyExists",
        "A policy called read already exists. Duplicate names are not allowed.")]
    [InlineData("ListPolicies&Scope=AWS", "InvalidInput", "The embedded cloud does not list the policies of AWS: set Scope to Local.")]
    [InlineData("CreateUser&UserName=me", "InvalidAction", "The embedded cloud does not serve iam:CreateUser.")]
    public void WrongRequest_IsRefused(string form, string code, string message)
    {
        Call("CreateRole", ("RoleName", "build"), ("AssumeRolePolicyDocument", Trust));
        Call("CreateInstanceProfile", ("InstanceProfileName", "builders"));
        Call("AddRoleToInstanceProfile", ("InstanceProfileName", "builders"), ("RoleName", "build"));
        Call("CreatePolicy", ("PolicyName", "read"), ("PolicyDocument", Document));

        Refused(code, message, form);
    }

    [Fact]
    public void Role_OfAFunction_IsEnforcedLikeThatOfAStack()
    {
        Call("CreateRole", ("RoleName", "worker"), ("AssumeRolePolicyDocument", Trust.Replace("ec2", "lambda", StringComparison.Ordinal)));
        Call("PutRolePolicy", ("RoleName", "worker"), ("PolicyName", "own"), ("PolicyDocument", Document));

        var grants = Assert.Single(_cloud.Iam.Permissions);
        Assert.Equal("ecr:ListImages", Assert.Single(grants.Grants).Action);
    }

    private XElement Call(string action, params (string Name, string Value)[] parameters)
    {
        var answer = Send(action + string.Concat(parameters.Select(parameter => $"&{parameter.Name}={Uri.EscapeDataString(parameter.Value)}")));
        Assert.True(answer.Status == 200, Text(answer));
        return XElement.Parse(Text(answer));
    }

    private void Refused(string code, string message, string form)
    {
        var error = XElement.Parse(Text(Send(form)));
        Assert.Equal((code, message), (Value(error, "Code"), Value(error, "Message")));
    }

    private WireResponse Send(string form) => _cloud.Handle(
        new WireRequest("POST", "/", "", new Dictionary<string, string> { ["host"] = "127.0.0.1" }, Encoding.UTF8.GetBytes($"Action={form}"))
        {
            Scope = new CredentialScope("AKIDTEST", "us-east-1", "iam"),
        });

    private static string? Value(XElement document, string name) => document.Descendants().FirstOrDefault(element => element.Name.LocalName == name)?.Value;

    private static string Text(WireResponse response) => Encoding.UTF8.GetString(response.Body.Span);
}
