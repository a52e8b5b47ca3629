using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Builds;

/// <summary>Everything that decides whether an image must be built now. It is read from the APIs and needs no event.</summary>
public sealed record BuildFacts
{
    public required ImageSpec Image { get; init; }

    public required PipelineFacts Pipeline { get; init; }

    /// <summary>Null if the base is not in an ECR registry of this account. Then only schedule, recipe, watched images and requests start builds.</summary>
    public BaseFacts? Base { get; init; }

    /// <summary>Why the parameter or ARN that names the base cannot be resolved; null if it can, or if the recipe uses neither.</summary>
    public string? BaseUnreadable { get; init; }

    /// <summary>One entry for each of <see cref="BuildRules.Watch"/>, in that order.</summary>
    public IReadOnlyList<WatchedFacts> Watched { get; init; } = [];

    /// <summary>All build versions of the image across all recipe versions, in any order.</summary>
    public IReadOnlyList<BuildRecord> Builds { get; init; } = [];

    /// <summary>All records of the pipeline, from which <see cref="PipelineBuilds"/> selects <see cref="Builds"/>. Build planning does not use them;
    /// they spare retention planning a second read.</summary>
    public IReadOnlyList<BuildRecord> Records { get; init; } = [];

    public ManualRequest? Manual { get; init; }

    /// <summary>The other images of the lane; null if there are none or they were not read.</summary>
    public LaneFacts? Lane { get; init; }

    /// <summary>The names on a cycle of the lineage with the current recipes (<see cref="ImageLineage.CycleThrough"/>); empty if there is none.</summary>
    public IReadOnlyList<string> Cycle { get; init; } = [];

    /// <summary>How soon to check again for something whose end is not known in advance (<see cref="BuildPlanner.CheckAgainAfter"/>).</summary>
    public TimeSpan CheckAgain { get; init; } = BuildPlanner.CheckAgain;

    public required DateTimeOffset Now { get; init; }
}

/// <param name="ParentImage">As written in the container recipe; see <see cref="Parent"/>.</param>
/// <param name="DisabledAfter">The number of consecutive failures after which Image Builder disabled the pipeline; null if it did not.</param>
/// <param name="Recipe">The container recipe's name as written in its ARN; null if the pipeline does not exist.</param>
public sealed record PipelineFacts(
    string Arn, string Name, bool Enabled, RecipeVersion RecipeVersion, string ParentImage, Hold? Hold = null, int? DisabledAfter = null, string? Recipe = null)
{
    /// <summary>False if the pipeline does not exist or builds no container. Then nothing else is known about it.</summary>
    public bool Exists { get; init; } = true;

    /// <summary>The pipeline's distribution configuration; null if it has none. Image Builder then adds only its own tags.</summary>
    public string? DistributionArn { get; init; }

    /// <summary>The tags that an adopted pipeline's distribution configuration puts on each build in the image's repository, before any
    /// gate. Not read for pipelines of the stack, because the catalog check covers them.</summary>
    public IReadOnlyList<string> ContainerTags { get; init; } = [];

    /// <summary>Why <see cref="ContainerTags"/> could not be read; null if they were.</summary>
    public string? DistributionUnreadable { get; init; }

    /// <summary>The parsed <see cref="ParentImage"/>.</summary>
    public ParentImage Parent => Images.ParentImage.Parse(ParentImage);

    public static PipelineFacts Missing(string nameOrArn) => new("", nameOrArn, false, new RecipeVersion(0, 0, 0), "") { Exists = false };
}

/// <summary>The current state of the base in ECR.</summary>
/// <param name="Digest">Null if the repository can be read but has no such tag.</param>
/// <param name="PushedAt">When that digest was pushed.</param>
/// <param name="WaitingSince">The oldest push to the tag that no build includes, from which <c>maxWaitMinutes</c> counts. If it is unknown,
/// <paramref name="PushedAt"/> applies.</param>
public sealed record BaseFacts(ImageReference? Reference, Digest? Digest, DateTimeOffset? PushedAt, DateTimeOffset? WaitingSince = null)
{
    /// <summary>The parameter or the Image Builder image through which the recipe names the base; null if it names <see cref="Reference"/>.</summary>
    public string? Through { get; init; }

    /// <summary>The value of <see cref="Through"/> if it is not in an ECR registry of this account. <see cref="Digest"/> is then the hash of this
    /// text, and <see cref="PushedAt"/> is the time of its last change. Null if both belong to an image.</summary>
    public string? ResolvedTo { get; init; }

    /// <summary>Why <see cref="Through"/> resolves to nothing; null if it resolves, or if the tag does not exist.</summary>
    public string? Missing { get; init; }

    /// <summary>The name of the base for messages.</summary>
    public string Name => Through is null ? $"{Reference}" : (ResolvedTo ?? Reference?.ToString()) is { } now ? $"{Through} ({now})" : Through;

    /// <summary>The current base, as a clause.</summary>
    public string Now => ResolvedTo is null ? $"{Name} is {Digest?.Short12}" : $"{Through} resolves to {ResolvedTo}";

    /// <summary>The image of the catalog that owns the reference as a floating tag; null if there is none, or if the newest build already uses
    /// that digest.</summary>
    public TagOwner? Owner { get; init; }

    /// <summary>Adds <see cref="WaitingSince"/> from the pushes to the base repository: the oldest push since the newest build started. A pause
    /// of <paramref name="quiet"/> between two pushes ends the series. The caller needs this only while the base is within <c>quietMinutes</c>.</summary>
    /// <param name="pushes">The push times of images that have the tag, or may have lost it to a later push.</param>
    public BaseFacts WithPushes(IEnumerable<DateTimeOffset> pushes, IEnumerable<BuildRecord> builds, TimeSpan quiet) =>
        PushedAt is { } pushed ? this with { WaitingSince = OldestOf(pushed, pushes, builds, quiet) } : this;

    internal static DateTimeOffset OldestOf(DateTimeOffset newest, IEnumerable<DateTimeOffset> pushes, IEnumerable<BuildRecord> builds, TimeSpan quiet)
    {
        var started = builds.Where(build => build.State.IsRunning() || build.State.Succeeded()).Select(build => (DateTimeOffset?)build.CreatedAt).Max();
        var waiting = newest;
        foreach (var push in pushes.Where(push => push <= newest && !(push <= started)).OrderDescending())
        {
            if (waiting - push >= quiet)
            {
                break;
            }

            waiting = push;
        }

        return waiting;
    }
}

/// <summary>The current images in ECR under tags that an image watches.</summary>
/// <param name="Newest">Null if there is none, or if it could not be read.</param>
/// <param name="WaitingSince">See <see cref="BaseFacts"/>.</param>
/// <param name="Unreadable">Why the repository could not be read; null if it was.</param>
public sealed record WatchedFacts(WatchedTags Tags, WatchedImage? Newest, DateTimeOffset? WaitingSince = null, string? Unreadable = null)
{
    /// <summary>See <see cref="BaseFacts.Owner"/>.</summary>
    public TagOwner? Owner { get; init; }

    /// <param name="images">Images of the repository. Those that have no matching tag, and cannot have lost one to a later push, are ignored.</param>
    public static WatchedFacts Of(WatchedTags tags, IEnumerable<TaggedImage> images, IEnumerable<BuildRecord> builds, TimeSpan quiet)
    {
        var ours = images.Where(image => image.MayHaveHad(tags.Tags)).ToList();
        var newest = ours.Where(image => image.Tags.Any(tags.Tags.Matches)).OrderBy(image => image.PushedAt).ThenBy(image => image.Digest).LastOrDefault();
        return newest is null ? new WatchedFacts(tags, null) : new WatchedFacts(
            tags,
            new WatchedImage(newest.Tags.Where(tags.Tags.Matches).Max(StringComparer.Ordinal)!, newest.Digest, newest.PushedAt),
            BaseFacts.OldestOf(newest.PushedAt, ours.Select(image => image.PushedAt), builds, quiet));
    }
}

/// <param name="Tag">The matching tag.</param>
/// <param name="PushedAt">When the image was pushed. It may have received the tag later.</param>
public sealed record WatchedImage(string Tag, Digest Digest, DateTimeOffset PushedAt);

/// <summary>A person's decision to stop automatic changes of an image, written as tags on its pipeline. A rollback also sets a hold.</summary>
/// <param name="Rollback">The rollback that set it; null if a person set it, and then it freezes the floating tags where they are.</param>
public sealed record Hold(string Why, HoldScope Scope, DateTimeOffset? Since = null, RollbackRecord? Rollback = null)
{
    /// <summary>The build that owns the floating tags while this hold is set; null if no rollback set it.</summary>
    public ImageVersion? Target => Rollback?.Target;

    /// <summary>Whether a requested promotion ends this hold. It ends existing holds, but not one that somebody sets after the request.</summary>
    /// <param name="asked">When the promotion began; null if unknown.</param>
    public bool IsEndedBy(DateTimeOffset? asked) => !(Since > asked);
}

/// <summary>A rollback as written on the pipeline, beside its hold.</summary>
/// <param name="Execution">The execution that last began to move the tags to the target.</param>
/// <param name="BegunAt">When that began.</param>
public sealed record RollbackRecord(ImageVersion Target, string Execution, DateTimeOffset BegunAt);

public enum HoldScope
{
    /// <summary>Floating tags stay where they are, while builds and version tags continue. A rollback sets this scope.</summary>
    Promotion,

    /// <summary>Builds stop as well, except for requested ones.</summary>
    Everything,
}

/// <param name="Id">The id of the request, the same if it is sent twice: letters, digits, '-' and '_'.</param>
public sealed record ManualRequest(string Id, string By);

/// <summary>Why a build is started.</summary>
public abstract record BuildCause
{
    private BuildCause()
    {
    }

    /// <summary>Identifies the cause across time and processes. Attempts are counted per key.</summary>
    public abstract string Key { get; }

    /// <summary>A short text for the execution name, unique per cause.</summary>
    public abstract string Label { get; }

    /// <summary>The cause recorded on a build; null if there is none, and for a requested build.</summary>
    public static BuildCause? Of(BuildRecord build) => build.Cause?.Split(':', 2) switch
    {
        ["base", _] when build.BaseDigest is { } digest => new NewBase(digest),
        ["watched", var text] when Digest.TryParse(text, out var digest) => new NewWatched(digest),
        ["slot", _] when build.Slot is { } slot => new ScheduledSlot(slot),
        ["recipe", _] => new NewRecipe(build.Version.Recipe),
        ["first"] => new First(),
        _ => null,
    };

    /// <summary>The base has another digest than the one the newest build used.</summary>
    public sealed record NewBase(Digest Digest) : BuildCause
    {
        public override string Key => "base:" + Digest.Value;

        public override string Label => Digest.Short12;
    }

    /// <summary>A watched tag names another image than the one the newest build used.</summary>
    public sealed record NewWatched(Digest Digest) : BuildCause
    {
        public override string Key => "watched:" + Digest.Value;

        public override string Label => "watched-" + Digest.Short12;
    }

    /// <summary>A slot of the image's schedule is due.</summary>
    public sealed record ScheduledSlot(DateTimeOffset Slot) : BuildCause
    {
        public override string Key => "slot:" + BuildTags.Format(Slot);

        public override string Label => Slot.UtcDateTime.ToString("yyyyMMdd'T'HHmm", System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>The pipeline's recipe is newer than the newest build.</summary>
    public sealed record NewRecipe(RecipeVersion Version) : BuildCause
    {
        public override string Key => "recipe:" + Version;

        public override string Label => $"v{Version}".Replace('.', '-');
    }

    /// <summary>A person requested the build.</summary>
    public sealed record Requested(string Id) : BuildCause
    {
        public override string Key => BuildTags.Shorten("manual:" + Id);

        public override string Label => "manual-" + Id;
    }

    /// <summary>The image has no build yet, and its base cannot be read.</summary>
    public sealed record First : BuildCause
    {
        public override string Key => "first";

        public override string Label => "first";
    }
}

/// <summary>Everything needed to start a build. The same facts give the same request.</summary>
public sealed record BuildRequest
{
    public required string Image { get; init; }

    public required string PipelineArn { get; init; }

    public required BuildCause Cause { get; init; }

    /// <summary>The base digest, recorded on every build whatever its cause.</summary>
    public Digest? BaseDigest { get; init; }

    /// <summary>The newest schedule slot that this build covers.</summary>
    public DateTimeOffset? Slot { get; init; }

    /// <summary>Counts from 1: one higher than the highest attempt recorded for the cause.</summary>
    public required int Attempt { get; init; }

    /// <summary>A UUID (36 characters) derived from the pipeline and the last started build. If several executions decide on the same builds, only one
    /// starts the next build, whatever its cause. If the newest record was deleted, its token is used up: see <see cref="BuildPlanner.TokenAfter"/>.</summary>
    public required string ClientToken { get; init; }

    /// <summary>The execution's name, <c>build-app_3f2a…_1</c>; at most 80 characters.</summary>
    public required string ExecutionName { get; init; }

    /// <summary>Tags for StartImagePipelineExecution, which puts them on the image build.</summary>
    public required IReadOnlyDictionary<string, string> Tags { get; init; }
}

public abstract record BuildDecision
{
    private BuildDecision(IReadOnlyList<Reason> reasons) => Reasons = reasons;

    /// <summary>At least one. The deciding reason comes first.</summary>
    public IReadOnlyList<Reason> Reasons { get; }

    public sealed record Start(BuildRequest Order, IReadOnlyList<Reason> Why) : BuildDecision(Why);

    /// <summary>The build is due, but must not start before <see cref="Until"/>.</summary>
    /// <param name="Order">The build that would start.</param>
    public sealed record NotYet(DateTimeOffset Until, BuildRequest Order, IReadOnlyList<Reason> Why) : BuildDecision(Why);

    /// <param name="Stuck">Set if only a person can resolve it; null if time or an event may.</param>
    public sealed record No(IReadOnlyList<Reason> Why, StuckBuild? Stuck = null) : BuildDecision(Why);
}

/// <summary>Why no build starts until a person acts.</summary>
/// <param name="At">The build that failed last, or the name of the pipeline or recipe. A different value is a new incident.</param>
public sealed record StuckBuild(Reason Why, string At);
