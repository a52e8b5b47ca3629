using System.Text.Json.Nodes;
using Automation.LocalCloud;
using BenchmarkDotNet.Attributes;

namespace Automation.Benchmarks.Ecr;

/// <summary>One pass over a whole repository: ten times the images must take about ten times as long, not a hundred.</summary>
public class RegistryBenchmarks
{
    private Cloud _cloud = null!;
    private IReadOnlyList<string> _digests = [];

    [Params(1_000, 10_000)]
    public int Images { get; set; }

    [GlobalSetup]
    public void Fill() => (_cloud, _digests) = FilledRegistry.Create(Images);

    [GlobalCleanup]
    public void End() => _cloud.Dispose();

    [Benchmark]
    public int ListImages() => Pages("ListImages", "imageIds");

    [Benchmark]
    public int DescribeImages() => Pages("DescribeImages", "imageDetails");

    /// <summary>Pages as small as those of a console: the cost of a page must not grow with the number of previous pages.</summary>
    [Benchmark]
    public int DescribeImagesInPagesOfTwenty() => Pages("DescribeImages", "imageDetails", 20);

    [Benchmark]
    public int BatchGetImage()
    {
        var found = 0;
        foreach (var chunk in _digests.Chunk(100))
        {
            found += Wire.Ecr(_cloud, "BatchGetImage", Ids(chunk))["images"]!.AsArray().Count;
        }

        // An image is returned once for each of its two tags.
        return Expect(found, 2 * Images);
    }

    internal static JsonObject Ids(IEnumerable<string> digests) => new()
    {
        ["repositoryName"] = FilledRegistry.Repository,
        ["imageIds"] = new JsonArray([.. digests.Select(digest => new JsonObject { ["imageDigest"] = digest })]),
    };

    internal static int Expect(int found, int expected) =>
        found == expected ? found : throw new InvalidOperationException($"{found} instead of {expected}.");

    private int Pages(string operation, string member, int size = 1000)
    {
        var input = new JsonObject { ["repositoryName"] = FilledRegistry.Repository, ["maxResults"] = size };
        var found = 0;
        while (true)
        {
            var page = Wire.Ecr(_cloud, operation, input);
            found += page[member]!.AsArray().Count;
            if (page["nextToken"]?.GetValue<string>() is not { } next)
            {
                return Expect(found, operation == "ListImages" ? 2 * Images : Images);
            }

            input["nextToken"] = next;
        }
    }
}
