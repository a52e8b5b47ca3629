using System.Globalization;
using Amazon.ECR;
using Amazon.Imagebuilder;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.SimpleSystemsManagement;
using Amazon.StepFunctions;
using Amazon.Util;
using Automation.Aws;
using Automation.Aws.Sdk.Json;

namespace Automation.Local.InProcess;

/// <summary>SDK clients that call a cloud in this process.</summary>
/// <param name="accessKeyId">Identifies the caller to the cloud.</param>
/// <param name="known">If not null, reading operations are repeated only after a change.</param>
internal sealed class CloudClients(HttpMessageHandler cloud, string accessKeyId, KnownAnswers? known = null)
{
    private readonly BasicAWSCredentials _credentials = new(accessKeyId, "secret");

    public AmazonECRClient Ecr(string region) => new EcrClient(_credentials, Configure(new AmazonECRConfig(), region));

    public AmazonImagebuilderClient ImageBuilder(string region) => new ImagebuilderClient(_credentials, Configure(new AmazonImagebuilderConfig(), region));

    public AmazonSimpleSystemsManagementClient Parameters(string region) => new(_credentials, Configure(new AmazonSimpleSystemsManagementConfig(), region));

    public JsonClients Json(AwsScope scope) => new(scope, _credentials, (config, region) => Configure(config, region));

    public AmazonStepFunctionsClient StepFunctions(string region) => new StatesClient(_credentials, Configure(new AmazonStepFunctionsConfig(), region));

    // The SDK's own retries would wait in real time and hide injected faults; so the workflow alone retries.
    private T Configure<T>(T config, string region)
        where T : ClientConfig
    {
        config.ServiceURL = "http://cloud.test";
        config.AuthenticationRegion = region;
        config.MaxErrorRetry = 0;
        config.DisableLogging = true;
        config.HttpClientFactory = new Factory(cloud, accessKeyId, known);
        return config;
    }

    /// <summary>Keeps the parts of the SDK that make requests and read answers. The cloud checks no signature, so a request only names its caller. Nothing
    /// reads metrics and traces here, and a trace of an error formats its stack.</summary>
    private static void Shorten(RuntimePipeline pipeline, IClientConfig config)
    {
        // Called by the constructor of the base class, so the settings are in the configuration.
        var factory = (Factory)config.HttpClientFactory;
        if (factory.Known is { } known)
        {
            pipeline.AddHandlerBefore<RetryHandler>(new KnownAnswersHandler(known, factory.AccessKeyId));
        }

        pipeline.ReplaceHandler<Signer>(new NamedCaller(
            $"AWS4-HMAC-SHA256 Credential={factory.AccessKeyId}/20260105/{config.AuthenticationRegion}/{config.AuthenticationServiceName}/aws4_request"));
        pipeline.RemoveHandler<MetricsHandler>();
        pipeline.RemoveHandler<ErrorCallbackHandler>();
        pipeline.RemoveHandler<RetryHandler>();
        pipeline.RemoveHandler<EndpointDiscoveryHandler>();

        // RemoveHandler<T> finds no subclass of T, and each service has its own.
        var auth = pipeline.Handlers.OfType<BaseAuthResolverHandler>().Single();
        (auth.OuterHandler.InnerHandler, auth.InnerHandler.OuterHandler) = (auth.InnerHandler, auth.OuterHandler);
    }

    /// <summary>Names the caller, the Region, the service and the caller's time, as a signature would. Without the time the cloud answers with
    /// the virtual time, and the SDK corrects the clock of all its clients to it.</summary>
    private sealed class NamedCaller(string authorization) : PipelineHandler
    {
        public override Task<T> InvokeAsync<T>(IExecutionContext executionContext)
        {
            var headers = executionContext.RequestContext.Request.Headers;
            headers["Authorization"] = authorization;
            headers["X-Amz-Date"] = AWSSDKUtils.CorrectedUtcNow.ToString(AWSSDKUtils.ISO8601BasicDateTimeFormat, CultureInfo.InvariantCulture);
            return base.InvokeAsync<T>(executionContext);
        }
    }

    private sealed class EcrClient(AWSCredentials credentials, AmazonECRConfig config) : AmazonECRClient(credentials, config)
    {
        protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
        {
            base.CustomizeRuntimePipeline(pipeline);
            Shorten(pipeline, Config);
        }
    }

    private sealed class ImagebuilderClient(AWSCredentials credentials, AmazonImagebuilderConfig config) : AmazonImagebuilderClient(credentials, config)
    {
        protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
        {
            base.CustomizeRuntimePipeline(pipeline);
            Shorten(pipeline, Config);
        }
    }

    private sealed class StatesClient(AWSCredentials credentials, AmazonStepFunctionsConfig config) : AmazonStepFunctionsClient(credentials, config)
    {
        protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
        {
            base.CustomizeRuntimePipeline(pipeline);
            Shorten(pipeline, Config);
        }
    }

    private sealed class Factory(HttpMessageHandler cloud, string accessKeyId, KnownAnswers? known) : HttpClientFactory
    {
        public string AccessKeyId => accessKeyId;

        public KnownAnswers? Known => known;

        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => new(cloud, disposeHandler: false);

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

        public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;
    }
}
