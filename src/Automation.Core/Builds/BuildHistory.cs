using Automation.Core.Images;

namespace Automation.Core.Builds;

/// <summary>What the builds of one image say about what is still to be built.</summary>
/// <remarks>A build covers a cause if it has the property in question and runs or has succeeded, even if its image is deleted later. A failed
/// or cancelled build covers nothing.</remarks>
internal sealed class BuildHistory
{
    private readonly List<BuildRecord> _builds;

    public BuildHistory(IEnumerable<BuildRecord> builds)
    {
        _builds = [.. builds.OrderBy(build => build.CreatedAt).ThenBy(build => build.Version)];
        Newest = _builds.FindLast(Covers);
        Running = _builds.FindLast(build => build.State.IsRunning());
    }

    /// <summary>The last started build that runs or succeeded.</summary>
    public BuildRecord? Newest { get; }

    public BuildRecord? Running { get; }

    /// <summary>The last started build, whatever its result. Retention keeps its record, so every build has a different predecessor.</summary>
    public BuildRecord? Last => _builds.LastOrDefault();

    public RecipeVersion? HighestRecipe => _builds.Where(Covers).Max(build => build.Version.Recipe);

    /// <summary>The newest build with a recorded base. A build that Automation did not start has none, and its time does not reveal it: a digest that was
    /// pushed long ago may have received its tag just now. But such a build never uses an older base than the build before it.</summary>
    public BuildRecord? NewestWithBase => _builds.FindLast(build => Covers(build) && build.BaseDigest is not null);

    /// <summary>The build that used the newest image under the watched tags; null if there is none. A build from before the tags were watched
    /// records nothing. It counts if it started after the image was pushed.</summary>
    public BuildRecord? Covering(WatchedTags tags, WatchedImage image) =>
        _builds.FindLast(build => Covers(build) && build.Watched.ContainsKey(tags.Id)) is { } recorded
        ? recorded.Watched[tags.Id] == image.Digest ? recorded : null
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

    /// <summary>The failed and cancelled attempts at the cause since its last success, oldest first. Attempts with another recipe do not count,
    /// because they had another input.</summary>
    /// <param name="recipe">The recipe version that the pipeline builds now.</param>
    public IReadOnlyList<BuildRecord> UnsuccessfulAttemptsAt(BuildCause cause, RecipeVersion recipe)
    {
        var attempts = AttemptsAt(cause);
        return [.. attempts.Skip(1 + attempts.FindLastIndex(Covers)).Where(build => build.Version.Recipe == recipe)];
    }

    public bool IsCovered(BuildCause cause) => AttemptsAt(cause).Exists(Covers);

    /// <summary>One higher than any attempt recorded for the cause, so that the execution's name is new. A base that returns after another one
    /// (A, B, A) is therefore built again. After the records of its attempts are pruned, the workflow's rounds make the name new.</summary>
    public int NextAttempt(BuildCause cause)
    {
        var attempts = AttemptsAt(cause);
        return 1 + Math.Max(attempts.Count,
            attempts.Where(build => string.Equals(build.Cause, cause.Key, StringComparison.Ordinal))
                .Select(build => build.Attempt).DefaultIfEmpty(0).Max());
    }

    /// <summary>
    /// The builds whose records prevent another build of a cause; retention must keep them. Only failures of the highest recipe version and of the
    /// newest build's recipe version count, and only those of the last schedule slot.
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
            var causes = _builds.Where(build => build.State.WentWrong() && build.Version.Recipe == recipe).SelectMany(build => CausesOf(build, slot))
                .Distinct();
            foreach (var cause in causes)
            {
                needed.UnionWith(UnsuccessfulAttemptsAt(cause, recipe));
            }
        }

        return needed;
    }

    /// <summary>Every cause that a build is an attempt at, whatever cause started it.</summary>
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

        if (BuildCause.Of(build) is BuildCause.FixableFindings findings)
        {
            yield return findings;
        }

        if (build.Slot is { } slot && slot == newestSlot)
        {
            yield return new BuildCause.ScheduledSlot(slot);
        }
    }

    private static bool Covers(BuildRecord build) => build.State.IsRunning() || build.State.Succeeded();
}
