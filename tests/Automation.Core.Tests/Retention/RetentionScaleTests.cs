using Automation.Core.Images;
using Automation.Core.Retention;
using static Automation.Core.Tests.Retention.RetentionHistory;

namespace Automation.Core.Tests.Retention;

/// <summary>Time and memory grow with the number of images, not faster.</summary>
public sealed class RetentionScaleTests
{
    [Fact]
    public void HundredThousandImages_AllocateTenTimesAsMuchAsTenThousand()
    {
        // Bytes and not seconds, because they are the same on a busy machine.
        var small = Allocated(Large(10_000));
        var large = Allocated(Large(100_000));

        Assert.InRange((double)large / small, 8, 12);
        Assert.InRange(large / 100_000, 0, 2_500);
    }

    /// <summary>Reading a tag takes the memory of its text, and remembering its build takes a number.</summary>
    [Fact]
    public void FiveBuildTagsOnEachImage_TakeLessThanAHundredBytesEach()
    {
        const int Images = 10_000;
        var history = new RetentionHistory(0);
        history.Images.AddRange(Enumerable.Range(1, Images).Select(i => new StoredImage(
            Sample.Digest($"{i}"), TagList.Of([.. Enumerable.Range(1, 5).Select(minor => $"0.{minor}.0-{i}")]), Now.AddDays(-100), MediaType: ImageType)));
        var facts = history.Facts();
        var before = GC.GetAllocatedBytesForCurrentThread();

        var lookups = BuildLookups.Of(facts);

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / (5 * Images), 0, 100);
        Assert.Equal(["0.1.0", "0.2.0", "0.3.0", "0.4.0", "0.5.0"], lookups.Keys.Select(version => $"{version}"));
        Assert.All(lookups.Values, numbers => Assert.Equal(Enumerable.Range(1, Images), numbers));
    }

    /// <summary>A quarter are indexes with a build each, half are children, a quarter are signatures.</summary>
    private static RetentionFacts Large(int images)
    {
        var history = new RetentionHistory(0);
        for (var i = 0; i < images / 4; i++)
        {
            Digest[] children = [Sample.Digest($"{i}-a"), Sample.Digest($"{i}-b")];
            history.Add($"1.{i / 1000}.0/{(i % 1000) + 1}", $"{i}", Now.AddDays(-100 + (i * 90.0 / images)));
            history.Images[^1] = history.Images[^1] with { MediaType = IndexType, Children = children };
            history.Images.AddRange(children.Select(child => new StoredImage(child, [], Now.AddDays(-100), MediaType: ImageType)));
            history.Images.Add(new StoredImage(Sample.Digest($"{i}-s"), [], Now.AddDays(-100), MediaType: ImageType, Subject: children[0]));
        }

        return history.Facts();
    }

    private static long Allocated(RetentionFacts facts)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(facts.Images.Count, RetentionPlanner.Plan(facts).Counts.Images);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
