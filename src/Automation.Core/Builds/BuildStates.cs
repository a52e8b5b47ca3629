namespace Automation.Core.Builds;

public static class BuildStates
{
    /// <summary>Parses the API's <c>status</c>.</summary>
    public static BuildState Parse(string? status) => status switch
    {
        "PENDING" or "CREATING" or "BUILDING" or "TESTING" or "DISTRIBUTING" or "INTEGRATING" => BuildState.InProgress,
        "AVAILABLE" => BuildState.Available,
        "FAILED" => BuildState.Failed,
        "CANCELLED" => BuildState.Cancelled,
        "DEPRECATED" => BuildState.Deprecated,
        "DISABLED" => BuildState.Disabled,
        "DELETED" => BuildState.Deleted,
        _ => BuildState.Unknown,
    };

    public static bool IsRunning(this BuildState state) => state is BuildState.InProgress or BuildState.Unknown;

    /// <summary>Whether the build produced an image, even if that was deleted later.</summary>
    public static bool Succeeded(this BuildState state) =>
        state is BuildState.Available or BuildState.Deprecated or BuildState.Disabled or BuildState.Deleted;

    public static bool WentWrong(this BuildState state) => state is BuildState.Failed or BuildState.Cancelled;
}
