using Automation.LocalCloud;
using BenchmarkDotNet.Attributes;

namespace Automation.Benchmarks.Ecr;

/// <summary>Deletes every image of a repository, a hundred per call (the API's limit). Each run has a new repository.</summary>
public class DeletionBenchmarks
{
    private Cloud _cloud = null!;
    private IReadOnlyList<string> _digests = [];

    [Params(1_000, 10_000)]
    public int Images { get; set; }

    [IterationSetup]
    public void Fill() => (_cloud, _digests) = FilledRegistry.Create(Images);

    [IterationCleanup]
    public void End() => _cloud.Dispose();

    [Benchmark]
    public int BatchDeleteImage()
    {
        var deleted = 0;
        foreach (var chunk in _digests.Chunk(100))
        {
            // Each image is returned once for each of its two tags.
            deleted += Wire.Ecr(_cloud, "BatchDeleteImage", RegistryBenchmarks.Ids(chunk))["imageIds"]!.AsArray().Count;
        }

        return RegistryBenchmarks.Expect(deleted, 2 * Images);
    }
}
