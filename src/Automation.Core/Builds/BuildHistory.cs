using Automation.Core.Images;

namespace Automation.Core.Builds;

/// <summary>What the builds so far say about one image; in the order in which they were started.</summary>
/// <remarks>"Covers" means that a build with that property runs or has succeeded, whatever became of its image later: what a failed
/// or cancelled build was meant for is still to be done.</remarks>
internal sealed class BuildHistory
{
    private readonly List<BuildRecord> _builds;

    public BuildHistory(IEnumerable<BuildRecord> builds)
    {
        _builds = [.. builds.OrderBy(build => build.CreatedAt).ThenBy(build => build.Version)];
        Newest = _builds.FindLast(Covers);
        Running = _builds.FindLast(build => build.State.IsRunning());
    }

    /// <summary>The build started last that runs or succeeded.</summary>
    public BuildRecord? Newest { get; }

    public BuildRecord? Running { get; }

    /// <summary>The build started last, whatever became of it. Retention keeps its record, so every build has another one before it.</summary>
    public BuildRecord? Last => _builds.LastOrDefault();

    public RecipeVersion? HighestRecipe => _builds.Where(Covers).Max(build => build.Version.Recipe);

    /// <summary>The newest build that says its base. One that the automation did not start does not, and no time tells it: a digest that was
    /// pushed long ago may have got its tag a moment ago. But it was made from nothing older than the build before it.</summary>
    public BuildRecord? NewestWithBase => _builds.FindLast(build => Covers(build) && build.BaseDigest is not null);

    /// <summary>The build that was made with the newest image under the watched tags; null: none was. Of builds before the tags were watched, which
    /// do not say it, the time tells: what was pushed before the newest one was started.</summary>
    public BuildRecord? Covering(WatchedTags tags, WatchedImage image) => _builds.FindLast(build => Covers(build) && build.Watched.ContainsKey(tags.Id)) is { } made
        ? made.Watched[tags.Id] == image.Digest ? made : null
        : Newest?.CreatedAt >= image.PushedAt ? Newest : null;

    public BuildRecord? Covering(DateTimeOffset slot) =>
        _builds.FindLast(build => Covers(build) && (build.CreatedAt >= slot || build.Slot >= slot));

    /// <summary>The builds that count as attempts at the cause.</summary>
    private List<BuildRecord> AttemptsAt(BuildCause cause) => cause switch
    {
        BuildCause.NewBase newBase => _builds.FindAll(build => build.BaseDigest == newBase.Digest),
        BuildCause.NewWatched watched => _builds.FindAll(build => build.Watched.Values.Contains(watched.Digest)),
        BuildCause.ScheduledSlot slot => _builds.FindAll(build => build.Slot == slot.Slot),
        BuildCause.NewRecipe recipe => _builds.FindAll(build => build.Version.Recipe == recipe.Version),
        BuildCause.First => _builds,
        _ => _builds.FindAll(build => string.Equals(build.Cause, cause.Key, StringComparison.Ordinal)),
    };

    /// <summary>Of the attempts at the cause, those that failed or were cancelled since it last succeeded, oldest first. Another recipe is another input: what failed of
    /// one says nothing about the other.</summary>
    /// <param name="recipe">What the pipeline builds now.</param>
    public IReadOnlyList<BuildRecord> UnsuccessfulAttemptsAt(BuildCause cause, RecipeVersion recipe)
    {
        var attempts = AttemptsAt(cause);
        return [.. attempts.Skip(1 + attempts.FindLastIndex(Covers)).Where(build => build.Version.Recipe == recipe)];
    }

    public bool HasDone(BuildCause cause) => AttemptsAt(cause).Exists(Covers);

    /// <summary>One higher than any attempt recorded for the cause, so that the execution's name is a new one. A base that comes back after
    /// another one (A, B, A) is thereby built again; once the records of its attempts are pruned, the workflow's rounds make the name new.</summary>
    public int NextAttempt(BuildCause cause)
    {
        var attempts = AttemptsAt(cause);
        return 1 + Math.Max(attempts.Count,
            attempts.Where(build => string.Equals(build.Cause, cause.Key, StringComparison.Ordinal))
                .Select(build => build.Attempt).DefaultIfEmpty(0).Max());
    }

    /// <summary>
    /// The builds whose records say that something is not to be built again: without them it would be. They are of the highest recipe or of that of the
    /// newest build: what failed of another recipe does not count. Of schedule slots only the last one matters.
    /// </summary>
    public IReadOnlySet<BuildRecord> Refusals()
    {
        var needed = new HashSet<BuildRecord>();
        if (_builds.Count == 0)
        {
            return needed;
        }

        var slot = _builds.Max(build => build.Slot);
        foreach (var recipe in new[] { _builds.Max(build => build.Version.Recipe), Newest?.Version.Recipe }.OfType<RecipeVersion>().Distinct())
        {
            var causes = _builds.Where(build => build.State.WentWrong() && build.Version.Recipe == recipe).SelectMany(build => CausesOf(build, slot)).Distinct();
            foreach (var cause in causes)
            {
                needed.UnionWith(UnsuccessfulAttemptsAt(cause, recipe));
            }
        }

        return needed;
    }

    /// <summary>Every cause that a build is an attempt at, whatever it was started for.</summary>
    private static IEnumerable<BuildCause> CausesOf(BuildRecord build, DateTimeOffset? newestSlot)
    {
        yield return new BuildCause.First();
        yield return new BuildCause.NewRecipe(build.Version.Recipe);
        if (build.BaseDigest is { } digest)
        {
            yield return new BuildCause.NewBase(digest);
        }

        foreach (var watched in build.Watched.Values)
        {
            yield return new BuildCause.NewWatched(watched);
        }

        if (build.Slot is { } slot && slot == newestSlot)
        {
            yield return new BuildCause.ScheduledSlot(slot);
        }
    }

    private static bool Covers(BuildRecord build) => build.State.IsRunning() || build.State.Succeeded();
}
