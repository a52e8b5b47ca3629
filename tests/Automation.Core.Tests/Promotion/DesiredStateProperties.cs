using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Promotion;
using CsCheck;

namespace Automation.Core.Tests.Promotion;

/// <summary>The owner of a floating tag, the marks that may be written, and the builds that lost a tag, for builds in any state with any marks.</summary>
public sealed class DesiredStateProperties
{
    private static readonly ImageSpec Image = Sample.App(promote: new PromotionRules
    {
        VersionTags = [TagTemplate.Parse("v{version}.{build}")],
        FloatingTags = [TagTemplate.Parse("{major}"), TagTemplate.Parse("latest")],
    });

    private static readonly Gen<ReleaseMark?> Marks = Gen.Select(Gen.Int[-1, 9], Gen.Int[1, 3], Gen.Int[0, 3], Gen.Bool).Select((state, attempt, by, asked) =>
        state < 0 ? null : new ReleaseMark((ReleaseState)state, attempt, Sample.Noon, $"release-{by}", asked));

    private static readonly Gen<BuildRecord[]> Builds = Gen.Select(Gen.Enum<BuildState>(), Marks, Gen.Int[0, 3], Gen.Int[1, 2], Gen.Bool)
        .Array[1, 10].Select(items => items.Select((item, i) => Sample.Build($"{item.Item4}.0.0/{i + 1}", Sample.Noon.AddDays(i - 20), item.Item1) with
        {
            Digest = item.Item3 == 0 ? null : Sample.Digest(i),
            ClearedDigest = item.Item3 switch { 1 => Sample.Digest("another image"), 2 => Sample.Digest(i), _ => null },
            SupersededAt = item.Item5 && i == 0 ? Sample.Noon : null,
            Release = item.Item2,
        }).ToArray());

    private static readonly Gen<Hold?> Holds = Gen.Select(Gen.Int[0, 2], Gen.Int[1, 2], Gen.Int[1, 10]).Select((kind, major, build) => kind switch
    {
        0 => null,
        1 => new Hold("by hand", HoldScope.Promotion),
        _ => new Hold("rolled back", HoldScope.Promotion, Sample.Noon, new RollbackRecord(Sample.Version($"{major}.0.0/{build}"), "rollback-app", Sample.Noon)),
    });

    [Fact]
    public void Owner_IsTheNewestPromotedAvailableBuild_AndAtMostTheRollbackTarget() =>
        Gen.Select(Builds, Holds, Gen.Int[0, 1000]).Sample((builds, hold, seed) =>
    {
        var owners = FloatingTagOwners.Of(Image, builds, hold);

        Assert.Equal(owners, FloatingTagOwners.Of(Image, Sample.Shuffle(builds, seed), hold));
        foreach (var (tag, owner) in owners)
        {
            var build = builds.Single(build => build.Version == owner.Version);
            Assert.Equal((BuildState.Available, build.Digest), (build.State, owner.Digest));
            Assert.True(build.ClearedDigest is null || build.ClearedDigest == build.Digest, "A build without clearance must not own a tag.");
            Assert.True(build.Release?.State == ReleaseState.Promoted || build.Version == hold?.Target);
            Assert.True(hold?.Target is null || build.Version <= hold.Target);
            Assert.Contains(tag, FloatingTagOwners.TagsOf(Image, owner));
            Assert.DoesNotContain(builds,
                newer => newer.Version > build.Version && newer is { State: BuildState.Available, Release.State: ReleaseState.Promoted, Digest: not null }
                && (newer.ClearedDigest is null || newer.ClearedDigest == newer.Digest) && (hold?.Target is null || newer.Version <= hold.Target)
                && FloatingTagOwners.TagsOf(Image, new Candidate(newer.Version, newer.Digest!, newer.CreatedAt)).Contains(tag));
        }
    });

    /// <summary>Only a promotion, a rollback, a deprecated build or an explicit request changes an owner.</summary>
    [Fact]
    public void Owner_IgnoresBuildsThatAreNotPromoted() => Gen.Select(Builds, Holds).Sample((builds, hold) => Assert.Equal(
        FloatingTagOwners.Of(Image, builds, hold),
        FloatingTagOwners.Of(Image, builds.Where(build => build.Release?.State == ReleaseState.Promoted || build.Version == hold?.Target), hold)));

    [Fact]
    public void Mark_OfAPromotedBuild_IsNeverOverwrittenByARelease() =>
        Gen.Select(Marks, Gen.Int[0, 3], Gen.Bool, Gen.Enum<ReleaseState>()).Sample((now, by, began, outcome) =>
    {
        var mark = ReleaseMarks.AtTheEnd(now, $"release-{by}", began, outcome, 1, "why", Sample.Noon);

        Assert.True(now?.State is not (ReleaseState.Promoted or ReleaseState.RolledBack) || mark is null);
        Assert.True(mark is null || mark.State == outcome);
        Assert.True(mark is null || !mark.Explicit || now is { Explicit: true });
    });

    /// <summary>Two executions of one build, in either order: the mark is that of the execution that began last, or "promoted".</summary>
    [Fact]
    public void Marks_OfTwoReleasesOfOneBuild_AreTheSameInEitherOrder() =>
        Gen.Select(Gen.Enum<ReleaseState>(), Gen.Enum<ReleaseState>(), Gen.Int[0, 2]).Sample((first, second, promoted) =>
    {
        var running = new ReleaseMark(ReleaseState.Running, 2, Sample.Noon, "second");

        Assert.Equal(End(("first", first), ("second", second)), End(("second", second), ("first", first)));

        ReleaseMark? End(params (string By, ReleaseState Outcome)[] ends)
        {
            var now = promoted == 1 ? running with { State = ReleaseState.Promoted } : running;
            foreach (var (by, outcome) in ends)
            {
                now = ReleaseMarks.AtTheEnd(now, by, began: true, outcome, 2, by, Sample.Noon) ?? now;
            }

            return now;
        }
    });

    [Fact]
    public void MarksOfARollback_WrittenOnce_MakeItsTargetTheOwner() => Gen.Select(Builds, Holds).Sample((builds, hold) =>
    {
        if (hold?.Rollback is null)
        {
            Assert.True(hold is null || Rollback.Marks(hold, builds, Sample.Noon).Count == 0);
            return;
        }

        var due = Rollback.Marks(hold, builds, Sample.Noon).ToDictionary(mark => mark.Build.Version, mark => mark.Mark);
        var written = builds.Select(build => due.TryGetValue(build.Version, out var mark) ? build with { Release = mark } : build).ToArray();

        Assert.Empty(Rollback.Marks(hold, written, Sample.Noon));
        Assert.DoesNotContain(written, build => build.Version > hold.Target && build.Release?.State == ReleaseState.Promoted);
        Assert.Equal(FloatingTagOwners.Of(Image, builds, hold), FloatingTagOwners.Of(Image, written, hold));
    });

    /// <summary>Checked before every phase: only an AVAILABLE build with the inspected digest continues.</summary>
    [Fact]
    public void Guard_ContinuesOnlyForAnAvailableBuildWithTheSameDigest() => Gen.Select(Builds, Gen.Int[0, 12], Gen.Bool).Sample((builds, number, same) =>
    {
        var build = number < builds.Length ? builds[number] : null;
        var digest = same ? build?.Digest ?? Sample.Digest("inspected") : Sample.Digest("inspected");
        var stop = ReleaseGuard.Stop(Sample.Version("1.0.0/1"), digest, build);

        Assert.Equal(build is { State: BuildState.Available } && (build.Digest is null || build.Digest == digest), stop is null);
        Assert.True(stop is null or { Code.Length: > 0, Text.Length: > 0 });
    });

    /// <summary>A waiting execution is ended only if the guard would stop it.</summary>
    [Fact]
    public void InVain_NamesTheRunningReleasesThatTheGuardStops() =>
        Gen.Select(Builds, Gen.Int[1, 12], Gen.Int[1, 2], Gen.Int[1, 3]).Sample((builds, number, major, attempt) =>
    {
        var version = Sample.Version($"{major}.0.0/{number}");
        var name = ReleaseName.For("app", version, attempt);
        string[] others = [ReleaseName.For("app-web", version), "release-app", "release-app_x", "prune-app_20260101",
            ReleaseName.ForRollback("app", version, Sample.Noon)];

        var vain = ReleaseGuard.InVain("app", builds, [.. others, name]);

        var build = builds.FirstOrDefault(build => build.Version == version);
        Assert.Equal(build is { State: BuildState.Available } ? [] : [name], vain.Select(each => each.Execution));
        Assert.All(vain, each => Assert.Equal(ReleaseGuard.Stop(version, Sample.Digest("x"), build), each.Why));
    });

    /// <summary>If every compared build has its tags, there is no difference. Remove any tag, and its build is named.</summary>
    [Fact]
    public void Drift_NamesExactlyTheBuildsThatLostATag() => Gen.Select(Builds, Holds, Gen.Int[0, 1000]).Sample((builds, hold, choice) =>
    {
        var compared = TagDrift.Compared(Image, builds, hold);
        var owners = FloatingTagOwners.Of(Image, builds, hold);
        var expected = compared.ToDictionary(
            build => build.Digest!, build => Image.Promote.VersionTags.Select(tag => tag.Render(build.Version, build.CreatedAt, build.Digest!))
            .Concat(owners.Where(owner => owner.Value.Version == build.Version).Select(owner => owner.Key)).ToList());

        Assert.All(compared, build => Assert.True(
            build is { State: BuildState.Available, Digest: not null }
                && (build.SupersededAt is null || owners.Values.Any(owner => owner.Version == build.Version))));
        Assert.Empty(TagDrift.Find(Image, compared, hold, Regions(expected)));
        if (compared.Count == 0)
        {
            return;
        }

        var robbed = compared[choice % compared.Count];
        var tags = expected[robbed.Digest!];
        var left = new Dictionary<Digest, List<string>>(expected) { [robbed.Digest!] = [.. tags.Where((_, i) => i != choice % tags.Count)] };

        // Owners are found among all builds, not only those that are compared.
        Assert.Equal([robbed], TagDrift.Find(Image, compared, hold, Regions(left))
            .Where(build => FloatingTagOwners.Of(Image, compared, hold).SequenceEqual(owners) || build == robbed));

        Dictionary<string, IReadOnlyDictionary<Digest, IReadOnlyList<string>>> Regions(Dictionary<Digest, List<string>> there) => new()
        {
            ["eu-west-1"] = expected.ToDictionary(image => image.Key, image => (IReadOnlyList<string>)image.Value),
            ["us-east-1"] = there.ToDictionary(image => image.Key, image => (IReadOnlyList<string>)image.Value),
        };
    });
}
