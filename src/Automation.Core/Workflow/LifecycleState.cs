using System.Text.Json;
using System.Text.Json.Serialization;

namespace Automation.Core.Workflow;

/// <summary>
/// What the workflow hands to every step: its clock (<c>$$.State.EnteredTime</c>), its name, and the state so far.
/// <code>
/// {"now":"2026-01-05T08:00:00Z","execution":"build-app_0f1e2d3c4b5a_1","state":{"action":"build","image":"app"}}
/// </code>
/// </summary>
public sealed record StepInput
{
    public DateTimeOffset? Now { get; init; }

    public string? Execution { get; init; }

    public LifecycleState? State { get; init; }
}

/// <summary>
/// The state of one execution: its input, and under a name of its own what each step has found. A step's answer is never
/// changed by a later step, so the output of an execution tells all that was decided, in order, with reasons.
/// </summary>
public sealed record LifecycleState
{
    /// <summary>build, release, rollback or prune.</summary>
    public string? Action { get; init; }

    /// <summary>Name in the catalog.</summary>
    public string? Image { get; init; }

    /// <summary>For release and rollback: the build version, such as <c>1.0.0/3</c>.</summary>
    public string? Version { get; init; }

    /// <summary>For release: from 1; how often this build's release has been begun.</summary>
    public int? Attempt { get; init; }

    /// <summary>For release: true when a person asks for it, which ends a hold and does not soak. The scan gate and the approval stay.</summary>
    public bool? Explicit { get; init; }

    /// <summary>For release and rollback: true when it goes on with one that stopped, or puts back a tag: gate and approval that were passed with the
    /// same digest are not passed again.</summary>
    public bool? Resume { get; init; }

    /// <summary>For build: somebody asks for it, whatever the rules say is due.</summary>
    public ManualBuild? Manual { get; init; }

    /// <summary>For prune by a person: true deletes although the catalog says report, false only reports although it says delete.</summary>
    public bool? Delete { get; init; }

    /// <summary>For prune with <see cref="Delete"/>: how much of a repository may be deleted at once, 1 to 100, instead of the catalog's limit.</summary>
    public int? MaxDeletePercent { get; init; }

    public PlanBuildResult? Plan { get; init; }

    public StartBuildResult? Build { get; init; }

    public InspectImageResult? Release { get; init; }

    public CheckScanResult? Scan { get; init; }

    /// <summary>What a person answered, whatever its shape; undefined before that, or when no approval is needed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public JsonElement Approval { get; init; }

    /// <summary>For PromoteImage: <c>version</c> tags, asked again after the soak, <c>floating</c> tags, or <c>verify</c> all of them.</summary>
    public string? Phase { get; init; }

    /// <summary>What the version tags of all Regions came to, and how long the floating tags wait.</summary>
    public PromoteImageResult? VersionTags { get; init; }

    /// <summary>What the floating tags of all Regions came to.</summary>
    public PromoteImageResult? FloatingTags { get; init; }

    [JsonPropertyName("verify")]
    public PromoteImageResult? Verification { get; init; }

    public PruneResult? Prune { get; init; }

    public AnnounceResult? Announcement { get; init; }

    public StepError? Error { get; init; }

    /// <summary>Why the build could not be started the last time, where that passes by itself: it was planned again since.</summary>
    public StepError? Refused { get; init; }
}

/// <summary>A build asked for by a person.</summary>
/// <param name="By">Who, for the record.</param>
/// <param name="Id">Makes the request unique: the same id again is the same build.</param>
public sealed record ManualBuild(string? By, string? Id);

/// <summary>What the workflow's <c>Catch</c> puts into the state; <c>Cause</c> is the runtime's error document as text.</summary>
public sealed record StepError
{
    [JsonPropertyName("Error")]
    public string? Name { get; init; }

    [JsonPropertyName("Cause")]
    public string? Cause { get; init; }
}

/// <summary>A <see cref="Reason"/> as it travels through the workflow's state.</summary>
/// <param name="Code">The name of a <see cref="ReasonCode"/>, or of the error that a step failed with.</param>
public sealed record ReasonText(string Code, string Text)
{
    public static ReasonText Of(ReasonCode code, string text) => new(code.Name(), text);

    public bool Is(ReasonCode code) => string.Equals(Code, code.Name(), StringComparison.Ordinal);

    public static IReadOnlyList<ReasonText> From(IEnumerable<Reason> reasons) => [.. reasons.Select(reason => new ReasonText(reason.Code, reason.Text))];
}

/// <param name="Decision">start, not-yet or no.</param>
/// <param name="Asked">When this execution asked first; the pauses between its looks grow from then on.</param>
/// <param name="Until">For not-yet: when to look again. For start: when to look again if there is no room for the build, or another one was
/// quicker.</param>
/// <param name="Since">For not-yet while another image of the lane goes first: since when it has been let pass.</param>
/// <param name="Order">For start: what to start.</param>
public sealed record PlanBuildResult(
    string Decision, DateTimeOffset Asked, DateTimeOffset? Until, DateTimeOffset? Since, IReadOnlyList<ReasonText> Reasons, BuildOrderText? Order);

/// <summary>A <see cref="Builds.BuildOrder"/> as it travels through the workflow.</summary>
public sealed record BuildOrderText(string PipelineArn, string ClientToken, int Attempt, IReadOnlyDictionary<string, string> Tags)
{
    public static BuildOrderText From(Builds.BuildOrder order) => new(order.PipelineArn, order.ClientToken, order.Attempt, order.Tags);
}

/// <param name="Arn">The image build version that runs now.</param>
public sealed record StartBuildResult(string Arn, string Version, IReadOnlyList<ReasonText> Reasons);

/// <param name="Outcome">releasable; failed; cancelled; in-progress; missing (no such build, or its image is not in every Region, or not the same one); changed
/// (its tag is on another image than was inspected first); retired (DEPRECATED, DISABLED or DELETED in Image Builder); refused (a rollback to a build
/// that it must not go to); superseded (a rollback to go on with that is over).</param>
/// <param name="Regions">Where the image is, and under which digest: the same everywhere.</param>
/// <param name="ApprovalSeconds">How long a person may take to approve; null: no approval is needed.</param>
/// <param name="Explicit">As in the input; handed on from here, because only what is always there can be named by the workflow's paths.</param>
/// <param name="Cleared">It is a resumed release whose digest has passed gate and approval, or a rollback: both are left out.</param>
/// <param name="Promoted">The build was promoted before: however this ends, it stays so.</param>
/// <param name="At">When the release began. A hold that is set later keeps an explicit promotion back as well.</param>
public sealed record InspectImageResult(
    string Outcome,
    string? Arn,
    string Version,
    DateTimeOffset? BuiltAt,
    string Repository,
    IReadOnlyList<RegionDigest> Regions,
    int? ApprovalSeconds,
    bool Explicit,
    IReadOnlyList<ReasonText> Reasons,
    bool Cleared = false,
    bool Promoted = false,
    DateTimeOffset? At = null);

public sealed record RegionDigest(string Region, string Digest);

/// <param name="Verdict">open, wait, blocked, or stopped when the build cannot be released any more.</param>
/// <param name="Since">When the first look was; from it the waiting is counted.</param>
/// <param name="Until">For wait: when to look again.</param>
/// <param name="ToUnblock">For blocked: what would open the gate.</param>
/// <param name="Request">For open, where a person must approve: the message that asks, to which the workflow adds its token.</param>
/// <param name="Asked">What came of asking ECR for a scan, a <see cref="Core.Promotion.ScanStart"/>; null: it was not asked.</param>
public sealed record CheckScanResult(
    string Verdict,
    DateTimeOffset Since,
    DateTimeOffset? Until,
    IReadOnlyList<string> ToUnblock,
    IReadOnlyList<ReasonText> Reasons,
    string? Request = null,
    string? Asked = null);

/// <param name="At">When it was done.</param>
/// <param name="WaitUntil">For version: until when the floating tags wait; null: they do not.</param>
/// <param name="Outcome">
/// What the tags come to: <c>promoted</c> when all stand on this build; <c>held</c> or <c>overtaken</c> when a hold or a newer build keeps a
/// floating tag; <c>rolled-back</c> when a person took the build back meanwhile; <c>running</c> when something was still to be put; <c>failed</c>
/// when it stopped.
/// </param>
/// <param name="Stopped">The release must not go on.</param>
/// <param name="Reasons">Why it stopped; empty: it did not.</param>
public sealed record PromoteImageResult(
    string Phase, DateTimeOffset At, DateTimeOffset? WaitUntil, string Outcome, bool Stopped, IReadOnlyList<ReasonText> Reasons, IReadOnlyList<TagStepText> Steps);

/// <param name="Action">put, present, held, not-forward, …: the planner's word.</param>
public sealed record TagStepText(string Region, string Tag, string Action, string? From, string To, ReasonText Reason);

/// <param name="Done">False when time ran out: the step is to be run again, and goes on where this one stopped.</param>
/// <param name="Regions">Those that are finished; a run that goes on leaves them alone.</param>
/// <param name="Planned">What was to be done, over all runs.</param>
/// <param name="Applied">What of it was done; nothing in mode report.</param>
/// <param name="ImagesKept">In the finished Regions; children, signatures and superseded ones included.</param>
/// <param name="Kept">How many builds, images and records stay in the finished Regions, by the code of the first reason; superseded ones are
/// none of them. Null only in what an older version has written.</param>
/// <param name="DeletionLimit">Why nothing was done: too much was to be deleted.</param>
/// <param name="Unknown">Why nothing was done: it is not known which images are in use.</param>
/// <param name="Calls">How often each API operation was called, over all runs.</param>
/// <param name="Items">What is to be deleted or marked, the first hundred; the log has them all.</param>
public sealed record PruneResult(
    bool Done,
    string Mode,
    IReadOnlyList<string> Regions,
    PruneTally Planned,
    PruneTally Applied,
    int ImagesKept,
    IReadOnlyDictionary<string, int>? Kept,
    string? DeletionLimit,
    string? Unknown,
    IReadOnlyDictionary<string, int> Calls,
    IReadOnlyList<PrunedItem> Items)
{
    public static PruneResult Nothing(string mode) =>
        new(false, mode, [], new PruneTally(0, 0, 0), new PruneTally(0, 0, 0), 0, new Dictionary<string, int>(), null, null, new Dictionary<string, int>(), []);
}

/// <param name="Images">Manifests to delete: images, and the children and signatures that go with them.</param>
/// <param name="Records">Image Builder records to delete.</param>
/// <param name="Superseded">Image Builder records to mark.</param>
public sealed record PruneTally(int Images, int Records, int Superseded);

/// <param name="Action">supersede or delete.</param>
/// <param name="Applied">False in report mode.</param>
public sealed record PrunedItem(string Region, string Target, string Action, bool Applied, IReadOnlyList<ReasonText> Reasons);

/// <param name="Promoted">True when a release ended with its floating tags in place.</param>
/// <param name="Alert">True when people must know.</param>
/// <param name="Detail">The event's detail; see the README for its schema.</param>
public sealed record AnnounceResult(bool Promoted, bool Alert, string DetailType, AnnouncementDetail Detail, string Subject, string Message);

/// <summary>Detail of the EventBridge events with source <c>automation.images</c>.</summary>
public sealed record AnnouncementDetail(
    string? Image,
    string? Action,
    string Outcome,
    string? Version,
    string? Arn,
    IReadOnlyList<RegionDigest> Digests,
    IReadOnlyList<string> Tags,
    IReadOnlyList<ReasonText> Reasons,
    string? Execution);
