using System.Globalization;
using System.Runtime.InteropServices;
using Automation.Core.Catalog;

namespace Automation.Core.Retention;

/// <summary>Decides what is kept, marked and deleted in one Region's repository. Keep beats delete, and what cannot be read is kept.</summary>
/// <remarks>
/// <code>
/// build with image, not kept      no mark: supersede; marked or DEPRECATED: keep for graceDays, then delete image and record
/// failed or cancelled build       keep for failedDays, then delete the record, and its image if it left one
/// record without image            as a build with image
/// image without record            keep for keepDays + graceDays from its push (there is nowhere to mark it), then delete; for good when
///                                 Image Builder knows its build, or cannot say, or somebody else has put a tag on it
/// placeholder of "automation seed" goes as soon as it has no tag but its own
/// child, referrer                 goes with the last one that needs it
/// record                          stays as long as any Region has its image
/// </code>
/// Time and memory grow with the number of images and records (and n log n for sorting them).
/// </remarks>
public static class RetentionPlanner
{
    public static PrunePlan Plan(RetentionFacts facts)
    {
        var graph = new ReferenceGraph(facts.Images);
        var builds = BuildNode.Link(facts, graph);
        new KeepRules(facts, graph, builds).Apply();
        new Judge(facts).Decide(builds, graph.Nodes);
        graph.KeepNeeded();

        var items = new List<PruneItem>(graph.Nodes.Count + builds.Count);
        var deletions = new List<IReadOnlyList<DeletionTarget>>();
        foreach (var group in DeletionOrder.Groups(graph.Nodes))
        {
            items.AddRange(group.Select(ImageItem));
            deletions.Add([.. group.Select(image => new DeletionTarget(image.Digest, image.Image.Tags, DeletionOrder.OwnersOf(image)))]);
        }

        var doomed = items.Count;
        var records = builds.Select(build => RecordItem(facts, build)).OfType<PruneItem>().ToLookup(item => item.Action);
        items.AddRange(records[PruneAction.Delete]);
        items.AddRange(records[PruneAction.Supersede]);
        var toDo = items.Count;
        items.AddRange(records[PruneAction.Keep]);
        items.AddRange(ByDigest(graph.Nodes.Where(image => !image.WillBeDeleted && image.Builds is null)));

        var counts = new PruneCounts(
            graph.Nodes.Count, graph.Nodes.Count - doomed, records[PruneAction.Supersede].Count(), doomed, records[PruneAction.Delete].Count(),
            KeptBy(CollectionsMarshal.AsSpan(items)[toDo..]));
        var limit = DeletionLimitOf(counts, graph.Nodes.Count(image => image.Verdict == Verdict.SpentPlaceholder), facts.Image);
        return new PrunePlan(
            facts.Image.Name, facts.Region, items, deletions, facts.OwnsRecords ? [] : BuildImages(builds, limit), limit, counts,
            facts.Image.Retain.Mode == RetentionMode.Delete && !limit.Stopped);
    }

    private static SortedDictionary<string, int> KeptBy(ReadOnlySpan<PruneItem> kept)
    {
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var item in kept)
        {
            counts[item.Reasons[0].Code] = counts.GetValueOrDefault(item.Reasons[0].Code) + 1;
        }

        return counts;
    }

    // A plan does not depend on the order of its facts. The first digits decide nearly always, without a look at the digests.
    private static IEnumerable<PruneItem> ByDigest(IEnumerable<ImageNode> images) =>
        images.Select(ImageItem).OrderBy(item => item.Digest!.Leading).ThenBy(item => item.Digest);

    private static PruneItem ImageItem(ImageNode image) => new(
        image.Verdict.Action, image.Digest, image.Image.Tags, null, image.Builds is [.., var newest] ? newest.Record.Version : null, image.Verdict.Reasons);

    /// <summary>Null in another Region than the records', for a record that has no image there, and for one whose image is deleted.</summary>
    private static PruneItem? RecordItem(RetentionFacts facts, BuildNode build)
    {
        if (!facts.OwnsRecords && build.Image is null)
        {
            return null;
        }

        var verdict = build.Verdict;
        var arn = facts.OwnsRecords ? build.Record.Arn : null;
        var item = new PruneItem(verdict.Action, build.Image?.Digest, build.Image?.Image.Tags ?? [], arn, build.Record.Version, verdict.Reasons, verdict.Unmark);
        if (verdict.Action != PruneAction.Delete)
        {
            return item;
        }

        if (build.Image is { Verdict: { IsNeeded: true } needed })
        {
            return item with { Action = PruneAction.Keep, Reasons = needed.Reasons };
        }

        if (facts.OwnsRecords && facts.Elsewhere.Find(build.Record.Arn) is { } there)
        {
            return item with { Action = PruneAction.Keep, Digest = null, Tags = [], Reasons = [there.Reason, .. verdict.Reasons] };
        }

        if (build.Image is { WillBeDeleted: false })
        {
            item = item with { Digest = null, Tags = [], Reasons = [.. verdict.Reasons, new Reason(ReasonCode.ImageShared, "another build has the same image, which stays")] };
        }

        return arn is null ? null : item;
    }

    private static List<BuildImage> BuildImages(List<BuildNode> builds, DeletionLimit limit)
    {
        var images = new List<BuildImage>();
        foreach (var build in builds)
        {
            if (build.Image is not { } image)
            {
                continue;
            }

            var stays = image switch
            {
                { WillBeDeleted: true } => limit.Reason,
                { Verdict.IsNeeded: true } => image.Verdict.Reasons[0],
                _ => build.Verdict.Action == PruneAction.Delete ? null : build.Verdict.Reasons[0],
            };
            images.Add(new BuildImage(build.Record.Arn, image.Digest, build.Kept is not null || image.Kept is not null, stays?.Text));
        }

        return images;
    }

    /// <param name="placeholders">They are no images that anybody could miss.</param>
    private static DeletionLimit DeletionLimitOf(PruneCounts counts, int placeholders, ImageSpec image)
    {
        var percent = image.Retain.MaxDeletePercent;
        var stopped = (counts.DeleteImages - placeholders) * 100L > (long)(counts.Images - placeholders) * percent;
        return new DeletionLimit(stopped, stopped
            ? new Reason(ReasonCode.DeletionLimit, string.Create(CultureInfo.InvariantCulture,
                $"{counts.DeleteImages} of {HumanText.Of(counts.Images, "image")} would be deleted, more than the {percent} percent of \"retain.maxDeletePercent\"; nothing is done. If all of that may go: automation prune {image.Name} --delete --max-delete-percent 100"))
            : null);
    }
}
