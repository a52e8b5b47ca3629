using Amazon.Runtime;
using Amazon.Runtime.Credentials.Internal;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Auth;

namespace Automation.Aws.Sdk.Json;

/// <summary>
/// A client for the JSON services of which only a few list operations are needed: the SDK's pipeline with its signatures, retries and
/// timeouts, and answers as JSON documents. So these services need no packages, which would make every function larger.
/// </summary>
public sealed class JsonClient : AmazonServiceClient
{
    private readonly JsonMarshaller _marshaller;

    /// <summary>Credentials from the SDK's default chain.</summary>
    public JsonClient(JsonClientConfig config)
        : base(config)
    {
        (_marshaller, ServiceMetadata) = (new JsonMarshaller(config.Api), new Metadata(config.Api));
    }

    public JsonClient(AWSCredentials credentials, JsonClientConfig config)
        : base(credentials, config)
    {
        (_marshaller, ServiceMetadata) = (new JsonMarshaller(config.Api), new Metadata(config.Api));
    }

    protected override IServiceMetadata ServiceMetadata { get; }

    /// <exception cref="AmazonServiceException">The service refuses.</exception>
    public Task<JsonAnswer> CallAsync(JsonCall call, CancellationToken cancellationToken) =>
        InvokeAsync<JsonAnswer>(call, new InvokeOptions { RequestMarshaller = _marshaller, ResponseUnmarshaller = _marshaller }, cancellationToken);

    protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
    {
        pipeline.RemoveHandler<EndpointResolver>();
        pipeline.AddHandlerAfter<Marshaller>(new JsonEndpoints());
        pipeline.AddHandlerAfter<Marshaller>(new Signatures());
    }

    private sealed class Signatures : BaseAuthResolverHandler
    {
        protected override List<IAuthSchemeOption> ResolveAuthOptions(IExecutionContext executionContext) => AuthSchemeOption.DEFAULT_SIGV4;
    }

    private sealed class Metadata(JsonApi api) : IServiceMetadata
    {
        public string ServiceId => api.ServiceId;

        public IDictionary<string, string> OperationNameMapping { get; } = new Dictionary<string, string>(0);
    }
}
