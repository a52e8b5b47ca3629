using System.Xml.Linq;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Ec2;

internal abstract record NetworkResource(string Region, string Id);

internal sealed record Vpc(string Region, string Id, string Cidr, bool IsDefault) : NetworkResource(Region, Id);

internal sealed record Subnet(string Region, string Id, string VpcId, string Cidr, string Zone) : NetworkResource(Region, Id);

internal sealed record SecurityGroup(string Region, string Id, string VpcId, string Name, string Description) : NetworkResource(Region, Id);

/// <summary>
/// The part of Amazon VPC that Image Builder's build instances depend on: VPCs, subnets and security groups without rules. Every Region starts with a default
/// VPC, like a
/// new account. Nothing runs in a subnet. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcs.html
/// </summary>
public sealed class Ec2Service : IWireService
{
    private const string DefaultCidr = "172.31.0.0/16";
    private const string DefaultGroup = "default";
    private static readonly XNamespace Namespace = "http://ec2.amazonaws.com/doc/2016-11-15/";

    private readonly Engine _engine;
    private readonly Table<Vpc> _vpcs;
    private readonly Table<Subnet> _subnets;
    private readonly Table<SecurityGroup> _groups;
    private readonly Table<KnownRegion> _known;

    public Ec2Service(Engine engine)
    {
        _engine = engine;
        _vpcs = new Table<Vpc>("ec2.vpcs", engine.Store, () => Ec2Json.Default.Vpc);
        _subnets = new Table<Subnet>("ec2.subnets", engine.Store, () => Ec2Json.Default.Subnet);
        _groups = new Table<SecurityGroup>("ec2.security-groups", engine.Store, () => Ec2Json.Default.SecurityGroup);
        _known = new Table<KnownRegion>("ec2.regions", engine.Store, () => Ec2Json.Default.KnownRegion);
    }

    public string SigningName => "ec2";

    public string? OperationOf(WireRequest request) => QueryXml.Read(request).GetValueOrDefault("Action");

    public WireResponse Handle(WireRequest request, CallContext context)
    {
        var form = QueryForm.Parse(request);
        EnsureDefaults(context.Region);
        switch (form.Text("Action"))
        {
            case "DescribeVpcs":
                return Answer("DescribeVpcs", Set("vpcSet", DescribeVpcs(form, context).Select(Describe)));
            case "DescribeSubnets":
                return Answer("DescribeSubnets", Set("subnetSet", DescribeSubnets(form, context).Select(Describe)));
            case "CreateDefaultVpc":
                return Answer("CreateDefaultVpc", Element("vpc", Describe(CreateDefault(context.Region))));
            case "CreateVpc":
                var vpc = new Vpc(context.Region, NewId("vpc"), Required(form, "CidrBlock"), IsDefault: false);
                Put(vpc);
                return Answer("CreateVpc", Element("vpc", Describe(vpc)));
            case "CreateSubnet":
                var parent = FindVpc(Required(form, "VpcId"), context.Region);
                var subnet = new Subnet(context.Region, NewId("subnet"), parent.Id, form.Text("CidrBlock") ?? parent.Cidr,
                    form.Text("AvailabilityZone") ?? $"{context.Region}a");
                _subnets.Set(subnet.Id, subnet);
                return Answer("CreateSubnet", Element("subnet", Describe(subnet)));
            case "DeleteSubnet":
                _subnets.Remove(FindSubnet(Required(form, "SubnetId"), context.Region).Id);
                return Answer("DeleteSubnet", Element("return", "true"));
            case "DescribeSecurityGroups":
                return Answer(
                    "DescribeSecurityGroups", Set("securityGroupInfo", DescribeGroups(form, context).Select(group => Describe(group, context.AccountId))));
            case "CreateSecurityGroup":
                return Answer("CreateSecurityGroup", Element("return", "true"), Element("groupId", CreateGroup(form, context).Id));
            case "DeleteSecurityGroup":
                DeleteGroup(FindGroup(Required(form, "GroupId"), context.Region));
                return Answer("DeleteSecurityGroup", Element("return", "true"));
            case "DeleteVpc":
                DeleteVpc(FindVpc(Required(form, "VpcId"), context.Region));
                return Answer("DeleteVpc", Element("return", "true"));
            case var other:
                throw new AwsException("InvalidAction", $"The embedded cloud does not serve ec2:{other}.");
        }
    }

    /// <summary>EC2's own error document: <c>&lt;Response&gt;&lt;Errors&gt;&lt;Error&gt;…</c>.
    /// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html</summary>
    public WireResponse Error(WireRequest request, AwsException error) => Xml(error.Status, new XElement(
        "Response",
        new XElement("Errors", new XElement("Error", new XElement("Code", error.Code), new XElement("Message", error.Message))),
        new XElement("RequestID", Ids.From(error.Message).ToString())));

    private IEnumerable<Vpc> DescribeVpcs(QueryForm form, CallContext context) => Described(form, context, _vpcs, "VpcId", FindVpc, new(StringComparer.Ordinal)
    {
        ["is-default"] = IsDefault,
        ["isDefault"] = IsDefault,
        ["vpc-id"] = vpc => vpc.Id,
        ["cidr"] = vpc => vpc.Cidr,
    });

    private IEnumerable<Subnet> DescribeSubnets(QueryForm form, CallContext context) =>
        Described(form, context, _subnets, "SubnetId", FindSubnet, new(StringComparer.Ordinal)
        {
            ["vpc-id"] = subnet => subnet.VpcId,
            ["subnet-id"] = subnet => subnet.Id,
        });

    private IEnumerable<SecurityGroup> DescribeGroups(QueryForm form, CallContext context) =>
        Described(form, context, _groups, "GroupId", FindGroup, new(StringComparer.Ordinal)
        {
            ["vpc-id"] = group => group.VpcId,
            ["group-id"] = group => group.Id,
            ["group-name"] = group => group.Name,
        });

    /// <param name="ids">The parameter that lists ids; without it, all of the Region are described.</param>
    /// <param name="filters">The value that each filter compares.</param>
    private static IEnumerable<T> Described<T>(
        QueryForm form, CallContext context, Table<T> table, string ids, Func<string, string, T> find, Dictionary<string, Func<T, string>> filters)
        where T : NetworkResource
    {
        var wanted = form.Items(ids).Select(item => find(form.Required(item), context.Region).Id).ToHashSet(StringComparer.Ordinal);
        var found = table.Values.Where(each => each.Region == context.Region && (wanted.Count == 0 || wanted.Contains(each.Id)));
        foreach (var (name, values) in Filters(form))
        {
            var value = filters.GetValueOrDefault(name) ?? throw UnknownFilter(name);
            found = found.Where(each => values.Contains(value(each)));
        }

        return found.OrderBy(each => each.Id, StringComparer.Ordinal);
    }

    private static string IsDefault(Vpc vpc) => vpc.IsDefault ? "true" : "false";

    private static List<(string Name, HashSet<string> Values)> Filters(QueryForm form) =>
    [
        .. form.Items("Filter").Select(filter => (
            form.Required($"{filter}Name"),
            form.Items($"{filter}Value").Select(value => form.Text(value) ?? "").ToHashSet(StringComparer.Ordinal))),
    ];

    private void EnsureDefaults(string region)
    {
        if (_known.Find(region) is null)
        {
            _known.Set(region, new KnownRegion(region));
            CreateDefault(region);
        }
    }

    private Vpc CreateDefault(string region)
    {
        if (_vpcs.Values.Any(vpc => vpc.Region == region && vpc.IsDefault))
        {
            throw new AwsException("DefaultVpcAlreadyExists", "A Default VPC already exists for this account in this region.");
        }

        var made = new Vpc(region, NewId("vpc"), DefaultCidr, IsDefault: true);
        Put(made);
        var subnet = new Subnet(region, NewId("subnet"), made.Id, "172.31.0.0/20", $"{region}a");
        _subnets.Set(subnet.Id, subnet);
        return made;
    }

    // EC2 creates a default security group with each VPC and deletes it with the VPC.
    // https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html
    private void Put(Vpc vpc)
    {
        _vpcs.Set(vpc.Id, vpc);
        var group = new SecurityGroup(vpc.Region, NewId("sg"), vpc.Id, DefaultGroup, "default VPC security group");
        _groups.Set(group.Id, group);
    }

    // https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
    private SecurityGroup CreateGroup(QueryForm form, CallContext context)
    {
        var (name, description) = (Required(form, "GroupName"), Required(form, "GroupDescription"));
        var vpc = form.Text("VpcId") is { } id ? FindVpc(id, context.Region)
            : _vpcs.Values.FirstOrDefault(vpc => vpc.Region == context.Region && vpc.IsDefault)
                ?? throw new AwsException("VPCIdNotSpecified", "No default VPC for this user");
        if (name.StartsWith("sg-", StringComparison.Ordinal) || name == DefaultGroup)
        {
            throw new AwsException("InvalidParameterValue", $"Invalid value '{name}' for groupName.");
        }

        if (_groups.Values.Any(group => group.VpcId == vpc.Id && group.Name == name))
        {
            throw new AwsException("InvalidGroup.Duplicate", $"The security group '{name}' already exists for VPC '{vpc.Id}'");
        }

        var made = new SecurityGroup(context.Region, NewId("sg"), vpc.Id, name, description);
        _groups.Set(made.Id, made);
        return made;
    }

    private void DeleteGroup(SecurityGroup group)
    {
        if (group.Name == DefaultGroup)
        {
            throw new AwsException("CannotDelete", $"the specified group: \"{group.Id}\" name: \"{DefaultGroup}\" cannot be deleted by a user");
        }

        _groups.Remove(group.Id);
    }

    private void DeleteVpc(Vpc vpc)
    {
        var subnets = _subnets.Values.Where(subnet => subnet.VpcId == vpc.Id).ToList();
        var groups = _groups.Values.Where(group => group.VpcId == vpc.Id).ToList();
        if ((subnets.Count > 0 || groups.Exists(group => group.Name != DefaultGroup)) && !vpc.IsDefault)
        {
            throw new AwsException("DependencyViolation", $"The vpc '{vpc.Id}' has dependencies and cannot be deleted.");
        }

        // Simplification: deleting the default VPC also deletes its subnets and groups, as in the console.
        foreach (var subnet in subnets)
        {
            _subnets.Remove(subnet.Id);
        }

        foreach (var group in groups)
        {
            _groups.Remove(group.Id);
        }

        _vpcs.Remove(vpc.Id);
    }

    private Vpc FindVpc(string id, string region) => _vpcs.Find(id) is { } vpc && vpc.Region == region
        ? vpc
        : throw new AwsException("InvalidVpcID.NotFound", $"The vpc ID '{id}' does not exist");

    private Subnet FindSubnet(string id, string region) => _subnets.Find(id) is { } subnet && subnet.Region == region
        ? subnet
        : throw new AwsException("InvalidSubnetID.NotFound", $"The subnet ID '{id}' does not exist");

    private SecurityGroup FindGroup(string id, string region) => _groups.Find(id) is { } group && group.Region == region
        ? group
        : throw new AwsException("InvalidGroup.NotFound", $"The security group '{id}' does not exist");

    private string NewId(string kind) => $"{kind}-{_engine.Ids.Next():N}"[..(kind.Length + 18)];

    private static object[] Describe(Vpc vpc) =>
    [
        Element("vpcId", vpc.Id), Element("state", "available"), Element("cidrBlock", vpc.Cidr), Element("isDefault", IsDefault(vpc)),
        Element("instanceTenancy", "default"),
    ];

    private static object[] Describe(Subnet subnet) =>
    [
        Element("subnetId", subnet.Id), Element("state", "available"), Element("vpcId", subnet.VpcId), Element("cidrBlock", subnet.Cidr),
        Element("availabilityZone", subnet.Zone),
    ];

    private static object[] Describe(SecurityGroup group, string account) =>
    [
        Element("ownerId", account), Element("groupId", group.Id), Element("groupName", group.Name), Element("groupDescription", group.Description),
        Element("vpcId", group.VpcId),
    ];

    private WireResponse Answer(string operation, params object[] content) =>
        Xml(200, Element($"{operation}Response", [Element("requestId", _engine.Ids.Next().ToString()), .. content]));

    private static XElement Set(string name, IEnumerable<object[]> items) => Element(name, [.. items.Select(item => Element("item", item))]);

    private static XElement Element(string name, params object[] content) => new(Namespace + name, content);

    private static WireResponse Xml(int status, XElement root) =>
        new(status, XmlBody.Of(root), "text/xml;charset=UTF-8");

    private static string Required(QueryForm form, string name) => form.Text(name) is { Length: > 0 } text
        ? text
        : throw new AwsException("MissingParameter", $"The request must contain the parameter {name}");

    private static AwsException UnknownFilter(string name) =>
        new("InvalidParameterValue", $"The embedded cloud does not know the filter '{name}'.");

    internal sealed record KnownRegion(string Name);
}
