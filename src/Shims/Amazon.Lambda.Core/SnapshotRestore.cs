namespace Amazon.Lambda.Core;

/// <summary>
/// Hooks around a SnapStart snapshot. They run only in an environment started from a snapshot; in other environments they are
/// stored and never called. The runtime client of this repository refuses to start with SnapStart.
/// </summary>
public static class SnapshotRestore
{
    internal static List<Func<ValueTask>> BeforeSnapshot { get; } = [];

    internal static List<Func<ValueTask>> AfterRestore { get; } = [];

    /// <summary>Registers an action to run before the snapshot is taken.</summary>
    public static void RegisterBeforeSnapshot(Func<ValueTask> beforeSnapshotAction) => BeforeSnapshot.Add(beforeSnapshotAction);

    /// <summary>Registers an action to run after an environment has been restored from the snapshot.</summary>
    public static void RegisterAfterRestore(Func<ValueTask> afterRestoreAction) => AfterRestore.Add(afterRestoreAction);
}
