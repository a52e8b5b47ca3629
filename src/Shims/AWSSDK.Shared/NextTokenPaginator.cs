using System.Runtime.CompilerServices;
using Amazon.Runtime;

namespace Automation.Shims.Sdk;

/// <summary>
/// Follows <c>NextToken</c> until it is null or empty. Like the SDK's paginators, it writes the token into the given request and
/// can be consumed once.
/// </summary>
internal abstract class NextTokenPaginator<TRequest, TResponse>(TRequest request) : IPaginator<TResponse>
    where TRequest : AmazonWebServiceRequest
    where TResponse : AmazonWebServiceResponse
{
    private int _inUse;

    protected abstract Task<TResponse> CallAsync(TRequest request, CancellationToken cancellationToken);

    protected abstract string? TokenOf(TRequest request);

    protected abstract string? TokenOf(TResponse response);

    protected abstract void SetToken(TRequest request, string? token);

    /// <exception cref="InvalidOperationException">It was consumed before.</exception>
    async IAsyncEnumerable<TResponse> IPaginator<TResponse>.PaginateAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _inUse, 1) != 0)
        {
            throw new InvalidOperationException(
                "Paginator has already been consumed and cannot be reused. Please create a new instance.");
        }

        PaginatorUtils.SetUserAgentAdditionOnRequest(request);
        var token = TokenOf(request);
        do
        {
            SetToken(request, token);
            var response = await CallAsync(request, cancellationToken).ConfigureAwait(false);
            token = TokenOf(response);
            cancellationToken.ThrowIfCancellationRequested();
            yield return response;
        }
        while (!string.IsNullOrEmpty(token));
    }
}
