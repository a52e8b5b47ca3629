using System.Globalization;
using System.Runtime.InteropServices;
using Automation.Core.Catalog;

namespace Automation.Core.Retention;

/// <summary>Decides what to keep, mark and delete in one Region's repository. Any reason to keep wins, and what cannot be read is kept.</summary>
/// <remarks>
/// <code>
/// build with image, not kept      no mark: supersede; marked or DEPRECATED: keep for graceDays, then delete image and record
/// failed or cancelled build       keep for failedDays, then delete the record, and its image if it left one
/// record without image            like a build with image
/// image without record            keep for keepDays + graceDays from its push (nothing can carry a mark), then delete; keep forever if
///                                 Image Builder knows its build or cannot answer, or if it has a foreign tag
/// placeholder of "automation seed" delete once it has no tag but its own
/// child, referrer                 delete with the last image that needs it
/// record                          keep while any Region has its image
/// </code>
/// Time and memory are linear in images and records, apart from sorting.
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

        var deletedImages = items.Count;
        var records = builds.Select(build => RecordItem(facts, build)).OfType<PruneItem>().ToLookup(item => item.Action);
        items.AddRange(records[PruneAction.Delete]);
        items.AddRange(records[PruneAction.Supersede]);
        var toDo = items.Count;
        items.AddRange(records[PruneAction.Keep]);
        items.AddRange(ByDigest(graph.Nodes.Where(image => !image.WillBeDeleted && image.Builds is null)));

        var counts = new PruneCounts(
            graph.Nodes.Count, graph.Nodes.Count - deletedImages, records[PruneAction.Supersede].Count(), deletedImages, records[PruneAction.Delete].Count(),
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

    // A plan does not depend on the order of its facts. The first digits nearly always decide, so few full digests are compared.
    private static IEnumerable<PruneItem> ByDigest(IEnumerable<ImageNode> images) =>
        images.Select(ImageItem).OrderBy(item => item.Digest!.Leading).ThenBy(item => item.Digest);

    private static PruneItem ImageItem(ImageNode image) => new(
        image.Verdict.Action, image.Digest, image.Image.Tags, null, image.Builds is [.., var newest] ? newest.Record.Version : null, image.Verdict.Reasons);

    /// <summary>Null in a Region without the records if the build has no image there, or its image is deleted.</summary>
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
            item = item with { Digest = null, Tags = [], Reasons = [.. verdict.Reasons, new Reason(ReasonCode.ImageShared, "its image stays because another build has the same one")] };
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

    /// <param name="placeholders">The number of spent placeholders, which nobody can miss.</param>
    private static DeletionLimit DeletionLimitOf(PruneCounts counts, int placeholders, ImageSpec image)
    {
        var percent = image.Retain.MaxDeletePercent;
        var stopped = (counts.DeleteImages - placeholders) * 100L > (long)(counts.Images - placeholders) * percent;
        return new DeletionLimit(stopped, stopped
            ? new Reason(ReasonCode.DeletionLimit, string.Create(CultureInfo.InvariantCulture,
                $"{counts.DeleteImages} of {HumanText.Of(counts.Images, "image")} would be deleted, more than the {percent} percent of \"retain.maxDeletePercent\", so nothing is deleted. To delete them anyway, run: automation prune {image.Name} --delete --max-delete-percent 100"))
            : null);
    }
}
