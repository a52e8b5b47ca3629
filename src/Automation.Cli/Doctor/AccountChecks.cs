using System.Globalization;
using Automation.Core.Catalog;

namespace Automation.Cli.Doctor;

/// <summary>The requirements on an account before the stack can be deployed.</summary>
internal static class AccountChecks
{
    public const string Credentials = "credentials";
    public const string Bootstrap = "bootstrap";
    public const string Role = "service role";
    public const string Network = "network";
    public const string Quotas = "quotas";

    /// <summary>The rule <c>CheckBootstrapVersion</c> in every CDK template requires it.</summary>
    private const int MinBootstrapVersion = 6;

    /// <summary>AWS refuses signatures that are older. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html</summary>
    private static readonly TimeSpan MaxClockSkew = TimeSpan.FromMinutes(5);

    public const string PipelineQuota = "L-7A0E01E3";
    public const string BuildQuota = "L-BA4D191B";

    public static IEnumerable<Diagnosis> Check(DoctorScope scope, AccountFacts facts) =>
    [
        .. CheckCaller(scope, facts), .. CheckBootstrap(scope, facts), .. CheckRole(facts), .. CheckNetwork(scope, facts), .. CheckQuotas(scope, facts),
    ];

    private static IEnumerable<Diagnosis> CheckCaller(DoctorScope scope, AccountFacts facts)
    {
        yield return Diagnosis.Ok(Credentials, $"account {facts.Account}, {scope.Region}, as {facts.Caller}");
        if (facts.ClockSkew.Duration() > MaxClockSkew)
        {
            yield return Diagnosis.Fault(
                Credentials,
                string.Create(CultureInfo.InvariantCulture,
                    $"this machine's clock is {facts.ClockSkew.Duration().TotalMinutes:0} minutes {(facts.ClockSkew > TimeSpan.Zero ? "ahead of" : "behind")} AWS's"),
                "Synchronise the clock; AWS refuses requests that are signed more than five minutes off.");
        }
    }

    private static IEnumerable<Diagnosis> CheckBootstrap(DoctorScope scope, AccountFacts facts) =>
        facts.Bootstrap.SelectMany(region => region.Value.Judge(Bootstrap, version => version switch
        {
            null => [
                Diagnosis.Fault(Bootstrap, $"{region.Key} is not bootstrapped for the CDK", $"npx aws-cdk@2 bootstrap aws://{facts.Account}/{region.Key}")
            ],
            < MinBootstrapVersion => [Diagnosis.Fault(
                Bootstrap, $"the CDK bootstrap stack in {region.Key} has version {version}; deployments need {MinBootstrapVersion} or newer",
                $"npx aws-cdk@2 bootstrap aws://{facts.Account}/{region.Key}")],
            _ => [Diagnosis.Ok(Bootstrap, $"version {version} in {region.Key}")],
        }));

    private static IEnumerable<Diagnosis> CheckRole(AccountFacts facts) => facts.HasServiceLinkedRole.Judge(Role, exists => exists
        ? [Diagnosis.Ok(Role, "AWSServiceRoleForImageBuilder exists")]
        : [Diagnosis.Warning(
            Role,
            "AWSServiceRoleForImageBuilder does not exist; Image Builder creates it for the first resource, if whoever deploys may create service-linked roles",
            "aws iam create-service-linked-role --aws-service-name imagebuilder.amazonaws.com")]);

    private static IEnumerable<Diagnosis> CheckNetwork(DoctorScope scope, AccountFacts facts) => facts.Network.Judge(Network, network =>
    {
        var inDefault = scope.Defined.Where(image => image.Pipeline is PipelineSpec.Defined { Subnet: null }).Select(image => image.Name).ToList();
        var found = new List<Diagnosis>();
        if (inDefault.Count > 0)
        {
            found.Add(network is { DefaultVpc: { } empty, HasDefaultSubnet: false }
                ? Diagnosis.Fault(
                    Network, $"the default VPC {empty} has no subnet, and these images build in it: {string.Join(", ", inDefault)}",
                    "aws ec2 create-default-subnet --availability-zone ZONE, or set pipeline.subnet and pipeline.securityGroups in the catalog.")
                : network.DefaultVpc is { } vpc
                ? Diagnosis.Ok(Network, $"{Count(inDefault.Count, "image")} without a subnet build{(inDefault.Count == 1 ? "s" : "")} in the default VPC {vpc}")
                : Diagnosis.Fault(
                    Network,
                    $"{scope.Region} has no default VPC, and these images have no subnet: {string.Join(", ", inDefault)}",
                    "Set pipeline.subnet and pipeline.securityGroups in the catalog (for all images in defaults.pipeline), or run: aws ec2 create-default-vpc"));
        }

        foreach (var place in scope.Defined.GroupBy(image => NetworkOf((PipelineSpec.Defined)image.Pipeline)))
        {
            found.AddRange(CheckNetwork(scope, network, string.Join(", ", place.Select(image => image.Name)), (PipelineSpec.Defined)place.First().Pipeline));
        }

        return found;
    });

    private static (string? Subnet, string Groups) NetworkOf(PipelineSpec.Defined pipeline) => (pipeline.Subnet, string.Join(',', pipeline.SecurityGroups));

    // Image Builder launches an instance in the subnet with the groups; EC2 refuses groups of another VPC.
    private static IEnumerable<Diagnosis> CheckNetwork(DoctorScope scope, NetworkFacts network, string images, PipelineSpec.Defined pipeline)
    {
        var vpc = pipeline.Subnet is { } own ? network.Subnets[own] : network.DefaultVpc;
        if (pipeline.Subnet is { } subnet && vpc is null)
        {
            yield return Diagnosis.Fault(
                Network, $"subnet {subnet} does not exist in {scope.Region}; it is the subnet of {images}", "Correct pipeline.subnet in the catalog.");
        }

        foreach (var group in pipeline.SecurityGroups)
        {
            if (network.SecurityGroups[group] is not { } place)
            {
                yield return Diagnosis.Fault(Network, $"security group {group} does not exist in {scope.Region}; builds of {images} would not start",
                    "Correct pipeline.securityGroups in the catalog.");
            }
            else if (vpc is not null && place != vpc)
            {
                yield return Diagnosis.Fault(
                    Network, $"security group {group} is in {place}, and its builds run in {vpc}: those of {images} would not start",
                    "Correct pipeline.securityGroups or pipeline.subnet in the catalog.");
            }
        }
    }

    private static IEnumerable<Diagnosis> CheckQuotas(DoctorScope scope, AccountFacts facts)
    {
        foreach (var line in facts.Quotas[PipelineQuota].Judge(Quotas, quota => facts.Pipelines.Judge(Quotas, existing =>
        {
            var deployed = facts.Stack.Value is not null;
            var needed = existing.Count + (deployed ? 0 : scope.Defined.Count());
            var text = $"{needed} of {quota} image pipelines in {scope.Region} {(deployed ? "are in use" : "after the deployment")}";
            return [needed > quota
                ? Diagnosis.Fault(Quotas, text, $"Request an increase of quota {PipelineQuota}, or divide the catalog among Regions or accounts.")
                : Diagnosis.Ok(Quotas, text)];
        })))
        {
            yield return line;
        }

        foreach (var line in facts.Quotas[BuildQuota].Judge(Quotas, quota => [scope.Catalog.MaxConcurrentBuilds > quota
            ? Diagnosis.Warning(
                Quotas,
                $"the catalog allows {scope.Catalog.MaxConcurrentBuilds} concurrent builds (maxConcurrentBuilds), and the quota is {quota}",
                $"Set maxConcurrentBuilds to {quota} or less, or request an increase of quota {BuildQuota}; until then builds wait for each other.")
            : Diagnosis.Ok(Quotas, $"up to {scope.Catalog.MaxConcurrentBuilds} of {quota} concurrent builds")]))
        {
            yield return line;
        }
    }

    internal static string Count(int number, string noun) => string.Create(CultureInfo.InvariantCulture, $"{number} {noun}{(number == 1 ? "" : "s")}");
}
