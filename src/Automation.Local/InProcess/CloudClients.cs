using Amazon.ECR;
using Amazon.Imagebuilder;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.SimpleSystemsManagement;
using Amazon.StepFunctions;
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

    public AmazonStepFunctionsClient StepFunctions(string region) => new(_credentials, Configure(new AmazonStepFunctionsConfig(), region));

    // The SDK's own retries would wait in real time and hide injected faults; so the workflow alone retries.
    private T Configure<T>(T config, string region)
        where T : ClientConfig
    {
        config.ServiceURL = "http://cloud.test";
        config.AuthenticationRegion = region;
        config.MaxErrorRetry = 0;
        config.HttpClientFactory = new Factory(cloud, accessKeyId, known);
        return config;
    }

    // Called by the constructor of the base class, so the handler finds its settings in the configuration.
    private static void AddKnownAnswers(RuntimePipeline pipeline) => pipeline.AddHandlerBefore<RetryHandler>(
        new KnownAnswersHandler(config => config.HttpClientFactory is Factory { Known: { } known } factory ? (known, factory.AccessKeyId) : null));

    private sealed class EcrClient(AWSCredentials credentials, AmazonECRConfig config) : AmazonECRClient(credentials, config)
    {
        protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
        {
            base.CustomizeRuntimePipeline(pipeline);
            AddKnownAnswers(pipeline);
        }
    }

    private sealed class ImagebuilderClient(AWSCredentials credentials, AmazonImagebuilderConfig config) : AmazonImagebuilderClient(credentials, config)
    {
        protected override void CustomizeRuntimePipeline(RuntimePipeline pipeline)
        {
            base.CustomizeRuntimePipeline(pipeline);
            AddKnownAnswers(pipeline);
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
