using System.Globalization;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Hosting;

/// <summary>
/// Routes the requests on the cloud's port: <c>/_runtime/</c> to the processes of functions, <c>/_automation/</c> to the control
/// endpoint, <c>/v2/</c> and <c>/_ecr/</c> to the registry, everything else to the AWS services by credential scope. A person's browser gets a page.
/// </summary>
/// <param name="processes">Null if functions are methods.</param>
/// <param name="control">Null if the cloud has no control endpoint.</param>
internal sealed class CloudRouter(Cloud cloud, ProcessFunctionHost? processes = null, ControlEndpoint? control = null)
{
    /// <summary>The header with the cloud's own time, for callers that decide by it. <c>Date</c> has the caller's time, so that no client considers its clock
    /// wrong.</summary>
    public const string ClockHeader = "x-automation-clock";

    private long _requests;

    /// <exception cref="CallerCrashedException">The connection must be dropped without a response.</exception>
    public async ValueTask<WireResponse> HandleAsync(WireRequest request, CancellationToken aborted)
    {
        if (processes is not null && Below(request, "/_runtime/"))
        {
            return await processes.HandleAsync(request, aborted);
        }

        if (control is not null && Below(request, "/_automation/"))
        {
            return await control.HandleAsync(request, aborted);
        }

        request = request with { Scope = request.Scope ?? RequestScope.Of(request, cloud.Options.Region) };
        var response = WelcomePage.Applies(request) ? cloud.Run(() => WelcomePage.Of(cloud, request.Endpoint() ?? "")) : Answer(request);
        return Dated(await CompleteAsync(response, aborted), CallerClock.Of(request));
    }

    /// <summary>Answers without the headers that only HTTP clients read.</summary>
    /// <param name="request">With a <see cref="WireRequest.Scope"/>, unless it follows a link of an earlier answer.</param>
    /// <exception cref="CallerCrashedException">The caller must get no response.</exception>
    public ValueTask<WireResponse> CallAsync(WireRequest request, CancellationToken aborted) =>
        CompleteAsync(Answer(request.Scope is null ? request with { Scope = RequestScope.Of(request, cloud.Options.Region) } : request), aborted);

    private async ValueTask<WireResponse> CompleteAsync(WireResponse response, CancellationToken aborted)
    {
        while (response.Pending is { } pending)
        {
            try
            {
                response = await pending.WaitAsync(aborted);
            }
            catch (OperationCanceledException) when (response.Abandon is { } abandon)
            {
                cloud.Run(abandon);
                throw;
            }
        }

        return response;
    }

    private WireResponse Answer(WireRequest request)
    {
        // Docker clients do not sign with SigV4, so a signed request below /v2/ is for another AWS service.
        if (Below(request, "/_ecr/") || (request.Scope is null && (Below(request, "/v2/") || request.Path == "/v2")))
        {
            return cloud.Run(() => cloud.Ecr.HandleDistribution(request));
        }

        try
        {
            return cloud.Handle(AwsChunked.Applies(request.Headers) ? request with { Body = AwsChunked.Decode(request.Body) } : request);
        }
        catch (AwsException e)
        {
            return WireResponse.Text(e.Status, $"{e.Code}: {e.Message}\n");
        }
    }

    /// <summary>
    /// Responses have a time and a request id, like a service's. The time is the caller's own if the request contains it. SDKs correct a wrong
    /// clock by this header; they would take virtual time for a wrong clock and repeat every failed call.
    /// </summary>
    private WireResponse Dated(WireResponse response, DateTimeOffset? caller)
    {
        var headers = new Dictionary<string, string>(response.Headers, StringComparer.OrdinalIgnoreCase);
        cloud.Run(() =>
        {
            headers.TryAdd("Date", (caller ?? cloud.Clock.Now).ToString("R", CultureInfo.InvariantCulture));
            headers.TryAdd(ClockHeader, cloud.Clock.Now.ToString("R", CultureInfo.InvariantCulture));
            headers.TryAdd("x-amzn-RequestId", Ids.OfNumber(++_requests).ToString());
        });
        return response with { Headers = headers };
    }

    private static bool Below(WireRequest request, string prefix) => request.Path.StartsWith(prefix, StringComparison.Ordinal);
}
