using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using Amazon.Runtime.Internal;
using Amazon.Util.Internal;

namespace Automation.Aws.Sdk.Json;

/// <summary>The configuration of a <see cref="JsonClient"/>.</summary>
public sealed class JsonClientConfig : ClientConfig
{
    private static readonly JsonEndpoints Endpoints = new();

    // The times of the SDK's own default mode, in its sdk-default-configuration.json.
    private static readonly DefaultConfiguration Standard = new()
    {
        Name = DefaultConfigurationMode.Standard,
        RetryMode = RequestRetryMode.Standard,
        ConnectTimeout = TimeSpan.FromMilliseconds(3100),
        TlsNegotiationTimeout = TimeSpan.FromMilliseconds(3100),
    };

    public JsonClientConfig(JsonApi api)
        : base(new DefaultConfigurationProvider([Standard]))
    {
        Api = api;
        ServiceId = api.ServiceId;
        AuthenticationServiceName = api.Signing;
        EndpointProvider = new JsonEndpointProvider(api);
    }

    public JsonApi Api { get; }

    public override string RegionEndpointServiceName => Api.Host;

    public override string ServiceVersion => "";

    public override string UserAgent => InternalSDKUtils.BuildUserAgentString(Api.ServiceId, "");

    public override Endpoint DetermineServiceOperationEndpoint(ServiceOperationEndpointParameters parameters)
    {
        var context = new RequestContext(false)
        {
            ClientConfig = this,
            OriginalRequest = parameters.Request,
            Request = new DefaultRequest(parameters.Request, Api.ServiceId) { AlternateEndpoint = parameters.AlternateEndpoint },
        };
        return Endpoints.GetEndpoint(new Amazon.Runtime.Internal.ExecutionContext(context, null));
    }
}
