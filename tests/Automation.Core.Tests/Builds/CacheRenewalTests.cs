using Automation.Core.Builds;
using Automation.Core.Images;

namespace Automation.Core.Tests.Builds;

public sealed class CacheRenewalTests
{
    private static readonly PullThroughRule Rule = new("docker-hub", "registry-1.docker.io");
    private static readonly ImageReference Alpine = ImageReference.Parse("docker-hub/library/alpine:3.20");

    [Fact]
    public void Due_NothingCached_IsPulled() => Assert.Equal("cache-empty", CacheRenewal.Due(Alpine, null, Rule, Sample.Noon)!.Code);

    [Theory]
    [InlineData(-48, null, true)]
    [InlineData(-24, null, true)]
    [InlineData(-23, null, false)]
    [InlineData(-240, -24, true)]
    [InlineData(-240, -23, false)]
    [InlineData(-1, -240, false)]
    public void Due_OneDayAfterPushAndPull_IsPulled(int pushed, int? pulled, bool due)
    {
        var cached = new TaggedImage(Sample.Digest("a"), Sample.Noon.AddHours(pushed), ["3.20"], pulled is { } hours ? Sample.Noon.AddHours(hours) : null);

        Assert.Equal(due ? "cache-old" : null, CacheRenewal.Due(Alpine, cached, Rule, Sample.Noon)?.Code);
    }

    [Fact]
    public void Due_PinnedByDigest_IsNotPulled() =>
        Assert.Null(CacheRenewal.Due(ImageReference.Parse($"docker-hub/library/alpine@{Sample.Digest("a")}"), null, Rule, Sample.Noon));

    [Theory]
    [InlineData("docker-hub/library/alpine", "docker-hub")]
    [InlineData("docker-hub/team/tools", "docker-hub/team")]
    [InlineData("docker-hubs/library/alpine", null)]
    [InlineData("docker-hub", null)]
    public void Of_SeveralRules_UsesTheLongestPrefix(string repository, string? prefix) => Assert.Equal(
        prefix, PullThroughRule.Of(repository, [Rule, new PullThroughRule("docker-hub/team/", "quay.io")])?.Prefix.TrimEnd('/'));

    [Fact]
    public void Of_RootRule_CoversRepositoriesWithoutAnotherRule()
    {
        PullThroughRule[] rules = [new(PullThroughRule.Root, "public.ecr.aws"), Rule];

        Assert.Equal("public.ecr.aws", PullThroughRule.Of("golden/base", rules)!.Upstream);
        Assert.Equal("registry-1.docker.io", PullThroughRule.Of("docker-hub/library/alpine", rules)!.Upstream);
    }
}
