using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Amazon.Imagebuilder;
using Amazon.Imagebuilder.Model;
using Amazon.Runtime;
using Automation.Aws;
using Automation.Core.Catalog;

namespace Automation.Cli.Doctor;

/// <summary>Reads what doctor examines in an account. Changes nothing; a failed read is a result with its reason.</summary>
internal sealed class AccountReader(SignedCalls calls, Func<string, IAmazonImagebuilder> imageBuilder, DoctorScope scope)
{
    /// <summary>The parameter with the version of the bootstrap stack. https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-customizing.html</summary>
    private const string BootstrapParameter = "/cdk-bootstrap/hnb659fds/version";

    /// <param name="clockSkew">How far this machine's clock is ahead of the service's.</param>
    public async Task<AccountFacts> ReadAsync((string Account, string Arn) who, TimeSpan clockSkew, CancellationToken cancellationToken)
    {
        var (account, caller) = who;
        var bootstrap = new Dictionary<string, Reading<int?>>(StringComparer.Ordinal);
        var registries = new List<RegistryFacts>();
        var registry = new RegistryReader(calls, scope);
        foreach (var region in scope.Regions)
        {
            bootstrap[region] = await Reading<int?>.OfAsync(() => BootstrapAsync(region, cancellationToken));
            registries.Add(await registry.ReadAsync(region, cancellationToken));
        }

        var quotas = new Dictionary<string, Reading<int>>(StringComparer.Ordinal);
        foreach (var (service, code) in ((string, string)[])[("imagebuilder", AccountChecks.PipelineQuota), ("imagebuilder", AccountChecks.BuildQuota),
            ("ecr", RegistryChecks.ImageQuota)])
        {
            quotas[code] = await Reading<int>.OfAsync(() => QuotaAsync(service, code, cancellationToken));
        }

        var adopted = new List<AdoptedFacts>();
        var pipelines = new AdoptedReader(imageBuilder, new AwsScope(Amazon.RegionEndpoint.GetBySystemName(scope.Region).PartitionName, scope.Region, account));
        foreach (var image in scope.Catalog.Images.Where(image => image.Pipeline is PipelineSpec.Adopted))
        {
            adopted.Add(new AdoptedFacts(image, await Reading<AdoptedPipeline?>.OfAsync(() => pipelines.ReadAsync(image, cancellationToken))));
        }

        return new AccountFacts
        {
            Account = account,
            Caller = caller,
            ClockSkew = clockSkew,
            Bootstrap = bootstrap,
            HasServiceLinkedRole = await Reading<bool>.OfAsync(() => HasRoleAsync(cancellationToken)),
            Network = await Reading<NetworkFacts>.OfAsync(() => NetworkAsync(cancellationToken)),
            Quotas = quotas,
            Pipelines = await Reading<IReadOnlyList<PipelineState>>.OfAsync(() => PipelinesAsync(cancellationToken)),
            Registries = registries,
            Bases = await new BaseReader(calls, scope).ReadAsync(account, cancellationToken),
            Adopted = adopted,
            Stack = await new StackReader(calls, new ResourceReader(calls, imageBuilder, scope), scope, account).ReadAsync(cancellationToken),
        };
    }

    // <GetCallerIdentityResult><Arn>arn:aws:sts::123456789012:assumed-role/dev/anna</Arn><UserId/><Account>123456789012</Account>
    /// <exception cref="CommandException">The credentials have expired or are not accepted.</exception>
    public static async Task<(string Account, string Arn)> CallerAsync(SignedCalls calls, string region, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await calls.QueryAsync(region, AwsApi.Sts, "GetCallerIdentity", [], cancellationToken);
            return (answer.Value("Account")!, answer.Value("Arn")!);
        }
        catch (CallException e) when (Deployment.Profiles.Expired(e, profile: null) is null)
        {
            throw new CommandException(
                e.Code == SignedCalls.NoAnswer ? $"AWS does not respond: {e.Message}." : $"AWS does not accept the credentials: {e.Message} ({e.Code}).");
        }
    }

    private async Task<int?> BootstrapAsync(string region, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await calls.JsonAsync(region, AwsApi.Ssm, "GetParameter", new JsonObject { ["Name"] = BootstrapParameter }, cancellationToken);
            return int.TryParse(answer["Parameter"]?["Value"]?.ToString(), CultureInfo.InvariantCulture, out var version) ? version : 0;
        }
        catch (CallException e) when (e.Code == "ParameterNotFound")
        {
            return null;
        }
    }

    private async Task<bool> HasRoleAsync(CancellationToken cancellationToken)
    {
        try
        {
            await calls.QueryAsync(scope.Region, AwsApi.Iam, "GetRole", [("RoleName", "AWSServiceRoleForImageBuilder")], cancellationToken);
            return true;
        }
        catch (CallException e) when (e.Code == "NoSuchEntity")
        {
            return false;
        }
    }

    private async Task<NetworkFacts> NetworkAsync(CancellationToken cancellationToken)
    {
        var vpcs = await calls.QueryAsync(
            scope.Region, AwsApi.Ec2, "DescribeVpcs", [("Filter.1.Name", "is-default"), ("Filter.1.Value.1", "true")], cancellationToken);
        var defined = scope.Defined.Select(image => (PipelineSpec.Defined)image.Pipeline).ToList();
        var vpc = vpcs.Value("vpcId");
        var subnets = vpc is null
            ? null
            : await calls.QueryAsync(scope.Region, AwsApi.Ec2, "DescribeSubnets", [("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", vpc)], cancellationToken);
        return new NetworkFacts(
            vpc,
            subnets?.Value("subnetId") is not null,
            await VpcsAsync("DescribeSubnets", "SubnetId.1", "InvalidSubnetID.NotFound", defined.Select(pipeline => pipeline.Subnet).OfType<string>(),
                cancellationToken),
            await VpcsAsync("DescribeSecurityGroups", "GroupId.1", "InvalidGroup.NotFound", defined.SelectMany(pipeline => pipeline.SecurityGroups),
                cancellationToken));
    }

    // <subnetSet><item><subnetId/><vpcId/></item></subnetSet>, <securityGroupInfo><item><groupId/><vpcId/></item></securityGroupInfo>
    private async Task<IReadOnlyDictionary<string, string?>> VpcsAsync(
        string operation, string parameter, string missing, IEnumerable<string> ids, CancellationToken cancellationToken)
    {
        var found = new SortedDictionary<string, string?>(StringComparer.Ordinal);
        foreach (var id in ids.Distinct(StringComparer.Ordinal))
        {
            try
            {
                found[id] = (await calls.QueryAsync(scope.Region, AwsApi.Ec2, operation, [(parameter, id)], cancellationToken)).Value("vpcId");
            }
            catch (CallException e) when (e.Code == missing)
            {
                found[id] = null;
            }
        }

        return found;
    }

    private async Task<int> QuotaAsync(string service, string code, CancellationToken cancellationToken)
    {
        var input = new JsonObject { ["ServiceCode"] = service, ["QuotaCode"] = code };
        var answer = await calls.JsonAsync(scope.Region, AwsApi.Quotas, "GetServiceQuota", input, cancellationToken);
        return (int)(answer["Quota"]?["Value"]?.GetValue<double>()
            ?? throw new CallException("InvalidAnswer", "servicequotas:GetServiceQuota answered without a value"));
    }

    private Task<IReadOnlyList<PipelineState>> PipelinesAsync(CancellationToken cancellationToken) => ReadAsync<IReadOnlyList<PipelineState>>(async () =>
    {
        var found = new List<PipelineState>();
        await foreach (var pipeline in imageBuilder(scope.Region).Paginators.ListImagePipelines(new ListImagePipelinesRequest()).ImagePipelineList
            .WithCancellation(cancellationToken))
        {
            found.Add(new PipelineState(pipeline.Name, pipeline.Tags ?? []));
        }

        return found;
    });

    private static async Task<T> ReadAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (AmazonServiceException e)
        {
            throw new CallException(e.ErrorCode ?? SignedCalls.NoAnswer, e.Message);
        }
    }
}

internal static class XmlAnswers
{
    /// <summary>The text of the first element with that name, in any namespace; null if there is none.</summary>
    public static string? Value(this XElement document, string name) => document.Descendants().FirstOrDefault(element => element.Name.LocalName == name)?.Value;

    /// <summary>The children of every list with that name: <c>&lt;Subscriptions&gt;&lt;member&gt;…</c>.</summary>
    public static IEnumerable<XElement> Members(this XElement document, string list) =>
        document.Descendants().Where(element => element.Name.LocalName == list).SelectMany(element => element.Elements());
}
