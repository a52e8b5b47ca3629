using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Builds;

/// <summary>All that the question "must this image be built now" rests on. Read from the APIs: no event is needed.</summary>
public sealed record BuildFacts
{
    public required ImageSpec Image { get; init; }

    public required PipelineFacts Pipeline { get; init; }

    /// <summary>Null when the base is not in an ECR registry of this account: then only schedule, recipe, watched images and request start builds.</summary>
    public BaseFacts? Base { get; init; }

    /// <summary>Why it cannot be told what the base stands for that the recipe names by a parameter or an ARN; null: it can, or it does not.</summary>
    public string? BaseUnreadable { get; init; }

    /// <summary>Of each of <see cref="BuildRules.Watch"/>, in that order.</summary>
    public IReadOnlyList<WatchedFacts> Watched { get; init; } = [];

    /// <summary>All build versions of the image over all recipe versions, in any order.</summary>
    public IReadOnlyList<BuildRecord> Builds { get; init; } = [];

    /// <summary>All records of the pipeline, of which <see cref="PipelineBuilds"/> makes <see cref="Builds"/>: nothing is decided on them here,
    /// but whoever plans the retention as well need not read them again.</summary>
    public IReadOnlyList<BuildRecord> Records { get; init; } = [];

    public ManualRequest? Manual { get; init; }

    /// <summary>The images that are not built beside this one; null: there are none, or nobody asked.</summary>
    public LaneFacts? Lane { get; init; }

    /// <summary>The names on a cycle of the lineage as the recipes are now (<see cref="ImageLineage.CycleThrough"/>); empty: none.</summary>
    public IReadOnlyList<string> Cycle { get; init; } = [];

    /// <summary>How soon to look again at what ends at a time that nobody knows (<see cref="BuildPlanner.LookAgainAfter"/>).</summary>
    public TimeSpan LookAgain { get; init; } = BuildPlanner.LookAgain;

    public required DateTimeOffset Now { get; init; }
}

/// <param name="ParentImage">As the container recipe spells it; see <see cref="Parent"/>.</param>
/// <param name="DisabledAfter">After how many failures in a row Image Builder disabled it by itself; null: it did not.</param>
/// <param name="Recipe">The container recipe's name, as its ARN spells it; null: there is no such pipeline.</param>
public sealed record PipelineFacts(
    string Arn, string Name, bool Enabled, RecipeVersion RecipeVersion, string ParentImage, Hold? Hold = null, int? DisabledAfter = null, string? Recipe = null)
{
    /// <summary>False: there is no such pipeline, or it builds no container. Then nothing else is known of it.</summary>
    public bool Exists { get; init; } = true;

    /// <summary>The pipeline's distribution configuration; null: it has none, and Image Builder gives no tags but its own.</summary>
    public string? DistributionArn { get; init; }

    /// <summary>The tags that an adopted pipeline's distribution configuration puts on each of its builds, before any gate; in the image's
    /// repository. Not read for pipelines that the stack made, which the catalog's own check covers.</summary>
    public IReadOnlyList<string> ContainerTags { get; init; } = [];

    /// <summary>Why <see cref="ContainerTags"/> could not be read; null: they were.</summary>
    public string? DistributionUnreadable { get; init; }

    /// <summary>What <see cref="ParentImage"/> means.</summary>
    public ParentImage Parent => Images.ParentImage.Parse(ParentImage);

    public static PipelineFacts Missing(string nameOrArn) => new("", nameOrArn, false, new RecipeVersion(0, 0, 0), "") { Exists = false };
}

/// <summary>The base as ECR has it now.</summary>
/// <param name="Digest">Null when the repository can be read but has no such tag.</param>
/// <param name="PushedAt">Of that digest.</param>
/// <param name="WaitingSince">The oldest push to the tag that no build has seen, where it is known: from it <c>maxWaitMinutes</c> is
/// counted; null: <paramref name="PushedAt"/>.</param>
public sealed record BaseFacts(ImageReference? Reference, Digest? Digest, DateTimeOffset? PushedAt, DateTimeOffset? WaitingSince = null)
{
    /// <summary>The parameter or the Image Builder image by which the recipe names the base; null: it names <see cref="Reference"/>.</summary>
    public string? Through { get; init; }

    /// <summary>What <see cref="Through"/> stands for, where that is in no ECR registry of this account. <see cref="Digest"/> is then made of this
    /// text, and <see cref="PushedAt"/> says since when it stands for it. Null: both are the image's.</summary>
    public string? StandsFor { get; init; }

    /// <summary>Why <see cref="Through"/> stands for nothing; null: it does, or there is no such tag.</summary>
    public string? Missing { get; init; }

    /// <summary>The base as people call it.</summary>
    public string Name => Through is null ? $"{Reference}" : (StandsFor ?? Reference?.ToString()) is { } now ? $"{Through} ({now})" : Through;

    /// <summary>What the base is now, as a clause.</summary>
    public string Now => StandsFor is null ? $"{Name} is {Digest?.Short12}" : $"{Through} stands for {StandsFor}";

    /// <summary>The image of the catalog whose floating tag the reference is; null where it is none, or where the newest build was made from that
    /// digest already.</summary>
    public TagOwner? Owner { get; init; }

    /// <summary>With <see cref="WaitingSince"/> read off the base repository: the oldest push after the newest build was started, without a pause
    /// of <paramref name="quiet"/> since, for after one the base was at rest. Worth its calls only while the base is within <c>quietMinutes</c>.</summary>
    /// <param name="pushes">When the images were pushed that have the tag, or may have lost it to a later push.</param>
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

/// <summary>What ECR has now under tags that an image watches.</summary>
/// <param name="Newest">Null when there is none, or it could not be read.</param>
/// <param name="WaitingSince">As in <see cref="BaseFacts"/>.</param>
/// <param name="Unreadable">Why the repository could not be read; null: it was read.</param>
public sealed record WatchedFacts(WatchedTags Tags, WatchedImage? Newest, DateTimeOffset? WaitingSince = null, string? Unreadable = null)
{
    /// <summary>As in <see cref="BaseFacts"/>.</summary>
    public TagOwner? Owner { get; init; }

    /// <param name="images">Of the repository: those that have a tag which matches, or have none and so may have lost it to a later push.
    /// Others may be among them.</param>
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

/// <param name="Tag">Of those that match.</param>
/// <param name="PushedAt">When the image was pushed; it may have got the tag later.</param>
public sealed record WatchedImage(string Tag, Digest Digest, DateTimeOffset PushedAt);

/// <summary>A person's word that a pipeline must not go on by itself; written on it as tags. A rollback sets one.</summary>
/// <param name="Rollback">What the rollback that set it is about; null: a person set it, and it freezes the floating tags where they are.</param>
public sealed record Hold(string Why, HoldScope Scope, DateTimeOffset? Since = null, RollbackOrder? Rollback = null)
{
    /// <summary>The build that the floating tags go back to while this hold is set; null: a rollback did not set it.</summary>
    public ImageVersion? Target => Rollback?.Target;

    /// <summary>A person who asks for a promotion ends the holds that there are, not one that somebody sets afterwards.</summary>
    /// <param name="asked">When the promotion began; null: not known.</param>
    public bool IsEndedBy(DateTimeOffset? asked) => !(Since > asked);
}

/// <summary>A rollback as it is written on the pipeline, beside its hold.</summary>
/// <param name="Execution">The execution that last began to put the tags there.</param>
/// <param name="BegunAt">When that began.</param>
public sealed record RollbackOrder(ImageVersion Target, string Execution, DateTimeOffset BegunAt);

public enum HoldScope
{
    /// <summary>Floating tags stay where they are; builds and version tags go on. What a rollback sets.</summary>
    Promotion,

    /// <summary>Nothing is built either, but by an explicit request.</summary>
    Everything,
}

/// <param name="Id">Of the request, the same when it is sent twice: letters, digits, '-' and '_'.</param>
public sealed record ManualRequest(string Id, string By);

/// <summary>Why a build is started.</summary>
public abstract record BuildCause
{
    private BuildCause()
    {
    }

    /// <summary>The same for the same reason to build, at any time and in any process: attempts are counted by it.</summary>
    public abstract string Key { get; }

    /// <summary>Short, for the execution name; different for every cause.</summary>
    public abstract string Label { get; }

    /// <summary>What stands on a build as its cause; null where nothing does, and for what a person asked for.</summary>
    public static BuildCause? Of(BuildRecord build) => build.Cause?.Split(':', 2) switch
    {
        ["base", _] when build.BaseDigest is { } digest => new NewBase(digest),
        ["watched", var text] when Digest.TryParse(text, out var digest) => new NewWatched(digest),
        ["slot", _] when build.Slot is { } slot => new ScheduledSlot(slot),
        ["recipe", _] => new NewRecipe(build.Version.Recipe),
        ["first"] => new First(),
        _ => null,
    };

    /// <summary>The base has another digest than the newest build was made from.</summary>
    public sealed record NewBase(Digest Digest) : BuildCause
    {
        public override string Key => "base:" + Digest.Value;

        public override string Label => Digest.Short12;
    }

    /// <summary>Under tags that the image watches is another image than the newest build was made with.</summary>
    public sealed record NewWatched(Digest Digest) : BuildCause
    {
        public override string Key => "watched:" + Digest.Value;

        public override string Label => "watched-" + Digest.Short12;
    }

    /// <summary>A slot of the image's schedule has come.</summary>
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

    /// <summary>A person asked.</summary>
    public sealed record Requested(string Id) : BuildCause
    {
        public override string Key => BuildTags.Shorten("manual:" + Id);

        public override string Label => "manual-" + Id;
    }

    /// <summary>The image has never been built, and its base cannot be read.</summary>
    public sealed record First : BuildCause
    {
        public override string Key => "first";

        public override string Label => "first";
    }
}

/// <summary>Everything that starting the build needs; made from facts alone, so that the same facts give the same order.</summary>
public sealed record BuildOrder
{
    public required string Image { get; init; }

    public required string PipelineArn { get; init; }

    public required BuildCause Cause { get; init; }

    /// <summary>Recorded with every build, whatever its cause.</summary>
    public Digest? BaseDigest { get; init; }

    /// <summary>The newest schedule slot that this build covers.</summary>
    public DateTimeOffset? Slot { get; init; }

    /// <summary>From 1; one higher than the highest attempt recorded for the cause.</summary>
    public required int Attempt { get; init; }

    /// <summary>A UUID made from the pipeline and the build started last (36 characters): of all who decide on the same builds, one starts the next
    /// one, whatever its cause. Where the newest record was deleted, its token is used up: <see cref="BuildPlanner.TokenAfter"/>.</summary>
    public required string ClientToken { get; init; }

    /// <summary><c>build-app_3f2a…_1</c>; at most 80 characters.</summary>
    public required string ExecutionName { get; init; }

    /// <summary>For StartImagePipelineExecution; they end up on the image build.</summary>
    public required IReadOnlyDictionary<string, string> Tags { get; init; }
}

public abstract record BuildDecision
{
    private BuildDecision(IReadOnlyList<Reason> reasons) => Reasons = reasons;

    /// <summary>At least one; the deciding one first.</summary>
    public IReadOnlyList<Reason> Reasons { get; }

    public sealed record Start(BuildOrder Order, IReadOnlyList<Reason> Why) : BuildDecision(Why);

    /// <summary>Due, but not before then.</summary>
    /// <param name="Order">What would be started.</param>
    public sealed record NotYet(DateTimeOffset Until, BuildOrder Order, IReadOnlyList<Reason> Why) : BuildDecision(Why);

    /// <param name="Stuck">Only a person can change it; null: something that comes by itself may.</param>
    public sealed record No(IReadOnlyList<Reason> Why, StuckBuild? Stuck = null) : BuildDecision(Why);
}

/// <summary>Why nothing is built until a person does something.</summary>
/// <param name="At">The version of the build that failed last, or the name of the pipeline or recipe: at another one it is stuck anew.</param>
public sealed record StuckBuild(Reason Why, string At);
