using System.Collections;

namespace Automation.Core.Retention;

/// <summary>The items of a plan in its order. Those of images are made when they are read, because most plans hold many images and few readers
/// keep their items.</summary>
/// <param name="deleted">The images to delete.</param>
/// <param name="records">Everything about records: to delete, to mark, to keep.</param>
/// <param name="kept">The images to keep that have no record.</param>
internal sealed class PlannedItems(IReadOnlyList<ImageNode> deleted, IReadOnlyList<PruneItem> records, IReadOnlyList<ImageNode> kept) : IReadOnlyList<PruneItem>
{
    public int Count => deleted.Count + records.Count + kept.Count;

    public IReadOnlyList<PruneItem> Records => records;

    public PruneItem this[int index] =>
        index < deleted.Count ? Of(deleted[index])
        : index < deleted.Count + records.Count ? records[index - deleted.Count]
        : Of(kept[index - deleted.Count - records.Count]);

    public static PruneItem Of(ImageNode image) => new(
        image.Verdict.Action, image.Digest, image.Image.Tags, null, image.Builds is [.., var newest] ? newest.Record.Version : null, image.Verdict.Reasons);

    public IEnumerator<PruneItem> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
