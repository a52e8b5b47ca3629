using System.Globalization;
using Automation.LocalCloud.Common;

namespace Automation.LocalCloud.CloudFormation;

/// <summary>A resource type that a stack may contain although it has no effect here.</summary>
/// <param name="Reason">Why it has no effect.</param>
/// <param name="Ref">Returns the physical id, the value of <c>Ref</c>.</param>
/// <param name="Attributes">Returns the values of <c>Fn::GetAtt</c> from the request and the physical id.</param>
internal sealed record IgnoredType(
    string Name,
    string Reason,
    Func<ResourceRequest, string> Ref,
    IReadOnlyDictionary<string, Func<ResourceRequest, string, string>> Attributes);

/// <summary>
/// The types that deliberately have no effect, each with the reason. Their resolved properties are kept with the stack.
/// If a service registers one of these types, the service handles it instead.
/// </summary>
internal static class IgnoredTypes
{
    private const string Permissions = "nothing here acts with it";
    private const string Network = "no instance runs here";
    private const string Metrics = "the embedded cloud has no metrics for alarms";

    public static IReadOnlyDictionary<string, IgnoredType> All { get; } = ((IgnoredType[])
    [
        new("AWS::IAM::ServiceLinkedRole", Permissions, request => $"AWSServiceRoleFor{Id(request.LogicalId, 8)}", Attributes(("RoleName", (_, name) => name))),
        new("AWS::Events::EventBusPolicy", Permissions, Unnamed, Attributes()),
        new("AWS::Logs::ResourcePolicy", Permissions, request => Named(request, "PolicyName", 128), Attributes()),
        new("AWS::CloudWatch::CompositeAlarm", Metrics, request => Named(request, "AlarmName", 255), Attributes(
            ("Arn", (request, name) => Arn(request, "cloudwatch", $"alarm:{name}")))),
        new("AWS::CloudWatch::Dashboard", Metrics, request => Named(request, "DashboardName", 255), Attributes()),
        .. Networks(),
        new("AWS::EC2::KeyPair", Network, request => Named(request, "KeyName", 255), Attributes(("KeyPairId", (request, _) => NetworkId(request, "key-")))),
        new("AWS::CDK::Metadata", "statistics of the CDK", Unnamed, Attributes()),
        new("AWS::CloudFormation::WaitConditionHandle", "without a wait condition it waits for nothing", Unnamed, Attributes()),
    ]).ToDictionary(type => type.Name, StringComparer.Ordinal);

    /// <summary>The network in which templates put the instances that build images. Ref is an id such as <c>subnet-0123456789abcdef0</c>.</summary>
    private static IEnumerable<IgnoredType> Networks()
    {
        (string Name, string Prefix, string[] Ids)[] types =
        [
            ("DHCPOptions", "dopt-", ["DhcpOptionsId"]),
            ("EIP", "eipalloc-", ["AllocationId"]),
            ("EgressOnlyInternetGateway", "eigw-", ["Id"]),
            ("FlowLog", "fl-", ["Id"]),
            ("InternetGateway", "igw-", ["InternetGatewayId"]),
            ("NatGateway", "nat-", ["NatGatewayId"]),
            ("NetworkAcl", "acl-", ["Id"]),
            ("NetworkAclEntry", "acle-", ["Id"]),
            ("Route", "r-", []),
            ("RouteTable", "rtb-", ["RouteTableId"]),
            ("SecurityGroup", "sg-", ["GroupId", "Id"]),
            ("SecurityGroupEgress", "sgr-", ["Id"]),
            ("SecurityGroupIngress", "sgr-", ["Id"]),
            ("Subnet", "subnet-", ["SubnetId"]),
            ("SubnetNetworkAclAssociation", "aclassoc-", ["AssociationId"]),
            ("SubnetRouteTableAssociation", "rtbassoc-", ["Id"]),
            ("VPC", "vpc-", ["VpcId"]),
            ("VPCCidrBlock", "vpc-cidr-assoc-", ["Id"]),
            ("VPCDHCPOptionsAssociation", "dopt-assoc-", []),
            ("VPCEndpoint", "vpce-", ["Id"]),
            ("VPCGatewayAttachment", "attach-", []),
        ];
        return types.Select(type => new IgnoredType($"AWS::EC2::{type.Name}", Network, request => NetworkId(request, type.Prefix), Attributes(
            [
                .. type.Ids.Select(id => (id, (Func<ResourceRequest, string, string>)((_, name) => name))),
                .. Given(type.Name).Select(property =>
                    (property, (Func<ResourceRequest, string, string>)((request, _) => request.Properties[property]?.ToString() ?? ""))),
                .. Defaults(type.Name).Select(part =>
                    (part.Name, (Func<ResourceRequest, string, string>)((request, _) => NetworkId(request, part.Prefix)))),
            ])));

        // The attributes that are the values of properties.
        static string[] Given(string type) => type switch
        {
            "SecurityGroup" => ["VpcId"],
            "Subnet" => ["AvailabilityZone", "CidrBlock", "VpcId"],
            "VPC" => ["CidrBlock"],
            _ => [],
        };

        // The attributes that are ids of what EC2 creates together with the resource.
        static (string Name, string Prefix)[] Defaults(string type) => type switch
        {
            "Subnet" => [("NetworkAclAssociationId", "aclassoc-")],
            "VPC" => [("DefaultNetworkAcl", "acl-"), ("DefaultSecurityGroup", "sg-")],
            _ => [],
        };
    }

    private static string NetworkId(ResourceRequest request, string prefix) =>
        prefix + Id(request.NameSeed, 17).ToLowerInvariant();

    private static string Named(ResourceRequest request, string property, int maxLength) =>
        request.Properties[property]?.ToString() ?? PhysicalName.For(request, maxLength);

    private static string Unnamed(ResourceRequest request) => PhysicalName.For(request, 128);

    private static string Arn(ResourceRequest request, string service, string resource) =>
        new Arn(service, request.Region, request.AccountId, resource).ToString();

    private static string Id(string text, int length) => Ids.From(text).ToString("N", CultureInfo.InvariantCulture).ToUpperInvariant()[..length];

    private static Dictionary<string, Func<ResourceRequest, string, string>> Attributes(
        params (string Name, Func<ResourceRequest, string, string> Value)[] attributes) =>
        attributes.ToDictionary(attribute => attribute.Name, attribute => attribute.Value, StringComparer.Ordinal);
}
