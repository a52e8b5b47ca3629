using Automation.Core.Images;

namespace Automation.Core.Workflow;

/// <summary>Validates a state before a step reads it. The workflow passes on what its steps wrote, but a person who starts an execution
/// may pass anything.</summary>
public static class StateRules
{
    private const int MaxAttempt = 1_000_000;
    private const int MaxApproval = 672 * 3600;

    /// <returns>What is wrong, with the path first (<c>state.scan.since …</c>); null if the state is valid.</returns>
    public static string? Fault(LifecycleState state) => OfTimes(state) ?? OfNumbers(state) ?? OfLists(state);

    /// <summary>The state itself if it is valid. Otherwise a state that can still be announced, with the fault as its error unless it had one.</summary>
    public static LifecycleState WithFaultAsError(LifecycleState state) => Fault(state) is not { } fault ? state : new LifecycleState
    {
        Action = state.Action,
        Image = state.Image,
        Version = state.Version,
        Error = state.Error ?? new StepError { Name = nameof(InvalidEventException), Cause = $"The execution's state cannot be read: {fault}." },
    };

    private static string? OfTimes(LifecycleState state)
    {
        return Time("plan", "asked", state.Plan?.Asked)
            ?? Time("plan", "until", state.Plan?.Until)
            ?? Time("plan", "since", state.Plan?.Since)
            ?? Time("release", "builtAt", state.Release?.BuiltAt)
            ?? Time("release", "at", state.Release?.At)
            ?? Time("scan", "since", state.Scan?.Since)
            ?? Time("scan", "until", state.Scan?.Until)
            ?? Phase("versionTags", state.VersionTags)
            ?? Phase("floatingTags", state.FloatingTags)
            ?? Phase("verify", state.Verification);

        static string? Phase(string path, PromoteImageResult? phase) => Time(path, "at", phase?.At) ?? Time(path, "waitUntil", phase?.WaitUntil);

        static string? Time(string path, string member, DateTimeOffset? time) =>
            time is { } value && !PlausibleTime.IsPlausible(value) ? $"state.{path}.{member} is not {PlausibleTime.Expected}" : null;
    }

    private static string? OfNumbers(LifecycleState state)
    {
        return Number("attempt", state.Attempt, MaxAttempt)
            ?? Number("plan.order.attempt", state.Plan?.Order?.Attempt, MaxAttempt)
            ?? Number("release.approvalSeconds", state.Release?.ApprovalSeconds, MaxApproval);

        static string? Number(string path, int? number, int max) =>
            number < 1 || number > max ? $"state.{path} is {number}, not a number from 1 to {max}" : null;
    }

    private static string? OfLists(LifecycleState state)
    {
        var (plan, release, scan, prune) = (state.Plan, state.Release, state.Scan, state.Prune);
        return List("plan.reasons", plan is null || IsComplete(plan.Reasons))
            ?? List("plan.order", plan?.Order is not { } order
                || (order is { PipelineArn: not null, ClientToken: not null, Tags: not null } && order.Tags.Values.All(value => value is not null)))
            ?? List("build", state.Build is null || (state.Build is { Arn: not null, Version: not null } && IsComplete(state.Build.Reasons)))
            ?? List("release.reasons", release is null || IsComplete(release.Reasons))
            ?? List("release.regions", release is null
                || IsComplete(release.Regions, place => place is { Region: not null, Digest: not null } && Digest.TryParse(place.Digest, out _)))
            ?? List("scan.reasons", scan is null || IsComplete(scan.Reasons))
            ?? List("scan.toUnblock", scan?.ToUnblock is null || IsComplete(scan.ToUnblock, text => text is not null))
            ?? Steps("versionTags", state.VersionTags)
            ?? Steps("floatingTags", state.FloatingTags)
            ?? Steps("verify", state.Verification)
            ?? List("prune.regions", prune?.Regions is null || IsComplete(prune.Regions, region => region is not null))
            ?? List("prune.items", prune?.Items is null || IsComplete(prune.Items, item => item is not null && IsComplete(item.Reasons)))
            ?? List("prune", prune is null or { Mode: not null, Planned: not null, Applied: not null, Calls: not null, Regions: not null, Items: not null });

        static string? Steps(string path, PromoteImageResult? phase) => phase?.Steps is null
            || IsComplete(phase.Steps, step => step is { Region: not null, Tag: not null, Action: not null, To: not null } && IsComplete(step.Reason))
            ? null
            : List($"{path}.steps", false);

        static string? List(string path, bool isComplete) =>
            isComplete ? null : $"state.{path} is missing, or has an element that is null or incomplete";
    }

    private static bool IsComplete(IReadOnlyList<ReasonText>? reasons) => IsComplete(reasons, IsComplete);

    private static bool IsComplete(ReasonText? reason) => reason is { Code: not null, Text: not null };

    private static bool IsComplete<T>(IReadOnlyList<T>? items, Func<T, bool> isComplete) => items is not null && items.All(isComplete);
}
