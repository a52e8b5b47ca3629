using Amazon.Runtime.Endpoints;
using Automation.Shims.Sdk;

namespace Amazon.StepFunctions.Internal;

/// <summary>
/// Hosts of the Step Functions API. See
/// <see href="https://docs.aws.amazon.com/general/latest/gr/step-functions.html">Step Functions endpoints and quotas</see>.
/// </summary>
public class AmazonStepFunctionsEndpointProvider : IEndpointProvider
{
    /// <exception cref="Amazon.Runtime.AmazonClientException">The Region is missing, or the settings contradict each other.</exception>
    public Endpoint ResolveEndpoint(EndpointParameters parameters) => RegionalEndpoint.Resolve(
        parameters,
        (region, partition, fips, dualStack) => (fips, dualStack) switch
        {
            (false, false) => $"states.{region}.{partition.dnsSuffix}",
            (true, false) when region == "us-gov-west-1" => "states.us-gov-west-1.amazonaws.com",
            (true, false) => $"states-fips.{region}.{partition.dnsSuffix}",
            (false, true) => $"states.{region}.{partition.dualStackDnsSuffix}",
            (true, true) => $"states-fips.{region}.{partition.dualStackDnsSuffix}",
        });
}
