using Automation.Core.Catalog;

namespace Automation.Core.Builds;

/// <summary>What follows by itself after a build that went wrong, for whoever hears of it. Told from the pipeline and its builds alone; whether
/// anything else is due at that moment is <see cref="BuildPlanner"/>'s to say.</summary>
public static class Outlook
{
    /// <summary>What can be done where nothing follows by itself.</summary>
    public static string WayOn(string? image) =>
        $"Mend what fails, then: automation build {image}. Another base, watched image or recipe, or the next slot of its schedule, is tried by itself.";

    /// <param name="builds">All of the image, the failed one among them.</param>
    public static Reason After(BuildRecord failed, ImageSpec image, PipelineFacts pipeline, IEnumerable<BuildRecord> builds)
    {
        if (pipeline.Hold is { Scope: HoldScope.Everything } hold)
        {
            return new Reason("next", $"Nothing follows by itself, because everything is held: {hold.Why}");
        }

        if (!pipeline.Enabled)
        {
            return new Reason("next", $"Nothing follows by itself: pipeline {pipeline.Name} is disabled. Mend what fails and enable it.");
        }

        if (failed.FailureKind == FailureKind.Permanent)
        {
            return new Reason("next", $"The same would fail again. {WayOn(image.Name)}");
        }

        if (BuildCause.Of(failed) is not { } cause)
        {
            return new Reason("next", $"Somebody asked for this build and may ask again: automation build {image.Name}. What is due anyway is built by itself.");
        }

        var failures = new BuildHistory(builds).FailuresOf(cause, pipeline.RecipeVersion).Count;
        var most = image.Build.MaxAttempts;
        return new Reason("next", failures == 0 ? "What is due since then is built by itself."
            : failures < most ? $"It is tried again by itself after {Wording.Of((int)BuildPlanner.Pause(image.Build.RetryAfterMinutes, failures).TotalMinutes, "minute")}: attempt {failures + 1} of {most}."
            : $"It was the last of {Wording.Of(most, "attempt")}. {WayOn(image.Name)}");
    }
}
