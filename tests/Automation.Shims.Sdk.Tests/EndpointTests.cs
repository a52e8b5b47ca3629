using Amazon;
using Amazon.ECR;
using Amazon.ECR.Endpoints;
using Amazon.ECR.Internal;
using Amazon.ECR.Model;
using Amazon.Imagebuilder.Endpoints;
using Amazon.Imagebuilder.Internal;
using Amazon.Runtime;
using Amazon.Runtime.Endpoints;
using Amazon.StepFunctions;
using Amazon.StepFunctions.Endpoints;
using Amazon.StepFunctions.Internal;
using Amazon.StepFunctions.Model;

namespace Automation.Shims.Sdk.Tests;

public sealed class EndpointTests
{
    [Theory]
    [InlineData("eu-central-1", false, false, "https://api.ecr.eu-central-1.amazonaws.com")]
    [InlineData("us-east-1", true, false, "https://api.ecr-fips.us-east-1.amazonaws.com")]
    [InlineData("us-gov-west-1", true, false, "https://api.ecr-fips.us-gov-west-1.amazonaws.com")]
    [InlineData("eu-central-1", false, true, "https://ecr.eu-central-1.api.aws")]
    [InlineData("us-east-1", true, true, "https://ecr-fips.us-east-1.api.aws")]
    [InlineData("cn-north-1", false, false, "https://api.ecr.cn-north-1.amazonaws.com.cn")]
    public void Ecr_HostFollowsRegionAndSettings(string region, bool fips, bool dualStack, string url) => Assert.Equal(
        url,
        new AmazonECREndpointProvider().ResolveEndpoint(new ECREndpointParameters { Region = region, UseFIPS = fips, UseDualStack = dualStack }).URL);

    [Theory]
    [InlineData("eu-central-1", false, false, "https://imagebuilder.eu-central-1.amazonaws.com")]
    [InlineData("us-east-1", true, false, "https://imagebuilder-fips.us-east-1.amazonaws.com")]
    [InlineData("us-gov-west-1", true, false, "https://imagebuilder.us-gov-west-1.amazonaws.com")]
    [InlineData("eu-central-1", false, true, "https://imagebuilder.eu-central-1.api.aws")]
    [InlineData("us-gov-west-1", true, true, "https://imagebuilder-fips.us-gov-west-1.api.aws")]
    [InlineData("cn-north-1", false, false, "https://imagebuilder.cn-north-1.amazonaws.com.cn")]
    public void ImageBuilder_HostFollowsRegionAndSettings(string region, bool fips, bool dualStack, string url) => Assert.Equal(
        url,
        new AmazonImagebuilderEndpointProvider().ResolveEndpoint(
            new ImagebuilderEndpointParameters { Region = region, UseFIPS = fips, UseDualStack = dualStack }).URL);

    [Theory]
    [InlineData("eu-central-1", false, false, "https://states.eu-central-1.amazonaws.com")]
    [InlineData("us-east-1", true, false, "https://states-fips.us-east-1.amazonaws.com")]
    [InlineData("us-gov-west-1", true, false, "https://states.us-gov-west-1.amazonaws.com")]
    [InlineData("us-gov-east-1", true, false, "https://states-fips.us-gov-east-1.amazonaws.com")]
    [InlineData("eu-central-1", false, true, "https://states.eu-central-1.api.aws")]
    [InlineData("us-east-1", true, true, "https://states-fips.us-east-1.api.aws")]
    public void StepFunctions_HostFollowsRegionAndSettings(string region, bool fips, bool dualStack, string url) => Assert.Equal(
        url,
        new AmazonStepFunctionsEndpointProvider().ResolveEndpoint(
            new StepFunctionsEndpointParameters { Region = region, UseFIPS = fips, UseDualStack = dualStack }).URL);

    [Fact]
    public void CustomUrl_OverridesTheRegion() => Assert.Equal(
        "http://127.0.0.1:4566",
        Resolve(new ECREndpointParameters { Region = "eu-central-1", Endpoint = "http://127.0.0.1:4566" }).URL);

    [Fact]
    public void CustomUrlWithFips_IsRefused() => Assert.Equal(
        "Invalid Configuration: FIPS and custom endpoint are not supported",
        Assert.Throws<AmazonClientException>(() => Resolve(new ECREndpointParameters { Endpoint = "http://x", UseFIPS = true })).Message);

    [Fact]
    public void CustomUrlWithDualStack_IsRefused() => Assert.Equal(
        "Invalid Configuration: Dualstack and custom endpoint are not supported",
        Assert.Throws<AmazonClientException>(() => Resolve(new ECREndpointParameters { Endpoint = "http://x", UseDualStack = true })).Message);

    [Fact]
    public void NeitherUrlNorRegion_IsRefused() => Assert.Equal(
        "Invalid Configuration: Missing Region",
        Assert.Throws<AmazonClientException>(() => Resolve(new ECREndpointParameters())).Message);

    [Fact]
    public void DetermineServiceOperationEndpoint_MakesNoCall()
    {
        using var client = new AmazonECRClient(
            new AnonymousAWSCredentials(),
            new AmazonECRConfig { RegionEndpoint = RegionEndpoint.EUWest1, UseDualstackEndpoint = true, IgnoreConfiguredEndpointUrls = true });

        Assert.Equal("https://ecr.eu-west-1.api.aws/", client.DetermineServiceOperationEndpoint(new PutImageRequest()).URL);
    }

    [Fact]
    public async Task ServiceUrl_IsCalledAndSignedForTheAuthenticationRegion()
    {
        var wire = new Wire().Answer("{}");
        var config = wire.Configure(new AmazonStepFunctionsConfig());
        config.ServiceURL = "http://127.0.0.1:4566";
        config.AuthenticationRegion = "eu-west-3";
        using var client = new AmazonStepFunctionsClient("AKID", "secret", "session", config);

        await client.SendTaskHeartbeatAsync(new SendTaskHeartbeatRequest { TaskToken = "t" }, TestContext.Current.CancellationToken);

        Assert.Equal("127.0.0.1", wire.Only.Host);
        Assert.Contains("/eu-west-3/states/aws4_request", wire.Only.Header("authorization"), StringComparison.Ordinal);
        Assert.Equal("session", wire.Only.Header("x-amz-security-token"));
    }

    [Fact]
    public async Task AnonymousCredentials_SendNoSignature()
    {
        var wire = new Wire().Answer("{}");
        using var client = new AmazonECRClient(new AnonymousAWSCredentials(), wire.Configure(new AmazonECRConfig()));

        await client.DescribeRepositoriesAsync(new DescribeRepositoriesRequest(), TestContext.Current.CancellationToken);

        Assert.Null(wire.Only.Header("authorization"));
    }

    private static Endpoint Resolve(ECREndpointParameters parameters) => new AmazonECREndpointProvider().ResolveEndpoint(parameters);
}
