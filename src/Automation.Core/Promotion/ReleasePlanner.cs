using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Promotion;

/// <param name="Running">Names of executions known to run now; may be empty.</param>
/// <param name="Ended">Names of executions known to have ended without releasing (failed, timed out, aborted); may be empty.</param>
public sealed record ReleaseFacts(
    ImageSpec Image,
    IReadOnlyList<BuildRecord> Builds,
    Hold? Hold,
    IReadOnlySet<string> Running,
    IReadOnlySet<string> Ended,
    DateTimeOffset Now);

/// <summary>A build that must be released, under the name that keeps it from being released twice.</summary>
public sealed record ReleaseOrder(string Image, BuildRecord Build, int Attempt, string ExecutionName, Reason Reason);

/// <summary>One answer for each build that came out well.</summary>
/// <param name="Order">Null: not due.</param>
/// <param name="Until">For those that wait.</param>
public sealed record ReleaseItem(BuildRecord Build, ReleaseOrder? Order, DateTimeOffset? Until, Reason Reason);

public sealed record ReleasePlan(IReadOnlyList<ReleaseItem> Items)
{
    public IEnumerable<ReleaseOrder> Due => Items.Where(item => item.Order is not null).Select(item => item.Order!);
}

/// <summary>Finds builds that finished and were not released, and releases that stopped half-way.</summary>
public static class ReleasePlanner
{
    public static ReleasePlan Due(ReleaseFacts facts) => throw new NotImplementedException(facts.Image.Name);
}

public static class ReleaseName
{
    /// <summary><c>release-app-1.0.0-3</c>, and <c>release-app-1.0.0-3.2</c> for the second attempt.</summary>
    public static string For(string image, ImageVersion version, int attempt = 1) => throw new NotImplementedException();

    /// <summary><c>rollback-app-1.0.0-3-20260131T030000</c>: a person may roll back to the same build twice.</summary>
    public static string ForRollback(string image, ImageVersion version, DateTimeOffset now) => throw new NotImplementedException();
}
