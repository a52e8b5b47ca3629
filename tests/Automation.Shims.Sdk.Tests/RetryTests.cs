using System.Net;
using Amazon.ECR.Model;
using Amazon.Imagebuilder.Model;
using ListImagesRequest = Amazon.ECR.Model.ListImagesRequest;

namespace Automation.Shims.Sdk.Tests;

/// <summary>
/// The calls that AWSSDK.Core repeats. The pause before a retry is Core's own (random, under a second), so each test has at most one
/// retry.
/// </summary>
public sealed class RetryTests
{
    private readonly Wire _wire = new();

    [Fact]
    public async Task Throttling_IsRetriedWithTheSameBodyAndToken()
    {
        _wire.Refuse("ThrottlingException").Answer("{}");

        await StartPipeline();

        Assert.Equal(2, _wire.Sent.Count);
        Assert.Contains("clientToken", _wire.Sent[0].Body, StringComparison.Ordinal);
        Assert.Equal(_wire.Sent[0].Body, _wire.Sent[1].Body);
        Assert.Equal(_wire.Sent[0].Header("amz-sdk-invocation-id"), _wire.Sent[1].Header("amz-sdk-invocation-id"));
        Assert.Equal(["attempt=1; max=2", "attempt=2; max=2"], _wire.Sent.Select(sent => sent.Header("amz-sdk-request")));
    }

    // Status 429. AWSSDK.Core retries it since 4.1; 4.0 left it to the caller.
    [Fact]
    public async Task CallRateLimitExceeded_IsRetried()
    {
        _wire.Refuse("CallRateLimitExceededException", status: HttpStatusCode.TooManyRequests)
            .Refuse("CallRateLimitExceededException", status: HttpStatusCode.TooManyRequests);

        var exception = await Assert.ThrowsAsync<CallRateLimitExceededException>(StartPipeline);

        Assert.Equal(2, _wire.Sent.Count);
        Assert.Equal(HttpStatusCode.TooManyRequests, exception.StatusCode);
    }

    [Fact]
    public async Task LimitExceededOfEcr_IsRetried()
    {
        _wire.Refuse("LimitExceededException").Refuse("LimitExceededException");

        await Assert.ThrowsAsync<LimitExceededException>(() =>
            _wire.Ecr(retries: 1).BatchGetImageAsync(new BatchGetImageRequest { RepositoryName = "r" }, Cancellation));

        Assert.Equal(2, _wire.Sent.Count);
    }

    [Fact]
    public async Task ServerError_IsRetried()
    {
        _wire.Refuse("ServerException", status: HttpStatusCode.InternalServerError).Answer("""{"imageIds":[]}""");

        var response = await _wire.Ecr(retries: 1).ListImagesAsync(new ListImagesRequest { RepositoryName = "r" }, Cancellation);

        Assert.Empty(response.ImageIds);
        Assert.Equal(2, _wire.Sent.Count);
    }

    [Fact]
    public async Task TruncatedResponse_IsRetried()
    {
        _wire.Answer("""{"imageIds":[{"imageDi""").Answer("""{"imageIds":[]}""");

        await _wire.Ecr(retries: 1).ListImagesAsync(new ListImagesRequest { RepositoryName = "r" }, Cancellation);

        Assert.Equal(2, _wire.Sent.Count);
    }

    [Fact]
    public async Task ClientError_IsNotRetried()
    {
        _wire.Refuse("RepositoryNotFoundException");

        await Assert.ThrowsAsync<RepositoryNotFoundException>(() =>
            _wire.Ecr(retries: 1).ListImagesAsync(new ListImagesRequest { RepositoryName = "r" }, Cancellation));

        Assert.Single(_wire.Sent);
    }

    private Task StartPipeline() => _wire.ImageBuilder(retries: 1).StartImagePipelineExecutionAsync(
        new StartImagePipelineExecutionRequest { ImagePipelineArn = "p" },
        Cancellation);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;
}
