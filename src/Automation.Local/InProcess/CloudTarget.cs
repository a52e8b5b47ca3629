using System.Diagnostics.CodeAnalysis;
using System.Net;
using Amazon.Runtime;
using Automation.LocalCloud.Wire;

namespace Automation.Local.InProcess;

/// <summary>Sends a call to a cloud in this process.</summary>
internal delegate ValueTask<WireResponse> CloudCall(WireRequest request, CancellationToken cancellationToken);

/// <summary>The cloud of an SDK client, as a part of the client's configuration. Its HTTP clients follow the links in the cloud's answers, such as the one
/// to a layer.</summary>
/// <param name="known">If not null, reading operations are repeated only after a change.</param>
internal sealed class CloudTarget(CloudCall cloud, KnownAnswers? known) : HttpClientFactory
{
    static CloudTarget() => InProcessCalls.Register();

    public CloudCall Cloud => cloud;

    public KnownAnswers? Known => known;

    [SuppressMessage("Reliability", "CA2000", Justification = "The client disposes its handler")]
    public override HttpClient CreateHttpClient(IClientConfig clientConfig) => new(new LinkHandler(cloud));

    private sealed class LinkHandler(CloudCall cloud) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Content is not null || request.Headers.NonValidated.Count > 0)
            {
                throw new NotSupportedException("In this process, HTTP only follows links, without a body or headers.");
            }

            var link = request.RequestUri!;
            var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            var answer = await cloud(
                new WireRequest(request.Method.Method, link.AbsolutePath, link.Query.TrimStart('?'), headers, default), cancellationToken);
            return new HttpResponseMessage((HttpStatusCode)answer.Status) { RequestMessage = request, Content = new ReadOnlyMemoryContent(answer.Body) };
        }
    }
}
