using Automation.Core.Images;

namespace Automation.Core.Retention;

public enum PruneAction
{
    Keep,

    /// <summary>Mark the record as superseded now; deleted after the grace days.</summary>
    Supersede,

    Delete,
}

/// <summary>One thing and what becomes of it.</summary>
/// <remarks>To keep or supersede: a build with its image, an image alone or a record alone. To delete: an image
/// (<paramref name="RecordArn"/> null), or a record, to be deleted only once the image <paramref name="Digest"/> is gone.</remarks>
/// <param name="Digest">Null for a record whose image is not here, or stays for another build.</param>
/// <param name="Tags">As read; to be compared right before a delete.</param>
/// <param name="Unmark">The mark "superseded" is to be taken off the record, because it is kept again.</param>
public sealed record PruneItem(
    PruneAction Action,
    Digest? Digest,
    IReadOnlyList<string> Tags,
    string? RecordArn,
    ImageVersion? Version,
    IReadOnlyList<Reason> Reasons,
    bool Unmark = false);

/// <summary>The image of a build in another Region than the records'.</summary>
/// <param name="Kept">A rule keeps it. False: it waits for its mark or its grace, hangs on another image, or is to be deleted.</param>
/// <param name="Stays">Why it stays; null when it is to be deleted, or stays for another build alone.</param>
public sealed record BuildImage(string RecordArn, Digest Digest, bool Kept, string? Stays);

/// <summary>Whether the deletion limit stopped the run.</summary>
/// <param name="Reason">Null when it was not stopped.</param>
public sealed record DeletionLimit(bool Stopped, Reason? Reason);

/// <param name="Images">In the repository, children and referrers included.</param>
/// <param name="Keep">Images that are not deleted, superseded ones included.</param>
/// <param name="Supersede">Records to mark.</param>
/// <param name="KeptBy">How many builds, images and records are kept, by the code of their first reason: <c>keep-last</c> 5, <c>floating-tag</c> 2.</param>
public sealed record PruneCounts(int Images, int Keep, int Supersede, int DeleteImages, int DeleteRecords, IReadOnlyDictionary<string, int> KeptBy);

/// <summary>Ordered: deletes first (images in the order of <paramref name="Deletions"/>, then records), then marks, then keeps.</summary>
/// <param name="Deletions">The images to delete, in groups that have nothing to do with each other: they may be deleted at the same time,
/// each in its order (<see cref="DeletionQueue"/>).</param>
/// <param name="Builds">Those with an image here, for <see cref="ImagesElsewhere"/>; none in the records' own Region.</param>
/// <param name="Execute">False: stop after the plan (report mode, or the deletion limit).</param>
public sealed record PrunePlan(
    string Image,
    string Region,
    IReadOnlyList<PruneItem> Items,
    IReadOnlyList<IReadOnlyList<DeletionTarget>> Deletions,
    IReadOnlyList<BuildImage> Builds,
    DeletionLimit DeletionLimit,
    PruneCounts Counts,
    bool Execute)
{
    /// <summary>What an execution has to do; nothing when the plan is a report or the deletion limit stopped it.</summary>
    public IEnumerable<PruneItem> ToDo => Execute ? Items.Where(item => item.Action != PruneAction.Keep || item.Unmark) : [];
}
