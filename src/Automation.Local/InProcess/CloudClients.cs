using Amazon.ECR;
using Amazon.Imagebuilder;
using Amazon.Runtime;
using Amazon.SimpleSystemsManagement;
using Amazon.StepFunctions;
using Automation.Aws;
using Automation.Aws.Sdk.Json;

namespace Automation.Local.InProcess;

/// <summary>SDK clients that call a cloud in this process.</summary>
/// <param name="accessKeyId">Identifies the caller to the cloud.</param>
internal sealed class CloudClients(HttpMessageHandler cloud, string accessKeyId)
{
    private readonly BasicAWSCredentials _credentials = new(accessKeyId, "secret");

    public AmazonECRClient Ecr(string region) => new(_credentials, Configure(new AmazonECRConfig(), region));

    public AmazonImagebuilderClient ImageBuilder(string region) => new(_credentials, Configure(new AmazonImagebuilderConfig(), region));

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
        config.HttpClientFactory = new Factory(cloud);
        return config;
    }

    private sealed class Factory(HttpMessageHandler cloud) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => new(cloud, disposeHandler: false);

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

        public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;
    }
}
