using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Promotion;

/// <summary>
/// The rules of a rollback. It goes to a build that was promoted before and is older than the owner of the floating tags. It first writes its
/// target and a hold on the pipeline. That becomes the desired state, which <see cref="FloatingTagOwners"/> and the reconcile enforce.
/// </summary>
public static class Rollback
{
    /// <returns>Why the rollback is refused; null if it may begin.</returns>
    /// <param name="builds">All build versions of the image, including <paramref name="target"/>.</param>
    /// <param name="hold">The hold on the pipeline before this rollback.</param>
    public static Reason? Refuse(ImageSpec image, BuildRecord target, IReadOnlyCollection<BuildRecord> builds, Hold? hold)
    {
        var promote = $"run automation promote {image.Name} {target.Version}";
        if (image.Promote.FloatingTags.Count == 0)
        {
            return new Reason(ReasonCode.NoFloatingTags, $"{image.Name} has no floating tags, so there is nothing to roll back.");
        }

        if (target.Release?.State is not (ReleaseState.Promoted or ReleaseState.RolledBack) || target.Digest is null)
        {
            return new Reason(ReasonCode.NeverPromoted,
                $"Build {target.Version} is not a promoted build ({StatusOf(target)}). A rollback goes back to a build that was promoted before; for this one {promote}");
        }

        var owners = FloatingTagOwners.Of(image, builds, hold);
        var owned = FloatingTagOwners.TagsOf(image, new Candidate(target.Version, target.Digest, target.CreatedAt))
            .Where(owners.ContainsKey).Select(tag => (Tag: tag, Owner: owners[tag].Version)).OrderByDescending(each => each.Owner).ToList();
        return owned switch
        {
            [var (_, owner), ..] when owner > target.Version => null,
            [var (tag, owner), ..] when owner == target.Version => new Reason(ReasonCode.OwnerAlready,
                $"{tag} already belongs to {owner}, and the reconcile moves it there if needed. A rollback goes to an older build; to move the tags now, {promote}"),
            [var (tag, owner), ..] => new Reason(ReasonCode.NotOlder,
                $"Build {target.Version} is newer than {owner}, which owns {tag}. A rollback goes to an older build; for this one {promote}"),
            [] => new Reason(ReasonCode.NoOwner, $"No build owns the floating tags of {image.Name}, so there is nothing to roll back; {promote}"),
        };
    }

    /// <summary>The hold that a rollback writes before anything else. It keeps the scope of an earlier hold.</summary>
    public static Hold CreateHold(ImageVersion target, Hold? before, string execution, DateTimeOffset now) => new(
        $"Rolled back to {target} by {execution}",
        before?.Scope ?? HoldScope.Promotion,
        now,
        new RollbackRecord(target, execution, now));

    /// <summary>The marks that follow from a rollback's hold: the target is promoted, and every newer promoted build is rolled back.</summary>
    /// <returns>The marks still to write; empty if all are written or no rollback set the hold.</returns>
    public static IReadOnlyList<(BuildRecord Build, ReleaseMark Mark)> Marks(Hold hold, IEnumerable<BuildRecord> builds, DateTimeOffset now)
    {
        if (hold.Target is not { } target)
        {
            return [];
        }

        var marks = new List<(BuildRecord, ReleaseMark)>();
        foreach (var build in builds.OrderBy(build => build.Version))
        {
            var attempt = build.Release?.Attempt ?? 1;
            if (build.Version == target && build.Release?.State != ReleaseState.Promoted)
            {
                marks.Add((build, new ReleaseMark(ReleaseState.Promoted, attempt, now, hold.Why)));
            }
            else if (build.Version > target && build.Release?.State == ReleaseState.Promoted)
            {
                marks.Add((build, new ReleaseMark(ReleaseState.RolledBack, attempt, now, hold.Why)));
            }
        }

        return marks;
    }

    private static string StatusOf(BuildRecord build) => build.Release switch
    {
        null => "its release has not begun",
        { State: ReleaseState.Running } => "its release has not ended",
        { } mark => $"{BuildTags.ToTagValue(mark.State)}{(mark.Why is { } why ? $": {HumanText.Clause(why)}" : "")}",
    };
}
