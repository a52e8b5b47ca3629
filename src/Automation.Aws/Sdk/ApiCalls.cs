using System.Collections.Concurrent;
using Amazon.Runtime;

namespace Automation.Aws.Sdk;

/// <summary>How often each operation was called by what runs under <see cref="Begin"/>. A repetition by the SDK itself is not counted.</summary>
public sealed class ApiCalls
{
    private static readonly AsyncLocal<ApiCalls?> Current = new();
    private readonly ConcurrentDictionary<string, int> _counts = new(StringComparer.Ordinal);

    /// <summary>By <c>DescribeImages</c> and the like, in alphabetical order.</summary>
    public IReadOnlyDictionary<string, int> Counts => new SortedDictionary<string, int>(_counts, StringComparer.Ordinal);

    /// <summary>Counts from here on, in this flow of control and what it calls.</summary>
    public static ApiCalls Begin() => Current.Value = new ApiCalls();

    /// <summary>Lets the client's calls be counted.</summary>
    internal static T Follow<T>(T client)
    {
        if (client is AmazonServiceClient sdk)
        {
            sdk.BeforeRequestEvent += static (_, call) =>
            {
                if (Current.Value is { } calls && call is WebServiceRequestEventArgs { Request: { } request })
                {
                    // DescribeImagesRequest
                    var name = request.GetType().Name;
                    calls._counts.AddOrUpdate(name[..^"Request".Length], 1, (_, count) => count + 1);
                }
            };
        }

        return client;
    }
}
