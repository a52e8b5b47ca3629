using Automation.Core.Images;

namespace Automation.Core.Workflow;

/// <summary>Validates a state before a step reads it. The workflow passes on what its steps wrote, but a person who starts an execution
/// may pass anything.</summary>
public static class StateRules
{
    private const int MaxAttempt = 1_000_000;
    private const int MaxApproval = 672 * 3600;

    /// <returns>What is wrong, with the path first (<c>state.scan.since …</c>); null if the state is valid.</returns>
    public static string? Fault(LifecycleState state) =>
        Times(state).Where(item => item.Time is { } time && !PlausibleTime.IsPlausible(time))
            .Select(item => $"state.{item.Path} is not {PlausibleTime.Expected}").FirstOrDefault()
        ?? Numbers(state).Where(item => item.Number < item.Min || item.Number > item.Max)
            .Select(item => $"state.{item.Path} is {item.Number}, not a number from {item.Min} to {item.Max}").FirstOrDefault()
        ?? Lists(state).Where(item => item.IsPresent && !item.IsComplete)
            .Select(item => $"state.{item.Path} is missing, or has an element that is null or incomplete").FirstOrDefault();

    /// <summary>The state itself if it is valid. Otherwise a state that can still be announced, with the fault as its error unless it had one.</summary>
    public static LifecycleState WithFaultAsError(LifecycleState state) => Fault(state) is not { } fault ? state : new LifecycleState
    {
        Action = state.Action,
        Image = state.Image,
        Version = state.Version,
        Error = state.Error ?? new StepError { Name = nameof(InvalidEventException), Cause = $"The execution's state cannot be read: {fault}." },
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
            yield return ($"{path}.at", phase.At);
            yield return ($"{path}.waitUntil", phase.WaitUntil);
        }
    }

    private static IEnumerable<(string Path, int? Number, int Min, int Max)> Numbers(LifecycleState state)
    {
        yield return ("attempt", state.Attempt, 1, MaxAttempt);
        yield return ("plan.order.attempt", state.Plan?.Order?.Attempt, 1, MaxAttempt);
        yield return ("release.approvalSeconds", state.Release?.ApprovalSeconds, 1, MaxApproval);
    }

    private static IEnumerable<(string Path, bool IsPresent, bool IsComplete)> Lists(LifecycleState state)
    {
        yield return ("plan.reasons", state.Plan is not null, IsComplete(state.Plan?.Reasons));
        yield return ("plan.order", state.Plan?.Order is not null,
            state.Plan?.Order is { PipelineArn: not null, ClientToken: not null, Tags: { } tags } && tags.Values.All(value => value is not null));
        yield return ("build", state.Build is not null, state.Build is { Arn: not null, Version: not null } && IsComplete(state.Build.Reasons));
        yield return ("release.reasons", state.Release is not null, IsComplete(state.Release?.Reasons));
        yield return ("release.regions", state.Release is not null,
            IsComplete(state.Release?.Regions, place => place is { Region: not null, Digest: not null } && Digest.TryParse(place.Digest, out _)));
        yield return ("scan.reasons", state.Scan is not null, IsComplete(state.Scan?.Reasons));
        yield return ("scan.toUnblock", state.Scan?.ToUnblock is not null, IsComplete(state.Scan?.ToUnblock, text => text is not null));
        foreach (var (path, phase) in Phases(state))
        {
            yield return ($"{path}.steps", phase.Steps is not null,
                IsComplete(phase.Steps, step => step is { Region: not null, Tag: not null, Action: not null, To: not null } && IsComplete(step.Reason)));
        }

        yield return ("prune.regions", state.Prune?.Regions is not null, IsComplete(state.Prune?.Regions, region => region is not null));
        yield return ("prune.items", state.Prune?.Items is not null, IsComplete(state.Prune?.Items, item => item is not null && IsComplete(item.Reasons)));
        yield return ("prune", state.Prune is not null,
            state.Prune is { Mode: not null, Planned: not null, Applied: not null, Calls: not null, Regions: not null, Items: not null });
    }

    private static IEnumerable<(string Path, PromoteImageResult Phase)> Phases(LifecycleState state)
    {
        if (state.VersionTags is { } versionTags)
        {
            yield return ("versionTags", versionTags);
        }

        if (state.FloatingTags is { } floatingTags)
        {
            yield return ("floatingTags", floatingTags);
        }

        if (state.Verification is { } verification)
        {
            yield return ("verify", verification);
        }
    }

    private static bool IsComplete(IReadOnlyList<ReasonText>? reasons) => IsComplete(reasons, IsComplete);

    private static bool IsComplete(ReasonText? reason) => reason is { Code: not null, Text: not null };

    private static bool IsComplete<T>(IReadOnlyList<T>? items, Func<T, bool> isComplete) => items is not null && items.All(isComplete);
}
