using Automation.Core.Builds;
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
    public async Task Image_PulledWithinTheDays_IsInUse(int days, bool used) =>
        Assert.Equal(used, await IsUsedAsync(Pulled("a", Now.AddDays(-days))));

    [Fact]
    public async Task Image_NeverPulled_IsNotInUse() => Assert.False(await IsUsedAsync(Pulled("a", null)));

    [Fact]
    public async Task NoDays_NothingIsInUse() =>
        Assert.Empty((await AskAsync(0, [], Pulled("a", Now))).Usages);

    // Retention itself reads every index, every night.
    [Fact]
    public async Task Index_CountsByItsChildren_NotByItself()
    {
        var index = Pulled("index", Now) with { MediaType = Index, Children = [Sample.Digest("child")] };

        Assert.Empty((await AskAsync(3, [], index, Pulled("child", null))).Usages);
        Assert.Equal(Sample.Digest("child"), Assert.Single((await AskAsync(3, [], index, Pulled("child", Now))).Usages).Image);
    }

    [Fact]
    public async Task Index_WithoutItsChildrenHere_CountsByItself() =>
        Assert.True(await IsUsedAsync(Pulled("a", Now) with { MediaType = Index, Children = [Sample.Digest("elsewhere")] }));

    [Theory]
    [InlineData(0, false)]
    [InlineData(60, false)]
    [InlineData(-60, false)]
    [InlineData(61, true)]
    [InlineData(-61, true)]
    public async Task Pull_AtTheMomentOfOurOwnPromotion_IsOurs(int secondsAfter, bool used)
    {
        var promoted = Now.AddDays(-1);
        var build = Sample.Build("1.0.0/1", promoted.AddHours(-1)) with { Digest = Sample.Digest("a"), PromotedAt = promoted };

        Assert.Equal(used, (await AskAsync(3, [build], Pulled("a", promoted.AddSeconds(secondsAfter)))).Usages.Count == 1);
    }

    [Fact]
    public async Task Pull_WhenAnotherBuildWasPromoted_IsSomebodyElses()
    {
        var build = Sample.Build("1.0.0/1", Now.AddDays(-2)) with { Digest = Sample.Digest("b"), PromotedAt = Now.AddDays(-1) };

        Assert.Single((await AskAsync(3, [build], Pulled("a", Now.AddDays(-1)))).Usages);
    }

    private static StoredImage Pulled(string digest, DateTimeOffset? at) => new(Sample.Digest(digest), [], Now.AddDays(-50), at, Children: []);

    private static async Task<bool> IsUsedAsync(StoredImage image) => (await AskAsync(3, [], image)).Usages.Any(usage => usage.Image == image.Digest);

    private static Task<Ports.UsageAnswer> AskAsync(int days, IReadOnlyList<BuildRecord> builds, params StoredImage[] images)
    {
        var app = Sample.App();
        return new PullUsages().AskAsync(
            new RetentionFacts { Image = app with { Retain = app.Retain with { KeepPulledDays = days } }, Region = "eu-west-1", Images = images, Builds = builds, Now = Now },
            TestContext.Current.CancellationToken);
    }
}
