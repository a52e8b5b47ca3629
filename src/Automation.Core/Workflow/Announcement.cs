using System.Text.Json;
using Automation.Core.Builds;
using Automation.Core.Promotion;

namespace Automation.Core.Workflow;

/// <summary>How an execution ended, derived from its state: the outcome, the reasons, and what to record on the build.</summary>
/// <param name="Alert">Whether people must know: failures, blocks, rollbacks and a stopped prune.</param>
/// <param name="Release">The release state to record on the build; null to record nothing.</param>
public sealed record Announcement(Outcome Outcome, bool Alert, ReleaseState? Release, IReadOnlyList<ReasonText> Reasons)
{
    /// <summary>Whether this answers a person who requested the release of an already promoted build, so that nothing else continues it.</summary>
    public bool Answers { get; private init; }

    /// <summary>The name under which <c>automation reject</c> fails the approval.</summary>
    public const string Rejected = "Rejected";

    /// <summary>The name under which the reconcile ends an approval whose build cannot be promoted any more.</summary>
    public const string NotReleasable = "NotReleasable";

    private static readonly IReadOnlyDictionary<string, string> Nothing = new Dictionary<string, string>();
    private const int MaxReasons = 10;

    /// <summary>Derives an announcement from any state, because every failure ends here too.</summary>
    public static Announcement Of(LifecycleState state)
    {
        var announcement = Read(state);
        var hasEnded = announcement.Release is not null || state is { Error: null, Verification.Outcome: not "running" };
        announcement = announcement with { Answers = hasEnded && state.Release?.Explicit == true };
        return announcement.Reasons is { Count: > 0 }
            ? announcement
            : announcement with { Reasons = [ReasonText.Of(ReasonCode.NoReason, "No reason was given.")] };
    }

    /// <summary>The tags that record this announcement on the build's current record.</summary>
    /// <param name="build">The record; null if it no longer exists, and then nothing is written.</param>
    /// <returns>The tags to write on the build; may be empty.</returns>
    public IReadOnlyDictionary<string, string> TagsFor(BuildRecord? build, LifecycleState state, string execution, DateTimeOffset now)
    {
        if (build is null)
        {
            return Nothing;
        }

        // InspectImage marks every release that it allows to begin.
        var began = state is { Action: WorkflowActions.Release, Release.Outcome: "releasable" };
        if (Release is { } outcome && ReleaseMarks.AtTheEnd(build.Release, execution, began, outcome, state.Attempt ?? 1, Mark, now) is { } mark)
        {
            return BuildTags.Write(mark);
        }

        return Answers && build.Release is { State: ReleaseState.Promoted, Explicit: true }
            ? new Dictionary<string, string> { [BuildTags.ReleaseExplicit] = "no" }
            : Nothing;
    }

    /// <summary>Adds a note if another release has promoted the build meanwhile: the build keeps that mark, whatever this release's outcome is.</summary>
    public Announcement On(BuildRecord? build, LifecycleState state) =>
        build?.Release?.State == ReleaseState.Promoted && Release is not null && state.Release?.Promoted == false
            ? this with
            {
                Reasons = [
                    .. Reasons, ReasonText.Of(ReasonCode.StaysPromoted, $"Build {build.Version} was promoted by another release meanwhile and stays promoted.")
                ]
            }
            : this;

    /// <summary>The text to record on the build besides the state: the deciding reason and what would unblock it, within the length of a tag.</summary>
    public string Mark
    {
        get
        {
            var reason = Reasons[0].Text;
            if (Reasons.FirstOrDefault(each => each.Is(ReasonCode.ToUnblock))?.Text is not { Length: > 0 } clause || Fit(clause) != clause)
            {
                return Fit(reason);
            }

            var unblock = HumanText.Sentence(clause);

            var whole = $"{HumanText.Clause(reason)}. {unblock}";
            return Fit(whole) == whole ? whole : Fit(reason, $" {unblock}");

            static string Fit(string text, string end = "") => TagText.Fit(text, end, TagText.MaxSentenceLength);
        }
    }

    private static Announcement Read(LifecycleState state) => state switch
    {
        // An earlier promotion stays valid; only the prune after it failed.
        { Error: { } error } when state.Announcement is not null || state.Action == WorkflowActions.Prune =>
            new(Outcome.PruneFailed, true, null, [Reason(error)]),
        { Error: { } error } => Failed(state, error),
        { Action: WorkflowActions.Release, Release: { Outcome: "cancelled" } release } => new(Outcome.Cancelled, true, ReleaseState.Cancelled, release.Reasons),
        { Action: WorkflowActions.Release, Release: { Outcome: "failed" } release } => new(Outcome.BuildFailed, true, ReleaseState.Failed, release.Reasons),
        { Release: { Outcome: "failed" } release } => new(Outcome.BuildFailed, true, null, release.Reasons),
        { Release: { Outcome: "changed" } release } => new(Outcome.DigestChanged, true, ReleaseState.Failed, [.. release.Reasons, WhenFixed(state)]),
        { Release: { Outcome: "refused" } release } => new(Outcome.Refused, true, null, release.Reasons),
        { Release: { Outcome: "superseded" } release } => new(Outcome.Overtaken, false, null, release.Reasons),
        { Action: WorkflowActions.Release, Release: { Outcome: "missing" } release } => new(Outcome.NotReleasable, true, ReleaseState.Missing, release.Reasons),
        { Release: { Outcome: not "releasable" } release } => new(Outcome.NotReleasable, true, null, release.Reasons),
        { Scan: { Verdict: "blocked" } scan } => new(Outcome.Blocked, true, ReleaseState.Blocked,
            [.. scan.Reasons ?? [], .. (scan.ToUnblock ?? []).Select(text => ReasonText.Of(ReasonCode.ToUnblock, text))]),
        { Scan: { Verdict: "stopped" } scan } => Stopped(state, scan.Reasons),
        { Verification: { Stopped: true } verification } => Stopped(state, verification.Reasons),
        { VersionTags: { Stopped: true } versionTags } => Stopped(state, versionTags.Reasons),
        { Verification: { } verification } => Verified(state, verification),
        { Prune: { DeletionLimit: { } limit } } => new(Outcome.PruneStopped, true, null, [ReasonText.Of(ReasonCode.DeletionLimit, limit)]),
        { Prune: { Unknown: { } unknown } } => new(Outcome.PruneStopped, false, null, [ReasonText.Of(ReasonCode.UsageUnknown, unknown)]),
        { Prune: { Planned: not null, Applied: not null, Calls: not null } prune } =>
            new(Outcome.Pruned, false, null, [ReasonText.Of(prune.Mode == "report" ? ReasonCode.Report : ReasonCode.Delete, Text(prune))]),
        _ => new(Outcome.Failed, true, null, [ReasonText.Of(ReasonCode.NothingFound, "The execution has nothing to announce: its state is incomplete.")]),
    };

    private static string Text(PruneResult prune)
    {
        var calls = prune.Calls.Values.Sum();
        var (planned, applied) = (prune.Planned, prune.Applied);
        if (prune.Mode == "report")
        {
            return $"{HumanText.Of(planned.Images, "image")} and {HumanText.Of(planned.Records, "record")} would be deleted, {planned.Superseded} marked as superseded, "
                + $"{HumanText.Of(prune.ImagesKept, "image")} kept; mode report changes nothing ({HumanText.Of(calls, "call")}).";
        }

        var left = planned.Images + planned.Records + planned.Superseded - applied.Images - applied.Records - applied.Superseded;
        return $"{HumanText.Of(applied.Images, "image")} and {HumanText.Of(applied.Records, "record")} deleted, {applied.Superseded} marked as superseded, {HumanText.Of(prune.ImagesKept, "image")} kept"
            + $"{(left > 0 ? $", {left} could not be deleted now" : "")} (mode {prune.Mode}, {HumanText.Of(calls, "call")}).";
    }

    private static Announcement Verified(LifecycleState state, PromoteImageResult verification)
    {
        var steps = new[] { state.VersionTags, state.FloatingTags, verification }.SelectMany(phase => phase?.Steps ?? []).ToList();
        var put = steps.Where(step => step.Action == "put").Select(step => (step.Region, step.Tag)).ToHashSet();

        // The first reason is recorded on the build: first the reasons for the outcome, then moved tags, then unchanged tags.
        var reasons = steps.Where(step => step.Action != "present" || !put.Contains((step.Region, step.Tag)))
            .OrderBy(step => (verification.Outcome, step.Action) switch
            {
                ("held", "held") or ("overtaken", "not-forward") => 0,
                (_, "present") => 2,
                _ => 1,
            }).Select(step => step.Reason)
            .DistinctBy(reason => reason.Text).Take(MaxReasons).ToList();
        return verification.Outcome switch
        {
            // These two were recorded on the build before the tags were read for the last time.
            "promoted" when state.Action == WorkflowActions.Rollback => new(Outcome.RolledBack, true, null,
                [.. reasons, ReasonText.Of(ReasonCode.Hold, $"Newer builds do not move the floating tags until you run `automation promote {state.Image}`.")]),
            "promoted" => new(Outcome.Promoted, false, null, reasons),

            // A person rolled back to an older build meanwhile, and the mark records that.
            "rolled-back" => new(Outcome.Overtaken, state.Explicit == true, null, reasons),
            "held" => new(Outcome.Held, true, ReleaseState.Held,
                [.. reasons,
                    ReasonText.Of(ReasonCode.ToUnblock, $"To promote it, run: automation promote {state.Image} {state.Release?.Version ?? state.Version}")]),

            // A person who requested the release waits for an answer.
            "overtaken" => new(Outcome.Overtaken, state.Explicit == true, ReleaseState.Overtaken, reasons),

            // Something kept moving the tags. The release counts as stopped half-way, and the next reconcile resumes it.
            _ => new(Outcome.TagsUnstable, true, null, reasons),
        };
    }

    // Somebody changed the build or its tags while the release waited.
    private static Announcement Stopped(LifecycleState state, IReadOnlyList<ReasonText> reasons) => reasons[0] switch
    {
        var reason when reason.Is(ReasonCode.RollbackSuperseded) => new(Outcome.Overtaken, true, null, reasons),

        // The other release decides the build's outcome. A person who requested this one waits for an answer.
        var reason when reason.Is(ReasonCode.ClearanceWithdrawn) || reason.Is(ReasonCode.ReleaseRepeated) =>
            new(Outcome.Overtaken, state.Explicit == true, null, reasons),

        // The release counts as incomplete. The reconcile resumes it with the checks that the catalog now requires.
        var reason when reason.Is(ReasonCode.ClearanceOutdated) => new(Outcome.Overtaken, state.Explicit == true, null, reasons),
        var reason when reason.Is(ReasonCode.DigestChanged) => new(Outcome.DigestChanged, true, ReleaseState.Failed, [.. reasons, WhenFixed(state)]),
        _ => new(Outcome.NotReleasable, true, ReleaseState.Failed, reasons),
    };

    private static Announcement Failed(LifecycleState state, StepError error)
    {
        var message = Message(error);
        if (error.Name == "States.Timeout" && AwaitsApproval(state))
        {
            return new(Outcome.Rejected, true, ReleaseState.Rejected, [ReasonText.Of(ReasonCode.NoAnswer, "Nobody approved in time."), HowToPromote(state)]);
        }

        if (error.Name == NotReleasable && AwaitsApproval(state))
        {
            return new(Outcome.NotReleasable, true, ReleaseState.Failed, [ReasonText.Of(ReasonCode.RetiredWhileWaiting, message)]);
        }

        if (error.Name == Rejected || (AwaitsApproval(state) && IsAnswer(error.Name)))
        {
            return new(Outcome.Rejected, true, ReleaseState.Rejected,
                [ReasonText.Of(ReasonCode.Rejected, error.Cause is { Length: > 0 } ? message : "It was rejected without a reason."), HowToPromote(state)]);
        }

        var reason = Reason(error);
        if (state is not { Action: WorkflowActions.Release or WorkflowActions.Rollback, Release: not null })
        {
            return new(Outcome.Failed, true, null, [reason]);
        }

        // A transient failure that outlasted all retries leaves the release half-way, and the next reconcile resumes it.
        var isFinal =
            error.Name is nameof(PermanentException) or nameof(TagConflictException) or nameof(InvalidEventException) or nameof(ImageNotInCatalogException);
        return new(Outcome.Failed, true, isFinal ? ReleaseState.Failed : null, [reason, isFinal ? WhenFixed(state) : WhenRetried(state)]);
    }

    private static ReasonText HowToPromote(LifecycleState state) =>
        ReasonText.Of(ReasonCode.ToUnblock, $"Automation does not retry it. Run this to promote it anyway: automation promote {Name(state)}");

    private static ReasonText WhenFixed(LifecycleState state) => ReasonText.Of(ReasonCode.ToUnblock, state.Action == WorkflowActions.Rollback
        ? $"The rollback stays in force: the reconcile moves the tags once nothing blocks it. To end it, run: automation promote {state.Image}"
        : $"The reconcile retries it once the cause is fixed. To retry it now, run: automation promote {Name(state)}");

    private static ReasonText WhenRetried(LifecycleState state) => ReasonText.Of(ReasonCode.Continues, state.Action == WorkflowActions.Rollback
        ? $"The rollback stays in force, and the reconcile continues it until every Region is done. To end it, run: automation promote {state.Image}"
        : "The reconcile continues it until every Region is done. You need to do nothing if the cause is temporary.");

    // The error's name is the reason code, so that people can filter by it.
    private static ReasonText Reason(StepError error) =>
        error.Name is { Length: > 0 } name ? new ReasonText(name, Message(error)) : ReasonText.Of(ReasonCode.Error, Message(error));

    private static string Name(LifecycleState state) => $"{state.Image} {state.Release?.Version ?? state.Version}";

    // A person or a program may reject with any error name or none. Errors of the workflow and of SNS have their own names.
    private static bool IsAnswer(string? error) =>
        error is null || !(error.StartsWith("States.", StringComparison.Ordinal) || error.StartsWith("SNS.", StringComparison.OrdinalIgnoreCase));

    // A hanging step fails with the same error name. It means "nobody answered" only if a person was asked and has not answered.
    private static bool AwaitsApproval(LifecycleState state) =>
        state is { Scan.Verdict: "open", Release.ApprovalSeconds: not null, Approval.ValueKind: JsonValueKind.Undefined, VersionTags: null };

    // The cause is the error document that the Lambda runtime creates from an exception, as text:
    // {"errorType":"...","errorMessage":"...","stackTrace":[...]}. If the workflow itself failed the step, it is plain text.
    private static string Message(StepError error)
    {
        if (error.Cause is not { Length: > 0 } cause)
        {
            return "no cause given";
        }

        try
        {
            using var document = JsonDocument.Parse(cause);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.EnumerateObject().FirstOrDefault(member => member.Name.Equals("errorMessage", StringComparison.OrdinalIgnoreCase)).Value
                    is { ValueKind: JsonValueKind.String } message
                ? message.GetString()! : cause;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string that is not Unicode text, such as "\ud800".
            return cause;
        }
    }
}
