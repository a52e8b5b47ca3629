using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Promotion;

namespace Automation.Core.Tests.Promotion;

/// <summary>The catalog changes while a release is under way.</summary>
public sealed class ClearanceTests
{
    private static readonly PromotionRules Nothing = new();
    private static readonly PromotionRules Gate = new() { Gate = new GateRules() };
    private static readonly PromotionRules Approval = new() { ApprovalHours = 24 };
    private static readonly PromotionRules Both = Gate with { ApprovalHours = 24 };

    private static readonly PromotionRules Signed = new() { Gate = new GateRules { Signature = new SignatureRules([]) } };
    private static readonly PromotionRules Unsigned = new() { Gate = new GateRules { Signature = new SignatureRules([]) { Required = false } } };

    public static TheoryData<PromotionRules, PromotionRules, string?> Changes => new()
    {
        { Nothing, Nothing, null },
        { Gate, Gate, null },
        { Both, Both, null },
        { Both, Gate, null },
        { Both, Nothing, null },
        { Approval, Nothing, null },
        { Nothing, Gate, "a gate, which" },
        { Nothing, Approval, "an approval, which" },
        { Nothing, Both, "a gate and an approval, which" },
        { Gate, Both, "an approval, which" },
        { Approval, Both, "a gate, which" },
        { Gate, Approval, "an approval, which" },
        { Gate, Signed, "a signature, which" },
        { Nothing, Signed, "a gate and a signature, which" },
        { Gate, Unsigned, null },
        { Signed, Gate, null },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void Outdated_NamesWhatTheCatalogRequiresAndTheBuildHasNotPassed(PromotionRules before, PromotionRules now, string? missing)
    {
        var build = Cleared(Clearance.Checks(before));

        var reason = Clearance.Outdated(now, build);

        Assert.Equal(missing is not null, reason is not null);
        Assert.Contains(missing ?? "", reason?.Text ?? "", StringComparison.Ordinal);
        Assert.Equal(reason, Clearance.Outdated(now, build.Version, Clearance.Checks(before)));
    }

    [Fact]
    public void Outdated_PromotedBuild_StaysPromoted() =>
        Assert.Null(Clearance.Outdated(Both, Cleared("none") with { Release = new ReleaseMark(ReleaseState.Promoted, 1, Sample.Noon, "it was promoted") }));

    [Fact]
    public void Outdated_BuildOfAnOlderVersion_CountsAsCleared() => Assert.Null(Clearance.Outdated(Both, Cleared(null)));

    [Fact]
    public void Outdated_WithoutAClearance_HasNothingToRepeat() => Assert.Null(Clearance.Outdated(Both, Cleared("none") with { ClearedAt = null }));

    [Theory]
    [InlineData("")]
    [InlineData("gates")]
    [InlineData("gate,approval")]
    public void Outdated_UnknownText_CountsAsNothing(string text) => Assert.NotNull(Clearance.Outdated(Gate, Cleared(text)));

    private static BuildRecord Cleared(string? checks) => Sample.Build("1.0.0/2", Sample.Noon) with { ClearedAt = Sample.Noon, ClearedBy = checks };
}
