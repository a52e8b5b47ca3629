using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace Automation.Cli.Doctor;

/// <summary>Reads the stack's roles and policies from IAM.</summary>
/// <param name="resources">The resources of the stack.</param>
/// <param name="template">Null if there is no template to compare with.</param>
internal sealed class RoleReader(SignedCalls calls, DoctorScope scope, IReadOnlyList<StackResource> resources, DeployedTemplate? template)
{
    // <Role><AssumeRolePolicyDocument>%7B…</AssumeRolePolicyDocument><PermissionsBoundary><PermissionsBoundaryArn/>…
    public async Task<ResourceState> RoleAsync(StackResource role, CancellationToken cancellationToken)
    {
        var answer = await CallAsync("GetRole", ("RoleName", role.PhysicalId));
        if (template is null)
        {
            return new ResourceState();
        }

        var inline = (await CallAsync("ListRolePolicies", ("RoleName", role.PhysicalId))).Members("PolicyNames").Select(name => name.Value).ToList();
        var managed = (await CallAsync("ListAttachedRolePolicies", ("RoleName", role.PhysicalId))).Members("AttachedPolicies")
            .Select(policy => policy.Value("PolicyArn")!).ToList();
        return new ResourceState
        {
            Defect = new Drift(template, role.LogicalId)
                .CompareDocument(
                    "trust policy", "AssumeRolePolicyDocument", answer.Value("AssumeRolePolicyDocument") is { } trust ? Uri.UnescapeDataString(trust) : null)
                .ComparePresence("permissions boundary", "PermissionsBoundary", answer.Value("PermissionsBoundaryArn") is not null)
                .CompareSet("policy", InlineOf(role), inline, name => name, onlyMore: true)
                .CompareSet("managed policy", ManagedOf(role), managed, arn => arn.Split('/')[^1])
                .Defect,
        };

        Task<XElement> CallAsync(string operation, params (string, string)[] parameters) =>
            calls.QueryAsync(scope.Region, AwsApi.Iam, operation, parameters, cancellationToken);
    }

    // <PolicyDocument>%7B%22Version%22%3A%222012-10-17%22…</PolicyDocument>
    public async Task<ResourceState> PolicyAsync(StackResource policy, CancellationToken cancellationToken)
    {
        foreach (var role in template?.Property(policy.LogicalId, "Roles") as JsonArray ?? [])
        {
            var answer = await calls.QueryAsync(
                scope.Region, AwsApi.Iam, "GetRolePolicy",
                [("RoleName", role!.ToString()), ("PolicyName", template!.Property(policy.LogicalId, "PolicyName")!.ToString())], cancellationToken);
            if (DriftOf(policy, answer.Value("PolicyDocument")) is { } defect)
            {
                return new ResourceState { Defect = defect };
            }
        }

        return new ResourceState();
    }

    // <Policy><DefaultVersionId>v2</DefaultVersionId>…, then <PolicyVersion><Document>%7B…</Document>…
    public async Task<ResourceState> ManagedPolicyAsync(StackResource policy, CancellationToken cancellationToken)
    {
        var answer = await calls.QueryAsync(scope.Region, AwsApi.Iam, "GetPolicy", [("PolicyArn", policy.PhysicalId)], cancellationToken);
        var version = await calls.QueryAsync(
            scope.Region, AwsApi.Iam, "GetPolicyVersion", [("PolicyArn", policy.PhysicalId), ("VersionId", answer.Value("DefaultVersionId")!)],
            cancellationToken);
        return new ResourceState { Defect = DriftOf(policy, version.Value("Document")) };
    }

    private string? DriftOf(StackResource policy, string? document) =>
        new Drift(template, policy.LogicalId).CompareDocument("document", "PolicyDocument", Uri.UnescapeDataString(document ?? "")).Defect;

    private IEnumerable<string> InlineOf(StackResource role) =>
        (template!.Property(role.LogicalId, "Policies") as JsonArray ?? []).Select(policy => policy?["PolicyName"]?.ToString())
        .Concat(Attached(role, "AWS::IAM::Policy").Select(policy => template.Property(policy.LogicalId, "PolicyName")?.ToString()))
        .OfType<string>();

    private IEnumerable<string> ManagedOf(StackResource role) =>
        (template!.Property(role.LogicalId, "ManagedPolicyArns") as JsonArray ?? []).Select(arn => arn!.ToString())
        .Concat(Attached(role, "AWS::IAM::ManagedPolicy").Select(policy => policy.PhysicalId));

    private IEnumerable<StackResource> Attached(StackResource role, string type) => resources
        .Where(resource => resource.Type == type
            && (template!.Property(resource.LogicalId, "Roles") as JsonArray ?? []).Any(name => name?.ToString() == role.PhysicalId));
}
