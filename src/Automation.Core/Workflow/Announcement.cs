using System.Text.Json;
using Automation.Core.Builds;

namespace Automation.Core.Workflow;

/// <summary>How an execution ended, read from its state: one word, the reasons, and what is written on the build.</summary>
/// <param name="Outcome">
/// promoted, rolled-back, held, overtaken, not-standing, blocked, rejected, build-failed, build-stuck, not-releasable, pruned, prune-stopped,
/// prune-failed, or failed.
/// </param>
/// <param name="Alert">Whether people must know: failures, blocks, rollbacks and a stopped prune.</param>
/// <param name="Release">What to remember on the build; null: nothing.</param>
public sealed record Announcement(string Outcome, bool Alert, ReleaseState? Release, IReadOnlyList<ReasonText> Reasons)
{
    /// <summary>A person asked for a build that is promoted already, and this is the answer: nothing goes on with it.</summary>
    public bool Answers { get; private init; }

    /// <summary>The name under which <c>automation reject</c> fails the approval.</summary>
    public const string Rejected = "Rejected";

    /// <summary>Of a prune by itself, and of the one that follows a promotion.</summary>
    public const string PruneFailed = "prune-failed";

    private const string ToUnblock = "to-unblock";
    private const int MostReasons = 10;

    /// <summary>Whatever the state is, there is something to say: this is the end of every failure too.</summary>
    public static Announcement Of(LifecycleState state)
    {
        var announcement = Read(state);
        if (state.Release?.Promoted == true)
        {
            var answers = announcement.Release is not null || state is { Error: null, Verification.Outcome: not "running" };
            announcement = announcement with { Release = null, Answers = answers && state.Release.Explicit };
        }

        return announcement.Reasons is { Count: > 0 } ? announcement : announcement with { Reasons = [new ReasonText("no-reason", "No reason was given.")] };
    }

    /// <summary>What is written on the build besides the state: the deciding reason and what would unblock it, as far as a tag is long.</summary>
    public string Mark
    {
        get
        {
            var reason = Reasons[0].Text;
            if (Reasons.FirstOrDefault(each => each.Code == ToUnblock)?.Text is not { } unblock || unblock.Length + 2 >= BuildTags.LongestValue)
            {
                return reason;
            }

            var room = BuildTags.LongestValue - unblock.Length - 2;
            return $"{(reason.Length <= room ? reason.TrimEnd('.') : reason[..(room - 2)] + "..")}. {unblock}";
        }
    }

    private static Announcement Read(LifecycleState state) => state switch
    {
        // Whatever was promoted before stays so; what failed is the tidying up.
        { Error: { } error } when state.Announcement is not null || state.Action == "prune" =>
            new(PruneFailed, true, null, [new ReasonText(error.Name ?? "error", Message(error))]),
        { Error: { } error } => Failed(state, error),
        { Plan: { Decision: "stuck" } plan } => new("build-stuck", true, null, [.. plan.Reasons, .. Unstick(state, plan)]),
        { Action: "release", Release: { Outcome: "failed" } release } => new("build-failed", true, ReleaseState.Failed, release.Reasons),
        { Release: { Outcome: "failed" } release } => new("build-failed", true, null, release.Reasons),
        { Action: "release", Release: { Outcome: "missing" } release } => new("not-releasable", true, ReleaseState.Missing, release.Reasons),
        { Release: { Outcome: not "releasable" } release } => new("not-releasable", true, null, release.Reasons),
        { Scan: { Verdict: "blocked" } scan } => new("blocked", true, ReleaseState.Blocked,
            [.. scan.Reasons ?? [], .. (scan.ToUnblock ?? []).Select(text => new ReasonText(ToUnblock, text))]),
        { Verification: { } verification } => Verified(state, verification),
        { Prune: { Brake: { } brake } } => new("prune-stopped", true, null, [new ReasonText("brake", brake)]),
        { Prune: { Unknown: { } unknown } } => new("prune-stopped", false, null, [new ReasonText("usage-unknown", unknown)]),
        { Prune: { Planned: not null, Applied: not null, Calls: not null } prune } => new("pruned", false, null, [new ReasonText(prune.Mode, Text(prune))]),
        _ => new("failed", true, null, [new ReasonText("nothing-found", "The execution has nothing to announce: its state is incomplete.")]),
    };

    private static IEnumerable<ReasonText> Unstick(LifecycleState state, PlanBuildResult plan) => plan.Reasons[0].Code switch
    {
        // These say it themselves.
        BuildPlanner.PipelineMissing or BuildPlanner.RecipeDiffers => [],
        BuildPlanner.PipelineDisabled => [new(ToUnblock, "Mend what fails and enable the pipeline.")],
        _ => [new(ToUnblock, Outlook.WayOn(state.Image))],
    };

    private static string Text(PruneResult prune)
    {
        var calls = prune.Calls.Values.Sum();
        var (planned, applied) = (prune.Planned, prune.Applied);
        if (prune.Mode == "report")
        {
            return $"{Wording.Of(planned.Images, "image")} and {Wording.Of(planned.Records, "record")} would be deleted, {planned.Superseded} marked as superseded, "
                + $"{Wording.Of(prune.ImagesKept, "image")} kept; mode report touches nothing ({Wording.Of(calls, "call")}).";
        }

        var left = planned.Images + planned.Records + planned.Superseded - applied.Images - applied.Records - applied.Superseded;
        return $"{Wording.Of(applied.Images, "image")} and {Wording.Of(applied.Records, "record")} deleted, {applied.Superseded} marked as superseded, {Wording.Of(prune.ImagesKept, "image")} kept"
            + $"{(left > 0 ? $", {left} could not be deleted now" : "")} (mode {prune.Mode}, {Wording.Of(calls, "call")}).";
    }

    private static Announcement Verified(LifecycleState state, PromoteImageResult verification)
    {
        var steps = (state.VersionTags ?? []).Concat(state.FloatingTags ?? []).Append(verification).SelectMany(phase => phase.Steps ?? []).ToList();
        var put = steps.Where(step => step.Action == "put").Select(step => (step.Region, step.Tag)).ToHashSet();

        // The first reason is written on the build: what decided the outcome, then what moved, at last what was there already.
        var reasons = steps.Where(step => step.Action != "present" || !put.Contains((step.Region, step.Tag)))
            .OrderBy(step => (verification.Outcome, step.Action) switch
            {
                ("held", "held") or ("overtaken", "not-forward") => 0,
                (_, "present") => 2,
                _ => 1,
            }).Select(step => step.Reason)
            .DistinctBy(reason => reason.Text).Take(MostReasons).ToList();
        return verification.Outcome switch
        {
            // These two are written on the build already, before the tags were read for the last time.
            "promoted" when state.Action == "rollback" => new("rolled-back", true, null,
                [.. reasons, new ReasonText("hold", $"Newer builds leave the floating tags alone until somebody says so: automation promote {state.Image}")]),
            "promoted" => new("promoted", false, null, reasons),

            // A person went back to an older build meanwhile, and the mark says so.
            "rolled-back" => new("overtaken", state.Explicit == true, null, reasons),
            "held" => new("held", true, ReleaseState.Held,
                [.. reasons, new ReasonText(ToUnblock, $"automation promote {state.Image} {state.Release?.Version ?? state.Version}")]),

            // Who asked for it by name waits for an answer.
            "overtaken" => new("overtaken", state.Explicit == true, ReleaseState.Overtaken, reasons),

            // Something kept moving the tags: left as a release that stopped half-way, for the next reconcile.
            _ => new("not-standing", true, null, reasons),
        };
    }

    // A transient failure that outlasted all retries leaves the release as it is: the next reconcile finds it half-way.
    private static Announcement Failed(LifecycleState state, StepError error)
    {
        var message = Message(error);
        if (error.Name is Rejected || (error.Name == "States.Timeout" && AwaitsApproval(state)))
        {
            return new("rejected", true, ReleaseState.Rejected,
                [new ReasonText(error.Name == Rejected ? "rejected" : "no-answer", error.Name == Rejected ? message : "Nobody approved in time."), AskAgain(state)]);
        }

        var isFinal = error.Name is nameof(PermanentException) or nameof(TagConflictException)
            or nameof(InvalidEventException) or nameof(ImageNotInCatalogException);
        // Where floating tags have moved, the mark may be "promoted" by now, and giving up would leave the Regions apart.
        var final = isFinal && state is { Action: "release", Release: not null, FloatingTags: null };
        var reason = new ReasonText(error.Name ?? "error", message);
        return new("failed", true, final ? ReleaseState.Failed : null, final ? [reason, AskAgain(state)] : [reason]);
    }

    private static ReasonText AskAgain(LifecycleState state) =>
        new(ToUnblock, $"It is not tried again by itself: automation promote {state.Image} {state.Release?.Version ?? state.Version}");

    // A step that hangs ends with the same error name: only where a person was asked and has not answered, nobody answered.
    private static bool AwaitsApproval(LifecycleState state) =>
        state is { Scan.Verdict: "open", Release.ApprovalSeconds: not null, Approval.ValueKind: JsonValueKind.Undefined };

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
