using System.Globalization;
using Automation.Core.Builds;
using Automation.Core.Images;

namespace Automation.Core.Retention;

/// <summary>Decides what is kept, marked and deleted in one Region's repository. Keep beats delete, and what cannot be read is kept.</summary>
/// <remarks>
/// <code>
/// build with image, not kept      no mark: supersede; marked or DEPRECATED: keep for graceDays, then delete image and record
/// failed or cancelled build       keep for failedDays, then delete the record, and its image if it left one
/// record without image            as a build with image
/// image without record            keep for keepDays + graceDays from its push (there is nowhere to mark it), then delete
/// child, referrer                 goes with the last one that needs it
/// </code>
/// Time and memory grow with the number of images and records (and n log n for sorting them).
/// </remarks>
public static class RetentionPlanner
{
    public static PrunePlan Plan(RetentionFacts facts)
    {
        var graph = new ReferenceGraph(facts.Images.OrderBy(image => image.Digest));
        var links = new BuildLinks(graph, facts.Builds);
        var keep = new KeepRules(facts, graph, links);
        var builds = links.Builds.ToDictionary(build => build.Arn, build => JudgeBuild(facts, links, keep, build), StringComparer.Ordinal);
        var images = graph.Images.ToDictionary(image => image.Digest, image => JudgeImage(facts, graph, links, keep, builds, image));
        Close(graph, images);

        var items = new List<PruneItem>(images.Count + builds.Count);
        var doomed = images.Where(pair => pair.Value.Action == PruneAction.Delete).Select(pair => pair.Key).ToList();
        items.AddRange(graph.DeletionOrder(doomed).Select(digest => ImageItem(graph, links, digest, images[digest])));
        items.AddRange(Records(facts, graph, links, builds, images));
        items.AddRange(images.Where(pair => pair.Value.Action != PruneAction.Delete && links.RecordsOf(pair.Key).Count == 0)
            .Select(pair => ImageItem(graph, links, pair.Key, pair.Value)));

        return Finish(facts, graph, items, doomed.Count);
    }

    private static Verdict JudgeBuild(RetentionFacts facts, BuildLinks links, KeepRules keep, BuildRecord build)
    {
        if (facts.UsageUnknown is { } why)
        {
            return Verdict.Unknown(why);
        }

        var digest = links.ImageOf(build);
        List<Reason> kept = [.. keep.For(build), .. digest is null ? [] : keep.For(digest)];
        if (kept.Count > 0)
        {
            return new Verdict(PruneAction.Keep, kept, Unmark: build.SupersededAt is not null && facts.OwnsRecords);
        }

        if (build.State.Succeeded() && digest is null && facts.Images.Count == 0)
        {
            return new Verdict(PruneAction.Keep, [new Reason("repository-empty", "its repository has no images at all, which may be a wrong answer")]);
        }

        return build.State.WentWrong() ? JudgeFailed(facts, build) : JudgeSuperseded(facts, build, digest);
    }

    private static Verdict JudgeFailed(RetentionFacts facts, BuildRecord build)
    {
        var until = (build.FinishedAt ?? build.CreatedAt).AddDays(facts.Image.Retain.FailedDays);
        return until > facts.Now
            ? new Verdict(PruneAction.Keep, [new Reason("failed-recently", $"went wrong; stays to be looked at until {BuildTags.Format(until)}")])
            : new Verdict(PruneAction.Delete, [new Reason("failed", Days("went wrong more than", facts.Image.Retain.FailedDays, "days ago"))]);
    }

    private static Verdict JudgeSuperseded(RetentionFacts facts, BuildRecord build, Digest? digest)
    {
        var deprecated = KeepRules.IsDeprecated(build, facts.Now);
        var what = deprecated ? new Reason("deprecated", "is deprecated in Image Builder")
            : digest is null ? new Reason("record-without-image", "has no image in the repository any more")
            : new Reason("superseded", "is neither among the newest, young, in use nor protected");
        var since = deprecated ? Earlier(build.SupersededAt, build.DeprecatedAt) : build.SupersededAt;
        var grace = facts.Image.Retain.GraceDays;
        if (since is null && grace > 0)
        {
            return facts.OwnsRecords
                ? new Verdict(PruneAction.Supersede, [what, new Reason("grace", Days("will be deleted after", grace, "days"))])
                : new Verdict(PruneAction.Keep, [new Reason("not-marked", "is to be marked as superseded in the pipeline's own Region first"), what]);
        }

        var until = (since ?? facts.Now).AddDays(grace);
        return until > facts.Now
            ? new Verdict(PruneAction.Keep, [new Reason("grace", $"is superseded since {BuildTags.Format(since!.Value)} and will be deleted from {BuildTags.Format(until)} on"), what])
            : new Verdict(PruneAction.Delete, [what, new Reason("grace-over", Days("its grace of", grace, "days is over"))]);
    }

    private static Verdict JudgeImage(
        RetentionFacts facts, ReferenceGraph graph, BuildLinks links, KeepRules keep, Dictionary<string, Verdict> builds, StoredImage image)
    {
        if (facts.UsageUnknown is { } why)
        {
            return Verdict.Unknown(why);
        }

        if (links.RecordsOf(image.Digest) is { Count: > 0 } records)
        {
            // Two builds with the same bytes: the one that is kept longest decides.
            return records.Select(record => builds[record.Arn]).MinBy(verdict => verdict.Action)!;
        }

        if (keep.For(image.Digest) is { Count: > 0 } kept)
        {
            return new Verdict(PruneAction.Keep, kept);
        }

        if (!graph.IsTop(image.Digest))
        {
            return Verdict.WithOwner;
        }

        var rules = facts.Image.Retain;
        var until = image.PushedAt.AddDays(rules.KeepDays + rules.GraceDays);
        return until > facts.Now
            ? new Verdict(PruneAction.Keep, [new Reason("unknown-image-young", $"belongs to no build; will be deleted from {BuildTags.Format(until)} on")])
            : new Verdict(PruneAction.Delete, [new Reason("unknown-image", Days("belongs to no build and was pushed more than", rules.KeepDays + rules.GraceDays, "days ago"))]);
    }

    /// <summary>Whatever something that stays needs, stays.</summary>
    private static void Close(ReferenceGraph graph, Dictionary<Digest, Verdict> images)
    {
        var stays = images.Where(pair => pair.Value.Action != PruneAction.Delete).Select(pair => pair.Key);
        foreach (var (digest, by) in graph.Closure(stays))
        {
            if (images[digest].Action == PruneAction.Delete)
            {
                images[digest] = new Verdict(PruneAction.Keep, [new Reason("needed", $"is needed by {by!.Short12}, which stays")], IsNeeded: true);
            }
        }
    }

    private static IEnumerable<PruneItem> Records(
        RetentionFacts facts, ReferenceGraph graph, BuildLinks links, Dictionary<string, Verdict> builds, Dictionary<Digest, Verdict> images)
    {
        foreach (var build in links.Builds)
        {
            var verdict = builds[build.Arn];
            var digest = links.ImageOf(build);
            if (!facts.OwnsRecords && digest is null)
            {
                continue;
            }

            var arn = facts.OwnsRecords ? build.Arn : null;
            var tags = digest is not null && graph.TryGet(digest, out var image) ? image.Tags : [];
            if (verdict.Action != PruneAction.Delete)
            {
                yield return new PruneItem(verdict.Action, digest, tags, arn, build.Version, verdict.Reasons, verdict.Unmark);
            }
            else if (digest is not null && images[digest] is { IsNeeded: true } needed)
            {
                yield return new PruneItem(PruneAction.Keep, digest, tags, arn, build.Version, needed.Reasons);
            }
            else if (arn is not null)
            {
                var shared = digest is not null && images[digest].Action != PruneAction.Delete;
                yield return new PruneItem(PruneAction.Delete, shared ? null : digest, shared ? [] : tags, arn, build.Version,
                    shared ? [.. verdict.Reasons, new Reason("image-shared", "another build has the same image, which stays")] : verdict.Reasons);
            }
        }
    }

    private static PruneItem ImageItem(ReferenceGraph graph, BuildLinks links, Digest digest, Verdict verdict)
    {
        graph.TryGet(digest, out var image);
        return new PruneItem(verdict.Action, digest, image!.Tags, null, links.RecordsOf(digest) is [.., var newest] ? newest.Version : null, verdict.Reasons);
    }

    private static PrunePlan Finish(RetentionFacts facts, ReferenceGraph graph, List<PruneItem> items, int deletes)
    {
        var rules = facts.Image.Retain;
        var stopped = deletes * 100L > (long)graph.Count * rules.MaxDeletePercent;
        var brake = new Brake(stopped, stopped
            ? new Reason("brake", string.Create(CultureInfo.InvariantCulture,
                $"{deletes} of {graph.Count} images would be deleted, more than {rules.MaxDeletePercent} percent; nothing is done until the catalog allows it"))
            : null);

        // Stable: images to delete are ranked already, and come before records.
        var sorted = items.Select((item, i) => (Item: item, Rank: i))
            .OrderBy(entry => entry.Item.Action switch { PruneAction.Delete => 0, PruneAction.Supersede => 1, _ => 2 })
            .ThenBy(entry => entry.Rank).Select(entry => entry.Item).ToList();
        var counts = new PruneCounts(
            graph.Count,
            graph.Count - deletes,
            sorted.Count(item => item.Action == PruneAction.Supersede),
            deletes,
            sorted.Count(item => item is { Action: PruneAction.Delete, RecordArn: not null }));
        return new PrunePlan(facts.Image.Name, facts.Region, sorted, brake, counts, rules.Mode == Catalog.RetentionMode.Delete && !stopped);
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? left, DateTimeOffset? right) => left is null || right < left ? right ?? left : left;

    private static string Days(string before, int days, string after) => string.Create(CultureInfo.InvariantCulture, $"{before} {days} {after}");

    private sealed record Verdict(PruneAction Action, IReadOnlyList<Reason> Reasons, bool Unmark = false, bool IsNeeded = false)
    {
        public static Verdict Unknown(string why) => new(PruneAction.Keep, [new Reason("usage-unknown", why)]);

        /// <summary>A child or referrer: deleted unless <see cref="Close"/> finds something that stays and needs it.</summary>
        public static readonly Verdict WithOwner = new(PruneAction.Delete,
            [new Reason("goes-with-owner", "belongs to an image that is deleted, and to no other")]);
    }
}

public static class PruneName
{
    /// <summary><c>prune-app-20260131</c>: once a day.</summary>
    public static string For(string image, DateOnly day) =>
        ExecutionNames.Fit($"prune-{image}-{day.ToString("yyyyMMdd", CultureInfo.InvariantCulture)}");
}
