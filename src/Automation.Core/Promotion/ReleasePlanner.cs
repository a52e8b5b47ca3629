using Automation.Core.Builds;

namespace Automation.Core.Promotion;

/// <summary>
/// Compares the marks and tags of an image with its desired state and decides which releases and rollbacks must run: for
/// finished builds without a release, for releases and rollbacks that stopped half-way, and for tags that are missing or on another image.
/// Notifications and the reconcile use the same decision.
/// </summary>
/// <remarks>
/// <code>
/// mark on the build        due
/// unreadable               no; a person corrects or removes it
/// none                     yes, if Automation started it or it is the newest; other builds from outside are history. A failed
///                          build is announced
/// running                  if its execution no longer runs
/// blocked                  the newest one, every recheckHours, or at once after the gate was removed
/// missing                  the newest one, once its image is in every Region
/// failed                   the newest one, once its obstacle is removed; at once the first time, then after 1, 2, 4 … at most
///                          24 hours for a cause that no plan can see, such as a permission
/// held                     the newest one, after the hold ended
/// promoted                 if one of its version tags, or a floating tag that it owns, is missing or on another image; also if a person
///                          requested it again and that release no longer runs
/// overtaken                no
/// rejected, rolled-back    no; only an explicit promote retries it
/// </code>
/// The target of a rollback's hold is due as a rollback if its tags or the marks differ from the desired state.
/// A resumed release does not repeat a gate, approval or soak that the same digest passed, and it stays explicit unless a hold was set
/// meanwhile. If a conflict blocks the tags of a promoted build, nothing runs until it is resolved, and <see cref="Incidents.ReconcileObservations"/>
/// reports it. While a Region does not answer, everything that needs all Regions waits for it.
/// </remarks>
public static class ReleasePlanner
{
    /// <summary>How long an execution that marked its build may be missing in the list of running ones. The list and the mark are not read
    /// at the same moment, and Step Functions' list is eventually consistent.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan MaxPause = TimeSpan.FromDays(1);

    private const string OnlyExplicit = "run automation promote to retry it";

    public static ReleasePlan Due(ReleaseFacts facts)
    {
        var builds = facts.Builds.Where(build => build.State == BuildState.Available).OrderBy(build => build.Version).ToList();
        var last = facts.Builds.OrderBy(build => build.CreatedAt).ThenBy(build => build.Version).LastOrDefault();
        var unannounced = facts.Builds
            .Where(build => build is { Release: null, IsReleaseUnreadable: false } && build.State.WentWrong() && (build.Cause is not null || build == last))
            .OrderBy(build => build.Version)
            .Select(build => Order(facts, build, 1, new Reason(ReasonCode.NotAnnounced, $"{build.Version} ended as {build.State} and was not announced")));
        return new ReleasePlan(
        [
            .. unannounced,
            .. builds.ConvertAll(
                build => WithAllRegions(facts, build.Version == facts.Hold?.Target && !IsAskedFor(facts, build)
                    ? RolledBackTo(facts, build)
                    : Judge(facts, build, ReferenceEquals(build, builds[^1])))),
        ])
        {
            IsComplete = facts.UnreadRegions.Count == 0,
        };
    }

    /// <summary>Whether no release of the build is due and no execution with an open result is running.</summary>
    public static bool IsAtRest(ReleaseItem item) => item is { Order: null, Until: null }
        && !item.Reason.Is(ReasonCode.ReleaseRunning) && !item.Reason.Is(ReasonCode.RollbackRunning);

    private static ReleaseItem Judge(ReleaseFacts facts, BuildRecord build, bool isNewest) => build.Release switch
    {
        null when build.IsReleaseUnreadable => No(build, ReasonCode.TagUnreadable,
            $"the state of {build.Version}, such as promoted or rolled back, cannot be read: correct or remove its tag {BuildTags.Release}"),
        null when build.Cause is not null || isNewest =>
            Order(facts, build, 1, new Reason(ReasonCode.NotReleased, $"{build.Version} is available but not released")),
        null => No(build, ReasonCode.NotOurs, $"{build.Version} was not started by Automation and is not the newest build"),
        { State: ReleaseState.Promoted } => Promoted(facts, build),
        { State: ReleaseState.Running } => Running(facts, build),
        { State: ReleaseState.Held } mark => facts.Hold is { } hold ? No(build, ReasonCode.Held, $"held until an explicit promote: {hold.Why}")
            : isNewest ? Order(facts, build, mark.Attempt + 1, new Reason(ReasonCode.HoldEnded, $"the hold on {build.Version} has ended"))
            : No(build, ReasonCode.Overtaken, $"a newer build than {build.Version} is available"),
        { State: ReleaseState.Blocked } mark => Blocked(facts, build, mark, isNewest),
        { State: ReleaseState.Missing } mark => Missing(facts, build, mark, isNewest),
        { State: ReleaseState.Failed } mark => Failed(facts, build, mark, isNewest),
        { State: ReleaseState.Overtaken } => No(build, ReasonCode.Overtaken, $"a newer build than {build.Version} was promoted first"),
        { State: ReleaseState.Rejected } mark =>
            No(build, ReasonCode.Rejected, $"{build.Version} was rejected: {mark.Why ?? OnlyExplicit}"),
        { } mark =>
            No(build, ReasonCode.RolledBack,
                $"{build.Version} was promoted and rolled back: {HumanText.Clause(mark.Why ?? "no reason given")}; {OnlyExplicit}"),
    };

    private static ReleaseItem Running(ReleaseFacts facts, BuildRecord build)
    {
        var name = ReleaseName.Running(facts.Image.Name, build) ?? "";
        return Stopped(facts, build, name, facts.Running.Contains(name));
    }

    private static ReleaseItem Stopped(ReleaseFacts facts, BuildRecord build, string name, bool runs)
    {
        var mark = build.Release!;
        var until = mark.At + Grace;
        return runs ? No(build, ReasonCode.ReleaseRunning, $"{name} runs")
            : until <= facts.Now ? Resume(facts, build, new Reason(ReasonCode.ReleaseStopped, $"the release of {build.Version} stopped half-way ({name})"))
            : new ReleaseItem(build, null, until, new Reason(ReasonCode.ReleaseRunning,
                $"{name} began at {BuildTags.Format(mark.At)} and counts as stopped from {BuildTags.Format(until)} unless it runs then"));
    }

    // A person requested a build that is already promoted, and has no answer yet.
    private static bool IsAskedFor(ReleaseFacts facts, BuildRecord build) =>
        build.Release is { State: ReleaseState.Promoted or ReleaseState.Running, Explicit: true } mark && facts.Hold?.IsEndedBy(mark.At) != false;

    private static ReleaseItem Promoted(ReleaseFacts facts, BuildRecord build)
    {
        var asked = ReleaseName.For(facts.Image.Name, build.Version, build.Release!.Attempt);
        var runs = ReleaseName.Rounds(asked).Any(facts.Running.Contains);
        if (IsAskedFor(facts, build))
        {
            return Stopped(facts, build, asked, runs);
        }

        var promoted = No(build, ReasonCode.Promoted, $"{build.Version} was promoted at {BuildTags.Format(build.PromotedAt ?? build.Release.At)}");
        return Drift(facts, build) switch
        {
            null => promoted,
            { } why when why.Is(ReasonCode.Obstructed) || why.Is(ReasonCode.Held) => No(build, why),
            _ when runs => No(build, ReasonCode.ReleaseRunning, $"{asked} runs"),
            { } reason => Resume(facts, build, reason),
        };
    }

    private static ReleaseItem RolledBackTo(ReleaseFacts facts, BuildRecord build)
    {
        var order = facts.Hold!.Rollback!;
        var drift = Drift(facts, build);
        var reason = drift?.Is(ReasonCode.Obstructed) != true && Rollback.Marks(facts.Hold, facts.Builds, facts.Now).Count > 0
            ? new Reason(ReasonCode.RollbackStopped, $"the rollback to {build.Version} stopped half-way ({order.Execution})")
            : drift;
        var until = order.BegunAt + Grace;
        return reason switch
        {
            null => No(build, ReasonCode.RolledBackTo, $"{facts.Hold.Why}, and every tag is in place"),
            _ when facts.Running.Contains(order.Execution) => No(build, ReasonCode.RollbackRunning, $"{order.Execution} runs"),
            _ when until > facts.Now => new ReleaseItem(build, null, until, new Reason(ReasonCode.RollbackRunning,
                $"{order.Execution} began at {BuildTags.Format(order.BegunAt)} and counts as stopped from {BuildTags.Format(until)} unless it runs then")),

            _ when reason.Is(ReasonCode.Obstructed) => No(build, reason),
            _ => new ReleaseItem(build, new DueRelease(
                facts.Image.Name, build, build.Release?.Attempt ?? 1, ReleaseName.ForRollback(facts.Image.Name, build.Version, facts.Now), reason,
                Resumes: true, IsRollback: true), null, reason),
        };
    }

    /// <summary>How a promoted build's tags differ from the desired state; null if they do not, or if a running release handles it.</summary>
    private static Reason? Drift(ReleaseFacts facts, BuildRecord build)
    {
        if (!facts.Regions.TryGetValue(build.Version, out var regions))
        {
            return null;
        }

        var plans = PromotionPlanner.PlanAll(regions);
        if (Conflicts(plans) is { } conflict)
        {
            return conflict;
        }

        var puts = plans.SelectMany(plan => (facts.UnreadRegions.Count == 0 ? plan : plan.WithoutMoves()).ToPut.Select(step => (plan.Region, step))).ToList();
        if (puts.Count > 0)
        {
            var gone = puts.TrueForAll(put => put.step.From is null);
            return new Reason(gone ? ReasonCode.TagGone : ReasonCode.TagElsewhere, gone
                ? $"{string.Join(", ", puts.Select(put => $"{put.step.Tag} in {put.Region}"))} of {build.Version} is missing and is restored"
                : string.Join("; ", puts.Select(put => $"in {put.Region} {put.step.Reason.Text}").Distinct()));
        }

        return plans.SelectMany(plan => plan.Steps.Where(step => step.Action == TagAction.Held).Select(step => (plan.Region, step)))
            .FirstOrDefault() is { step: { } held } first
            ? new Reason(ReasonCode.Held, $"{held.Tag} in {first.Region} is not on {build.Version}; {held.Reason.Text}")
            : null;
    }

    private static Reason? Conflicts(IReadOnlyList<TagPlan> plans)
    {
        var conflicts = plans.SelectMany(plan => plan.Conflicts.Select(step => $"in {plan.Region} {step.Reason.Text}")).Distinct().ToList();
        return conflicts.Count == 0 ? null : new Reason(ReasonCode.Obstructed, string.Join("; ", conflicts));
    }

    private static ReleaseItem Resume(ReleaseFacts facts, BuildRecord build, Reason reason)
    {
        var mark = build.Release!;
        var isExplicit = mark.Explicit && facts.Hold?.IsEndedBy(mark.At) != false;
        var item = Order(facts, build, mark.Attempt + 1, reason);
        return item.Order is { } order ? item with { Order = order with { Resumes = true, Explicit = isExplicit } } : item;
    }

    private static ReleaseItem Missing(ReleaseFacts facts, BuildRecord build, ReleaseMark mark, bool isNewest)
    {
        var why = HumanText.Clause(mark.Why ?? "no reason given");
        return !isNewest ? No(build, ReasonCode.Overtaken, $"{build.Version} is incomplete ({why}), and a newer build is available")
            : Obstacle(facts, build) is { } obstacle ? No(build, ReasonCode.Missing, $"{obstacle.Text} Every reconcile checks again.")
            : Order(facts, build, mark.Attempt + 1, new Reason(ReasonCode.LookAgain, $"{build.Version} was incomplete at {BuildTags.Format(mark.At)}: {why}"));
    }

    private static ReleaseItem Failed(ReleaseFacts facts, BuildRecord build, ReleaseMark mark, bool isNewest)
    {
        var why = HumanText.Clause(mark.Why ?? "no reason given");
        if (!isNewest)
        {
            return No(build, ReasonCode.Overtaken, $"the release of {build.Version} failed ({why}) and a newer build is available");
        }

        if (Obstacle(facts, build) is { } obstacle)
        {
            return No(build, ReasonCode.ReleaseFailed, $"{build.Version} cannot be released: {obstacle.Text}; the release continues once that is resolved");
        }

        var until = mark.At + Pause(mark.Attempt);
        return until <= facts.Now
            ? Resume(facts, build, new Reason(ReasonCode.TryAgain, $"the release of {build.Version} failed at {BuildTags.Format(mark.At)}: {why}"))
            : new ReleaseItem(build, null, until, new Reason(ReasonCode.ReleaseFailed, $"{why}; next attempt at {BuildTags.Format(until)}"));
    }

    /// <summary>0, 1, 2, 4 … at most 24 hours after the first, second, third, fourth … failure.</summary>
    private static TimeSpan Pause(int attempt) => attempt <= 1 ? TimeSpan.Zero
        : TimeSpan.FromHours(Math.Min(Math.Pow(2, Math.Min(attempt - 2, 10)), MaxPause.TotalHours));

    // Why a release of the build would stop, as far as the facts show.
    private static Reason? Obstacle(ReleaseFacts facts, BuildRecord build) =>
        facts.Places.TryGetValue(build.Version, out var places) && Inspector.Locate(facts.Image, build, places) is { Digest: null } located ? located.Reason
        : facts.Regions.TryGetValue(build.Version, out var regions) ? Conflicts(PromotionPlanner.PlanAll(regions))
        : null;

    // Moving a tag needs all Regions. Without one of them a release would fail every hour, and later be tried only once a day.
    private static ReleaseItem WithAllRegions(ReleaseFacts facts, ReleaseItem item) =>
        facts.UnreadRegions.Count == 0 || item.Order is null or { IsRollback: false, Explicit: false, Build.Release.State: ReleaseState.Promoted } ? item
        : No(item.Build, ReasonCode.RegionUnreadable,
            $"{string.Join(" and ", facts.UnreadRegions.Keys.Order(StringComparer.Ordinal))} cannot be read; {item.Reason.Text}");

    private static ReleaseItem Blocked(ReleaseFacts facts, BuildRecord build, ReleaseMark mark, bool isNewest)
    {
        var why = HumanText.Clause(mark.Why ?? "no reason given");
        if (!isNewest)
        {
            return No(build, ReasonCode.BlockedOvertaken, $"{build.Version} is blocked ({why}) and a newer build is available");
        }

        var until = facts.Image.Promote.Gate is { } gate ? mark.At.AddHours(gate.RecheckHours) : facts.Now;
        return until <= facts.Now
            ? Order(facts, build, mark.Attempt + 1, new Reason(ReasonCode.Recheck, $"{build.Version} was blocked at {BuildTags.Format(mark.At)}: {why}"))
            : new ReleaseItem(build, null, until, new Reason(ReasonCode.Blocked, $"{why}; next check at {BuildTags.Format(until)}"));
    }

    private static ReleaseItem Order(ReleaseFacts facts, BuildRecord build, int attempt, Reason reason)
    {
        var name = ReleaseName.For(facts.Image.Name, build.Version, attempt);
        return facts.Running.Contains(name)
            ? No(build, ReasonCode.ReleaseRunning, $"{name} runs")
            : new ReleaseItem(build, new DueRelease(facts.Image.Name, build, attempt, name, reason), null, reason);
    }

    private static ReleaseItem No(BuildRecord build, ReasonCode code, string text) => No(build, new Reason(code, text));

    private static ReleaseItem No(BuildRecord build, Reason reason) => new(build, null, null, reason);
}
