using System.Globalization;
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

        var groups = DeletionOrder.Groups(graph.Nodes);
        ImageNode[] deleted = [.. groups.SelectMany(group => group)];
        ImageNode[] kept = [.. graph.Nodes.Where(image => !image.WillBeDeleted && image.Builds is null)];
        DeletionOrder.SortByDigest(kept);
        var records = builds.Select(build => RecordItem(facts, build)).OfType<PruneItem>().ToLookup(item => item.Action);
        var items = new PlannedItems(deleted, [.. records[PruneAction.Delete], .. records[PruneAction.Supersede], .. records[PruneAction.Keep]], kept);

        var counts = new PruneCounts(
            graph.Nodes.Count, graph.Nodes.Count - deleted.Length, records[PruneAction.Supersede].Count(), deleted.Length, records[PruneAction.Delete].Count(),
            KeptBy(records[PruneAction.Keep].Select(item => item.Reasons).Concat(kept.Select(image => image.Verdict.Reasons))));
        var limit = DeletionLimitOf(counts, graph.Nodes.Count(image => image.Verdict == Verdict.SpentPlaceholder), facts.Image);
        return new PrunePlan(
            facts.Image.Name, facts.Region, items, new PlannedDeletions(groups), facts.OwnsRecords ? [] : BuildImages(builds, limit), limit, counts,
            facts.Image.Retain.Mode == RetentionMode.Delete && !limit.Stopped)
        {
            Records = items.Records,
            ImageOf = graph.Find,
        };
    }

    private static SortedDictionary<string, int> KeptBy(IEnumerable<IReadOnlyList<Reason>> kept)
    {
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var group in kept.GroupBy(reasons => reasons[0].Code))
        {
            counts[group.Key] = group.Count();
        }

        return counts;
    }

    /// <summary>Null in a Region without the records if the build has no image there, or its image is deleted.</summary>
    private static PruneItem? RecordItem(RetentionFacts facts, BuildNode build)
    {
        if (!facts.OwnsRecords && build.Image is null)
        {
            return null;
        }

        var verdict = build.Verdict;
        var arn = facts.OwnsRecords ? build.Record.Arn : null;
        var item = new PruneItem(
            verdict.Action, build.Image?.Digest, build.Image?.Image.Tags ?? [], arn, build.Record.Version, verdict.Reasons, verdict.Unmark);
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
            item = item with
            {
                Digest = null,
                Tags = [],
                Reasons = [.. verdict.Reasons, new Reason(ReasonCode.ImageShared, "its image stays because another build has the same one")]
            };
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
