using Automation.Core.Images;

namespace Automation.Core.Retention;

public enum PruneAction
{
    Keep,

    /// <summary>Marks the record as superseded now. It is deleted after the grace period.</summary>
    Supersede,

    Delete,
}

/// <summary>The decision about one build, image or record.</summary>
/// <remarks>An item to keep or supersede is a build with its image, an image alone or a record alone. An item to delete is an image
/// (<paramref name="RecordArn"/> null), or a record that may be deleted only after the image <paramref name="Digest"/>.</remarks>
/// <param name="Digest">Null for a record whose image is missing here, or stays for another build.</param>
/// <param name="Tags">The tags as read; compared again right before a deletion.</param>
/// <param name="Unmark">Whether to remove the mark as superseded, because the record is kept again.</param>
public sealed record PruneItem(
    PruneAction Action,
    Digest? Digest,
    IReadOnlyList<string> Tags,
    string? RecordArn,
    ImageVersion? Version,
    IReadOnlyList<Reason> Reasons,
    bool Unmark = false);

/// <summary>The image of a build in a Region without the records.</summary>
/// <param name="Kept">Whether a rule keeps it. False if it waits for its mark or grace period, belongs to another image, or will be deleted.</param>
/// <param name="Stays">Why it stays; null if it will be deleted, or stays only for another build.</param>
public sealed record BuildImage(string RecordArn, Digest Digest, bool Kept, string? Stays);

/// <summary>Whether the deletion limit stopped the run.</summary>
/// <param name="Reason">Null if the run did not stop.</param>
public sealed record DeletionLimit(bool Stopped, Reason? Reason);

/// <param name="Images">Images in the repository, including children and referrers.</param>
/// <param name="Keep">Images that stay, including superseded ones.</param>
/// <param name="Supersede">Records to mark as superseded.</param>
/// <param name="KeptBy">The number of kept builds, images and records by the code of their first reason: <c>keep-last</c> 5, <c>floating-tag</c> 2.</param>
public sealed record PruneCounts(int Images, int Keep, int Supersede, int DeleteImages, int DeleteRecords, IReadOnlyDictionary<string, int> KeptBy);

/// <summary>The ordered plan: deletions first (images in the order of <paramref name="Deletions"/>, then records), then marks, then kept items.</summary>
/// <param name="Deletions">The images to delete, in independent groups. Groups may run concurrently, each in its order
/// (<see cref="DeletionQueue"/>).</param>
/// <param name="Builds">The builds with an image here, for <see cref="ImagesElsewhere"/>; empty in the Region with the records.</param>
/// <param name="Execute">False to stop after the plan (report mode or deletion limit).</param>
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
    /// <summary>The items to execute; empty if the plan is a report or the deletion limit stopped it.</summary>
    public IEnumerable<PruneItem> ToDo => Execute ? Items.Where(item => item.Action != PruneAction.Keep || item.Unmark) : [];
}
