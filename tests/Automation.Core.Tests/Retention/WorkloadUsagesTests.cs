using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Retention;
using Automation.Core.Workloads;

namespace Automation.Core.Tests.Retention;

public sealed class WorkloadUsagesTests
{
    [Fact]
    public void Of_ADigest_KeepsItAndNamesThreeWorkloads()
    {
        var answer = Of(new ImageInUse(Sample.Digest(1), null, [.. "abcd".Select(name => Workload($"service {name}"))], false, 2));

        Assert.Null(answer.Unknown);
        Assert.All(answer.Usages, usage => Assert.Equal((Sample.Digest(1), ReasonCode.Deployed), (usage.Image, usage.Code)));
        Assert.Equal(
            ["runs in service a, account 123456789012, eu-west-1", "runs in service b, account 123456789012, eu-west-1",
                "runs in service c, account 123456789012, eu-west-1", "runs in 3 more places"],
            answer.Usages.Select(usage => usage.Why));
    }

    [Fact]
    public void Of_ATag_KeepsTheImageThatHasItNow()
    {
        var answer = Of(new ImageInUse(null, "v1", [Workload("rule nightly", runs: false)], false, 0));

        var usage = Assert.Single(answer.Usages);
        Assert.Equal((Sample.Digest(1), "would run in rule nightly, account 123456789012, eu-west-1"), (usage.Image, usage.Why));
    }

    [Theory]
    [InlineData("latest", true)]
    [InlineData("gone", true)]
    [InlineData("v1", false)]
    public void Of_ARunningWorkloadWithOnlyATag_IsUnknownWhereTheTagMayHaveMoved(string tag, bool unknown)
    {
        var answer = Of(new ImageInUse(null, tag, [Workload("service web")], IsUncertain: true, 0));

        Assert.Equal(unknown, answer.Unknown is not null);
        Assert.Equal(unknown ? 0 : 1, answer.Usages.Count);
    }

    [Fact]
    public void Of_ATagThatIsGone_KeepsNothing() => Assert.Empty(Of(new ImageInUse(null, "gone", [Workload("rule nightly", runs: false)], false, 0)).Usages);

    private static UsageAnswer Of(params ImageInUse[] inUse) => WorkloadUsages.Of(
        new RetentionFacts
        {
            Image = Sample.App(promote: new PromotionRules { FloatingTags = [TagTemplate.Parse("latest")] }),
            Region = "eu-west-1",
            Images = [new StoredImage(Sample.Digest(1), ["v1", "latest"], default)],
            Now = new DateTimeOffset(2026, 1, 5, 0, 0, 0, TimeSpan.Zero),
        },
        inUse);

    private static Workload Workload(string name, bool runs = true) => new(UsageKind.Ecs, "123456789012", "eu-west-1", name, runs);
}
