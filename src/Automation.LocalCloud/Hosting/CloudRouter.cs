using System.Globalization;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Hosting;

/// <summary>
/// Decides who answers a request on the cloud's port: <c>/_runtime/</c> the processes of functions, <c>/_automation/</c> the control
/// endpoint, <c>/v2/</c> and <c>/_ecr/</c> the registry, everything else the AWS services by credential scope. A person's browser gets a page.
/// </summary>
/// <param name="processes">Null where functions are methods.</param>
/// <param name="control">Null where nobody controls from outside.</param>
internal sealed class CloudRouter(Cloud cloud, ProcessFunctionHost? processes = null, ControlEndpoint? control = null)
{
    /// <summary>The cloud's own time, for whoever decides by it; <c>Date</c> is the caller's, so that no client takes its clock for wrong.</summary>
    public const string ClockHeader = "x-automation-clock";

    private long _requests;

    /// <exception cref="CallerCrashedException">The connection is to be dropped without an answer.</exception>
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

        return Dated(response, CallerClock.Of(request));
    }

    private WireResponse Answer(WireRequest request)
    {
        // Docker clients do not sign with SigV4; a signed request below /v2/ is another AWS service's.
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
    /// Answers carry a time and a request id, as a service's would. The time is the caller's own where the request tells it: SDKs that
    /// correct a wrong clock by this header would take virtual time for one, and send every failed call again.
    /// </summary>
    private WireResponse Dated(WireResponse response, DateTimeOffset? caller)
    {
        var headers = new Dictionary<string, string>(response.Headers, StringComparer.OrdinalIgnoreCase);
        cloud.Run(() =>
        {
            headers.TryAdd("Date", (caller ?? cloud.Clock.Now).ToString("R", CultureInfo.InvariantCulture));
            headers.TryAdd(ClockHeader, cloud.Clock.Now.ToString("R", CultureInfo.InvariantCulture));
            headers.TryAdd("x-amzn-RequestId", Ids.From($"{++_requests}").ToString());
        });
        return response with { Headers = headers };
    }

    private static bool Below(WireRequest request, string prefix) => request.Path.StartsWith(prefix, StringComparison.Ordinal);
}
