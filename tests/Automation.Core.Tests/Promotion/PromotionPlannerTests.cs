using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Promotion;

namespace Automation.Core.Tests.Promotion;

public sealed class PromotionPlannerTests
{
    private static readonly Digest Older = Sample.Digest("1.0.0/2");
    private static readonly Digest Mine = Sample.Digest("1.0.0/3");
    private static readonly Digest Newer = Sample.Digest("1.0.0/10");

    [Fact]
    public void VersionTags_Missing_AreWritten()
    {
        var plan = PromotionPlanner.PlanVersionTags(Facts());

        Assert.Equal(("1.0.0-3", TagAction.Put, "new-tag"), Only(plan));
        Assert.Single(plan.ToPut);
    }

    [Fact]
    public void VersionTags_OnTheSameDigest_AreDoneEvenIfImmutable()
    {
        var plan = PromotionPlanner.PlanVersionTags(Facts(("1.0.0-3", Mine)) with { Repository = Repository(true, ("1.0.0-3", Mine)) });

        Assert.Equal(("1.0.0-3", TagAction.Present, "already-there"), Only(plan));
    }

    [Theory]
    [InlineData(true, "immutable-tag")]
    [InlineData(false, "version-tag-taken")]
    public void VersionTags_OnAnotherDigest_AreAConflictBeforeAnythingMoves(bool immutable, string code)
    {
        var facts = Facts() with
        {
            Image =
                Sample.App(promote: new PromotionRules { VersionTags = [TagTemplate.Parse("v{version}-{build}"), TagTemplate.Parse("{version}-r{build}")] }),
            Repository = Repository(immutable, ("1.0.0-r3", Older)),
        };

        var plan = PromotionPlanner.PlanVersionTags(facts);

        Assert.Equal([TagAction.Put, TagAction.Conflict], plan.Steps.Select(step => step.Action));
        Assert.Equal(code, Assert.Single(plan.Conflicts).Reason.Code);
        Assert.Empty(plan.ToPut);
        Assert.Equal(ReleaseState.Failed, PromotionPlanner.Outcome([plan]));
    }

    [Fact]
    public void AnyTags_RegionWithoutTheRepository_AreAConflict()
    {
        var facts = Facts() with { Repository = new RepositoryFacts(false, TagMutability.Mutable, new Dictionary<string, Digest>()) };

        Assert.Equal("repository-missing", PromotionPlanner.PlanVersionTags(facts).Steps[0].Reason.Code);
        Assert.True(PromotionPlanner.PlanFloatingTags(facts).HasConflict);
    }

    [Fact]
    public void FloatingTags_MoveForwardIndependently()
    {
        var plan = PromotionPlanner.PlanFloatingTags(Facts(("1.0", Older), ("latest", Newer)));

        Assert.Equal([("1.0", TagAction.Put, "forward"), ("latest", TagAction.NotForward, "newer-build-there")], All(plan));
        Assert.Equal("1.0", Assert.Single(plan.ToPut).Tag);
    }

    [Fact]
    public void FloatingTags_CompareVersionsByNumberNotByText() =>
        Assert.Equal(TagAction.NotForward, PromotionPlanner.PlanFloatingTags(Facts(("1.0", Newer), ("latest", Newer))).Steps[0].Action);

    [Fact]
    public void FloatingTags_Rollback_MovesBackwardsDespiteAHold()
    {
        var plan = PromotionPlanner.PlanFloatingTags(Facts(("1.0", Newer), ("latest", Newer)) with
        {
            Hold = new Hold("rolled back", HoldScope.Promotion, Sample.Noon, new RollbackRecord(Sample.Version("1.0.0/3"), "rollback-app", Sample.Noon)),
            Builds = [Marked("1.0.0/3", ReleaseState.Promoted), Marked("1.0.0/10", ReleaseState.Promoted)],
        });

        Assert.All(plan.Steps, step => Assert.Equal((TagAction.Put, "rollback"), (step.Action, step.Reason.Code)));
    }

    [Fact]
    public void FloatingTags_Held_DoNotMove()
    {
        var plan = PromotionPlanner.PlanFloatingTags(Facts(("latest", Older)) with { Hold = Hold() });

        Assert.All(plan.Steps, step => Assert.Equal(TagAction.Held, step.Action));
        Assert.Equal(ReleaseState.Held, PromotionPlanner.Outcome([plan]));
    }

    [Fact]
    public void FloatingTags_ExplicitPromotion_IgnoresHoldAndSoakButDoesNotMoveBackwards()
    {
        var facts = Facts(("1.0", Older), ("latest", Newer)) with
        {
            Image = Soaking(),
            Hold = Hold(),
            IsExplicit = true,
            Builds = [Marked("1.0.0/10", ReleaseState.Promoted)],
        };

        Assert.Equal([TagAction.Put, TagAction.NotForward], PromotionPlanner.PlanFloatingTags(facts).Steps.Select(step => step.Action));
    }

    [Theory]
    [InlineData(-23, TagAction.Soaking)]
    [InlineData(-24, TagAction.Put)]
    [InlineData(null, TagAction.Soaking)]
    public void FloatingTags_Soak_CountsFromTheVersionTags(int? hours, TagAction action)
    {
        var own = Sample.Build("1.0.0/3", Sample.Noon.AddDays(-9)) with { VersionTagsAt = hours is { } since ? Sample.Noon.AddHours(since) : null };
        var facts = Facts(("latest", Older)) with { Image = Soaking(), Builds = [own] };

        Assert.All(PromotionPlanner.PlanFloatingTags(facts).Steps, step => Assert.Equal(action, step.Action));
        Assert.Equal(Sample.Noon.AddHours(24 + (hours ?? 0)), PromotionPlanner.SoakUntil(facts.Image, own, Sample.Noon));
    }

    [Fact]
    public void FloatingTags_OnAForeignDigest_AreTakenOverAndTheReasonNamesIt()
    {
        var byHand = Sample.Digest("by hand");
        var step = PromotionPlanner.PlanFloatingTags(Facts(("latest", byHand))).Steps[1];

        Assert.Equal((TagAction.Put, "foreign-digest", byHand), (step.Action, step.Reason.Code, step.From));
        Assert.Contains(byHand.Short12, step.Reason.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void FloatingTags_ImmutableOnAnotherDigest_AreAConflictUnlessExcluded()
    {
        var facts = Facts() with { Repository = Repository(true, ("latest", Older)) };

        Assert.Equal("immutable-tag", Assert.Single(PromotionPlanner.PlanFloatingTags(facts).Conflicts).Reason.Code);
        Assert.False(PromotionPlanner.PlanFloatingTags(facts with
        {
            Repository = facts.Repository with { Mutability = TagMutability.Parse("IMMUTABLE_WITH_EXCLUSION", ["latest", "1*"]) },
        }).HasConflict);
    }

    [Theory]
    [InlineData("MUTABLE", false)]
    [InlineData(null, false)]
    [InlineData("IMMUTABLE", true)]
    [InlineData("IMMUTABLE_WITH_EXCLUSION", false)]
    [InlineData("MUTABLE_WITH_EXCLUSION", true)]
    [InlineData("SOMETHING_NEW", true)]
    public void Mutability_OfATagThatTheFilterMatches(string? setting, bool immutable) =>
        Assert.Equal(immutable, TagMutability.Parse(setting, ["lat*"]).IsImmutable("latest"));

    /// <summary>Where <c>latest</c> moves when 1.0.0/3 is released: its current build, the promoted and the rolled-back builds, and the hold.</summary>
    [Theory]
    [InlineData("3", "10", null, false, "put 10 given-back")]
    [InlineData("2", "10", null, false, "put 10 given-back")]
    [InlineData(null, "10", null, false, "put 10 given-back")]
    [InlineData("10", "10", null, false, "notforward 3 newer-build-there")]
    [InlineData("10", "2", null, false, "notforward 3 newer-build-there")]
    [InlineData("10", "2", "10", false, "put 3 rollback")]
    [InlineData("3", "2", null, false, "present 3 already-there")]
    [InlineData("2", "2", null, true, "held 3 held")]
    [InlineData("3", "2", null, true, "put 2 given-back")]
    [InlineData("10", "2", "10", true, "put 2 given-back")]
    [InlineData("10", "2", null, true, "held 3 held")]
    [InlineData("3", "3", null, true, "present 3 already-there")]
    [InlineData("3", null, null, true, "held 3 held")]
    [InlineData("3", "2", "3", false, "put 2 given-back")]
    [InlineData("2", "2", "3", false, "held 3 rolled-back")]
    public void FloatingTag_MovesToItsOwner(string? standing, string? promoted, string? rolledBack, bool held, string expected)
    {
        var builds = new[] { "2", "3", "10" }.Select(build => Sample.Build($"1.0.0/{build}", Sample.Noon) with
        {
            Digest = Sample.Digest($"1.0.0/{build}"),
            Release = build == promoted
                ? new ReleaseMark(ReleaseState.Promoted, 1, Sample.Noon)
                : build == rolledBack ? new ReleaseMark(ReleaseState.RolledBack, 1, Sample.Noon) : null,
        }).ToArray();
        var facts = (standing is null ? Facts() : Facts(("latest", Sample.Digest($"1.0.0/{standing}")))) with { Builds = builds, Hold = held ? Hold() : null };

        var step = PromotionPlanner.PlanFloatingTags(facts).Steps[1];

        Assert.Equal(expected, $"{step.Action.ToString().ToLowerInvariant()} {facts.Versions[step.To].Build} {step.Reason.Code}");
        var after = facts with { Repository = Repository(false, step.Action == TagAction.Put ? [("latest", step.To)] : []) };
        Assert.True(step.Action != TagAction.Put || PromotionPlanner.PlanFloatingTags(after).Steps[1].Action != TagAction.Put);
    }

    /// <summary>The tag that Image Builder wrote for the build is on another image than the inspected one.</summary>
    [Theory]
    [InlineData(ReleaseState.Running, true)]
    [InlineData(ReleaseState.Failed, true)]
    [InlineData(ReleaseState.Promoted, false)]
    [InlineData(ReleaseState.RolledBack, false)]
    public void VersionTags_BuildsOwnTagIsOnAnotherImage_IsAConflictUntilPromoted(ReleaseState state, bool conflict)
    {
        var facts = Facts(("1.0.0-3", Older)) with
        {
            Image = Sample.App(promote: new PromotionRules { VersionTags = [TagTemplate.Parse("v{version}-{build}")] }),
            Builds = [Marked("1.0.0/3", state)],
        };

        Assert.Equal(conflict ? ["digest-changed"] : [], PromotionPlanner.PlanVersionTags(facts).Conflicts.Select(step => step.Reason.Code));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AnyTag_ImageIsMissingInTheRegion_IsAConflict(bool present)
    {
        var facts = Facts(("latest", Older)) with { PresentImages = present ? new HashSet<Digest> { Mine } : new HashSet<Digest>() };

        Assert.Equal(present ? [] : ["image-missing", "image-missing", "image-missing"],
            PromotionPlanner.PlanAll([facts]).SelectMany(plan => plan.Conflicts).Select(step => step.Reason.Code));
    }

    /// <summary>The conflict is found before the first version tag is written, not when the floating tags are written at last.</summary>
    [Fact]
    public void FloatingTags_ImmutableOnAnotherDigest_AreAConflictDuringTheSoakToo()
    {
        var facts = Facts() with { Image = Soaking(), Repository = Repository(true, ("latest", Older)) };

        Assert.Equal("immutable-tag", Assert.Single(PromotionPlanner.PlanFloatingTags(facts).Conflicts).Reason.Code);
    }

    /// <summary>Under a rollback's hold the target owns the tags in every execution: tags elsewhere return to it.</summary>
    [Theory]
    [InlineData("1.0.0/10", false, TagAction.Put)]
    [InlineData("1.0.0/2", false, TagAction.Put)]
    [InlineData(null, false, TagAction.Put)]
    [InlineData("1.0.0/10", true, TagAction.Held)]
    public void FloatingTags_DuringARollback_ReturnToItsTargetUnlessAPersonPromotesAnother(string? standing, bool asked, TagAction action)
    {
        var hold = new Hold("rolled back", HoldScope.Promotion, Sample.Noon, new RollbackRecord(Sample.Version("1.0.0/2"), "rollback-app", Sample.Noon));
        var facts = (standing is null ? Facts() : Facts(("latest", Sample.Digest(standing)))) with
        {
            Hold = hold,
            Builds = [Marked("1.0.0/2", ReleaseState.Promoted), Marked("1.0.0/3", ReleaseState.Running), Marked("1.0.0/10", ReleaseState.Running, asked)],
        };

        var step = PromotionPlanner.PlanFloatingTags(facts).Steps[1];

        Assert.Equal(standing == "1.0.0/2" ? TagAction.Held : action, step.Action);
        Assert.True(step.Action != TagAction.Put || step.To == Older);
    }

    [Fact]
    public void Owners_AreTheNewestPromotedBuildsOfEachTag()
    {
        BuildRecord Promoted(string version) =>
            Sample.Build(version, Sample.Noon) with { Digest = Sample.Digest(version), Release = new ReleaseMark(ReleaseState.Promoted, 1, Sample.Noon) };
        BuildRecord[] builds =
        [
            Promoted("1.1.0/1"), Promoted("1.0.0/2"), Promoted("1.0.0/1"),
            Promoted("1.2.0/1") with { State = BuildState.Deprecated },
            Promoted("1.2.0/2") with { Release = new ReleaseMark(ReleaseState.RolledBack, 1, Sample.Noon) },
        ];

        Assert.Equal(
            ["1.0 1.0.0/2", "1.1 1.1.0/1", "latest 1.1.0/1"],
            FloatingTagOwners.Of(Sample.App(), builds, null).Select(owner => $"{owner.Key} {owner.Value.Version}").Order(StringComparer.Ordinal));
    }

    private static BuildRecord Marked(string version, ReleaseState state, bool asked = false) =>
        Sample.Build(version, Sample.Noon) with
        {
            Digest = Sample.Digest(version),
            Release = new ReleaseMark(state, 1, Sample.Noon.AddHours(1), Explicit: asked)
        };

    private static Hold Hold() => new("rolled back", HoldScope.Promotion);

    private static ImageSpec Soaking() => Sample.App(promote: Sample.App().Promote with { SoakHours = 24 });

    private static RepositoryFacts Repository(bool immutable, params (string Tag, Digest Digest)[] tags) =>
        new(true, new TagMutability(immutable, []), tags.ToDictionary(pair => pair.Tag, pair => pair.Digest));

    /// <summary>A person wrote an odd value over the mark or the digest of a promoted build. Only a rollback moves a floating tag backwards.</summary>
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void FloatingTags_OfANewerBuildThatCannotBeRead_DoNotGoBack(bool isReleaseUnreadable, bool isDigestUnreadable)
    {
        var hidden = Marked("1.0.0/10", ReleaseState.Promoted) with
        {
            Digest = isDigestUnreadable ? null : Newer,
            IsReleaseUnreadable = isReleaseUnreadable,
            IsDigestUnreadable = isDigestUnreadable,
        };
        hidden = isReleaseUnreadable ? hidden with { Release = null } : hidden;
        foreach (var tags in new (string, Digest)[][] { [], [("latest", Newer)], [("latest", Older)] })
        {
            var facts = Facts(tags) with { Builds = [Marked("1.0.0/3", ReleaseState.Promoted), hidden] };

            Assert.Empty(PromotionPlanner.PlanFloatingTags(facts).ToPut);
            Assert.NotEmpty(PromotionPlanner.PlanFloatingTags(facts with { Builds = [facts.Builds[0]] }).ToPut);
            Assert.Empty(PromotionPlanner.PlanFloatingTags(facts with { IsExplicit = true }).ToPut);
        }
    }

    private static PromotionFacts Facts(params (string Tag, Digest Digest)[] tags) => new()
    {
        Image = Sample.App(),
        Candidate = new Candidate(Sample.Version("1.0.0/3"), Mine, Sample.Noon),
        Region = "eu-west-1",
        Repository = Repository(false, tags),
        Versions = new Dictionary<Digest, ImageVersion>
        {
            [Older] = Sample.Version("1.0.0/2"),
            [Mine] = Sample.Version("1.0.0/3"),
            [Newer] = Sample.Version("1.0.0/10"),
        },
        Builds = [Marked("1.0.0/10", ReleaseState.Running)],
        Now = Sample.Noon,
    };

    private static (string, TagAction, string) Only(TagPlan plan) => Assert.Single(All(plan));

    private static IEnumerable<(string, TagAction, string)> All(TagPlan plan) =>
        plan.Steps.Select(step => (step.Tag, step.Action, step.Reason.Code));
}
