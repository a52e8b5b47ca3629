using System.Collections;

namespace Automation.Core.Retention;

/// <summary>The groups of a plan's deletions. The targets of a group are made when it is read.</summary>
internal sealed class PlannedDeletions(IReadOnlyList<ArraySegment<ImageNode>> groups) : IReadOnlyList<IReadOnlyList<DeletionTarget>>
{
    public int Count => groups.Count;

    public IReadOnlyList<DeletionTarget> this[int index] =>
        [.. groups[index].Select(image => new DeletionTarget(image.Digest, image.Image.Tags, DeletionOrder.OwnersOf(image)))];

    public IEnumerator<IReadOnlyList<DeletionTarget>> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
