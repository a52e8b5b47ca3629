using System.Collections.Concurrent;
using Amazon.Runtime;
using Automation.Aws.Sdk.Json;

namespace Automation.Aws.Sdk;

/// <summary>Counts the calls to each operation by the code under <see cref="Begin"/>. Retries by the SDK itself are not counted.</summary>
public sealed class ApiCalls
{
    private static readonly AsyncLocal<ApiCalls?> Current = new();
    private readonly ConcurrentDictionary<string, int> _counts = new(StringComparer.Ordinal);

    /// <summary>The counts by operation, such as <c>DescribeImages</c>, in alphabetical order.</summary>
    public IReadOnlyDictionary<string, int> Counts => new SortedDictionary<string, int>(_counts, StringComparer.Ordinal);

    /// <summary>Starts counting in this flow of control and everything that it calls.</summary>
    public static ApiCalls Begin() => Current.Value = new ApiCalls();

    /// <summary>Adds the client's calls to the counts.</summary>
    internal static T Follow<T>(T client)
    {
        if (client is AmazonServiceClient sdk)
        {
            sdk.BeforeRequestEvent += static (_, sent) =>
            {
                if (Current.Value is { } calls && sent is WebServiceRequestEventArgs { Request: { } request })
                {
                    // DescribeImagesRequest
                    var name = request is JsonCall call ? call.Operation : request.GetType().Name[..^"Request".Length];
                    calls._counts.AddOrUpdate(name, 1, (_, count) => count + 1);
                }
            };
        }

        return client;
    }
}
