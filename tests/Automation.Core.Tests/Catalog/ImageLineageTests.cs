using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Tests.Catalog;

public sealed class ImageLineageTests
{
    [Theory]
    [InlineData("app runtime, tool runtime, runtime base", "app", "")]
    [InlineData("app app", "app", "app -> app")]
    [InlineData("app runtime, runtime app, leaf app", "app", "app -> runtime -> app")]
    [InlineData("app runtime, runtime app, leaf app", "runtime", "runtime -> app -> runtime")]
    [InlineData("app runtime, runtime app, leaf app", "leaf", "")]
    [InlineData("a b, b c, c a", "a", "a -> c -> b -> a")]
    [InlineData("a b, b c, c a", "nobody", "")]
    [InlineData("app runtime, app tool, tool app", "app", "app -> tool -> app")]
    [InlineData("app runtime, app tool, tool app", "runtime", "")]
    [InlineData("app runtime, app tool, tool base, tool runtime, runtime base", "app", "")]
    [InlineData("app a, a b, b app, app b", "app", "app -> b -> app")]
    [InlineData("app leaf, leaf app, app leaf", "leaf", "leaf -> app -> leaf")]
    [InlineData("app tool, tool x, x y, y x", "app", "")]
    public void CycleThrough_FollowsTheChainUpwards(string edges, string image, string cycle) =>
        Assert.Equal(cycle, string.Join(" -> ", Lineage(edges).CycleThrough(image)));

    [Fact]
    public void Cycles_NamesEachCycleOnce() => Assert.Equal(
        ["a -> c -> b -> a", "x -> y -> x"],
        Lineage("a b, b c, c a, leaf a, x y, y x, z base").Cycles().Select(cycle => string.Join(" -> ", cycle)));

    /// <summary>The target of an image's builds: its repository in this account's registries of its Regions, and of the stack's own.</summary>
    [Theory]
    [InlineData("images/app:latest", true)]
    [InlineData("111122223333.dkr.ecr.eu-west-1.amazonaws.com/images/app:1", true)]
    [InlineData("111122223333.dkr.ecr.us-east-1.amazonaws.com/images/app:1", true)]
    [InlineData("111122223333.dkr.ecr.ap-south-1.amazonaws.com/images/app:1", false)]
    [InlineData("999999999999.dkr.ecr.eu-west-1.amazonaws.com/images/app:1", false)]
    [InlineData("public.ecr.aws/images/app:1", false)]
    [InlineData("images/other:latest", false)]
    public void BuilderOf_Reference_IsTheImageBuiltIntoThatRegistry(string reference, bool found)
    {
        var image = Sample.App() with { Regions = ["us-east-1"] };

        Assert.Equal(found, image.PublishesTo(ImageReference.Parse(reference), "111122223333", "eu-west-1"));

        // While the account is unknown, only the short form of the own registry is certainly ours.
        Assert.Equal(reference == "images/app:latest", image.PublishesTo(ImageReference.Parse(reference), null, null));
    }

    private static ImageLineage Lineage(string edges) =>
        new(edges.Split(", ").Select(edge => edge.Split(' ')).GroupBy(edge => edge[0])
            .ToDictionary(edges => edges.Key, edges => (IReadOnlyList<string>)[.. edges.Select(edge => edge[1])]));
}
