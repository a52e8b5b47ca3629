using System.Text.Json;
using Amazon.Runtime;
using Automation.Aws.Sdk;
using Automation.Aws.Sdk.Json;
using Automation.Core.Catalog;

namespace Automation.Aws.Workloads;

/// <summary>Access to the workloads of one account and Region.</summary>
/// <param name="Other">Null means the deployment's own account.</param>
internal sealed record WorkloadAccess(JsonClients Clients, UsageSpec Spec, string Account, string Region, UsageAccount? Other)
{
    /// <summary>The number of calls that one reader makes at the same time. The services throttle per account, and others call them too.</summary>
    public const int Concurrent = 8;

    public Task<JsonAnswer> CallAsync(JsonApi api, JsonCall call, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync(
            $"call {api.Signing}:{call.Operation} in account {Account}, {Region}", () => Clients.Of(api, Region, Other).CallAsync(call, cancellationToken));

    /// <summary>Null if the resource was deleted after it was listed.</summary>
    public Task<JsonAnswer?> FindAsync(JsonApi api, JsonCall call, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync($"call {api.Signing}:{call.Operation} in account {Account}, {Region}", async () =>
        {
            try
            {
                return (JsonAnswer?)await Clients.Of(api, Region, Other).CallAsync(call, cancellationToken);
            }
            catch (AmazonServiceException e) when (e.ErrorCode is "ResourceNotFoundException" or "ServiceNotFoundException" or "ClusterNotFoundException")
            {
                return null;
            }
        });

    /// <summary>The pages of a list operation.</summary>
    /// <param name="token">The member with the token, in request and answer.</param>
    /// <param name="path">For a REST service.</param>
    public IAsyncEnumerable<JsonElement> PagesAsync(
        JsonApi api, string operation, Action<Utf8JsonWriter>? input, string token, CancellationToken cancellationToken, string path = "/") =>
        JsonPages.ReadAsync((call, cancelled) => CallAsync(api, call, cancelled), operation, path, input, token, cancellationToken);
}
