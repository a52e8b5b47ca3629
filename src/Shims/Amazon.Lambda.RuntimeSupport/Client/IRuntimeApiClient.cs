namespace Amazon.Lambda.RuntimeSupport;

/// <summary>The calls of the Lambda Runtime API.</summary>
public interface IRuntimeApiClient
{
    Task ReportInitializationErrorAsync(Exception exception, CancellationToken cancellationToken = default);

    /// <summary>Reports an error with the given type name and no further information.</summary>
    Task ReportInitializationErrorAsync(string errorType, CancellationToken cancellationToken = default);

    /// <summary>Waits without a time limit for the next invocation.</summary>
    Task<InvocationRequest> GetNextInvocationAsync(CancellationToken cancellationToken = default);

    Task ReportInvocationErrorAsync(string awsRequestId, Exception exception, CancellationToken cancellationToken = default);

    Task SendResponseAsync(string awsRequestId, Stream outputStream, CancellationToken cancellationToken = default);
}
