using Amazon.ECR;
using Amazon.Imagebuilder;
using Amazon.Runtime;
using Amazon.SimpleSystemsManagement;
using Amazon.StepFunctions;
using Automation.Aws;
using Automation.Aws.Sdk.Json;

namespace Automation.Local.InProcess;

/// <summary>SDK clients that call a cloud in this process, through <see cref="InProcessCalls"/>.</summary>
/// <param name="accessKeyId">Identifies the caller to the cloud.</param>
/// <param name="known">If not null, reading operations are repeated only after a change.</param>
internal sealed class CloudClients(CloudCall cloud, string accessKeyId, KnownAnswers? known = null)
{
    private readonly BasicAWSCredentials _credentials = new(accessKeyId, "secret");

    public AmazonECRClient Ecr(string region) => new(_credentials, Configure(new AmazonECRConfig(), region));

    public AmazonImagebuilderClient ImageBuilder(string region) => new(_credentials, Configure(new AmazonImagebuilderConfig(), region));

    public AmazonSimpleSystemsManagementClient Parameters(string region) => new(_credentials, Configure(new AmazonSimpleSystemsManagementConfig(), region));

    public JsonClients Json(AwsScope scope) => new(scope, _credentials, (config, region) => Configure(config, region));

    public AmazonStepFunctionsClient StepFunctions(string region) => new(_credentials, Configure(new AmazonStepFunctionsConfig(), region));

    private T Configure<T>(T config, string region)
        where T : ClientConfig
    {
        config.ServiceURL = InProcessCalls.Endpoint.OriginalString;
        config.AuthenticationRegion = region;
        config.DisableLogging = true;
        config.HttpClientFactory = new CloudTarget(cloud, known);
        return config;
    }
}
