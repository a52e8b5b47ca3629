using Amazon;
using Amazon.ECR;
using Amazon.ECR.Model;
using Amazon.Imagebuilder;
using Amazon.Runtime;
using Amazon.StepFunctions;
using Amazon.StepFunctions.Model;

namespace Automation.Shims.Sdk.Tests;

/// <summary>Sets values for the whole process, so no other tests run at the same time.</summary>
[Collection(nameof(EnvironmentTests))]
[CollectionDefinition(nameof(EnvironmentTests), DisableParallelization = true)]
public sealed class EnvironmentTests : IDisposable
{
    private static readonly string[] Names =
        ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_ECR", "AWS_ENDPOINT_URL_IMAGEBUILDER", "AWS_ENDPOINT_URL_SFN", "AWS_REGION"];

    private readonly string?[] _before = [.. Names.Select(Environment.GetEnvironmentVariable)];

    public EnvironmentTests()
    {
        foreach (var name in Names)
        {
            Environment.SetEnvironmentVariable(name, null);
        }
    }

    public void Dispose()
    {
        for (var i = 0; i < Names.Length; i++)
        {
            Environment.SetEnvironmentVariable(Names[i], _before[i]);
        }
    }

    [Fact]
    public void EndpointUrl_AppliesToAllServices()
    {
        Environment.SetEnvironmentVariable("AWS_ENDPOINT_URL", "http://127.0.0.1:1");

        Assert.Equal("http://127.0.0.1:1/", new AmazonECRConfig().ServiceURL);
        Assert.Equal("http://127.0.0.1:1/", new AmazonImagebuilderConfig().ServiceURL);
        Assert.Equal("http://127.0.0.1:1/", new AmazonStepFunctionsConfig().ServiceURL);
    }

    [Fact]
    public void EndpointUrlOfTheService_OverridesTheGeneralOne()
    {
        Environment.SetEnvironmentVariable("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
        Environment.SetEnvironmentVariable("AWS_ENDPOINT_URL_ECR", "http://127.0.0.1:2");
        Environment.SetEnvironmentVariable("AWS_ENDPOINT_URL_IMAGEBUILDER", "http://127.0.0.1:3");
        Environment.SetEnvironmentVariable("AWS_ENDPOINT_URL_SFN", "http://127.0.0.1:4");

        Assert.Equal("http://127.0.0.1:2/", new AmazonECRConfig().ServiceURL);
        Assert.Equal("http://127.0.0.1:3/", new AmazonImagebuilderConfig().ServiceURL);
        Assert.Equal("http://127.0.0.1:4/", new AmazonStepFunctionsConfig().ServiceURL);
    }

    [Fact]
    public void EndpointUrl_CanBeIgnored()
    {
        Environment.SetEnvironmentVariable("AWS_ENDPOINT_URL", "http://127.0.0.1:1");

        Assert.Null(new AmazonECRConfig { IgnoreConfiguredEndpointUrls = true }.ServiceURL);
    }

    [Fact]
    public async Task EndpointUrlAndRegion_SufficeForACall()
    {
        Environment.SetEnvironmentVariable("AWS_ENDPOINT_URL_SFN", "http://127.0.0.1:1");
        Environment.SetEnvironmentVariable("AWS_REGION", "eu-central-1");
        var wire = new Wire().Answer("{}");
        var config = new AmazonStepFunctionsConfig { HttpClientFactory = wire.Configure(new AmazonStepFunctionsConfig()).HttpClientFactory };
        using var client = new AmazonStepFunctionsClient(new BasicAWSCredentials("AKID", "secret"), config);

        await client.SendTaskHeartbeatAsync(new SendTaskHeartbeatRequest { TaskToken = "t" }, TestContext.Current.CancellationToken);

        Assert.Equal("127.0.0.1", wire.Only.Host);
        Assert.Contains("/eu-central-1/states/aws4_request", wire.Only.Header("authorization"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task InitializeCollections_MakesEmptyListsThatAreNotSent()
    {
        AWSConfigs.InitializeCollections = true;
        try
        {
            var wire = new Wire().Answer("{}");

            var response = await wire.Ecr().BatchGetImageAsync(
                new BatchGetImageRequest { RepositoryName = "r" },
                TestContext.Current.CancellationToken);

            Assert.Equal("""{"repositoryName":"r"}""", wire.Only.Body);
            Assert.Empty(response.Images);
        }
        finally
        {
            AWSConfigs.InitializeCollections = false;
        }
    }
}
