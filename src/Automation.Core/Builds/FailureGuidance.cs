using Automation.Core.Catalog;

namespace Automation.Core.Builds;

/// <summary>Says what happens next after a failed or cancelled build, and what a person can do. It considers only the pipeline and its builds;
/// <see cref="BuildPlanner"/> decides whether another cause is due.</summary>
public static class FailureGuidance
{
    /// <summary>What a person can do if Automation does not retry the build.</summary>
    public static string NextStep(string? image) =>
        $"Fix the failure, then run `automation build {image}`. A new base, watched image, recipe or schedule slot also triggers a build.";

    /// <param name="builds">All builds of the image, including the failed one.</param>
    public static Reason After(BuildRecord failed, ImageSpec image, PipelineFacts pipeline, IEnumerable<BuildRecord> builds)
    {
        if (pipeline.Hold is { Scope: HoldScope.Everything } hold)
        {
            return new Reason(ReasonCode.NotRetriedWhileHeld, $"No build starts while a hold stops everything: {hold.Why}");
        }

        if (!pipeline.Enabled)
        {
            return new Reason(
                ReasonCode.NotRetriedWhileDisabled, $"No build starts while pipeline {pipeline.Name} is disabled. Fix the failure and enable the pipeline.");
        }

        if (failed.State == BuildState.Cancelled)
        {
            return new Reason(ReasonCode.NotRetriedAfterCancel,
                $"Automation does not retry it; run `automation build {image.Name}` to build it. A new base, watched image, recipe or schedule slot also triggers a build.");
        }

        if (BuildCause.Of(failed) is not { } cause)
        {
            return new Reason(ReasonCode.NotRetriedRequest,
                $"A person requested this build; run `automation build {image.Name}` to request it again. Causes that are due trigger a build anyway.");
        }

        if (failed.FailureKind == FailureKind.Permanent)
        {
            return new Reason(ReasonCode.NotRetried, $"A retry would fail again. {NextStep(image.Name)}");
        }

        var failures = new BuildHistory(builds).UnsuccessfulAttemptsAt(cause, pipeline.RecipeVersion).Count(build => build.State == BuildState.Failed);
        var maxAttempts = image.Build.MaxAttempts;
        return failures == 0 ? new Reason(ReasonCode.NextWhenDue, "Causes that became due since then trigger a build.")
            : failures < maxAttempts ? new Reason(ReasonCode.Retried,
                $"Automation retries it after {HumanText.Of((int)BuildPlanner.Pause(image.Build.RetryAfterMinutes, failures).TotalMinutes, "minute")}: attempt {failures + 1} of {maxAttempts}.")
            : new Reason(ReasonCode.NotRetried, $"It was the last of {HumanText.Of(maxAttempts, "attempt")}. {NextStep(image.Name)}");
    }
}
