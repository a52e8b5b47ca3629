using Automation.Core.Builds;
using Automation.Core.Images;

namespace Automation.Core.Promotion;

/// <summary>Finds builds that finished and were not released, and releases that stopped half-way; the same for a notification and for
/// the reconcile.</summary>
/// <remarks>
/// <code>
/// mark on the build        due
/// none                     yes, if the automation started it or it is the newest; older builds of others are history. One that
///                          went wrong is announced
/// running                  when its execution runs no more
/// blocked                  the newest one, every recheckHours, or at once when the gate was taken away
/// missing                  the newest one, after 1, 2, 4 … at most 24 hours
/// held                     the newest one, when the hold is gone
/// promoted                 when a floating tag that it owns is gone and nothing is held; one that was moved is left alone. When a person
///                          asked for it once more and that release runs no more
/// overtaken                no
/// rejected, failed,
/// rolled-back              no: only an explicit promote comes back to it
/// </code>
/// What goes on with a running or promoted one resumes it: gate, approval and soak are not passed again, and it stays explicit unless a
/// hold was set meanwhile.
/// </remarks>
public static class ReleasePlanner
{
    /// <summary>What a release may take besides its waits for scan, approval and soak.</summary>
    public static readonly TimeSpan Allowance = TimeSpan.FromHours(2);

    /// <summary>How long an execution that marked its build may be missing in the list of those that run: the list and the mark are not read
    /// at the same moment, and Step Functions' list is eventually consistent.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(15);

    private const string OnlyExplicit = "only an explicit promote comes back to it";

    public static ReleasePlan Due(ReleaseFacts facts)
    {
        var builds = facts.Builds.Where(build => build.State == BuildState.Available).OrderBy(build => build.Version).ToList();
        var last = facts.Builds.OrderBy(build => build.CreatedAt).ThenBy(build => build.Version).LastOrDefault();
        var untold = facts.Builds.Where(build => build is { Release: null } && build.State.WentWrong() && (build.Cause is not null || build == last))
            .OrderBy(build => build.Version)
            .Select(build => Order(facts, build, 1, new Reason("not-announced", $"{build.Version} ended as {build.State} and nobody was told")));
        return new ReleasePlan([.. untold, .. builds.ConvertAll(build => Judge(facts, build, ReferenceEquals(build, builds[^1])))]);
    }

    /// <summary>How long a release of the image can take: for so long retention keeps a build that is being released.</summary>
    public static TimeSpan LongestRelease(Catalog.PromotionRules rules) =>
        Allowance + TimeSpan.FromMinutes(rules.Gate?.WaitMinutes ?? 0) + TimeSpan.FromHours((rules.ApprovalHours ?? 0) + rules.SoakHours);

    private static ReleaseItem Judge(ReleaseFacts facts, BuildRecord build, bool isNewest) => build.Release switch
    {
        null when isNewest || build.Cause is not null =>
            Order(facts, build, 1, new Reason("not-released", $"{build.Version} is available and not released")),
        null => No(build, "not-ours", $"{build.Version} was not started by the automation and is not the newest build"),
        { State: ReleaseState.Promoted } => Promoted(facts, build),
        { State: ReleaseState.Running } => Running(facts, build),
        { State: ReleaseState.Held } mark => facts.Hold is { } hold ? No(build, "held", $"held until an explicit promote: {hold.Why}")
            : isNewest ? Order(facts, build, mark.Attempt + 1, new Reason("hold-ended", $"the hold over {build.Version} is gone"))
            : No(build, "overtaken", $"a newer build than {build.Version} is available"),
        { State: ReleaseState.Blocked } mark => Blocked(facts, build, mark, isNewest),
        { State: ReleaseState.Missing } mark => Missing(facts, build, mark, isNewest),
        { State: ReleaseState.Overtaken } => No(build, "overtaken", $"a newer build than {build.Version} was promoted first"),
        { State: ReleaseState.Rejected } mark =>
            No(build, "rejected", $"{build.Version} was rejected: {mark.Why ?? OnlyExplicit}"),
        { State: ReleaseState.RolledBack } mark =>
            No(build, "rolled-back", $"{build.Version} was promoted and taken back: {Wording.Clause(mark.Why ?? "no reason given")}; {OnlyExplicit}"),
        var mark => No(build, "release-failed", $"{build.Version} cannot be released: {mark.Why ?? OnlyExplicit}"),
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
        return runs ? No(build, "release-running", $"{name} runs")
            : until <= facts.Now ? Resume(facts, build, new Reason("release-stopped", $"the release of {build.Version} stopped half-way ({name})"))
            : new ReleaseItem(build, null, until, new Reason("release-running",
                $"{name} began at {BuildTags.Format(mark.At)} and counts as stopped from {BuildTags.Format(until)} unless it runs then"));
    }

    private static ReleaseItem Promoted(ReleaseFacts facts, BuildRecord build)
    {
        // Its own execution, or a further round of it.
        var asked = ReleaseName.For(facts.Image.Name, build.Version, build.Release!.Attempt);
        if (build.Release is { Explicit: true } mark && facts.Hold?.IsEndedBy(mark.At) != false)
        {
            return Stopped(facts, build, asked, facts.Running.Any(name => name == asked || name.StartsWith($"{asked}_again-", StringComparison.Ordinal)));
        }

        var missing = facts.MissingTags.Where(tag => tag.Owner == build.Version).ToList();
        if (missing.Count == 0)
        {
            return No(build, "promoted", $"{build.Version} was promoted at {BuildTags.Format(build.PromotedAt ?? build.Release.At)}");
        }

        var gone = $"{string.Join(", ", missing.Select(tag => tag.Where))} of {build.Version} is gone";
        return facts.Hold is { } hold
            ? No(build, "held", $"{gone}; held until an explicit promote: {hold.Why}")
            : Resume(facts, build, new Reason("floating-tag-gone", $"{gone} and is put back"));
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
        var why = Wording.Clause(mark.Why ?? "no reason given");
        if (!isNewest)
        {
            return No(build, "overtaken", $"{build.Version} is incomplete ({why}) and a newer build is available");
        }

        var until = mark.At.AddHours(Math.Min(Math.Pow(2, Math.Min(mark.Attempt, 10) - 1), 24));
        return until <= facts.Now
            ? Order(facts, build, mark.Attempt + 1, new Reason("look-again", $"{build.Version} was incomplete at {BuildTags.Format(mark.At)}: {why}"))
            : new ReleaseItem(build, null, until, new Reason("missing", $"{why}; looked at again at {BuildTags.Format(until)}"));
    }

    private static ReleaseItem Blocked(ReleaseFacts facts, BuildRecord build, ReleaseMark mark, bool isNewest)
    {
        var why = Wording.Clause(mark.Why ?? "no reason given");
        if (!isNewest)
        {
            return No(build, "blocked-overtaken", $"{build.Version} is blocked ({why}) and a newer build is available");
        }

        var until = facts.Image.Promote.Gate is { } gate ? mark.At.AddHours(gate.RecheckHours) : facts.Now;
        return until <= facts.Now
            ? Order(facts, build, mark.Attempt + 1, new Reason("recheck", $"{build.Version} was blocked at {BuildTags.Format(mark.At)}: {why}"))
            : new ReleaseItem(build, null, until, new Reason("blocked", $"{why}; looked at again at {BuildTags.Format(until)}"));
    }

    private static ReleaseItem Order(ReleaseFacts facts, BuildRecord build, int attempt, Reason reason)
    {
        var name = ReleaseName.For(facts.Image.Name, build.Version, attempt);
        return facts.Running.Contains(name)
            ? No(build, "release-running", $"{name} runs")
            : new ReleaseItem(build, new ReleaseOrder(facts.Image.Name, build, attempt, name, reason), null, reason);
    }

    private static ReleaseItem No(BuildRecord build, string code, string text) => new(build, null, null, new Reason(code, text));
}

public static class ReleaseName
{
    /// <summary><c>release-app_1-0-0-3</c>, and <c>release-app_1-0-0-3_2</c> for the second attempt.</summary>
    public static string For(string image, ImageVersion version, int attempt = 1) =>
        attempt <= 1
            ? ExecutionNames.Of("release", image, ExecutionNames.Part(version))
            : ExecutionNames.Of("release", image, ExecutionNames.Part(version), attempt.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>The execution that marked the build as being released; null: it is not marked so.</summary>
    public static string? Running(string image, BuildRecord build) =>
        build.Release is { State: ReleaseState.Running } mark ? mark.Why ?? For(image, build.Version, mark.Attempt) : null;

    /// <summary><c>rollback-app_1-0-0-3_20260131T030000</c>: a person may roll back to the same build twice.</summary>
    public static string ForRollback(string image, ImageVersion version, DateTimeOffset now) =>
        ExecutionNames.Of("rollback", image, ExecutionNames.Part(version), now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss", System.Globalization.CultureInfo.InvariantCulture));
}
