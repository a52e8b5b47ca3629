namespace Automation.Core.Builds;

/// <summary>What is there to build for. Due is what no running or successful build covers; whether it may start now is not asked here.</summary>
internal static class DueCauses
{
    /// <summary>Every kind of cause in order of rank, with the cause when it is due and why it is or is not.</summary>
    /// <param name="slot">The last one of the image's schedule that has come; null: there is none.</param>
    public static IEnumerable<(BuildCause? Cause, Reason Reason)> Of(BuildFacts facts, BuildHistory history, DateTimeOffset? slot)
    {
        if (facts.Manual is { } manual)
        {
            var cause = new BuildCause.Requested(manual.Id);
            yield return history.HasDone(cause)
                ? (null, new Reason(ReasonCode.RequestDone, $"request {manual.Id} has been built"))
                : (cause, new Reason(ReasonCode.Requested, $"{manual.By} asked for it (request {manual.Id})"));
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
                    new Reason(ReasonCode.NewRecipeVersion, $"the recipe is {facts.Pipeline.RecipeVersion}, the newest build is of {recipe}"))
                : (null, new Reason(ReasonCode.RecipeBuilt, $"recipe {facts.Pipeline.RecipeVersion} has been built"));
        }

        if (facts.Image.Build is { Schedule: { } unknown, SlotZone: null } rules)
        {
            yield return (null, new Reason(ReasonCode.TimeZoneMissing,
                $"{unknown.Text} is meant in {rules.TimeZone}, a time zone that is not known here: nothing is built on schedule"));
        }

        if (slot is { } last)
        {
            var next = facts.Image.Build.Schedule!.NextAfter(facts.Now, facts.Image.Build.SlotZone!);
            yield return history.Covering(last) is { } covering
                ? (null, new Reason(ReasonCode.SlotCovered,
                    $"slot {HumanText.At(last)} is covered by {covering.Version}; the next one is {(next is null ? "never" : HumanText.At(next.Value))}"))
                : (new BuildCause.ScheduledSlot(last), new Reason(ReasonCode.ScheduleSlot, $"slot {HumanText.At(last)} of {facts.Image.Build.Schedule.Text} has come"));
        }
    }

    private static (BuildCause? Cause, Reason Reason) FromBase(BuildFacts facts, BuildHistory history)
    {
        if (facts.Base is not { Digest: { } digest } known)
        {
            var unseen = facts.BaseUnreadable is { } why
                ? $"what {facts.Pipeline.ParentImage} stands for cannot be read: {HumanText.Clause(why)}; {Unseen(facts)}"
                : Unseen(facts);
            return history.Newest is null
                ? (new BuildCause.First(), new Reason(ReasonCode.NeverBuilt, $"the image has no build yet; {unseen}"))
                : (null, new Reason(ReasonCode.BaseUnreadable, unseen));
        }

        if (history.Newest is not { } newest)
        {
            return (new BuildCause.NewBase(digest), new Reason(ReasonCode.NeverBuilt, $"the image has no build yet; {known.Now}"));
        }

        if (history.NewestWithBase is not { } made || made.BaseDigest != digest)
        {
            return (new BuildCause.NewBase(digest), newest.BaseDigest is { } used
                ? new Reason(ReasonCode.NewBaseDigest, $"{known.Now}, the newest build {newest.Version} was made from {used.Short12}")
                : new Reason(ReasonCode.BaseUnknown, $"{known.Now}, the newest build {newest.Version} was started by others and does not say its base"));
        }

        return made.State.IsRunning()
            ? (null, new Reason(ReasonCode.AlreadyBuilding, $"{made.Version} is being built from {digest.Short12}"))
            : (null, new Reason(ReasonCode.BaseAlreadyBuilt, $"{made.Version} was built from {digest.Short12}"));
    }

    /// <summary>Where a base is whose digest is not read, and what the image is built for all the same.</summary>
    private static string Unseen(BuildFacts facts)
    {
        string[] causes = [.. facts.Image.Build.Schedule is { } schedule ? [$"on its schedule {schedule}"] : Array.Empty<string>(),
            .. facts.Image.Build.Watch.Count > 0 ? ["for a watched image"] : Array.Empty<string>(), "for a new recipe", "on request"];
        return $"the base {facts.Pipeline.ParentImage} {facts.Pipeline.Parent.Location}, where its pushes are not seen; the image is built {string.Join(", ", causes[..^1])} and {causes[^1]}";
    }

    private static (BuildCause? Cause, Reason Reason) FromWatched(WatchedFacts watched, BuildHistory history)
    {
        if (watched.Newest is not { } image)
        {
            return watched.Unreadable is { } why
                ? (null, new Reason(ReasonCode.WatchedUnreadable, $"what is under {watched.Tags} cannot be told: {why}"))
                : (null, new Reason(ReasonCode.WatchedMissing, $"there is no image {watched.Tags}"));
        }

        var newest = $"the newest {watched.Tags} is {image.Tag}, {image.Digest.Short12}, pushed at {HumanText.At(image.PushedAt)}";
        if (history.Covering(watched.Tags, image) is { } covering)
        {
            return (null, new Reason(ReasonCode.WatchedCovered, $"{newest}; it is covered by {covering.Version}"));
        }

        return history.Last is null
            ? (null, new Reason(ReasonCode.WatchedNotBuilt, $"{newest}; the first build will be made with it"))
            : (new BuildCause.NewWatched(image.Digest), new Reason(ReasonCode.NewWatchedImage, history.Newest is { } built
                ? $"{newest}; the newest build {built.Version} was not made with it"
                : $"{newest}; no build has succeeded yet"));
    }
}
