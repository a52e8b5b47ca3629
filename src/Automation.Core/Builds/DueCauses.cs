using Automation.Core.Catalog;

namespace Automation.Core.Builds;

/// <summary>Finds the causes that are due because no running or successful build covers them. Does not decide whether a build may start now.</summary>
internal static class DueCauses
{
    /// <summary>Returns every kind of cause by rank: the cause if it is due, and why it is or is not.</summary>
    /// <param name="slot">The last slot of the schedule up to now; null if there is none.</param>
    public static IEnumerable<(BuildCause? Cause, Reason Reason)> Of(BuildFacts facts, BuildHistory history, DateTimeOffset? slot)
    {
        if (facts.Manual is { } manual)
        {
            var cause = new BuildCause.Requested(manual.Id);
            yield return history.IsCovered(cause)
                ? (null, new Reason(ReasonCode.RequestDone, $"request {manual.Id} is done"))
                : (cause, new Reason(ReasonCode.Requested, $"{manual.By} requested it (request {manual.Id})"));
        }

        yield return FromBase(facts, history);
        foreach (var watched in facts.Watched)
        {
            yield return FromWatched(watched, history);
        }

        if (history.HighestRecipe is { } recipe)
        {
            yield return facts.Pipeline.RecipeVersion > recipe
                ? (new BuildCause.NewRecipe(facts.Pipeline.RecipeVersion),
                    new Reason(ReasonCode.NewRecipeVersion, $"the recipe is {facts.Pipeline.RecipeVersion}, but the newest build is of {recipe}"))
                : (null, new Reason(ReasonCode.RecipeBuilt, $"recipe {facts.Pipeline.RecipeVersion} is done"));
        }

        if (facts.Findings is { } findings)
        {
            yield return FromFindings(findings, history);
        }

        if (facts.Image.Build is { Schedule: { } unknown, SlotZone: null } rules)
        {
            yield return (null, new Reason(ReasonCode.TimeZoneMissing,
                $"{unknown.Text} uses the time zone {rules.TimeZone}, which this machine does not know, so no build starts on schedule"));
        }

        if (slot is { } last)
        {
            var next = facts.Image.Build.Schedule!.NextAfter(facts.Now, facts.Image.Build.SlotZone!);
            yield return history.Covering(last) is { } covering
                ? (null, new Reason(ReasonCode.SlotCovered,
                    $"slot {HumanText.At(last)} is covered by {covering.Version}; the next one is {(next is null ? "never" : HumanText.At(next.Value))}"))
                : (new BuildCause.ScheduledSlot(last),
                    new Reason(ReasonCode.ScheduleSlot, $"slot {HumanText.At(last)} of {facts.Image.Build.Schedule.Text} is due"));
        }
    }

    private static (BuildCause? Cause, Reason Reason) FromBase(BuildFacts facts, BuildHistory history)
    {
        if (facts.Base is not { Digest: { } digest } known)
        {
            var notWatched = facts.BaseUnreadable is { } why
                ? $"{facts.Pipeline.ParentImage} cannot be resolved: {HumanText.Clause(why)}; {NotWatched(facts)}"
                : NotWatched(facts);
            return history.Newest is null
                ? (new BuildCause.First(), new Reason(ReasonCode.NeverBuilt, $"the image has no build yet; {notWatched}"))
                : (null, new Reason(ReasonCode.BaseUnreadable, notWatched));
        }

        if (history.Newest is not { } newest)
        {
            return (new BuildCause.NewBase(digest), new Reason(ReasonCode.NeverBuilt, $"the image has no build yet; {known.Now}"));
        }

        if (history.NewestWithBase is not { } made || made.BaseDigest != digest)
        {
            return (new BuildCause.NewBase(digest), newest.BaseDigest is { } used
                ? new Reason(ReasonCode.NewBaseDigest, $"{known.Now}, but the newest build {newest.Version} used {used.Short12}")
                : new Reason(ReasonCode.BaseUnknown, $"{known.Now}; Automation did not start the newest build {newest.Version}, so its base is unknown"));
        }

        return made.State.IsRunning()
            ? (null, new Reason(ReasonCode.AlreadyBuilding, $"{made.Version} is building from {digest.Short12}"))
            : (null, new Reason(ReasonCode.BaseAlreadyBuilt, $"{made.Version} was built from {digest.Short12}"));
    }

    private static (BuildCause? Cause, Reason Reason) FromFindings(FindingFacts findings, BuildHistory history)
    {
        var promoted = findings.Promoted;
        if (findings.Id is not { } id)
        {
            return (null, new Reason(ReasonCode.NothingFixable, $"the promoted build {promoted} has no fixable finding of {findings.Severity.Name()} or above"));
        }

        // A newer build that is not promoted yet has newer packages. What it still has is found after its promotion.
        if (history.Newest is { } newest && newest.Version > promoted)
        {
            return (null, new Reason(ReasonCode.FindingsCovered, $"build {newest.Version} is newer than the promoted build {promoted} with its findings"));
        }

        var cause = new BuildCause.FixableFindings(id);
        return history.IsCovered(cause)
            ? (null, new Reason(ReasonCode.FindingsCovered, $"a build was started for {findings.Text}, but its image has them too: renew the base or the packages"))
            : (cause, new Reason(ReasonCode.FixableFindings, $"the promoted build {promoted} has fixable findings: {findings.Text}"));
    }

    /// <summary>Says where a base is that cannot be watched, and what starts builds of the image instead.</summary>
    private static string NotWatched(BuildFacts facts)
    {
        string[] causes = [.. facts.Image.Build.Schedule is { } schedule ? [$"on its schedule {schedule}"] : Array.Empty<string>(),
            .. facts.Image.Build.Watch.Count > 0 ? ["for a watched image"] : Array.Empty<string>(), "for a new recipe", "on request"];
        return $"the base {facts.Pipeline.ParentImage} {facts.Pipeline.Parent.Location}, where pushes cannot be seen; the image is built {string.Join(", ", causes[..^1])} and {causes[^1]}";
    }

    private static (BuildCause? Cause, Reason Reason) FromWatched(WatchedFacts watched, BuildHistory history)
    {
        if (watched.Newest is not { } image)
        {
            return watched.Unreadable is { } why
                ? (null, new Reason(ReasonCode.WatchedUnreadable, $"the images under {watched.Tags} cannot be read: {why}"))
                : (null, new Reason(ReasonCode.WatchedMissing, $"there is no image {watched.Tags}"));
        }

        var newest = $"the newest {watched.Tags} is {image.Tag}, {image.Digest.Short12}, pushed at {HumanText.At(image.PushedAt)}";
        if (history.Covering(watched.Tags, image) is { } covering)
        {
            return (null, new Reason(ReasonCode.WatchedCovered, $"{newest}; it is covered by {covering.Version}"));
        }

        return history.Last is null
            ? (null, new Reason(ReasonCode.WatchedNotBuilt, $"{newest}; the first build will use it"))
            : (new BuildCause.NewWatched(image.Digest), new Reason(ReasonCode.NewWatchedImage, history.Newest is { } built
                ? $"{newest}; the newest build {built.Version} does not use it"
                : $"{newest}; no build has succeeded yet"));
    }
}
