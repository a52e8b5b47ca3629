using Amazon.Runtime.Endpoints;
using Automation.Shims.Sdk;

namespace Amazon.ECR.Internal;

/// <summary>
/// Hosts of Amazon ECR's API. See
/// <see href="https://docs.aws.amazon.com/general/latest/gr/ecr.html">ECR endpoints and quotas</see>.
/// </summary>
public class AmazonECREndpointProvider : IEndpointProvider
{
    /// <exception cref="Amazon.Runtime.AmazonClientException">The Region is missing, or the settings contradict each other.</exception>
    public Endpoint ResolveEndpoint(EndpointParameters parameters) => RegionalEndpoint.Resolve(
        parameters,
        (region, partition, fips, dualStack) => (fips, dualStack) switch
        {
            (false, false) => $"api.ecr.{region}.{partition.dnsSuffix}",
            (true, false) => $"api.ecr-fips.{region}.{partition.dnsSuffix}",
            (false, true) => $"ecr.{region}.{partition.dualStackDnsSuffix}",
            (true, true) => $"ecr-fips.{region}.{partition.dualStackDnsSuffix}",
        });
}
