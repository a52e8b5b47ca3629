using Amazon.Runtime;
using Automation.LocalCloud.Wire;

namespace Automation.Local.InProcess;

/// <summary>Sends a call to a cloud in this process.</summary>
internal delegate ValueTask<WireResponse> CloudCall(WireRequest request, CancellationToken cancellationToken);

/// <summary>The cloud of an SDK client, as a part of the client's configuration.</summary>
/// <param name="known">If not null, reading operations are repeated only after a change.</param>
internal sealed class CloudTarget(CloudCall cloud, KnownAnswers? known) : HttpClientFactory
{
    static CloudTarget() => InProcessCalls.Register();

    public CloudCall Cloud => cloud;

    public KnownAnswers? Known => known;

    public override HttpClient CreateHttpClient(IClientConfig clientConfig) =>
        throw new NotSupportedException("A client of a cloud in this process has only asynchronous calls, and those need no HTTP.");
}
