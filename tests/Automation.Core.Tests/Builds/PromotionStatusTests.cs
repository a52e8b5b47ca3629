using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Tests.Builds;

/// <summary>A tag says which image is pulled, not that it passed a gate.</summary>
public sealed class PromotionStatusTests
{
    private static readonly Digest Under = Sample.Digest("under");
    private static readonly ImageSpec Parent = Sample.App(promote: new PromotionRules { FloatingTags = [TagTemplate.Parse("latest")], SoakHours = 24 }) with
    {
        Name = "runtime"
    };

    public static TheoryData<string, string, string> Cases => new()
    {
        { "promoted", "promoted", "" },
        { "promoted, with a recorded digest", "promoted", "" },
        { "cleared, and soaked", "promoted", "" },
        { "cleared, and requested by a person", "promoted", "" },
        { "cleared, during its soak", "pending", "is build 1.0.0/2 of runtime, whose release is still open" },
        { "at the gate", "pending", "is build 1.0.0/2 of runtime, whose release is still open" },
        { "not released yet", "pending", "is build 1.0.0/2 of runtime, whose release is still open" },
        { "distributed just now", "pending", "is build 1.0.0/2 of runtime, whose release is still open" },
        { "under a mark that cannot be read", "no",
            "is build 1.0.0/2 of runtime, which has an unknown promotion status: correct or remove its tag automation:release" },
        { "blocked", "no", "is build 1.0.0/2 of runtime, which the scan gate blocked" },
        { "rejected", "no", "is build 1.0.0/2 of runtime, which nobody approved" },
        { "held", "no", "is build 1.0.0/2 of runtime, which is held back from its floating tags" },
        { "rolled back, and the tag moved forward by hand", "no", "is build 1.0.0/2 of runtime, which was rolled back" },
        { "other bytes under the tag of the version", "no", "does not come from a build of runtime" },
        { "foreign", "no", "does not come from a build of runtime" },
        { "unreadable", "no", "has an unknown promotion status: denied" },
        { "the bytes of a blocked and of a promoted build", "promoted", "" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void ImageUnderAFloatingTag_IsFollowedOnlyIfItIsPromoted(string what, string standing, string why)
    {
        var build = Sample.Build("1.0.0/2", Sample.Noon.AddDays(-2));
        var marked = (ReleaseState state) => build with { Release = new ReleaseMark(state, 1, Sample.Noon.AddDays(-2)) };
        var cleared = marked(ReleaseState.Running) with { ClearedAt = Sample.Noon.AddDays(-2), VersionTagsAt = Sample.Noon.AddHours(-24) };
        var (builds, version) = what switch
        {
            "promoted" => ([marked(ReleaseState.Promoted)], build.Version),
            "promoted, with a recorded digest" => ([marked(ReleaseState.Promoted) with { Digest = Under }], null),
            "cleared, and soaked" => ([cleared], build.Version),
            "cleared, during its soak" => ([cleared with { VersionTagsAt = Sample.Noon.AddHours(-23) }], build.Version),
            "cleared, and requested by a person" =>
                ([cleared with { VersionTagsAt = Sample.Noon, Release = cleared.Release! with { Explicit = true } }], build.Version),
            "at the gate" => ([marked(ReleaseState.Running)], build.Version),
            "not released yet" => ([build], build.Version),
            "distributed just now" => ([build with { State = BuildState.InProgress }], build.Version),
            "under a mark that cannot be read" => ([build with { IsReleaseUnreadable = true }], build.Version),
            "blocked" => ([marked(ReleaseState.Blocked)], build.Version),
            "rejected" => ([marked(ReleaseState.Rejected)], build.Version),
            "held" => ([marked(ReleaseState.Held)], build.Version),
            "rolled back, and the tag moved forward by hand" => ([marked(ReleaseState.RolledBack) with { Digest = Under }], build.Version),
            "other bytes under the tag of the version" => ([marked(ReleaseState.Promoted) with { Digest = Sample.Digest("built") }], build.Version),
            "the bytes of a blocked and of a promoted build" =>
                ([marked(ReleaseState.Blocked), marked(ReleaseState.Promoted) with { Digest = Under, Version = Sample.Version("1.0.0/1") }], build.Version),
            _ => (IReadOnlyList<BuildRecord>)[marked(ReleaseState.Promoted)] is var all ? (all, (ImageVersion?)null) : default,
        };

        var answer = PromotionStatus.Of(new TagOwner(Parent, builds, version, what == "unreadable" ? "denied." : null), Under, Sample.Noon);

        Assert.Equal((standing, why), answer switch
        {
            PromotionStatus.Promoted => ("promoted", ""),
            PromotionStatus.Pending pending => ("pending", pending.Why),
            PromotionStatus.NotPromoted no => ("no", no.Why),
            _ => ("", ""),
        });
    }
}
