using System.Net;
using Amazon.ECR.Model;
using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;
using Automation.Local.InProcess;
using Automation.LocalCloud.Hosting;

namespace Automation.Aws.Tests.InProcess;

/// <summary>Clients that call a cloud in this process without the SDK's pipeline behave like others.</summary>
public sealed class InProcessCallsTests : IDisposable
{
    private readonly AdapterFixture _cloud = new AdapterFixture().CreateRepository();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _cloud.Dispose();

    [Fact]
    public async Task Refusal_IsTheServicesOwnException()
    {
        using var ecr = _cloud.Ecr;

        var error = await Assert.ThrowsAsync<RepositoryNotFoundException>(
            () => ecr.DescribeImagesAsync(new DescribeImagesRequest { RepositoryName = "images/none" }, Token));

        Assert.Equal(("RepositoryNotFoundException", HttpStatusCode.BadRequest), (error.ErrorCode, error.StatusCode));
        Assert.Contains("images/none", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_RaisesTheClientsEventsOnce()
    {
        using var ecr = _cloud.Ecr;
        var (before, after) = (0, 0);
        ecr.BeforeRequestEvent += (_, _) => before++;
        ecr.AfterResponseEvent += (_, _) => after++;

        var answer = await ecr.DescribeRepositoriesAsync(new DescribeRepositoriesRequest(), Token);

        Assert.Equal((1, 1, HttpStatusCode.OK), (before, after, answer.HttpStatusCode));
    }

    [Fact]
    public async Task CallOfAQueryService_SendsItsParameters()
    {
        using var handler = new InProcessHandler(_cloud.Cloud);
        using var sts = new AmazonSecurityTokenServiceClient(new BasicAWSCredentials("AKID", "secret"), new AmazonSecurityTokenServiceConfig
        {
            ServiceURL = InProcessCalls.Endpoint.OriginalString,
            AuthenticationRegion = Sample.Region,
            HttpClientFactory = new CloudTarget(handler.CallAsync, known: null),
        });

        var caller = await sts.GetCallerIdentityAsync(new GetCallerIdentityRequest(), Token);

        Assert.Equal(_cloud.Cloud.Options.AccountId, caller.Account);
    }
}
