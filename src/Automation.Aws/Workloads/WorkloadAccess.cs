using System.Runtime.CompilerServices;
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

    /// <summary>The pages of a list operation of an AWS JSON service.</summary>
    /// <param name="token">The member with the token, in request and answer.</param>
    public async IAsyncEnumerable<JsonElement> PagesAsync(
        JsonApi api, string operation, Action<Utf8JsonWriter>? input, string token, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? next = null;
        do
        {
            var from = next;
            using var page = await CallAsync(api, new JsonCall(operation)
            {
                Body = writer =>
                {
                    input?.Invoke(writer);
                    if (from is not null)
                    {
                        writer.WriteString(token, from);
                    }
                },
            }, cancellationToken);
            yield return page.Root;
            next = page.Root.Text(token);
        }
        while (next is { Length: > 0 });
    }
}

/// <summary>Reads members that may be absent or null.</summary>
internal static class JsonElements
{
    public static string? Text(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    public static JsonElement Member(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) ? value : default;

    public static IEnumerable<JsonElement> List(this JsonElement json, string name) =>
        json.Member(name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    /// <summary>The texts of a list, copied so that they outlive the page.</summary>
    public static List<string> Texts(this JsonElement json, string name) => [.. json.List(name).Select(item => item.GetString()).OfType<string>()];

    public static void WriteTexts(Utf8JsonWriter writer, string name, IEnumerable<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }

    /// <summary>An instant as seconds since 1970, or as ISO 8601.</summary>
    public static DateTimeOffset? Instant(this JsonElement json, string name) => json.Member(name) switch
    {
        { ValueKind: JsonValueKind.Number } number => DateTimeOffset.FromUnixTimeMilliseconds((long)(number.GetDouble() * 1000)),
        { ValueKind: JsonValueKind.String } text when text.TryGetDateTimeOffset(out var time) => time,
        _ => null,
    };
}
