using System.Net.Sockets;
using Amazon.Runtime;
using Automation.Core;
using Automation.Core.Images;

namespace Automation.Aws.Tests;

public sealed class SdkErrorsTests
{
    [Theory]
    [InlineData("ThrottlingException", 400)]
    [InlineData("Throttling", 400)]
    [InlineData("TooManyRequestsException", 400)]
    [InlineData("RequestLimitExceeded", 503)]
    [InlineData("CallRateLimitExceededException", 429)]
    [InlineData("SomethingNobodyKnows", 429)]
    [InlineData("LimitExceededException", 400)]
    [InlineData("ResourceInUseException", 400)]
    [InlineData("RequestTimeoutException", 400)]
    [InlineData("SomethingNobodyKnows", 408)]
    [InlineData("ExpiredTokenException", 400)]
    [InlineData("ServerException", 500)]
    [InlineData("ServiceUnavailableException", 503)]
    [InlineData("SomethingNobodyKnows", 502)]
    [InlineData("KmsThrottlingException", 400)]
    public async Task Call_TemporaryError_IsTransient(string code, int status)
    {
        var fault = await Assert.ThrowsAsync<TransientException>(() => FindAsync(new Wire().Refuse(code, status)));

        Assert.Equal($"Could not read images/app:latest in eu-central-1: {code}: because", fault.Message);
        Assert.IsAssignableFrom<AmazonServiceException>(fault.InnerException);
    }

    [Theory]
    [InlineData("ServiceQuotaExceededException", 402)]
    [InlineData("ServiceQuotaExceededException", 400)]
    [InlineData("ExecutionLimitExceeded", 400)]
    public async Task Call_ExceedsQuota_IsQuotaExceeded(string code, int status)
    {
        var fault = await Assert.ThrowsAsync<QuotaExceededException>(() => FindAsync(new Wire().Refuse(code, status)));

        Assert.Contains(code, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AccessDeniedException", 400)]
    [InlineData("ForbiddenException", 403)]
    [InlineData("UnrecognizedClientException", 400)]
    [InlineData("InvalidSignatureException", 403)]
    [InlineData("InvalidParameterException", 400)]
    [InlineData("ValidationException", 400)]
    [InlineData("KmsException", 400)]
    [InlineData("SomethingNobodyKnows", 400)]
    [InlineData("SomethingNobodyKnows", 404)]
    public async Task Call_Refused_IsPermanent(string code, int status)
    {
        var fault = await Assert.ThrowsAsync<PermanentException>(() => FindAsync(new Wire().Refuse(code, status)));

        Assert.Contains($"{code}: because", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_ConnectionRefused_IsTransient()
    {
        var wire = new Wire().Break(() => new HttpRequestException("Connection refused", new SocketException((int)SocketError.ConnectionRefused)));

        var fault = await Assert.ThrowsAsync<TransientException>(() => FindAsync(wire));

        Assert.Contains("Connection refused", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_ConnectionBreaksDuringResponse_IsTransient() =>
        await Assert.ThrowsAsync<TransientException>(() => FindAsync(new Wire().Break(() => new IOException("The response ended prematurely."))));

    // The exception of HttpClient when its own timeout ends a call that nobody cancelled.
    [Fact]
    public async Task Call_ClientTimeout_IsTransient() => await Assert.ThrowsAsync<TransientException>(() =>
        FindAsync(
            new Wire().Break(() => new TaskCanceledException("The request was canceled due to the configured HttpClient.Timeout.", new TimeoutException()))));

    [Theory]
    [InlineData("<html>a proxy's page</html>")]
    [InlineData("{\"imageDetails\":[{\"imageDigest\":")]
    public async Task Call_UnreadableResponse_IsTransient(string body) =>
        await Assert.ThrowsAsync<TransientException>(() => FindAsync(new Wire().Answer(body)));

    [Fact]
    public async Task Call_ProxyErrorPage_IsTransientByItsStatus() =>
        await Assert.ThrowsAsync<TransientException>(() => FindAsync(new Wire().Answer("<html>Bad Gateway</html>", System.Net.HttpStatusCode.BadGateway)));

    [Fact]
    public async Task Call_Cancelled_StaysCancelled()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new Wire().Registry.FindAsync(Sample.Region, Sample.Repository, "latest", cancelled.Token));
    }

    [Fact]
    public void Map_OwnException_IsUnchanged()
    {
        Assert.Null(SdkErrors.Map("do it", new PermanentException("said already")));
        Assert.Null(SdkErrors.Map("do it", new InvalidOperationException("a bug")));
    }

    [Fact]
    public void Map_ClientWithoutCredentials_IsPermanent() =>
        Assert.IsType<PermanentException>(SdkErrors.Map("do it", new AmazonClientException("Unable to find credentials")));

    private static Task<TaggedImage?> FindAsync(Wire wire) => wire.Registry.FindAsync(Sample.Region, Sample.Repository, "latest", Sample.Cancel);
}
