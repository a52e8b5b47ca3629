using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using Amazon.Runtime.Internal;

namespace Automation.Aws.Sdk.Json;

/// <summary>Gives each request its endpoint: the configured URL, or the service's host in the Region.</summary>
internal sealed class JsonEndpoints : BaseEndpointResolver
{
    protected override void ServiceSpecificHandler(IExecutionContext executionContext, EndpointParameters parameters) =>
        InjectHostPrefix(executionContext.RequestContext);

    protected override EndpointParameters MapEndpointsParameters(IRequestContext requestContext)
    {
        var config = requestContext.ClientConfig;
        return new JsonEndpointParameters
        {
            ["Region"] = config.RegionEndpoint?.SystemName ?? config.AuthenticationRegion,
            ["UseFIPS"] = config.UseFIPSEndpoint,
            ["Endpoint"] = config.ServiceURL,
        };
    }
}

internal sealed class JsonEndpointParameters : EndpointParameters;

/// <summary><c>https://ecs.eu-west-1.amazonaws.com</c>, with FIPS <c>https://ecs-fips.eu-west-1.amazonaws.com</c>.</summary>
internal sealed class JsonEndpointProvider(JsonApi api) : IEndpointProvider
{
    public Endpoint ResolveEndpoint(EndpointParameters parameters)
    {
        if (parameters["Endpoint"] is string { Length: > 0 } url)
        {
            return new Endpoint(url);
        }

        var region = parameters["Region"] as string ?? throw new AmazonClientException("Invalid Configuration: Missing Region");
        var fips = parameters["UseFIPS"] is true ? "-fips" : "";
        return new Endpoint($"https://{api.Host}{fips}.{region}.{RegionEndpoint.GetBySystemName(region).PartitionDnsSuffix}");
    }
}
