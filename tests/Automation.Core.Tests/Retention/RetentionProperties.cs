using System.Diagnostics.CodeAnalysis;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Retention;
using CsCheck;
using static Automation.Core.Tests.Retention.RetentionCases;

namespace Automation.Core.Tests.Retention;

/// <summary>The properties that must hold for any repository and any records.</summary>
[SuppressMessage("Security", "CA5394", Justification = "Repeatable, no secrets")]
public sealed class RetentionProperties
{
    [Fact]
    public void WhatAWorkloadUses_IsNeverDeleted_NorItsIndexOrChildren() => Gen.Select(Facts, InUse).Sample((facts, inUse) =>
    {
        var answer = WorkloadUsages.Of(facts, inUse);
        var deleted = Deleted(RetentionPlanner.Plan(facts with { Usages = [.. facts.Usages, .. answer.Usages], UsageUnknown = answer.Unknown }));

        var tags = facts.DigestsOf(inUse.Select(image => image.Tag).OfType<string>().ToHashSet(StringComparer.Ordinal));
        var used = inUse.Select(image => image.Digest ?? tags.GetValueOrDefault(image.Tag!)).OfType<Digest>().ToHashSet();
        Assert.Empty(deleted.Intersect(used));
        Assert.Empty(facts.Images.Where(image => used.Contains(image.Digest)).SelectMany(image => image.Children ?? []).Intersect(deleted));
        Assert.Empty(facts.Images.Where(image => (image.Children ?? []).Any(used.Contains)).Select(image => image.Digest).Intersect(deleted));
        Assert.True(answer.Unknown is null || deleted.Count == 0);
    });

    [Fact]
    public void ProtectedUsedOrNeeded_IsNeverDeleted() => Facts.Sample(facts =>
    {
        var plan = RetentionPlanner.Plan(facts);
        var deleted = Deleted(plan);
        var stored = facts.Images.ToDictionary(image => image.Digest);
        foreach (var image in deleted.Select(digest => stored[digest]))
        {
            Assert.DoesNotContain(image.Tags, tag => tag is "latest" or "1.0" or "keep-me" or "edge" or "v2" or "prod");
            Assert.DoesNotContain(image.Tags, tag => ImageVersion.TryParse(tag, out var version) && facts.Owners.Of(version) is not BuildOwner.None
                && !facts.Builds.Any(build => build.Version == version && build.Digest == image.Digest));
            Assert.DoesNotContain(facts.Usages, usage => usage.Image == image.Digest);
            Assert.False(image.IsIndex && image.Children is null);
            Assert.True(image.Subject is null || !stored.ContainsKey(image.Subject) || deleted.Contains(image.Subject), "a referrer of an image that stays");
        }

        foreach (var image in facts.Images.Where(image => !deleted.Contains(image.Digest)))
        {
            Assert.DoesNotContain(image.Children ?? [], deleted.Contains);
        }

        Assert.Empty(RetentionPlanner.Plan(facts with { UsageUnknown = "nobody knows" }).ToDo);
    });

    [Fact]
    public void InProgress_IsNeverDeletedOrMarkedInAnyRegion() => Gen.Select(Facts, Gen.Bool).Sample((facts, owns) =>
    {
        var plan = RetentionPlanner.Plan(facts with { OwnsRecords = owns });
        var deleted = Deleted(plan);
        foreach (var build in facts.Builds.Where(InProgress))
        {
            Assert.DoesNotContain(plan.Items, item => item.RecordArn == build.Arn && item.Action != PruneAction.Keep);
            Assert.DoesNotContain(deleted, digest => digest == build.Digest);

            // Without a recorded digest, it is the image under its tag.
            Assert.True(build.Digest is not null || !facts.Images.Any(image => deleted.Contains(image.Digest) && image.Tags.Contains(build.Version.Tag)));
        }

        // An image pushed since a build started may belong to it, as long as no other build has it, and must not be deleted with an older one.
        var known = facts.Builds.Select(build => build.Digest).ToHashSet();
        var tagged = facts.Builds.Where(build => build.Digest is null).Select(build => build.Version.Tag).ToHashSet(StringComparer.Ordinal);
        if (facts.Builds.Where(build => build.State.IsRunning()).MinBy(build => build.CreatedAt) is { } running)
        {
            Assert.DoesNotContain(facts.Images, image => deleted.Contains(image.Digest) && image.PushedAt >= running.CreatedAt
                && !known.Contains(image.Digest) && !image.Tags.Any(tagged.Contains));
        }

        Assert.True(owns || plan.Items.All(item => item.RecordArn is null), "a record in a Region without records");
    }, iter: 10_000);

    [Fact]
    public void Record_IsDeletedWhenNoRegionHasItsImage_AndIsNotMarkedWhileOneRegionKeepsIt() => TwoRegions.Sample((abroad, home) =>
    {
        var there = RetentionPlanner.Plan(abroad);
        var elsewhere = new ImagesElsewhere();
        elsewhere.Add(there, new Dictionary<Digest, string>());
        var here = RetentionPlanner.Plan(home with { Elsewhere = elsewhere });

        var gone = there.DeletionLimit.Stopped ? [] : Deleted(there);
        var left = abroad.Images.Where(image => !gone.Contains(image.Digest)).ToList();
        foreach (var item in here.Items.Where(item => item is { RecordArn: not null, Action: not PruneAction.Keep }))
        {
            var build = home.Builds.Single(build => build.Arn == item.RecordArn);
            var image = left.Find(image => build.Digest is null ? image.Tags.Contains(build.Version.Tag) : image.Digest == build.Digest);
            var shared = home.Builds.Any(other => other.Arn != build.Arn && other.Digest is not null && other.Digest == image?.Digest)
                || home.Builds.Any(other => other.Digest is null && image?.Tags.Contains(other.Version.Tag) == true && other.Arn != build.Arn);
            Assert.True(item.Action == PruneAction.Supersede || image is null || shared, $"{item.RecordArn} goes before its image in the other Region");

            var kept = there.Builds.SingleOrDefault(other => other.RecordArn == build.Arn) is { Kept: true };
            Assert.False(kept && (item.Action == PruneAction.Delete || item.Digest is null), $"{item.RecordArn} is marked though a Region keeps it");
        }
    });

    [Fact]
    public void IndistinctBuildsAndThoseOfAnotherRecipe_AreIgnored() => Gen.Select(Facts, Gen.Bool).Sample((facts, named) =>
    {
        var image = facts.Image with { Pipeline = new PipelineSpec.Adopted("theirs", named ? "app" : null) };
        var plan = RetentionPlanner.Plan(facts with { Image = image });
        var deleted = Deleted(plan);
        foreach (var build in facts.Builds.Where(build => (named && build.Arn.Contains("image/other/", StringComparison.Ordinal))
            || (build.Digest is null && facts.Builds.Any(other => other.Version == build.Version && other.Arn != build.Arn && other.Digest is null
                && !other.State.WentWrong() && !build.State.WentWrong()))))
        {
            var item = plan.Items.Single(item => item.RecordArn == build.Arn);
            Assert.Equal(PruneAction.Keep, item.Action);
            Assert.False(named && item.Unmark && build.Arn.Contains("image/other/", StringComparison.Ordinal));
            Assert.DoesNotContain(facts.Images,
                stored => deleted.Contains(stored.Digest) && (build.Digest is { } digest ? stored.Digest == digest : stored.Tags.Contains(build.Version.Tag)));
        }
    });

    [Fact]
    public void KeptItems_AreCountedByReason() => Facts.Sample(facts =>
    {
        var plan = RetentionPlanner.Plan(facts);

        Assert.Equal(plan.Items.Where(item => item.Action == PruneAction.Keep).CountBy(item => item.Reasons[0].Code)
            .OrderBy(count => count.Key, StringComparer.Ordinal), plan.Counts.KeptBy);
    });

    [Fact]
    public void KeepLast_BuildsStayAtAnyAge() => Facts.Sample(facts =>
    {
        var plan = RetentionPlanner.Plan(facts);
        var digests = facts.Images.Select(image => image.Digest).ToHashSet();
        var newest = facts.Builds
            .Where(build => build is { State: BuildState.Available, Digest: not null } && digests.Contains(build.Digest)
                && build.Release?.State is null or ReleaseState.Promoted or ReleaseState.Held or ReleaseState.Running or ReleaseState.Overtaken)
            .OrderByDescending(build => build.Version).Take(facts.Image.Retain.KeepLast);
        Assert.All(newest, build => Assert.Equal(PruneAction.Keep, plan.Items.Single(item => item.RecordArn == build.Arn).Action));
    });

    [Fact]
    public void RolledBackBuilds_StayDuringTheHoldAndTakeNoSlotOfAnother() => Facts.Sample(facts =>
    {
        var plan = RetentionPlanner.Plan(facts with { Hold = new Hold("bad release", HoldScope.Promotion) });
        Assert.All(
            facts.Builds.Where(build => build is { State: BuildState.Available, Release.State: ReleaseState.RolledBack } && !(build.DeprecatedAt <= Now)),
            build => Assert.Equal(PruneAction.Keep, plan.Items.Single(item => item.RecordArn == build.Arn).Action));

        // Without a hold, they count as if no person had requested them.
        var rejected = facts.Builds.Select(
            build => build.Release?.State == ReleaseState.RolledBack ? build with { Release = build.Release with { State = ReleaseState.Rejected } } : build);
        Assert.Equal(Text(RetentionPlanner.Plan(facts)), Text(RetentionPlanner.Plan(facts with { Builds = [.. rejected] })));
    });

    [Fact]
    public void EveryImageAndRecord_GetsOneAnswerWithAReason() => Facts.Sample(facts =>
    {
        var plan = RetentionPlanner.Plan(facts);

        Assert.All(plan.Items, item => Assert.NotEmpty(item.Reasons));
        Assert.Equal(facts.Builds.Select(build => build.Arn).Order(StringComparer.Ordinal),
            plan.Items.Select(item => item.RecordArn).OfType<string>().Order(StringComparer.Ordinal));
        Assert.Equal(facts.Images.Select(image => image.Digest.Value).Order(StringComparer.Ordinal),
            plan.Items.Select(item => item.Digest?.Value).OfType<string>().Distinct().Order(StringComparer.Ordinal));
    });

    [Fact]
    public void Plan_DoesNotDependOnTheOrderOfItsFacts() => Gen.Select(Facts, Gen.Int[0, int.MaxValue]).Sample((facts, seed) =>
    {
        var shuffled = facts with
        {
            Images = Sample.Shuffle(facts.Images, seed),
            Builds = Sample.Shuffle(facts.Builds, seed),
            Usages = Sample.Shuffle(facts.Usages, seed)
        };

        Assert.Equal(Text(RetentionPlanner.Plan(facts)), Text(RetentionPlanner.Plan(shuffled)));
    });

    [Fact]
    public void Deletions_BeginAtTheRootsAndEndWithRecords() => Facts.Sample(facts =>
    {
        var stored = facts.Images.ToDictionary(image => image.Digest);
        var gone = new HashSet<Digest>();
        var records = false;
        foreach (var item in RetentionPlanner.Plan(facts).Items.TakeWhile(item => item.Action == PruneAction.Delete))
        {
            Assert.True(!records || item.RecordArn is not null, "an image after a record");
            records = item.RecordArn is not null;
            if (!records)
            {
                Assert.DoesNotContain(
                    stored.Values, owner => !gone.Contains(owner.Digest) && Needs(owner).Contains(item.Digest!) && !Circle(stored, owner.Digest, item.Digest!));
                gone.Add(item.Digest!);
            }
            else
            {
                Assert.True(item.Digest is null || gone.Contains(item.Digest), "a record before its image");
            }
        }

        IEnumerable<Digest> Needs(StoredImage owner) =>
            (owner.Children ?? []).Concat(stored.Values.Where(image => image.Subject == owner.Digest).Select(image => image.Digest));
    });

    /// <summary>
    /// Calls fail, tags are added and images disappear at any moment, with the facts in any order. The remaining images keep everything they
    /// need, and an image that received a tag in time remains.
    /// </summary>
    [Fact]
    public void Deletion_WithAnyConcurrentChange_TakesNothingFromRemainingImages() =>
        Gen.Select(Facts, Gen.Int[0, int.MaxValue], Gen.Int[1, 5], Gen.Double[0, 0.4]).Sample((facts, seed, most, trouble) =>
    {
        var random = new Random(seed);
        var shuffled = facts with { Images = Sample.Shuffle(facts.Images, seed), Builds = Sample.Shuffle(facts.Builds, seed) };
        var plan = RetentionPlanner.Plan(shuffled);
        var here = facts.Images.ToDictionary(image => image.Digest);
        var before = here.Keys.ToHashSet();
        var saved = new HashSet<Digest>();
        foreach (var group in plan.Deletions)
        {
            var queue = new DeletionQueue(group, most);
            var staying = new List<Deletion>();
            while (queue.Next(staying) is { Count: > 0 } batch)
            {
                Assert.InRange(batch.Count, 1, most);
                foreach (var image in here.Values.Where(_ => random.NextDouble() < trouble / 4))
                {
                    saved.Add(image.Digest);
                }

                foreach (var target in batch)
                {
                    var stays = saved.Contains(target.Digest) || random.NextDouble() < trouble;
                    queue.Report(new Deletion(target.Digest, stays ? "somebody wants it" : null));
                    if (!stays)
                    {
                        here.Remove(target.Digest);
                    }
                }

                foreach (var owner in here.Values)
                {
                    foreach (var need in (owner.Children ?? [])
                        .Concat(facts.Images.Where(image => image.Subject == owner.Digest).Select(image => image.Digest)))
                    {
                        Assert.True(!before.Contains(need) || here.ContainsKey(need)
                            || Circle(facts.Images.ToDictionary(image => image.Digest), owner.Digest, need), $"{owner.Digest.Short12} has lost {need.Short12}");
                    }
                }
            }

            Assert.All(staying, deletion => Assert.True(here.ContainsKey(deletion.Digest)));
            Assert.All(group, target => Assert.True(here.ContainsKey(target.Digest) || !saved.Contains(target.Digest)));
        }
    });

    /// <summary>Every image to be deleted is in one group, together with all images that it depends on or that depend on it.</summary>
    [Fact]
    public void DeletionGroups_CoverAllDeletionsAndAreIndependent() => Facts.Sample(facts =>
    {
        var plan = RetentionPlanner.Plan(facts);
        Assert.Equal(
            plan.Items.Where(item => item is { Action: PruneAction.Delete, RecordArn: null }).Select(item => item.Digest),
            plan.Deletions.SelectMany(group => group).Select(target => target.Digest));
        var deleted = Deleted(plan);
        foreach (var group in plan.Deletions)
        {
            var members = group.Select(target => target.Digest).ToHashSet();
            var earlier = new HashSet<Digest>();
            Assert.All(group, target =>
            {
                Assert.Subset(earlier, target.Owners.ToHashSet());
                earlier.Add(target.Digest);
            });
            Assert.DoesNotContain(facts.Images, image => !members.Contains(image.Digest)
                && ((image.Children ?? []).Any(members.Contains)
                    || (deleted.Contains(image.Digest) && image.Subject is not null && members.Contains(image.Subject))));
        }
    });

    [Fact]
    public void AppliedPlan_LeavesNothingToDoAtTheSameTime() => Facts.Sample(facts =>
    {
        var plan = RetentionPlanner.Plan(facts);
        var again = RetentionPlanner.Plan(Apply(facts, plan));

        Assert.True(!plan.Execute || WaitsForARecord(plan) || !again.ToDo.Any(),
            string.Join('\n', again.ToDo.Select(item => $"{item.Action} {item.Digest?.Short12} {item.RecordArn} {string.Join(';', item.Reasons)}")));
    });

    [Fact]
    public void InterruptedPlan_IsFinishedByTheNext() => Gen.Select(Facts, Gen.Int[0, 30]).Sample((facts, steps) =>
    {
        var plan = RetentionPlanner.Plan(facts);
        if (WaitsForARecord(plan))
        {
            return;
        }

        var once = Apply(facts, plan);
        var broken = Apply(facts, plan with { Items = [.. plan.ToDo.Take(steps)] });
        var next = RetentionPlanner.Plan(broken);
        var finished = Apply(broken, next with { Execute = plan.Execute });

        // A child that lost its index is an image of its own: a young one waits for its own age, with everything it needs.
        var waiting = next.Items.Where(item => item.Reasons.Any(reason => reason.Code is "unknown-image-young" or "needed")).Select(item => item.Digest!)
            .ToHashSet();
        var left = once.Images.Select(image => image.Digest).ToHashSet();
        Assert.Equal(
            left.Select(digest => digest.Value).Order(StringComparer.Ordinal),
            finished.Images.Select(image => image.Digest).Where(digest => left.Contains(digest) || !waiting.Contains(digest)).Select(digest => digest.Value)
                .Order(StringComparer.Ordinal));
    });

    /// <summary>An image under the tag of another build is kept while that build's record exists, and judged again afterwards.</summary>
    private static bool WaitsForARecord(PrunePlan plan) => plan.Items.Any(item => item.Reasons.Any(reason => reason.Code == "build-tag-moved"));

    /// <summary>Whether the image leads back to its owner, such as an index that lists its own subject. Then the index is deleted first.</summary>
    private static bool Circle(IReadOnlyDictionary<Digest, StoredImage> stored, Digest owner, Digest image)
    {
        var seen = new HashSet<Digest>();
        var queue = new Queue<Digest>([image]);
        while (queue.TryDequeue(out var digest))
        {
            if (digest == owner)
            {
                return true;
            }

            if (seen.Add(digest) && stored.TryGetValue(digest, out var current))
            {
                foreach (var next in (current.Children ?? []).Concat(stored.Values.Where(other => other.Subject == digest).Select(other => other.Digest)))
                {
                    queue.Enqueue(next);
                }
            }
        }

        return false;
    }

    private static bool InProgress(BuildRecord build) => build.State.IsRunning()
        || (build is { State: BuildState.Available, Release: null, Cause: not null } && !(build.DeprecatedAt <= Now))
        || (build is { State: BuildState.Available, Release.State: ReleaseState.Running } && !(build.DeprecatedAt <= Now)
            && build.Release.At + Sample.App().Promote.MaxDuration > Now);

    private static HashSet<Digest> Deleted(PrunePlan plan) =>
        [.. plan.Items.Where(item => item is { Action: PruneAction.Delete, RecordArn: null }).Select(item => item.Digest!)];

    private static RetentionFacts Apply(RetentionFacts facts, PrunePlan plan)
    {
        var todo = plan.ToDo.ToList();
        var images = todo.Where(item => item is { Action: PruneAction.Delete, RecordArn: null }).Select(item => item.Digest!).ToHashSet();
        var records = todo.Where(item => item is { Action: PruneAction.Delete, RecordArn: not null }).Select(item => item.RecordArn!).ToHashSet();
        var marks = todo.Where(item => item.Action == PruneAction.Supersede).Select(item => item.RecordArn!).ToHashSet();
        var unmarks = todo.Where(item => item.Unmark).Select(item => item.RecordArn!).ToHashSet();
        return facts with
        {
            Images = [.. facts.Images.Where(image => !images.Contains(image.Digest))],
            Builds = [.. facts.Builds.Where(build => !records.Contains(build.Arn)).Select(build =>
                marks.Contains(build.Arn) ? build with { SupersededAt = Now } : unmarks.Contains(build.Arn) ? build with { SupersededAt = null } : build)],
        };
    }

    private static string Text(PrunePlan plan) => string.Join('\n', plan.Items.Select(item =>
        $"{item.Action} {item.Digest} {item.RecordArn} {item.Unmark} {string.Join(';', item.Reasons)}").Append(plan.DeletionLimit.ToString())
            .Append(plan.Counts.ToString()).Concat(plan.Counts.KeptBy.Select(count => count.ToString())));
}
