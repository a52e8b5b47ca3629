using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Amazon.Runtime;
using Automation.Aws.Sdk;
using Automation.Aws.Sdk.Json;
using Automation.Core;

namespace Automation.Local.Rehearsal.Reading;

/// <summary>Read-only calls of the account's APIs, with their answers as they came.</summary>
internal sealed class AccountCalls(JsonClients clients)
{
    /// <summary>How many calls run at the same time. The account's rate limits are shared with everything else in it.</summary>
    public const int Concurrent = 8;

    public static JsonApi Ecr { get; } = new("ECR", "ecr", "api.ecr", "AmazonEC2ContainerRegistry_V20150921");

    public static JsonApi ImageBuilder { get; } = new("imagebuilder", "imagebuilder", "imagebuilder");

    public static JsonApi Parameters { get; } = new("SSM", "ssm", "ssm", "AmazonSSM");

    public static JsonApi Quotas { get; } = new("Service Quotas", "servicequotas", "servicequotas", "ServiceQuotasV20190624");

    public static JsonApi Workflows { get; } = new("SFN", "states", "states", "AWSStepFunctions", "application/x-amz-json-1.0");

    /// <exception cref="AutomationException">The service refuses, or does not respond.</exception>
    public Task<JsonObject> CallAsync(JsonApi api, string region, string operation, JsonObject input, CancellationToken cancellationToken) =>
        SendAsync(api, region, new JsonCall(operation)
        {
            Path = api.TargetPrefix is null ? $"/{operation}" : "/",
            Body = writer =>
            {
                foreach (var (name, value) in input)
                {
                    writer.WritePropertyName(name);
                    value!.WriteTo(writer);
                }
            },
        }, cancellationToken);

    /// <summary>A REST operation that reads one resource.</summary>
    /// <exception cref="AutomationException">The service refuses, or does not respond.</exception>
    public Task<JsonObject> GetAsync(
        JsonApi api, string region, string path, IReadOnlyList<(string Name, string? Value)> query, CancellationToken cancellationToken) =>
        SendAsync(api, region, new JsonCall(path.Trim('/')) { Method = "GET", Path = path, Query = query }, cancellationToken);

    /// <summary>Null if the resource does not exist.</summary>
    public static async Task<JsonObject?> FindAsync(Func<Task<JsonObject>> call)
    {
        try
        {
            return await call();
        }
        catch (PermanentException e)
            when (e.InnerException is AmazonServiceException { ErrorCode: { } code } && code.Contains("NotFound", StringComparison.Ordinal))
        {
            return null;
        }
    }

    /// <summary>The items of all pages of a list.</summary>
    /// <param name="list">The member with the items.</param>
    public async IAsyncEnumerable<JsonNode> ListAsync(
        JsonApi api, string region, string operation, string list, JsonObject input, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        do
        {
            var page = await CallAsync(api, region, operation, input, cancellationToken);
            foreach (var item in page[list] as JsonArray ?? [])
            {
                yield return item!.DeepClone();
            }

            input["nextToken"] = page["nextToken"]?.DeepClone();
        }
        while (input["nextToken"] is not null && input["nextToken"]!.ToString().Length > 0);
    }

    /// <summary>Reads something for each item, several at a time; the results are in the order of the items.</summary>
    public static async Task<IReadOnlyList<TResult>> EachAsync<TItem, TResult>(
        IReadOnlyList<TItem> items, Func<TItem, Task<TResult>> read, CancellationToken cancellationToken)
    {
        var results = new TResult[items.Count];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, items.Count), new ParallelOptions { MaxDegreeOfParallelism = Concurrent, CancellationToken = cancellationToken },
            async (i, _) => results[i] = await read(items[i]));
        return results;
    }

    private Task<JsonObject> SendAsync(JsonApi api, string region, JsonCall call, CancellationToken cancellationToken) =>
        SdkErrors.CallAsync($"call {api.Signing}:{call.Operation} in {region}", async () =>
        {
            using var answer = await clients.Of(api, region, account: null).CallAsync(call, cancellationToken);
            return JsonObject.Create(answer.Root.Clone()) ?? [];
        });
}
