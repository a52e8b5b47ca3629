using Amazon.Runtime.Endpoints;
using Automation.Shims.Sdk;

namespace Amazon.Imagebuilder.Internal;

/// <summary>
/// Hosts of EC2 Image Builder's API. See
/// <see href="https://docs.aws.amazon.com/general/latest/gr/imagebuilder.html">Image Builder endpoints and quotas</see>.
/// </summary>
public class AmazonImagebuilderEndpointProvider : IEndpointProvider
{
    /// <exception cref="Amazon.Runtime.AmazonClientException">The Region is missing, or the settings contradict each other.</exception>
    public Endpoint ResolveEndpoint(EndpointParameters parameters) => RegionalEndpoint.Resolve(
        parameters,
        (region, partition, fips, dualStack) => (fips, dualStack) switch
        {
            (false, false) => $"imagebuilder.{region}.{partition.dnsSuffix}",
            (true, false) when partition.name == "aws-us-gov" => $"imagebuilder.{region}.amazonaws.com",
            (true, false) => $"imagebuilder-fips.{region}.{partition.dnsSuffix}",
            (false, true) => $"imagebuilder.{region}.{partition.dualStackDnsSuffix}",
            (true, true) => $"imagebuilder-fips.{region}.{partition.dualStackDnsSuffix}",
        });
}
