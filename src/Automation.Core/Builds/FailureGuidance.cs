using Automation.Core.Catalog;

namespace Automation.Core.Builds;

/// <summary>What follows by itself after a build that went wrong, for whoever hears of it. Told from the pipeline and its builds alone; whether
/// anything else is due at that moment is <see cref="BuildPlanner"/>'s to say.</summary>
public static class FailureGuidance
{
    /// <summary>What can be done where nothing follows by itself.</summary>
    public static string NextStep(string? image) =>
        $"Fix what fails, then: automation build {image}. Another base, watched image or recipe, or the next slot of its schedule, is tried by itself.";

    /// <param name="builds">All of the image, the failed one among them.</param>
    public static Reason After(BuildRecord failed, ImageSpec image, PipelineFacts pipeline, IEnumerable<BuildRecord> builds)
    {
        if (pipeline.Hold is { Scope: HoldScope.Everything } hold)
        {
            return new Reason(ReasonCode.NotRetriedWhileHeld, $"Nothing follows by itself, because everything is held: {hold.Why}");
        }

        if (!pipeline.Enabled)
        {
            return new Reason(ReasonCode.NotRetriedWhileDisabled, $"Nothing follows by itself: pipeline {pipeline.Name} is disabled. Mend what fails and enable it.");
        }

        if (failed.State == BuildState.Cancelled)
        {
            return new Reason(ReasonCode.NotRetriedAfterCancel, $"The same is not tried again by itself: automation build {image.Name} asks for it. Another base, watched image or recipe, or the next slot of its schedule, is built.");
        }

        if (BuildCause.Of(failed) is not { } cause)
        {
            return new Reason(ReasonCode.NotRetriedRequest, $"Somebody asked for this build and may ask again: automation build {image.Name}. What is due anyway is built by itself.");
        }

        if (failed.FailureKind == FailureKind.Permanent)
        {
            return new Reason(ReasonCode.NotRetried, $"The same would fail again. {NextStep(image.Name)}");
        }

        var failures = new BuildHistory(builds).UnsuccessfulAttemptsAt(cause, pipeline.RecipeVersion).Count(build => build.State == BuildState.Failed);
        var most = image.Build.MaxAttempts;
        return failures == 0 ? new Reason(ReasonCode.NextWhenDue, "What is due since then is built by itself.")
            : failures < most ? new Reason(ReasonCode.Retried,
                $"It is tried again by itself after {HumanText.Of((int)BuildPlanner.Pause(image.Build.RetryAfterMinutes, failures).TotalMinutes, "minute")}: attempt {failures + 1} of {most}.")
            : new Reason(ReasonCode.NotRetried, $"It was the last of {HumanText.Of(most, "attempt")}. {NextStep(image.Name)}");
    }
}
