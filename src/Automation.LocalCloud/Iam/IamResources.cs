using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Iam;

/// <summary>
/// AWS::IAM::Role, AWS::IAM::InstanceProfile, AWS::IAM::Policy, AWS::IAM::RolePolicy and AWS::IAM::ManagedPolicy.
/// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_IAM.html
/// </summary>
internal static class IamResources
{
    public static IReadOnlyList<IResourceType> All(IamState identities) =>
    [
        new RoleType(identities), new InstanceProfileType(identities), new PolicyType(identities), new RolePolicyType(identities),
        new ManagedPolicyType(identities),
    ];

    private static string Path(JsonObject properties) => properties.Text("Path") ?? "/";

    private static string Arn(ResourceRequest request, string resource) => new Arn("iam", "", request.AccountId, resource).ToString();

    private static string Id(string prefix, string text) =>
        prefix + Ids.From(text).ToString("N", CultureInfo.InvariantCulture).ToUpperInvariant()[..17];

    private static JsonNode Document(JsonObject properties) => properties.Object("PolicyDocument")?.DeepClone()
        ?? throw new AwsException("ValidationException", "The parameter PolicyDocument is required.");

    private sealed class RoleType(IamState identities) : IResourceType
    {
        public string Name => "AWS::IAM::Role";

        public IReadOnlySet<string> Properties { get; } =
            new[] { "AssumeRolePolicyDocument", "ManagedPolicyArns", "Path", "PermissionsBoundary", "Policies", "RoleName" }.ToFrozenSet();

        public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>
        {
            ["Description"] = "no operation shows it",
            ["MaxSessionDuration"] = "sessions do not expire here",
            ["Tags"] = "no operation shows them",
        };

        public IReadOnlySet<string> Replacing { get; } = new[] { "Path", "RoleName" }.ToFrozenSet();

        public string NameProperty => "RoleName";

        public IEnumerable<string> Refusals(JsonObject properties)
        {
            var role = new RoleRow("", "", [], [], []);
            return properties.ContainsKey("PermissionsBoundary") && Trusted(role, properties).IsInUse
                ? ["the embedded cloud does not evaluate a PermissionsBoundary"]
                : [];
        }

        private static RoleRow Trusted(RoleRow role, JsonObject properties)
        {
            try
            {
                return role.WithTrust(properties.Object("AssumeRolePolicyDocument"));
            }
            catch (PolicyException)
            {
                // Reported when the role is created.
                return role;
            }
        }

        public Resource Create(ResourceRequest request)
        {
            var name = request.Properties.Text("RoleName") ?? PhysicalName.For(request, 64);
            var arn = Arn(request, $"role{Path(request.Properties)}{name}");
            return identities.FindRole(arn) is null
                ? Put(request, name, arn)
                : throw new AwsException("EntityAlreadyExists", $"Role with name {name} already exists.", 409);
        }

        public Resource Update(string physicalId, ResourceRequest request, JsonObject before) =>
            Put(request, physicalId, Arn(request, $"role{Path(request.Properties)}{physicalId}"));

        public void Delete(string physicalId, string region) => identities.DeleteRole(physicalId);

        private Resource Put(ResourceRequest request, string name, string arn)
        {
            var properties = request.Properties;
            IamService.Checked($"role {name}", () =>
            {
                var role = new RoleRow(arn, name, [], [.. properties.Objects("Policies").Select(Document)], properties.Texts("ManagedPolicyArns"))
                    .WithTrust(properties.Object("AssumeRolePolicyDocument"));
                if (role.IsInUse && properties.ContainsKey("PermissionsBoundary"))
                {
                    throw new PolicyException("the embedded cloud does not evaluate a PermissionsBoundary");
                }

                identities.Put(role);
            });
            return new Resource(name, new Dictionary<string, string> { ["Arn"] = arn, ["RoleId"] = Id("AROA", name) });
        }
    }

    /// <summary>No instance runs here, but what Image Builder pushes for one is signed with the permissions of its role.
    /// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-instanceprofile.html</summary>
    private sealed class InstanceProfileType(IamState identities) : IResourceType
    {
        public string Name => "AWS::IAM::InstanceProfile";

        public IReadOnlySet<string> Properties { get; } = new[] { "InstanceProfileName", "Path", "Roles" }.ToFrozenSet();

        public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>();

        public IReadOnlySet<string> Replacing { get; } = new[] { "InstanceProfileName", "Path" }.ToFrozenSet();

        public string NameProperty => "InstanceProfileName";

        public Resource Create(ResourceRequest request) => Put(request.Properties.Text("InstanceProfileName") ?? PhysicalName.For(request, 128), request);

        public Resource Update(string physicalId, ResourceRequest request, JsonObject before) => Put(physicalId, request);

        public void Delete(string physicalId, string region) => identities.DeleteProfile(physicalId);

        private Resource Put(string name, ResourceRequest request)
        {
            if (request.Properties.Texts("Roles").ToList() is not [var role])
            {
                throw new AwsException("ValidationError", "An instance profile has exactly one role.");
            }

            identities.Put(new InstanceProfileRow(name, role));
            return new Resource(name, new Dictionary<string, string> { ["Arn"] = Arn(request, $"instance-profile{Path(request.Properties)}{name}") });
        }
    }

    private sealed class PolicyType(IamState identities) : IResourceType
    {
        public string Name => "AWS::IAM::Policy";

        public IReadOnlySet<string> Properties { get; } = new[] { "PolicyDocument", "PolicyName", "Roles" }.ToFrozenSet();

        public IReadOnlyDictionary<string, string> Ignored { get; } = GroupsAndUsers;

        public IReadOnlySet<string> Replacing => FrozenSet<string>.Empty;

        public Resource Create(ResourceRequest request) => Put(PhysicalName.For(request, 128), request);

        public Resource Update(string physicalId, ResourceRequest request, JsonObject before) => Put(physicalId, request);

        public void Delete(string physicalId, string region) => identities.DeletePolicy(physicalId);

        private Resource Put(string id, ResourceRequest request) =>
            PutPolicy(
            identities, id, request, request.Properties.Texts("Roles"), new Dictionary<string, string> { ["Id"] = Id("ANPA", id) },
            request.Properties.Text("PolicyName"));
    }

    /// <summary>An inline policy of one role; both names identify it.</summary>
    private sealed class RolePolicyType(IamState identities) : IResourceType
    {
        public string Name => "AWS::IAM::RolePolicy";

        public IReadOnlySet<string> Properties { get; } = new[] { "PolicyDocument", "PolicyName", "RoleName" }.ToFrozenSet();

        public IReadOnlyDictionary<string, string> Ignored => FrozenDictionary<string, string>.Empty;

        public IReadOnlySet<string> Replacing { get; } = new[] { "PolicyName", "RoleName" }.ToFrozenSet();

        public Resource Create(ResourceRequest request) =>
            Put($"{request.Properties.Required("PolicyName")}|{request.Properties.Required("RoleName")}", request);

        public Resource Update(string physicalId, ResourceRequest request, JsonObject before) => Put(physicalId, request);

        public void Delete(string physicalId, string region) => identities.DeletePolicy(physicalId);

        private Resource Put(string id, ResourceRequest request) =>
            PutPolicy(identities, id, request, [request.Properties.Required("RoleName")], [], request.Properties.Text("PolicyName"));
    }

    private sealed class ManagedPolicyType(IamState identities) : IResourceType
    {
        public string Name => "AWS::IAM::ManagedPolicy";

        public IReadOnlySet<string> Properties { get; } = new[] { "ManagedPolicyName", "Path", "PolicyDocument", "Roles" }.ToFrozenSet();

        public IReadOnlyDictionary<string, string> Ignored { get; } =
            new Dictionary<string, string>(GroupsAndUsers) { ["Description"] = "no operation shows it" };

        public IReadOnlySet<string> Replacing { get; } = new[] { "ManagedPolicyName", "Path" }.ToFrozenSet();

        public string NameProperty => "ManagedPolicyName";

        public Resource Create(ResourceRequest request)
        {
            var name = request.Properties.Text("ManagedPolicyName") ?? PhysicalName.For(request, 128);
            return Put(Arn(request, $"policy{Path(request.Properties)}{name}"), request);
        }

        public Resource Update(string physicalId, ResourceRequest request, JsonObject before) => Put(physicalId, request);

        public void Delete(string physicalId, string region) => identities.DeletePolicy(physicalId);

        private Resource Put(string arn, ResourceRequest request) =>
            PutPolicy(
                identities, arn, request, request.Properties.Texts("Roles"),
                new Dictionary<string, string> { ["PolicyArn"] = arn, ["PolicyId"] = Id("ANPA", arn) });
    }

    private static readonly Dictionary<string, string> GroupsAndUsers = new()
    {
        ["Groups"] = "the embedded cloud has no groups",
        ["Users"] = "the embedded cloud has no users",
    };

    private static Resource PutPolicy(
        IamState identities, string id, ResourceRequest request, IReadOnlyList<string> roles, Dictionary<string, string> attributes, string? name = null)
    {
        IamService.Checked(id, () => identities.Put(new PolicyRow(id, Document(request.Properties), roles, name)));
        return new Resource(id, attributes);
    }
}
