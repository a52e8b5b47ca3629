using System.Net;
using Amazon.Runtime;
using Automation.Core;

namespace Automation.Aws.Sdk;

/// <summary>
/// The one place where SDK exceptions become the two families that the workflow knows: try again, or a person must act.
/// Outcomes that a caller expects (no such image, already there) are handled where they occur and never get here.
/// </summary>
internal static class SdkErrors
{
    /// <summary>Runs one call and maps its errors; <paramref name="what"/> completes "could not …".</summary>
    public static async Task<T> CallAsync<T>(string what, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception e) when (Map(what, e) is { } mapped)
        {
            throw mapped;
        }
    }

    /// <summary>Null for exceptions that do not come from the SDK: cancellation, bugs, our own exceptions.</summary>
    public static AutomationException? Map(string what, Exception error) => error switch
    {
        AmazonUnmarshallingException e => new TransientException($"Could not {what}: the answer could not be read: {e.Message}", e),
        AmazonServiceException e when IsQuota(e) => new QuotaExceededException($"Could not {what}: {e.ErrorCode}: {e.Message}", e),
        AmazonServiceException e when IsTransient(e) => new TransientException($"Could not {what}: {e.ErrorCode}: {e.Message}", e),
        AmazonServiceException e => new PermanentException($"Could not {what}: {e.ErrorCode}: {e.Message}", e),
        HttpRequestException e => new TransientException($"Could not {what}: {e.Message}", e),
        IOException e => new TransientException($"Could not {what}: {e.Message}", e),
        TimeoutException e => new TransientException($"Could not {what}: {e.Message}", e),
        FormatException e => new PermanentException($"Could not {what}: the answer cannot be understood: {e.Message}", e),
        AmazonClientException e => new PermanentException($"Could not {what}: {e.Message}", e),
        _ => null,
    };

    // Concurrent builds, or an image that another call is changing. The error ends with that work.
    private static bool IsQuota(AmazonServiceException e) => e.ErrorCode is "ServiceQuotaExceededException" or "ExecutionLimitExceeded";

    // Errors that persisted through the retries of the SDK, and errors that it does not retry.
    private static bool IsTransient(AmazonServiceException e) =>
        e.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout
        || (int)e.StatusCode >= 500
        || e.ErrorCode is "ThrottlingException" or "Throttling" or "TooManyRequestsException" or "RequestLimitExceeded"
            or "LimitExceededException" or "ResourceInUseException" or "RequestTimeout" or "RequestTimeoutException"
            or "ExpiredTokenException" or "ServiceUnavailableException" or "ServiceException" or "ServerException"
            or "KmsThrottlingException";
}
