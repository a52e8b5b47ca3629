using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Builds;

/// <summary>Decides whether an image must be built now, from facts alone: a reconcile needs no event, and a lost, doubled or late event
/// changes nothing.</summary>
/// <remarks>
/// <list type="bullet">
/// <item>Nothing at all is started over a cycle, without its base, or on a pipeline that is missing, disabled or builds another recipe than
/// the catalog names.</item>
/// <item>Due is what no running or successful build covers: a request, the base's digest, the digest of the newest image under tags that
/// the image watches, the recipe version, the last schedule slot. The first of these that may start now does; one build covers everything that is due.</item>
/// <item>Each cause has its own attempts: the pause after the n-th failure is <c>retryAfterMinutes</c> times 2^(n-1), at most a day; a
/// permanent failure is not repeated, nor is a build that a person cancelled. With another recipe they begin anew.</item>
/// <item>A young base or watched image (<c>quietMinutes</c>, <c>minParentAgeHours</c>) holds back every automatic cause, because any build would use it.</item>
/// <item>A request passes over holds, quiet times, the base's age and the lane, not over a running build.</item>
/// <item>In a lane (<see cref="BuildLanes"/>) one image is built at a time, the first due one first; one that is due and does not start
/// is let pass for <see cref="LanePatience"/>.</item>
/// </list>
/// </remarks>
public static class BuildPlanner
{
    /// <summary>How soon to look again, at first, while another build runs.</summary>
    public static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan MaxLook = TimeSpan.FromHours(1);

    /// <summary>How long a due image of the same lane is let pass that does not start: what goes wrong with one must not stop the others.</summary>
    public static readonly TimeSpan LanePatience = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan MaxPause = TimeSpan.FromDays(1);

    /// <summary>An eighth of what has been waited already, 5 minutes to an hour: whatever waits, its 30 days are less than 1,000 looks, which
    /// fits the 25,000 events of an execution's history.</summary>
    public static TimeSpan LookAgainAfter(TimeSpan waited) => TimeSpan.FromTicks(Math.Clamp(waited.Ticks / 8, LookAgain.Ticks, MaxLook.Ticks));

    public static BuildDecision Decide(BuildFacts facts)
    {
        var history = new BuildHistory(facts.Builds);
        if (Forbidden(facts) is { } forbidden)
        {
            return new BuildDecision.No([forbidden], Stuck(facts, history, forbidden));
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
            return new BuildDecision.No([.. notDue, .. new[] { Bypass(facts) }.OfType<Reason>(), .. Unreadable(facts)]);
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

    private static StuckBuild? Stuck(BuildFacts facts, BuildHistory history, Reason forbidden) =>
        forbidden.Is(ReasonCode.PipelineMissing) ? new StuckBuild(forbidden, facts.Image.PipelineName)
        : forbidden.Is(ReasonCode.RecipeDiffers) ? new StuckBuild(forbidden, facts.Pipeline.Recipe ?? "")
        : forbidden.Is(ReasonCode.PipelineDisabled) && facts.Pipeline.DisabledAfter is not null ? new StuckBuild(forbidden, history.Last?.Version.ToString() ?? "")
        : null;

    private static Reason? Forbidden(BuildFacts facts)
    {
        if (!facts.Pipeline.Exists)
        {
            return new Reason(ReasonCode.PipelineMissing, facts.Image.Pipeline is PipelineSpec.Adopted
                ? $"there is no pipeline {facts.Pipeline.Name} with a container recipe: make it, or name another \"pipeline\" of {facts.Image.Name} in the catalog and deploy"
                : $"there is no pipeline {facts.Pipeline.Name} with a container recipe any more, which the stack has made: make it again under that name");
        }

        if (facts.Image.Pipeline is PipelineSpec.Adopted { Recipe: { } named } && facts.Pipeline.Recipe is { } built && built != named)
        {
            return new Reason(ReasonCode.RecipeDiffers,
                $"the catalog names recipe {named}, and pipeline {facts.Pipeline.Name} builds {built}: change \"recipe\" of {facts.Image.Name} in the catalog and deploy, or give the pipeline {named} again");
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

        // Whatever the build is for, it would pull what is under the tag.
        return Standings(facts).Where(item => item.Standing is TagStanding.NotPromoted).Select(item => NotPromoted(item.Name, item.Digest, ((TagStanding.NotPromoted)item.Standing).Why)).FirstOrDefault();
    }

    private static Reason NotPromoted(string name, Digest digest, string why) => new(
        ReasonCode.BaseNotPromoted, $"{name} is {digest.Short12}, which {why}: nothing is built with it until the tag is on a promoted build");

    /// <summary>What is under the floating tags of images of the catalog that this one is made from.</summary>
    private static IEnumerable<(string Name, Digest Digest, TagStanding Standing)> Standings(BuildFacts facts)
    {
        if (facts.Base is { Digest: { } digest, Owner: { } owner } known)
        {
            yield return (known.Name, digest, TagStanding.Of(owner, digest, facts.Now));
        }

        foreach (var watched in facts.Watched)
        {
            if (watched is { Newest: { } image, Owner: { } other })
            {
                yield return (watched.Tags.ToString(), image.Digest, TagStanding.Of(other, image.Digest, facts.Now));
            }
        }
    }

    /// <summary>The base and the watched images that no build was made with yet, and since when each of them has been changing.</summary>
    private static IEnumerable<(string Image, DateTimeOffset PushedAt, DateTimeOffset? WaitingSince)> Fresh(BuildFacts facts, BuildHistory history)
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

        var attempts = history.UnsuccessfulAttemptsAt(cause, facts.Pipeline.RecipeVersion);
        if (attempts is [.., { State: BuildState.Cancelled } cancelled])
        {
            return new BuildDecision.No([new Reason(ReasonCode.Cancelled,
                $"a person cancelled {cancelled.Version}, so the same is not tried again: automation build {facts.Image.Name} asks for it"), due]);
        }

        var failures = attempts.Where(build => build.State == BuildState.Failed).ToList();
        if (failures.LastOrDefault(build => build.FailureKind == FailureKind.Permanent) is { } permanent)
        {
            var reason = new Reason(ReasonCode.PermanentFailure, $"{permanent.Version} failed, and the same would fail again: {Why(permanent)}");
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
        var order = Order(facts, history, slot, cause, attempt, tries);
        var waits = Waits(facts, history, failures, requested).Where(wait => wait.Until > facts.Now).ToList();
        if (waits.Count > 0)
        {
            var longest = waits.MaxBy(wait => wait.Until);
            return new BuildDecision.NotYet(longest.Until, order, [longest.Reason, tries, .. waits.Except([longest]).Select(wait => wait.Reason)]);
        }

        return new BuildDecision.Start(order, [tries]);
    }

    private static IEnumerable<(DateTimeOffset Until, Reason Reason)> Waits(
        BuildFacts facts, BuildHistory history, List<BuildRecord> failures, bool requested)
    {
        var rules = facts.Image.Build;
        if (history.Running is { } running)
        {
            yield return (facts.Now + facts.LookAgain, running.State == BuildState.Unknown
                ? new Reason(ReasonCode.BuildStateUnknown, $"{running.Version} is in a state that is not known here; nothing is started beside it")
                : new Reason(ReasonCode.BuildInProgress, $"{running.Version} is being built; one build of an image at a time"));
        }

        if (failures is [.., var last])
        {
            var pause = Pause(rules.RetryAfterMinutes, failures.Count);
            yield return last.FinishedAt is { } ended
                ? (ended + pause, new Reason(ReasonCode.RetryPause,
                    $"{last.Version} failed at {HumanText.At(ended)}: {Why(last)}; the pause is {HumanText.Of((int)pause.TotalMinutes, "minute")}"))
                : (facts.Now + (pause > facts.LookAgain ? pause : facts.LookAgain), new Reason(ReasonCode.RetryPause,
                    $"{last.Version} failed: {Why(last)}; the pause of {HumanText.Of((int)pause.TotalMinutes, "minute")} begins when that is announced"));
        }

        foreach (var (name, digest, standing) in Standings(facts))
        {
            if (standing is TagStanding.Pending(var why))
            {
                yield return (facts.Now + facts.LookAgain, new Reason(ReasonCode.BaseNotReleased, $"{name} is {digest.Short12}, which {why}"));
            }
        }

        if (requested)
        {
            yield break;
        }

        if (facts.Lane is { } lane && LaneWait(facts, lane) is { } taken)
        {
            yield return (facts.Now + facts.LookAgain, taken);
        }

        foreach (var (image, pushed, waitingSince) in Fresh(facts, history))
        {
            var quiet = pushed.AddMinutes(rules.QuietMinutes);
            var patience = (waitingSince is { } since && since < pushed ? since : pushed).AddMinutes(rules.MaxWaitMinutes);
            yield return quiet <= patience
                ? (quiet, new Reason(ReasonCode.QuietTime, $"{image} was pushed at {HumanText.At(pushed)}; it must stay unchanged for {HumanText.Of(rules.QuietMinutes, "minute")}"))
                : (patience, new Reason(ReasonCode.LongestWait, $"{image} keeps changing; it is built {HumanText.Of(rules.MaxWaitMinutes, "minute")} after its first push"));
            yield return (pushed.AddHours(rules.MinParentAgeHours),
                new Reason(ReasonCode.BaseTooYoung, $"{image} was pushed at {HumanText.At(pushed)}; it must be {HumanText.Of(rules.MinParentAgeHours, "hour")} old"));
        }
    }

    private static Reason? LaneWait(BuildFacts facts, LaneFacts lane)
    {
        var wave = $"{facts.Image.Name} is in wave {Count(lane.Before.Count + 1)} of {Count(lane.Before.Count + 1 + lane.After.Count)}";
        foreach (var other in lane.Before.Concat(lane.After))
        {
            if (new BuildHistory(other.Builds).Running is { } running)
            {
                return new Reason(ReasonCode.LaneBusy, $"{wave}: {other.Image.Name} {running.Version} is being built in its place, and not more are built at once than maxConcurrentBuilds");
            }
        }

        return facts.Now - lane.WaitingSince >= LanePatience ? null
            : lane.Before.FirstOrDefault(other => Decide(other) is BuildDecision.Start) is { } first
                ? new Reason(ReasonCode.LaneTurn, $"{wave}: {first.Image.Name} is due as well and goes first")
                : null;
    }

    private static string Why(BuildRecord build) => HumanText.Clause(build.FailureReason ?? "no reason given");

    /// <summary>Base times 2^(failures - 1), at most a day.</summary>
    internal static TimeSpan Pause(int minutes, int failures)
    {
        var pause = TimeSpan.FromMinutes(minutes * Math.Pow(2, Math.Min(failures, 20) - 1));
        return pause < MaxPause ? pause : MaxPause;
    }

    private static BuildOrder Order(BuildFacts facts, BuildHistory history, DateTimeOffset? slot, BuildCause cause, int attempt, Reason reason)
    {
        var tags = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [BuildTags.Image] = facts.Image.Name,
            [BuildTags.Cause] = cause.Key,
            [BuildTags.Attempt] = Count(attempt),
            [BuildTags.Reason] = BuildTags.Shorten(reason.ToString()),
        };
        if (facts.Base?.Digest is { } digest)
        {
            tags[BuildTags.BaseDigest] = digest.Value;
            if (facts.Base.Through is not null)
            {
                tags[BuildTags.Base] = BuildTags.Shorten(facts.Base.Name);
            }
        }

        foreach (var watched in facts.Watched)
        {
            if (watched.Newest is { } image)
            {
                tags[BuildTags.WatchedPrefix + watched.Tags.Id] = image.Digest.Value;
            }
        }

        if (slot is { } covered)
        {
            tags[BuildTags.Slot] = BuildTags.Format(covered);
        }

        return new BuildOrder
        {
            Image = facts.Image.Name,
            PipelineArn = facts.Pipeline.Arn,
            Cause = cause,
            BaseDigest = facts.Base?.Digest,
            Slot = slot,
            Attempt = attempt,
            ClientToken = Token(facts.Pipeline.Arn, history.Last?.Arn),
            ExecutionName = ExecutionNames.Of("build", facts.Image.Name, cause.Label, Count(attempt)),
            Tags = tags,
        };
    }

    /// <summary>The token after one that is used up, because the record of the build that it started was deleted: whoever finds the same one used up
    /// starts the same next build.</summary>
    public static string TokenAfter(string token) => Token(token, "used up");

    /// <summary>A UUID of version 8 (made by rule) over the SHA-256 of what the build is for.</summary>
    private static string Token(string pipelineArn, string? last)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes($"{pipelineArn}\n{last}")).AsSpan(0, 16);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x80);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString("D");
    }

    private static IEnumerable<Reason> OthersCovered(List<(BuildCause Cause, Reason Reason)> due, BuildCause cause) =>
        due.Where(item => item.Cause != cause).Select(item => item.Reason);

    /// <summary>The container tags of the pipeline's distribution that the catalog calls floating.</summary>
    private static IReadOnlyList<string> Bypassing(BuildFacts facts) =>
        [.. facts.Pipeline.ContainerTags.Where(tag => facts.Image.Promote.FloatingTags.Any(template => template.Matches(tag))).Order(StringComparer.Ordinal)];

    /// <summary>That the pipeline's own distribution moves floating tags, or may; null: it does not.</summary>
    public static Reason? Bypass(BuildFacts facts) =>
        facts.Pipeline.DistributionUnreadable is { } unreadable
            ? new Reason(ReasonCode.DistributionUnreadable, $"nobody knows whether pipeline {facts.Pipeline.Name} moves floating tags by itself: {HumanText.Clause(unreadable)}")
        : Bypassing(facts) is { Count: > 0 } tags
            ? new Reason(ReasonCode.GateBypassed, $"the distribution configuration {facts.Pipeline.DistributionArn} puts {string.Join(", ", tags)} on every build before any gate: take it out of its containerTags, or out of \"floatingTags\" of {facts.Image.Name} in the catalog")
        : null;

    /// <summary>The tags of builds that somebody wrote and nobody understands.</summary>
    private static IEnumerable<Reason> Unreadable(BuildFacts facts) => facts.Builds.SelectMany(build => build.Unreadable.Select(fault =>
        new Reason(ReasonCode.TagUnreadable, $"the tag {fault}, is ignored on build {build.Version}: correct it in Image Builder or remove it")));

    /// <summary>What a reader should know beside the answer.</summary>
    private static IEnumerable<Reason> Notes(BuildFacts facts)
    {
        foreach (var unreadable in Unreadable(facts))
        {
            yield return unreadable;
        }

        if (Bypass(facts) is { } bypass)
        {
            yield return bypass;
        }

        if (facts.Pipeline.Hold is { Scope: HoldScope.Promotion } hold)
        {
            yield return new Reason(ReasonCode.PromotionHeld, $"its floating tags will wait: {hold.Why}");
        }

        if (facts.Base is { StandsFor: { } text, Through: { } through } && ParentImage.Parse(text) is ParentImage.RegistryImage { Image.Digest: null } elsewhere)
        {
            yield return new Reason(ReasonCode.BasePartlyWatched, $"of {through} only the value is watched: {text} {elsewhere.Location}, where its pushes are not seen");
        }

        if (facts.Image.Parent is { } wanted && facts.Pipeline.ParentImage != wanted.Text)
        {
            yield return new Reason(ReasonCode.BaseDiffers, $"the catalog says {wanted}, the recipe builds on {facts.Pipeline.ParentImage}");
        }

        if (facts.Image.From is { } from && facts.Pipeline.Parent.Reference is { } parent
            && !(from.SameRepository(parent) && from.EffectiveTag == parent.EffectiveTag && from.Digest == parent.Digest))
        {
            yield return new Reason(ReasonCode.BaseDiffers, $"the catalog says {from}, the recipe builds on {parent}");
        }
    }

    private static string Count(int number) => number.ToString(CultureInfo.InvariantCulture);
}
