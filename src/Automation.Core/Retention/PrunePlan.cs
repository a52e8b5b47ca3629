using Automation.Core.Images;

namespace Automation.Core.Retention;

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

    /// <summary>The items of <see cref="ToDo"/> that concern records.</summary>
    public IEnumerable<PruneItem> RecordsToDo =>
        Execute ? Records.Where(item => item.RecordArn is not null && (item.Action != PruneAction.Keep || item.Unmark)) : [];

    internal IReadOnlyList<PruneItem> Records { get; init; } = [];

    internal Func<Digest, ImageNode?> ImageOf { get; init; } = _ => null;

    /// <summary>The item of an image that the plan deletes.</summary>
    /// <exception cref="ArgumentException">The repository has no such image.</exception>
    public PruneItem Deleted(Digest digest) =>
        ImageOf(digest) is { } image
            ? PlannedItems.Of(image)
            : throw new ArgumentException($"The plan for {Image} in {Region} has no image {digest}.", nameof(digest));
}
