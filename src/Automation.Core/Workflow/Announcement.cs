using System.Text.Json;
using Automation.Core.Builds;
using Automation.Core.Promotion;

namespace Automation.Core.Workflow;

/// <summary>How an execution ended, read from its state: the outcome, the reasons, and what is written on the build.</summary>
/// <param name="Alert">Whether people must know: failures, blocks, rollbacks and a stopped prune.</param>
/// <param name="Release">What to remember on the build; null: nothing.</param>
public sealed record Announcement(Outcome Outcome, bool Alert, ReleaseState? Release, IReadOnlyList<ReasonText> Reasons)
{
    /// <summary>A person asked for a build that is promoted already, and this is the answer: nothing goes on with it.</summary>
    public bool Answers { get; private init; }

    /// <summary>The name under which <c>automation reject</c> fails the approval.</summary>
    public const string Rejected = "Rejected";

    /// <summary>The name under which the reconcile ends an approval whose build cannot be promoted any more.</summary>
    public const string NotReleasable = "NotReleasable";

    private static readonly IReadOnlyDictionary<string, string> Nothing = new Dictionary<string, string>();
    private const int MaxReasons = 10;

    /// <summary>Whatever the state is, there is something to say: this is the end of every failure too.</summary>
    public static Announcement Of(LifecycleState state)
    {
        var announcement = Read(state);
        var hasEnded = announcement.Release is not null || state is { Error: null, Verification.Outcome: not "running" };
        announcement = announcement with { Answers = hasEnded && state.Release?.Explicit == true };
        return announcement.Reasons is { Count: > 0 } ? announcement : announcement with { Reasons = [ReasonText.Of(ReasonCode.NoReason, "No reason was given.")] };
    }

    /// <summary>What the announcement comes to on the build's record as it is now.</summary>
    /// <param name="build">The record; null: there is none any more, and nothing is written.</param>
    /// <returns>The tags to write on the build; empty: none.</returns>
    public IReadOnlyDictionary<string, string> TagsFor(BuildRecord? build, LifecycleState state, string execution, DateTimeOffset now)
    {
        if (build is null)
        {
            return Nothing;
        }

        // InspectImage marks what it lets begin.
        var began = state is { Action: WorkflowActions.Release, Release.Outcome: "releasable" };
        if (Release is { } outcome && ReleaseMarks.AtTheEnd(build.Release, execution, began, outcome, state.Attempt ?? 1, Mark, now) is { } mark)
        {
            return BuildTags.Write(mark);
        }

        return Answers && build.Release is { State: ReleaseState.Promoted, Explicit: true }
            ? new Dictionary<string, string> { [BuildTags.ReleaseExplicit] = "no" }
            : Nothing;
    }

    /// <summary>Said of a build that another release has promoted meanwhile: its mark stays, whatever this release came to.</summary>
    public Announcement On(BuildRecord? build, LifecycleState state) =>
        build?.Release?.State == ReleaseState.Promoted && Release is not null && state.Release?.Promoted == false
            ? this with { Reasons = [.. Reasons, ReasonText.Of(ReasonCode.StaysPromoted, $"Build {build.Version} was promoted by another release meanwhile and stays so.")] }
            : this;

    /// <summary>What is written on the build besides the state: the deciding reason and what would unblock it, as far as a tag is long.</summary>
    public string Mark
    {
        get
        {
            // As a tag has them: the room is counted on that.
            var reason = BuildTags.Plain(Reasons[0].Text);
            if (Reasons.FirstOrDefault(each => each.Is(ReasonCode.ToUnblock))?.Text is not { } text || BuildTags.Plain(text) is not { } unblock || unblock.Length + 2 >= BuildTags.MaxValueLength)
            {
                return reason;
            }

            var room = BuildTags.MaxValueLength - unblock.Length - 2;
            return $"{(reason.Length <= room ? reason.TrimEnd('.') : reason[..(room - 2)] + "..")}. {unblock}";
        }
    }

    private static Announcement Read(LifecycleState state) => state switch
    {
        // Whatever was promoted before stays so; what failed is the tidying up.
        { Error: { } error } when state.Announcement is not null || state.Action == WorkflowActions.Prune =>
            new(Outcome.PruneFailed, true, null, [Reason(error)]),
        { Error: { } error } => Failed(state, error),
        { Action: WorkflowActions.Release, Release: { Outcome: "cancelled" } release } => new(Outcome.Cancelled, true, ReleaseState.Cancelled, release.Reasons),
        { Action: WorkflowActions.Release, Release: { Outcome: "failed" } release } => new(Outcome.BuildFailed, true, ReleaseState.Failed, release.Reasons),
        { Release: { Outcome: "failed" } release } => new(Outcome.BuildFailed, true, null, release.Reasons),
        { Release: { Outcome: "changed" } release } => new(Outcome.DigestChanged, true, ReleaseState.Failed, [.. release.Reasons, AskAgain(state)]),
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
        { Prune: { DeletionLimit: { } brake } } => new(Outcome.PruneStopped, true, null, [ReasonText.Of(ReasonCode.DeletionLimit, brake)]),
        { Prune: { Unknown: { } unknown } } => new(Outcome.PruneStopped, false, null, [ReasonText.Of(ReasonCode.UsageUnknown, unknown)]),
        { Prune: { Planned: not null, Applied: not null, Calls: not null } prune } => new(Outcome.Pruned, false, null, [ReasonText.Of(prune.Mode == "report" ? ReasonCode.Report : ReasonCode.Delete, Text(prune))]),
        _ => new(Outcome.Failed, true, null, [ReasonText.Of(ReasonCode.NothingFound, "The execution has nothing to announce: its state is incomplete.")]),
    };

    private static string Text(PruneResult prune)
    {
        var calls = prune.Calls.Values.Sum();
        var (planned, applied) = (prune.Planned, prune.Applied);
        if (prune.Mode == "report")
        {
            return $"{HumanText.Of(planned.Images, "image")} and {HumanText.Of(planned.Records, "record")} would be deleted, {planned.Superseded} marked as superseded, "
                + $"{HumanText.Of(prune.ImagesKept, "image")} kept; mode report touches nothing ({HumanText.Of(calls, "call")}).";
        }

        var left = planned.Images + planned.Records + planned.Superseded - applied.Images - applied.Records - applied.Superseded;
        return $"{HumanText.Of(applied.Images, "image")} and {HumanText.Of(applied.Records, "record")} deleted, {applied.Superseded} marked as superseded, {HumanText.Of(prune.ImagesKept, "image")} kept"
            + $"{(left > 0 ? $", {left} could not be deleted now" : "")} (mode {prune.Mode}, {HumanText.Of(calls, "call")}).";
    }

    private static Announcement Verified(LifecycleState state, PromoteImageResult verification)
    {
        var steps = new[] { state.VersionTags, state.FloatingTags, verification }.SelectMany(phase => phase?.Steps ?? []).ToList();
        var put = steps.Where(step => step.Action == "put").Select(step => (step.Region, step.Tag)).ToHashSet();

        // The first reason is written on the build: what decided the outcome, then what moved, at last what was there already.
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
            // These two are written on the build already, before the tags were read for the last time.
            "promoted" when state.Action == WorkflowActions.Rollback => new(Outcome.RolledBack, true, null,
                [.. reasons, ReasonText.Of(ReasonCode.Hold, $"Newer builds leave the floating tags alone until somebody says so: automation promote {state.Image}")]),
            "promoted" => new(Outcome.Promoted, false, null, reasons),

            // A person went back to an older build meanwhile, and the mark says so.
            "rolled-back" => new(Outcome.Overtaken, state.Explicit == true, null, reasons),
            "held" => new(Outcome.Held, true, ReleaseState.Held,
                [.. reasons, ReasonText.Of(ReasonCode.ToUnblock, $"automation promote {state.Image} {state.Release?.Version ?? state.Version}")]),

            // Who asked for it by name waits for an answer.
            "overtaken" => new(Outcome.Overtaken, state.Explicit == true, ReleaseState.Overtaken, reasons),

            // Something kept moving the tags: left as a release that stopped half-way, for the next reconcile.
            _ => new(Outcome.TagsUnstable, true, null, reasons),
        };
    }

    // What somebody did to the build while the release waited.
    private static Announcement Stopped(LifecycleState state, IReadOnlyList<ReasonText> reasons) => reasons[0] switch
    {
        var reason when reason.Is(ReasonCode.RollbackSuperseded) => new(Outcome.Overtaken, true, null, reasons),

        // The other release says how the build ends. Who asked for this one by name waits for an answer.
        var reason when reason.Is(ReasonCode.ClearanceWithdrawn) || reason.Is(ReasonCode.ReleaseRepeated) => new(Outcome.Overtaken, state.Explicit == true, null, reasons),
        var reason when reason.Is(ReasonCode.DigestChanged) => new(Outcome.DigestChanged, true, ReleaseState.Failed, [.. reasons, AskAgain(state)]),
        _ => new(Outcome.NotReleasable, true, ReleaseState.Failed, reasons),
    };

    private static Announcement Failed(LifecycleState state, StepError error)
    {
        var message = Message(error);
        if (error.Name == "States.Timeout" && AwaitsApproval(state))
        {
            return new(Outcome.Rejected, true, ReleaseState.Rejected, [ReasonText.Of(ReasonCode.NoAnswer, "Nobody approved in time."), Promote(state)]);
        }

        if (error.Name == NotReleasable && AwaitsApproval(state))
        {
            return new(Outcome.NotReleasable, true, ReleaseState.Failed, [ReasonText.Of(ReasonCode.RetiredWhileWaiting, message)]);
        }

        if (error.Name == Rejected || (AwaitsApproval(state) && IsAnswer(error.Name)))
        {
            return new(Outcome.Rejected, true, ReleaseState.Rejected, [ReasonText.Of(ReasonCode.Rejected, error.Cause is { Length: > 0 } ? message : "It was rejected without a reason."), Promote(state)]);
        }

        var reason = Reason(error);
        if (state is not { Action: WorkflowActions.Release or WorkflowActions.Rollback, Release: not null })
        {
            return new(Outcome.Failed, true, null, [reason]);
        }

        // A transient failure that outlasted all retries leaves the release as it is: the next reconcile finds it half-way.
        var isFinal = error.Name is nameof(PermanentException) or nameof(TagConflictException) or nameof(InvalidEventException) or nameof(ImageNotInCatalogException);
        return new(Outcome.Failed, true, isFinal ? ReleaseState.Failed : null, [reason, isFinal ? AskAgain(state) : GoesOn(state)]);
    }

    private static ReasonText Promote(LifecycleState state) =>
        ReasonText.Of(ReasonCode.ToUnblock, $"It is not tried again by itself: automation promote {Name(state)}");

    private static ReasonText AskAgain(LifecycleState state) => ReasonText.Of(ReasonCode.ToUnblock, state.Action == WorkflowActions.Rollback
        ? $"The rollback stays ordered: the reconcile moves the tags as soon as nothing is in the way. To give it up: automation promote {state.Image}"
        : $"The reconcile tries again when that is mended. At once: automation promote {Name(state)}");

    private static ReasonText GoesOn(LifecycleState state) => ReasonText.Of(ReasonCode.GoesOn, state.Action == WorkflowActions.Rollback
        ? $"The rollback stays ordered, and the reconcile goes on with it until every Region has followed. To give it up: automation promote {state.Image}"
        : "The reconcile goes on with it until every Region has followed; nothing has to be done if the cause passes by itself.");

    // The name of the error is the code, so that people can filter by it.
    private static ReasonText Reason(StepError error) =>
        error.Name is { Length: > 0 } name ? new ReasonText(name, Message(error)) : ReasonText.Of(ReasonCode.Error, Message(error));

    private static string Name(LifecycleState state) => $"{state.Image} {state.Release?.Version ?? state.Version}";

    // Whatever name a person or a program gives the no, or none at all; what the workflow and SNS fail with has names of their own.
    private static bool IsAnswer(string? error) =>
        error is null || !(error.StartsWith("States.", StringComparison.Ordinal) || error.StartsWith("SNS.", StringComparison.OrdinalIgnoreCase));

    // A step that hangs ends with the same error name: only where a person was asked and has not answered, nobody answered.
    private static bool AwaitsApproval(LifecycleState state) =>
        state is { Scan.Verdict: "open", Release.ApprovalSeconds: not null, Approval.ValueKind: JsonValueKind.Undefined, VersionTags: null };

    // The cause is the error document that the Lambda runtime makes of an exception, {"errorType":"...","errorMessage":"...","stackTrace":[...]}, as
    // text; or plain text where the workflow itself failed the step.
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
