using Automation.Core.Images;

namespace Automation.Core.Workflow;

/// <summary>What must hold in a state before a step reads it. The workflow hands over what its steps wrote; a person who starts an execution by hand
/// may hand over anything.</summary>
public static class StateRules
{
    private const int HighestAttempt = 1_000_000;
    private const int MaxApproval = 672 * 3600;

    /// <returns>What is wrong, the path first: <c>state.scan.since …</c>; null: nothing.</returns>
    public static string? Fault(LifecycleState state) =>
        Times(state).Where(item => item.Time is { } time && !PlausibleTime.IsPlausible(time)).Select(item => $"state.{item.Path} is not {PlausibleTime.Expected}").FirstOrDefault()
        ?? Numbers(state).Where(item => item.Number < item.Min || item.Number > item.Max).Select(item => $"state.{item.Path} is {item.Number}, not a number from {item.Min} to {item.Max}").FirstOrDefault()
        ?? Lists(state).Where(item => item.IsPresent && !item.IsWhole).Select(item => $"state.{item.Path} is missing, or has an element that is null or incomplete").FirstOrDefault();

    /// <summary>The state itself, or where something in it cannot be understood what can be said all the same: that is the error, unless there was one.</summary>
    public static LifecycleState Sayable(LifecycleState state) => Fault(state) is not { } fault ? state : new LifecycleState
    {
        Action = state.Action,
        Image = state.Image,
        Version = state.Version,
        Error = state.Error ?? new StepError { Name = nameof(InvalidEventException), Cause = $"The execution's state cannot be understood: {fault}." },
    };

    private static IEnumerable<(string Path, DateTimeOffset? Time)> Times(LifecycleState state)
    {
        yield return ("plan.asked", state.Plan?.Asked);
        yield return ("plan.until", state.Plan?.Until);
        yield return ("plan.since", state.Plan?.Since);
        yield return ("release.builtAt", state.Release?.BuiltAt);
        yield return ("release.at", state.Release?.At);
        yield return ("scan.since", state.Scan?.Since);
        yield return ("scan.until", state.Scan?.Until);
        foreach (var (path, phase) in Phases(state))
        {
            yield return ($"{path}.at", phase?.At);
            yield return ($"{path}.waitUntil", phase?.WaitUntil);
        }
    }

    private static IEnumerable<(string Path, int? Number, int Min, int Max)> Numbers(LifecycleState state)
    {
        yield return ("attempt", state.Attempt, 1, HighestAttempt);
        yield return ("plan.order.attempt", state.Plan?.Order?.Attempt, 1, HighestAttempt);
        yield return ("release.approvalSeconds", state.Release?.ApprovalSeconds, 1, MaxApproval);
    }

    private static IEnumerable<(string Path, bool IsPresent, bool IsWhole)> Lists(LifecycleState state)
    {
        yield return ("plan.reasons", state.Plan is not null, IsWhole(state.Plan?.Reasons));
        yield return ("plan.order", state.Plan?.Order is not null, state.Plan?.Order is { PipelineArn: not null, ClientToken: not null, Tags: { } tags } && tags.Values.All(value => value is not null));
        yield return ("build", state.Build is not null, state.Build is { Arn: not null, Version: not null } && IsWhole(state.Build.Reasons));
        yield return ("release.reasons", state.Release is not null, IsWhole(state.Release?.Reasons));
        yield return ("release.regions", state.Release is not null, IsWhole(state.Release?.Regions, place => place is { Region: not null, Digest: not null } && Digest.TryParse(place.Digest, out _)));
        yield return ("scan.reasons", state.Scan is not null, IsWhole(state.Scan?.Reasons));
        yield return ("scan.toUnblock", state.Scan?.ToUnblock is not null, IsWhole(state.Scan?.ToUnblock, text => text is not null));
        foreach (var (path, phase) in Phases(state))
        {
            yield return ($"{path}.steps", phase?.Steps is not null, IsWhole(phase?.Steps, step => step is { Region: not null, Tag: not null, Action: not null, To: not null } && IsWhole(step.Reason)));
        }

        yield return ("prune.regions", state.Prune?.Regions is not null, IsWhole(state.Prune?.Regions, region => region is not null));
        yield return ("prune.items", state.Prune?.Items is not null, IsWhole(state.Prune?.Items, item => item is not null && IsWhole(item.Reasons)));
        yield return ("prune", state.Prune is not null, state.Prune is { Mode: not null, Planned: not null, Applied: not null, Calls: not null, Regions: not null, Items: not null });
    }

    private static IEnumerable<(string Path, PromoteImageResult? Phase)> Phases(LifecycleState state)
    {
        yield return ("versionTags", state.VersionTags);
        yield return ("floatingTags", state.FloatingTags);
        yield return ("verify", state.Verification);
    }

    private static bool IsWhole(IReadOnlyList<ReasonText>? reasons) => IsWhole(reasons, IsWhole);

    private static bool IsWhole(ReasonText? reason) => reason is { Code: not null, Text: not null };

    private static bool IsWhole<T>(IReadOnlyList<T>? items, Func<T, bool> isWhole) => items is not null && items.All(isWhole);
}
