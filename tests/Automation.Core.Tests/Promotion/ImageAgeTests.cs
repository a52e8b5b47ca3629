using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Promotion;

namespace Automation.Core.Tests.Promotion;

public sealed class ImageAgeTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Age_PromotedWithinMaxAgeDays_IsNotOverdue() => Assert.Null(Age(14, Build("1.0.0/1", created: 60, promoted: 14)));

    [Fact]
    public void Age_NotPromotedForLonger_IsOverdueWithItsAge()
    {
        var overdue = Age(14, Build("1.0.0/1", created: 60, promoted: 40), Build("1.0.0/2", created: 30, promoted: 15), Build("1.0.0/3", created: 1));

        Assert.Equal(("app", TimeSpan.FromDays(15)), (overdue!.Image, overdue.Age));
        Assert.Equal("last promoted 2026-02-14T08:00:00Z, 15 days ago; the catalog allows 14", overdue.Reason.Text);
    }

    [Fact]
    public void Age_NeverPromoted_CountsFromTheFirstBuild()
    {
        Assert.Null(Age(14, Build("1.0.0/1", created: 14)));
        Assert.Contains("never promoted", Age(14, Build("1.0.0/1", created: 15), Build("1.0.0/2", created: 1))!.Reason.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Age_WithoutBuilds_IsNeverOverdue() => Assert.Null(Age(1));

    [Fact]
    public void Age_WithoutMaxAgeDays_IsNeverOverdue() => Assert.Null(Age(null, Build("1.0.0/1", created: 900, promoted: 900)));

    private static OverdueImage? Age(int? maxAgeDays, params BuildRecord[] builds) => ImageAge.Of(
        new ImageSpec
        {
            Name = "app",
            Repository = "images/app",
            Pipeline = new PipelineSpec.Defined(),
            Promote = new PromotionRules { MaxAgeDays = maxAgeDays }
        }, builds, Now);

    private static BuildRecord Build(string version, int created, int? promoted = null) => new()
    {
        Version = ImageVersion.Parse(version),
        Arn = $"arn:image/app/{version}",
        State = BuildState.Available,
        CreatedAt = Now.AddDays(-created),
        PromotedAt = promoted is { } days ? Now.AddDays(-days) : null,
    };
}
