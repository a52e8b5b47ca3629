using System.Globalization;
using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Builds;

/// <summary>Decides from facts alone whether an image must be built now. A reconcile therefore needs no event, and lost, duplicate or late
/// events change nothing.</summary>
/// <remarks>
/// <list type="bullet">
/// <item>No build starts if the lineage has a cycle, if the base is missing, or if the pipeline is missing, disabled or builds another
/// recipe than the catalog names.</item>
/// <item>A cause is due if no running or successful build covers it: a request, the base's digest, the digest of the newest image under watched
/// tags, the recipe version, the last schedule slot. The first cause that may start now starts a build, which covers every due cause.</item>
/// <item>Each cause has its own attempts. The pause after the n-th failure is <c>retryAfterMinutes</c> times 2^(n-1), at most a day. Permanent
/// failures and builds that a person cancelled are not retried. A new recipe version resets the attempts.</item>
/// <item>A young base or watched image (<c>quietMinutes</c>, <c>minParentAgeHours</c>) delays every automatic cause, because any build would use it.</item>
/// <item>A request ignores holds, quiet times, the base's age and the lane, but waits for a running build.</item>
/// <item>A lane (<see cref="BuildLanes"/>) builds one image at a time in order. After <see cref="LanePatience"/> an image no longer waits for
/// one before it that is due but does not start.</item>
/// </list>
/// </remarks>
public static class BuildPlanner
{
    /// <summary>How soon to check again at first, for example while another build runs.</summary>
    public static readonly TimeSpan CheckAgain = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan MaxCheckAgain = TimeSpan.FromHours(1);

    /// <summary>How long an image waits for a due image before it in the lane. A failure to start one image must not block the others.</summary>
    public static readonly TimeSpan LanePatience = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan MaxPause = TimeSpan.FromDays(1);

    /// <summary>An eighth of the time waited so far, but at least 5 minutes and at most an hour. A wait of 30 days then takes fewer than 1,000 checks,
    /// which fits the 25,000 events of an execution's history.</summary>
    public static TimeSpan CheckAgainAfter(TimeSpan waited) => TimeSpan.FromTicks(Math.Clamp(waited.Ticks / 8, CheckAgain.Ticks, MaxCheckAgain.Ticks));

    public static BuildDecision Decide(BuildFacts facts)
    {
        var history = new BuildHistory(facts.Builds);
        if (FindObstacle(facts) is { } obstacle)
        {
            return new BuildDecision.No([obstacle, .. UnreadableTags(facts)], Stuck(facts, history, obstacle));
        }

        var slot = facts.Image.Build.SlotZone is { } zone ? facts.Image.Build.Schedule?.LastAtOrBefore(facts.Now, zone) : null;
        var due = new List<(BuildCause Cause, Reason Reason)>();
        var notDue = new List<Reason>();
        foreach (var (cause, reason) in DueCauses.Of(facts, history, slot))
        {
            if (cause is null)
            {
                notDue.Add(reason);
            }
            else
            {
                due.Add((cause, reason));
            }
        }

        if (due.Count == 0)
        {
            return new BuildDecision.No([.. notDue, .. new[] { Bypass(facts) }.OfType<Reason>(), .. UnreadableTags(facts)]);
        }

        var answers = due.ConvertAll(item => Judge(facts, history, slot, item.Cause, item.Reason));
        var start = answers.OfType<BuildDecision.Start>().FirstOrDefault();
        if (start is not null)
        {
            return new BuildDecision.Start(start.Order, [.. start.Reasons, .. OthersCovered(due, start.Order.Cause), .. Notes(facts)]);
        }

        var later = answers.OfType<BuildDecision.NotYet>().MinBy(answer => answer.Until);
        return later is not null
            ? new BuildDecision.NotYet(later.Until, later.Order, [.. later.Reasons, .. Notes(facts)])
            : new BuildDecision.No(
                [.. answers.SelectMany(answer => answer.Reasons), .. Notes(facts)],
                answers.OfType<BuildDecision.No>().Select(answer => answer.Stuck).FirstOrDefault(stuck => stuck is not null));
    }

    private static StuckBuild? Stuck(BuildFacts facts, BuildHistory history, Reason obstacle) =>
        obstacle.Is(ReasonCode.PipelineMissing) ? new StuckBuild(obstacle, facts.Image.PipelineName)
        : obstacle.Is(ReasonCode.RecipeDiffers) ? new StuckBuild(obstacle, facts.Pipeline.Recipe ?? "")
        : obstacle.Is(ReasonCode.PipelineDisabled) && facts.Pipeline.DisabledAfter is not null
            ? new StuckBuild(obstacle, history.Last?.Version.ToString() ?? "")
        : null;

    private static Reason? FindObstacle(BuildFacts facts)
    {
        if (!facts.Pipeline.Exists)
        {
            return new Reason(ReasonCode.PipelineMissing, facts.Image.Pipeline is PipelineSpec.Adopted
                ? $"there is no pipeline {facts.Pipeline.Name} with a container recipe: create it, or change \"pipeline\" of {facts.Image.Name} in the catalog and deploy"
                : $"the stack's pipeline {facts.Pipeline.Name} no longer exists or has no container recipe: create it again under that name");
        }

        if (facts.Image.Pipeline is PipelineSpec.Adopted { Recipe: { } named } && facts.Pipeline.Recipe is { } built && built != named)
        {
            return new Reason(ReasonCode.RecipeDiffers,
                $"the catalog names recipe {named}, but pipeline {facts.Pipeline.Name} builds {built}: change \"recipe\" of {facts.Image.Name} in the catalog and deploy, or set the pipeline's recipe to {named}");
        }

        if (facts.Cycle.Count > 0)
        {
            return new Reason(ReasonCode.LineageCycle, $"each promotion would start the next build: {string.Join(" -> ", facts.Cycle)}");
        }

        if (!facts.Pipeline.Enabled)
        {
            return new Reason(ReasonCode.PipelineDisabled, facts.Pipeline.DisabledAfter is { } failures
                ? $"pipeline {facts.Pipeline.Name} was disabled by Image Builder after {HumanText.Of(failures, "failure")} in a row"
                : $"pipeline {facts.Pipeline.Name} is disabled");
        }

        if (facts.Base is { Digest: null } missing)
        {
            return new Reason(ReasonCode.BaseMissing, missing.Missing ?? $"there is no image {missing.Name}");
        }

        // Every build pulls the image under the tag, whatever its cause.
        return TagStatuses(facts).Where(item => item.Status is PromotionStatus.NotPromoted)
            .Select(item => NotPromoted(item.Name, item.Digest, ((PromotionStatus.NotPromoted)item.Status).Why)).FirstOrDefault();
    }

    private static Reason NotPromoted(string name, Digest digest, string why) => new(
        ReasonCode.BaseNotPromoted, $"{name} is {digest.Short12}, which {why}: no build uses it until the tag is on a promoted build");

    /// <summary>The status of the images under floating tags of the catalog that this image is built from.</summary>
    private static IEnumerable<(string Name, Digest Digest, PromotionStatus Status)> TagStatuses(BuildFacts facts)
    {
        if (facts.Base is { Digest: { } digest, Owner: { } owner } known)
        {
            yield return (known.Name, digest, PromotionStatus.Of(owner, digest, facts.Now));
        }

        foreach (var watched in facts.Watched)
        {
            if (watched is { Newest: { } image, Owner: { } other })
            {
                yield return (watched.Tags.ToString(), image.Digest, PromotionStatus.Of(other, image.Digest, facts.Now));
            }
        }
    }

    /// <summary>The base and watched images that no build has used yet, and since when each has been changing.</summary>
    private static IEnumerable<(string Image, DateTimeOffset PushedAt, DateTimeOffset? WaitingSince)> UnbuiltImages(BuildFacts facts, BuildHistory history)
    {
        if (facts.Base is { Digest: { } digest, PushedAt: { } pushed } known && history.NewestWithBase?.BaseDigest != digest)
        {
            yield return (known.Name, pushed, known.WaitingSince);
        }

        foreach (var watched in facts.Watched)
        {
            if (watched.Newest is { } image && history.Covering(watched.Tags, image) is null)
            {
                yield return ($"{watched.Tags.Repository}:{image.Tag}", image.PushedAt, watched.WaitingSince);
            }
        }
    }

    private static BuildDecision Judge(BuildFacts facts, BuildHistory history, DateTimeOffset? slot, BuildCause cause, Reason due)
    {
        var requested = cause is BuildCause.Requested;
        if (facts.Pipeline.Hold is { Scope: HoldScope.Everything } hold && !requested)
        {
            return new BuildDecision.No([new Reason(ReasonCode.Held, $"held: {hold.Why}"), due]);
        }

        if (facts.BaseVerdict is { Until: null } verdict)
        {
            return new BuildDecision.No([verdict.Why, due]);
        }

        var attempts = history.UnsuccessfulAttemptsAt(cause, facts.Pipeline.RecipeVersion);
        if (attempts is [.., { State: BuildState.Cancelled } cancelled])
        {
            return new BuildDecision.No([new Reason(ReasonCode.Cancelled,
                $"a person cancelled {cancelled.Version}, so it is not retried; run automation build {facts.Image.Name} to retry it"), due]);
        }

        var failures = attempts.Where(build => build.State == BuildState.Failed).ToList();
        if (failures.LastOrDefault(build => build.FailureKind == FailureKind.Permanent) is { } permanent)
        {
            var reason = new Reason(ReasonCode.PermanentFailure, $"{permanent.Version} failed permanently, so a retry would fail again: {Why(permanent)}");
            return new BuildDecision.No([reason, due], new StuckBuild(reason, permanent.Version.ToString()));
        }

        var rules = facts.Image.Build;
        if (failures.Count >= rules.MaxAttempts)
        {
            var reason = new Reason(ReasonCode.AttemptsExhausted,
                $"{Count(failures.Count)} of {HumanText.Of(rules.MaxAttempts, "attempt")} failed, the last one {failures[^1].Version}: {Why(failures[^1])}");
            return new BuildDecision.No([reason, due], new StuckBuild(reason, failures[^1].Version.ToString()));
        }

        var attempt = history.NextAttempt(cause);
        var tries = failures.Count == 0 ? due
            : due with { Text = $"{HumanText.Clause(due.Text)}; attempt {Count(failures.Count + 1)} of {Count(rules.MaxAttempts)}" };
        var order = BuildRequests.Of(facts, history, slot, cause, attempt, tries);
        var waits = FindWaits(facts, history, failures, requested).Where(wait => wait.Until > facts.Now).ToList();
        if (waits.Count > 0)
        {
            var longest = waits.MaxBy(wait => wait.Until);
            return new BuildDecision.NotYet(longest.Until, order, [longest.Reason, tries, .. waits.Except([longest]).Select(wait => wait.Reason)]);
        }

        return new BuildDecision.Start(order, [tries]);
    }

    private static IEnumerable<(DateTimeOffset Until, Reason Reason)> FindWaits(
        BuildFacts facts, BuildHistory history, List<BuildRecord> failures, bool requested)
    {
        var rules = facts.Image.Build;
        if (history.Running is { } running)
        {
            yield return (facts.Now + facts.CheckAgain, running.State == BuildState.Unknown
                ? new Reason(ReasonCode.BuildStateUnknown, $"{running.Version} is in an unknown state; no other build starts until it ends")
                : new Reason(ReasonCode.BuildInProgress, $"{running.Version} is building; an image has one build at a time"));
        }

        if (failures is [.., var last])
        {
            var pause = Pause(rules.RetryAfterMinutes, failures.Count);
            yield return last.FinishedAt is { } ended
                ? (ended + pause, new Reason(ReasonCode.RetryPause,
                    $"{last.Version} failed at {HumanText.At(ended)}: {Why(last)}; the pause is {HumanText.Of((int)pause.TotalMinutes, "minute")}"))
                : (facts.Now + (pause > facts.CheckAgain ? pause : facts.CheckAgain), new Reason(ReasonCode.RetryPause,
                    $"{last.Version} failed: {Why(last)}; the pause of {HumanText.Of((int)pause.TotalMinutes, "minute")} begins when the failure is announced"));
        }

        if (facts.BaseVerdict is { Until: { } until } verdict)
        {
            yield return (until, verdict.Why);
        }

        foreach (var (name, digest, status) in TagStatuses(facts))
        {
            if (status is PromotionStatus.Pending(var why))
            {
                yield return (facts.Now + facts.CheckAgain, new Reason(ReasonCode.BaseNotReleased, $"{name} is {digest.Short12}, which {why}"));
            }
        }

        if (requested)
        {
            yield break;
        }

        if (facts.Lane is { } lane && LaneWait(facts, lane) is { } wait)
        {
            yield return (facts.Now + facts.CheckAgain, wait);
        }

        foreach (var (image, pushed, waitingSince) in UnbuiltImages(facts, history))
        {
            var quiet = pushed.AddMinutes(rules.QuietMinutes);
            var patience = (waitingSince is { } since && since < pushed ? since : pushed).AddMinutes(rules.MaxWaitMinutes);
            yield return quiet <= patience
                ? (quiet, new Reason(ReasonCode.QuietTime,
                    $"{image} was pushed at {HumanText.At(pushed)}; it must stay unchanged for {HumanText.Of(rules.QuietMinutes, "minute")}"))
                : (patience, new Reason(
                    ReasonCode.LongestWait, $"{image} keeps changing; a build starts {HumanText.Of(rules.MaxWaitMinutes, "minute")} after the first push"));
            yield return (pushed.AddHours(rules.MinParentAgeHours),
                new Reason(ReasonCode.BaseTooYoung,
                    $"{image} was pushed at {HumanText.At(pushed)}; it must be {HumanText.Of(rules.MinParentAgeHours, "hour")} old"));
        }
    }

    private static Reason? LaneWait(BuildFacts facts, LaneFacts lane)
    {
        var wave = $"{facts.Image.Name} is in wave {Count(lane.Before.Count + 1)} of {Count(lane.Before.Count + 1 + lane.After.Count)}";
        foreach (var other in lane.Before.Concat(lane.After))
        {
            if (new BuildHistory(other.Builds).Running is { } running)
            {
                return new Reason(ReasonCode.LaneBusy,
                    $"{wave}: {other.Image.Name} {running.Version} is building in the same lane, and maxConcurrentBuilds limits how many build at once");
            }
        }

        return facts.Now - lane.WaitingSince >= LanePatience ? null
            : lane.Before.FirstOrDefault(other => Decide(other) is BuildDecision.Start) is { } first
                ? new Reason(ReasonCode.LaneTurn, $"{wave}: {first.Image.Name} is also due and goes first")
                : null;
    }

    private static string Why(BuildRecord build) => HumanText.Clause(build.FailureReason ?? "no reason given");

    /// <summary><paramref name="minutes"/> times 2^(failures - 1), at most a day.</summary>
    internal static TimeSpan Pause(int minutes, int failures)
    {
        var pause = TimeSpan.FromMinutes(minutes * Math.Pow(2, Math.Min(failures, 20) - 1));
        return pause < MaxPause ? pause : MaxPause;
    }

    private static IEnumerable<Reason> OthersCovered(List<(BuildCause Cause, Reason Reason)> due, BuildCause cause) =>
        due.Where(item => item.Cause != cause).Select(item => item.Reason);

    /// <summary>The container tags of the pipeline's distribution that are floating tags in the catalog.</summary>
    private static IReadOnlyList<string> BypassingTags(BuildFacts facts) =>
        [.. facts.Pipeline.ContainerTags.Where(tag => facts.Image.Promote.FloatingTags.Any(template => template.Matches(tag))).Order(StringComparer.Ordinal)];

    /// <summary>A reason if the pipeline's own distribution moves floating tags, or may; null if it does not.</summary>
    public static Reason? Bypass(BuildFacts facts) =>
        facts.Pipeline.DistributionUnreadable is { } unreadable
            ? new Reason(ReasonCode.DistributionUnreadable,
                $"it is unknown whether the distribution of pipeline {facts.Pipeline.Name} moves floating tags: {HumanText.Clause(unreadable)}")
        : BypassingTags(facts) is { Count: > 0 } tags
            ? new Reason(ReasonCode.GateBypassed,
                $"the distribution configuration {facts.Pipeline.DistributionArn} puts {string.Join(", ", tags)} on every build before any gate: remove them from its containerTags, or from \"floatingTags\" of {facts.Image.Name} in the catalog")
        : null;

    /// <summary>A reason for each tag of a build or a hold whose value cannot be read.</summary>
    private static IEnumerable<Reason> UnreadableTags(BuildFacts facts) =>
    [
        .. facts.Builds.SelectMany(build => build.Unreadable.Select(fault => Unreadable(fault, $"build {build.Version}"))),
        .. (facts.Pipeline.Hold?.Unreadable ?? []).Select(fault => Unreadable(fault, $"pipeline {facts.Pipeline.Name}")),
    ];

    private static Reason Unreadable(string fault, string where) =>
        new(ReasonCode.TagUnreadable, $"the tag {fault}, is ignored on {where}: correct or remove it in Image Builder");

    /// <summary>Notes for the reader besides the deciding reasons.</summary>
    private static IEnumerable<Reason> Notes(BuildFacts facts)
    {
        foreach (var unreadable in UnreadableTags(facts))
        {
            yield return unreadable;
        }

        if (Bypass(facts) is { } bypass)
        {
            yield return bypass;
        }

        if (facts.Pipeline.Hold is { Scope: HoldScope.Promotion } hold)
        {
            yield return new Reason(ReasonCode.PromotionHeld, $"its floating tags wait: {hold.Why}");
        }

        if (facts.Base is { ResolvedTo: { } text, Through: { } through }
            && ParentImage.Parse(text) is ParentImage.RegistryImage { Image.Digest: null } elsewhere)
        {
            yield return new Reason(
                ReasonCode.BasePartlyWatched, $"only the value of {through} is watched: {text} {elsewhere.Location}, and pushes there cannot be seen");
        }

        if (facts.Image.Parent is { } wanted && facts.Pipeline.ParentImage != wanted.Text)
        {
            yield return new Reason(ReasonCode.BaseDiffers, $"the catalog says {wanted}, but the recipe builds on {facts.Pipeline.ParentImage}");
        }

        if (facts.Image.From is { } from && facts.Pipeline.Parent.Reference is { } parent
            && !(from.SameRepository(parent) && from.EffectiveTag == parent.EffectiveTag && from.Digest == parent.Digest))
        {
            yield return new Reason(ReasonCode.BaseDiffers, $"the catalog says {from}, but the recipe builds on {parent}");
        }
    }

    private static string Count(int number) => number.ToString(CultureInfo.InvariantCulture);
}
