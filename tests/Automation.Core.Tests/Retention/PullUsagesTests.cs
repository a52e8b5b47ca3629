using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.Core.Retention;

namespace Automation.Core.Tests.Retention;

public sealed class PullUsagesTests
{
    private const string Index = "application/vnd.oci.image.index.v1+json";
    private static readonly DateTimeOffset Now = Sample.Noon;

    [Theory]
    [InlineData(2, true)]
    [InlineData(3, true)]
    [InlineData(4, false)]
    public void Image_PulledWithinTheDays_IsInUse(int days, bool used) =>
        Assert.Equal(used, IsUsed(Pulled("a", Now.AddDays(-days))));

    [Fact]
    public void Image_NeverPulled_IsNotInUse() => Assert.False(IsUsed(Pulled("a", null)));

    [Fact]
    public void NoDays_NothingIsInUse() =>
        Assert.Empty(Ask(0, [], Pulled("a", Now)));

    // Retention itself reads every index every night.
    [Fact]
    public void Index_CountsByItsChildrenNotByItself()
    {
        var index = Pulled("index", Now) with { MediaType = Index, Children = [Sample.Digest("child")] };

        Assert.Empty(Ask(3, [], index, Pulled("child", null)));
        Assert.Equal(Sample.Digest("child"), Assert.Single(Ask(3, [], index, Pulled("child", Now))).Image);
    }

    [Fact]
    public void Index_WithoutChildrenHere_CountsByItself() =>
        Assert.True(IsUsed(Pulled("a", Now) with { MediaType = Index, Children = [Sample.Digest("elsewhere")] }));

    [Theory]
    [InlineData(0, false)]
    [InlineData(60, false)]
    [InlineData(-60, false)]
    [InlineData(61, true)]
    [InlineData(-61, true)]
    public void Pull_DuringOurOwnPromotion_IsOurs(int secondsAfter, bool used)
    {
        var promoted = Now.AddDays(-1);
        var build = Sample.Build("1.0.0/1", promoted.AddHours(-1)) with { Digest = Sample.Digest("a"), PromotedAt = promoted };

        Assert.Equal(used, Ask(3, [build], Pulled("a", promoted.AddSeconds(secondsAfter))).Count == 1);
    }

    [Fact]
    public void Pull_DuringPromotionOfAnotherBuild_IsNotOurs()
    {
        var build = Sample.Build("1.0.0/1", Now.AddDays(-2)) with { Digest = Sample.Digest("b"), PromotedAt = Now.AddDays(-1) };

        Assert.Single(Ask(3, [build], Pulled("a", Now.AddDays(-1))));
    }

    private static StoredImage Pulled(string digest, DateTimeOffset? at) => new(Sample.Digest(digest), [], Now.AddDays(-50), at, Children: []);

    private static bool IsUsed(StoredImage image) => Ask(3, [], image).Any(usage => usage.Image == image.Digest);

    private static IReadOnlyList<Usage> Ask(int days, IReadOnlyList<BuildRecord> builds, params StoredImage[] images)
    {
        var app = Sample.App();
        return PullUsages.Of(
            new RetentionFacts
            {
                Image = app with { Retain = app.Retain with { KeepPulledDays = days } },
                Region = "eu-west-1",
                Images = images,
                Builds = builds,
                Now = Now
            });
    }
}
