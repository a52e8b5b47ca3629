using System.Text.Json;
using System.Text.Json.Serialization;

namespace Automation.Core.Workflow;

/// <summary>
/// The input of every step: its clock (<c>$$.State.EnteredTime</c>), its name, and the state so far.
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
/// The state of one execution: its input, and the result of each step under its own name. No step changes the result of another
/// one, so the output of an execution shows all decisions in order, with reasons.
/// </summary>
public sealed record LifecycleState
{
    /// <summary>build, release, rollback or prune.</summary>
    public string? Action { get; init; }

    /// <summary>The image's name in the catalog.</summary>
    public string? Image { get; init; }

    /// <summary>For release and rollback: the build version, such as <c>1.0.0/3</c>.</summary>
    public string? Version { get; init; }

    /// <summary>For release: how often the build's release has begun, counted from 1.</summary>
    public int? Attempt { get; init; }

    /// <summary>For release: true if a person requested it. It then ends a hold and skips the soak, but not the scan gate or the approval.</summary>
    public bool? Explicit { get; init; }

    /// <summary>For release and rollback: true if it resumes one that stopped, or restores a tag. A gate or approval that the same digest passed is
    /// not repeated.</summary>
    public bool? Resume { get; init; }

    /// <summary>For build: a person's request, which does not depend on what the rules say is due.</summary>
    public ManualBuild? Manual { get; init; }

    /// <summary>For a requested prune: true deletes although the catalog says report; false only reports although it says delete.</summary>
    public bool? Delete { get; init; }

    /// <summary>For a prune with <see cref="Delete"/>: the deletion limit in percent, 1 to 100, instead of the catalog's.</summary>
    public int? MaxDeletePercent { get; init; }

    public PlanBuildResult? Plan { get; init; }

    public StartBuildResult? Build { get; init; }

    public InspectImageResult? Release { get; init; }

    public CheckScanResult? Scan { get; init; }

    /// <summary>A person's answer in any shape; undefined before the answer, or if no approval is needed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public JsonElement Approval { get; init; }

    /// <summary>For PromoteImage: <c>version</c> (run again after the soak), <c>floating</c>, or <c>verify</c> for all tags.</summary>
    public string? Phase { get; init; }

    /// <summary>The result for the version tags of all Regions, and how long the floating tags wait.</summary>
    public PromoteImageResult? VersionTags { get; init; }

    /// <summary>The result for the floating tags of all Regions.</summary>
    public PromoteImageResult? FloatingTags { get; init; }

    [JsonPropertyName("verify")]
    public PromoteImageResult? Verification { get; init; }

    public PruneResult? Prune { get; init; }

    public AnnounceResult? Announcement { get; init; }

    public StepError? Error { get; init; }

    /// <summary>Why the last start of the build failed, if the cause is temporary and the build was planned again.</summary>
    public StepError? Refused { get; init; }
}

/// <summary>A build requested by a person.</summary>
/// <param name="By">The person, for the record.</param>
/// <param name="Id">Identifies the request: a repeated id means the same build.</param>
public sealed record ManualBuild(string? By, string? Id);

/// <summary>An error as the workflow's <c>Catch</c> writes it into the state; <c>Cause</c> is the runtime's error document as text.</summary>
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
/// <param name="Asked">When this execution first asked. The pauses between its checks grow from then.</param>
/// <param name="Until">For not-yet: when to check again. For start: when to check again if there is no room for the build, or another execution
/// was faster.</param>
/// <param name="Since">For not-yet, if another image of the lane goes first: since when this image has waited for it.</param>
/// <param name="Order">For start: what to start.</param>
public sealed record PlanBuildResult(
    string Decision, DateTimeOffset Asked, DateTimeOffset? Until, DateTimeOffset? Since, IReadOnlyList<ReasonText> Reasons, BuildOrderText? Order);

/// <summary>A <see cref="Builds.BuildRequest"/> as it travels through the workflow.</summary>
public sealed record BuildOrderText(string PipelineArn, string ClientToken, int Attempt, IReadOnlyDictionary<string, string> Tags)
{
    public static BuildOrderText From(Builds.BuildRequest order) => new(order.PipelineArn, order.ClientToken, order.Attempt, order.Tags);
}

/// <param name="Arn">The running image build version.</param>
public sealed record StartBuildResult(string Arn, string Version, IReadOnlyList<ReasonText> Reasons);

/// <param name="Outcome">releasable; failed; cancelled; in-progress; missing (no such build, or its image is missing or different in a Region); changed
/// (the tag is on another image than the first inspection found); retired (DEPRECATED, DISABLED or DELETED in Image Builder); refused (a rollback to
/// a build that does not allow it); superseded (a resumed rollback that is over).</param>
/// <param name="Regions">Where the image is, and its digest, which is the same everywhere.</param>
/// <param name="ApprovalSeconds">How long a person may take to approve; null if no approval is needed.</param>
/// <param name="Explicit">As in the input. Copied here because the workflow's paths can name only members that always exist.</param>
/// <param name="Cleared">Whether to skip gate and approval: for a rollback, and for a resumed release whose digest passed both.</param>
/// <param name="Promoted">Whether the build was promoted before. It then stays promoted, whatever the outcome is.</param>
/// <param name="At">When the release began. A hold that is set later also stops an explicit promotion.</param>
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

/// <param name="Verdict">open, wait, blocked, or stopped if the build can no longer be released.</param>
/// <param name="Since">The time of the first check, from which the wait counts.</param>
/// <param name="Until">For wait: when to check again.</param>
/// <param name="ToUnblock">For blocked: what would open the gate.</param>
/// <param name="Request">For open with approval: the message that asks for it. The workflow adds its token.</param>
/// <param name="Asked">The result of requesting a scan from ECR, a <see cref="Core.Promotion.ScanStart"/>; null without a request.</param>
public sealed record CheckScanResult(
    string Verdict,
    DateTimeOffset Since,
    DateTimeOffset? Until,
    IReadOnlyList<string> ToUnblock,
    IReadOnlyList<ReasonText> Reasons,
    string? Request = null,
    string? Asked = null);

/// <param name="At">When the phase ended.</param>
/// <param name="WaitUntil">For version: until when the floating tags wait; null if they do not.</param>
/// <param name="Outcome">
/// <c>promoted</c>: all tags are on this build. <c>held</c> or <c>overtaken</c>: a hold or a newer build keeps a floating tag.
/// <c>rolled-back</c>: a person rolled the build back meanwhile. <c>running</c>: some tags were still to be written. <c>failed</c>:
/// the phase stopped.
/// </param>
/// <param name="Stopped">Whether the release must not continue.</param>
/// <param name="Reasons">Why it stopped; empty if it did not.</param>
public sealed record PromoteImageResult(
    string Phase, DateTimeOffset At, DateTimeOffset? WaitUntil, string Outcome, bool Stopped, IReadOnlyList<ReasonText> Reasons, IReadOnlyList<TagStepText> Steps);

/// <param name="Action">put, present, held, not-forward, …: as the planner names it.</param>
public sealed record TagStepText(string Region, string Tag, string Action, string? From, string To, ReasonText Reason);

/// <param name="Done">False if time ran out. The step then runs again and continues.</param>
/// <param name="Regions">The finished Regions, which a further run skips.</param>
/// <param name="Planned">The planned changes of all runs.</param>
/// <param name="Applied">The applied changes; none in mode report.</param>
/// <param name="ImagesKept">Images kept in the finished Regions, including children, signatures and superseded ones.</param>
/// <param name="Kept">How many builds, images and records stay in the finished Regions, by the code of the first reason, without superseded
/// ones. Null only if an older version wrote the state.</param>
/// <param name="DeletionLimit">The deletion limit's reason, if it stopped the run.</param>
/// <param name="Unknown">Why the images in use are unknown, if that stopped the run.</param>
/// <param name="Calls">The number of calls to each API operation in all runs.</param>
/// <param name="Items">The first hundred items to delete or mark; the log lists all.</param>
public sealed record PruneResult(
    bool Done,
    string Mode,
    IReadOnlyList<string> Regions,
    PruneCount Planned,
    PruneCount Applied,
    int ImagesKept,
    IReadOnlyDictionary<string, int>? Kept,
    string? DeletionLimit,
    string? Unknown,
    IReadOnlyDictionary<string, int> Calls,
    IReadOnlyList<PrunedItem> Items)
{
    public static PruneResult Nothing(string mode) =>
        new(false, mode, [], new PruneCount(0, 0, 0), new PruneCount(0, 0, 0), 0, new Dictionary<string, int>(), null, null, new Dictionary<string, int>(), []);
}

/// <param name="Images">Manifests to delete: images, and the children and signatures that go with them.</param>
/// <param name="Records">Image Builder records to delete.</param>
/// <param name="Superseded">Image Builder records to mark.</param>
public sealed record PruneCount(int Images, int Records, int Superseded);

/// <param name="Action">supersede or delete.</param>
/// <param name="Applied">False in report mode.</param>
public sealed record PrunedItem(string Region, string Target, string Action, bool Applied, IReadOnlyList<ReasonText> Reasons);

/// <param name="Promoted">Whether a release ended with its floating tags in place.</param>
/// <param name="Alert">Whether people must know.</param>
/// <param name="Detail">The event's detail; see src/OPERATIONS.md.</param>
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
