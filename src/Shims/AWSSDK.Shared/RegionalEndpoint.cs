using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using Amazon.Runtime.Internal.Endpoints.StandardLibrary;

namespace Automation.Shims.Sdk;

/// <summary>
/// The part that the endpoint rules of the three services have in common. A configured URL is used unchanged. Otherwise the host
/// follows from the Region, its partition, and the FIPS and dual-stack settings.
/// </summary>
internal static class RegionalEndpoint
{
    /// <summary>The service's host name for a Region, in the partition's ordinary or dual-stack domain.</summary>
    internal delegate string HostRule(string region, Partition partition, bool fips, bool dualStack);

    /// <exception cref="AmazonClientException">No endpoint fits the parameters; the message is that of the official rules.</exception>
    public static Endpoint Resolve(EndpointParameters parameters, HostRule host)
    {
        var fips = parameters["UseFIPS"] is true;
        var dualStack = parameters["UseDualStack"] is true;
        if (parameters["Endpoint"] is string { Length: > 0 } url)
        {
            return fips
                ? throw new AmazonClientException("Invalid Configuration: FIPS and custom endpoint are not supported")
                : dualStack
                ? throw new AmazonClientException("Invalid Configuration: Dualstack and custom endpoint are not supported")
                : new Endpoint(url);
        }

        if (parameters["Region"] is not string { Length: > 0 } region)
        {
            throw new AmazonClientException("Invalid Configuration: Missing Region");
        }

        var partition = Fn.Partition(region);
        var refusal = (fips && !partition.supportsFIPS, dualStack && !partition.supportsDualStack) switch
        {
            (false, false) => null,
            _ when fips && dualStack => "FIPS and DualStack are enabled, but this partition does not support one or both",
            (true, _) => "FIPS is enabled but this partition does not support FIPS",
            _ => "DualStack is enabled but this partition does not support DualStack",
        };
        return refusal is null
            ? new Endpoint("https://" + host(region, partition, fips, dualStack))
            : throw new AmazonClientException(refusal);
    }

    /// <summary>
    /// The Region of the host: the request's alternate endpoint, the configured Region, or, if only a URL is configured, the Region
    /// of the signature.
    /// </summary>
    public static string? RegionOf(IRequestContext context)
    {
        var config = context.ClientConfig;
        return context.Request.AlternateEndpoint?.SystemName
            ?? config.RegionEndpoint?.SystemName
            ?? (string.IsNullOrEmpty(config.ServiceURL)
                ? null
                : config.AuthenticationRegion ?? Amazon.Util.AWSSDKUtils.DetermineRegion(config.ServiceURL));
    }
}
