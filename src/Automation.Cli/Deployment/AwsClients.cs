using System.Collections.Concurrent;
using Amazon;
using Amazon.ECR;
using Amazon.Imagebuilder;
using Amazon.Runtime;
using Amazon.SimpleSystemsManagement;
using Amazon.StepFunctions;
using Automation.Aws;
using Automation.Aws.Sdk.Json;

namespace Automation.Cli.Deployment;

/// <summary>
/// The AWS clients of a command: for AWS with the credentials of the profile or the SDK's own chain, for an endpoint with all calls going there.
/// An endpoint on this machine gets made-up credentials when none are set, because the embedded cloud takes any.
/// </summary>
internal sealed class AwsClients(Uri? endpoint, string region, string? profile, Func<string, string?> variable) : IDisposable
{
    private readonly ConcurrentDictionary<string, AmazonECRClient> _ecr = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, AmazonImagebuilderClient> _imageBuilder = new(StringComparer.Ordinal);
    private AmazonStepFunctionsClient? _stepFunctions;
    private AmazonSimpleSystemsManagementClient? _parameters;

    public AmazonStepFunctionsClient StepFunctions => _stepFunctions ??= Credentials is { } credentials
        ? new AmazonStepFunctionsClient(credentials, Configure(new AmazonStepFunctionsConfig(), region))
        : new AmazonStepFunctionsClient(Configure(new AmazonStepFunctionsConfig(), region));

    public AmazonSimpleSystemsManagementClient Parameters => _parameters ??= Credentials is { } credentials
        ? new AmazonSimpleSystemsManagementClient(credentials, Configure(new AmazonSimpleSystemsManagementConfig(), region))
        : new AmazonSimpleSystemsManagementClient(Configure(new AmazonSimpleSystemsManagementConfig(), region));

    /// <summary>The credentials of the profile, or made-up ones for an embedded cloud on this machine; null means the SDK's own chain.</summary>
    public AWSCredentials? Credentials { get; } = profile is not null ? Profiles.Credentials(profile)
        : endpoint is { IsLoopback: true } && variable("AWS_ACCESS_KEY_ID") is null && variable("AWS_PROFILE") is null
            ? new BasicAWSCredentials("automation", "automation")
        : null;

    public JsonClients Json(AwsScope scope) => new(scope, Credentials, (config, name) => Configure(config, name));

    public IAmazonECR Ecr(string registryRegion) => _ecr.GetOrAdd(registryRegion, name => Credentials is { } credentials
        ? new AmazonECRClient(credentials, Configure(new AmazonECRConfig(), name))
        : new AmazonECRClient(Configure(new AmazonECRConfig(), name)));

    public IAmazonImagebuilder ImageBuilder(string itsRegion) => _imageBuilder.GetOrAdd(itsRegion, name => Credentials is { } credentials
        ? new AmazonImagebuilderClient(credentials, Configure(new AmazonImagebuilderConfig(), name))
        : new AmazonImagebuilderClient(Configure(new AmazonImagebuilderConfig(), name)));

    public void Dispose()
    {
        _stepFunctions?.Dispose();
        _parameters?.Dispose();
        foreach (var client in _imageBuilder.Values)
        {
            client.Dispose();
        }

        foreach (var client in _ecr.Values)
        {
            client.Dispose();
        }
    }

    private TConfig Configure<TConfig>(TConfig config, string signingRegion)
        where TConfig : ClientConfig
    {
        if (endpoint is null)
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(signingRegion);
        }
        else
        {
            config.ServiceURL = Endpoints.Text(endpoint);
            config.AuthenticationRegion = signingRegion;
            config.MaxErrorRetry = 2;
        }

        return config;
    }
}
