namespace Automation.Core.Workflow;

/// <param name="Done">False if time ran out. The step then runs again and continues.</param>
/// <param name="Regions">The finished Regions, which a further run skips.</param>
/// <param name="Planned">The planned changes of all runs.</param>
/// <param name="Applied">The applied changes; none in mode report.</param>
/// <param name="ImagesKept">Images kept in the finished Regions, including children, signatures and superseded ones.</param>
/// <param name="Kept">How many builds, images and records stay in the finished Regions, by the code of the first reason, without superseded
/// ones. Null only if an older version wrote the state.</param>
/// <param name="DeletionLimit">The deletion limit's reason, if it stopped the run.</param>
/// <param name="Unknown">Why the images in use are unknown, if that stopped the run.</param>
/// <param name="Calls">The number of calls to each API operation in all runs.</param>
/// <param name="Items">The first hundred items to delete or mark; the log lists all.</param>
public sealed record PruneResult(
    bool Done,
    string Mode,
    IReadOnlyList<string> Regions,
    PruneCount Planned,
    PruneCount Applied,
    int ImagesKept,
    IReadOnlyDictionary<string, int>? Kept,
    string? DeletionLimit,
    string? Unknown,
    IReadOnlyDictionary<string, int> Calls,
    IReadOnlyList<PrunedItem> Items)
{
    public static PruneResult Nothing(string mode) =>
        new(false, mode, [], new PruneCount(0, 0, 0), new PruneCount(0, 0, 0), 0, new Dictionary<string, int>(), null, null, new Dictionary<string, int>(), []);
}
