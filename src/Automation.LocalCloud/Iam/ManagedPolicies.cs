using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace Automation.LocalCloud.Iam;

/// <summary>
/// The AWS managed policies that are known here: those that the CDK attaches to functions, that of instances, and for service-linked roles
/// the part that the embedded cloud needs. https://docs.aws.amazon.com/aws-managed-policy/latest/reference/
/// </summary>
internal static class ManagedPolicies
{
    private static readonly string[] Logs = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"];

    private static readonly string[] NetworkInterfaces =
    [
        "ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:DeleteNetworkInterface",
        "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses",
    ];

    private static readonly FrozenDictionary<string, PolicyDocument> ByName = new Dictionary<string, PolicyDocument>
    {
        ["service-role/AWSLambdaBasicExecutionRole"] = Allow(Logs),
        ["service-role/AWSLambdaVPCAccessExecutionRole"] = Allow([.. Logs, .. NetworkInterfaces]),
        ["service-role/AWSLambdaENIManagementAccess"] = Allow(NetworkInterfaces),
        ["AmazonSSMManagedInstanceCore"] = Allow(
            [.. Actions("ssm", "DescribeAssociation", "GetDeployablePatchSnapshotForInstance", "GetDocument", "DescribeDocument", "GetManifest", "GetParameter",
                    "GetParameters", "ListAssociations", "ListInstanceAssociations", "PutInventory", "PutComplianceItems", "PutConfigurePackageResult",
                    "UpdateAssociationStatus", "UpdateInstanceAssociationStatus", "UpdateInstanceInformation"),
                .. Actions("ssmmessages", "CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel"),
                .. Actions("ec2messages", "AcknowledgeMessage", "DeleteMessage", "FailMessage", "GetEndpoint", "GetMessages", "SendReply")]),
        ["AWSXRayDaemonWriteAccess"] = Allow(
            ["xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:GetSamplingStatisticSummaries"]),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>
    /// A part of AWSServiceRoleForImageBuilder. It allows any topic, but in KMS only what disks need, so the key of an encrypted topic must name
    /// the role. In Systems Manager it allows the parameters that are named after it, and the public ones.
    /// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSServiceRoleForImageBuilder.html
    /// </summary>
    public static PolicyDocument ImageBuilder { get; } = PolicyDocument.ForIdentity(new JsonObject
    {
        ["Statement"] = new JsonArray(
            Statement(["sns:Publish"], "*"),
            Statement(["ssm:GetParameter"], "arn:*:ssm:*:*:parameter/imagebuilder/*"),
            Statement(["ssm:GetParameter"], "arn:*:ssm:*::parameter/aws/service/*")),
    });

    /// <exception cref="PolicyException">The policy is not known here.</exception>
    public static PolicyDocument Get(string arn) => ByName.GetValueOrDefault(arn[(arn.IndexOf(":policy/", StringComparison.Ordinal) + ":policy/".Length)..])
        ?? throw new PolicyException(
            $"the embedded cloud does not know what the AWS managed policy {arn} grants; it knows {string.Join(", ", ByName.Keys.Order(StringComparer.Ordinal))}");

    private static IEnumerable<string> Actions(string service, params string[] names) => names.Select(name => $"{service}:{name}");

    private static PolicyDocument Allow(string[] actions) => PolicyDocument.ForIdentity(new JsonObject { ["Statement"] = Statement(actions, "*") });

    private static JsonObject Statement(string[] actions, string resource) => new()
    {
        ["Effect"] = "Allow",
        ["Action"] = new JsonArray([.. actions.Select(action => JsonValue.Create(action))]),
        ["Resource"] = resource,
    };
}
