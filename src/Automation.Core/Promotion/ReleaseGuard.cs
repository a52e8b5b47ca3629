using Automation.Core.Builds;
using Automation.Core.Images;

namespace Automation.Core.Promotion;

/// <summary>
/// Whether a release or rollback that has begun may go on. Asked before every phase on the build's record as it is now: hours or days may
/// have passed since the last one, and what somebody did meanwhile decides.
/// </summary>
public static class ReleaseGuard
{
    /// <param name="digest">The image that was inspected, which the release is about.</param>
    /// <param name="build">The record now; null: Image Builder has none any more.</param>
    /// <returns>Why the release stops here; null: it goes on.</returns>
    public static Reason? Stop(ImageVersion version, Digest digest, BuildRecord? build) => Stop(version, build) ?? build switch
    {
        { Digest: { } recorded } when recorded != digest => new Reason(ReasonCode.DigestChanged,
            $"This release is about {digest.Short12}, and {BuildTags.Digest} of build {version} says {recorded.Short12} now. Only what was inspected, scanned and approved is promoted."),
        _ => null,
    };

    /// <summary>The running releases that wait, perhaps for a person, although nothing can be promoted any more. They end at their next step by
    /// themselves, but that may be days away.</summary>
    /// <param name="builds">All builds of the image.</param>
    /// <param name="running">Names of all executions that run now, listed before the builds were.</param>
    public static IReadOnlyList<(string Execution, Reason Why)> InVain(string image, IReadOnlyCollection<BuildRecord> builds, IEnumerable<string> running)
    {
        var releases = running.Select(name => (Name: name, Version: ReleaseName.VersionIn(image, name))).Where(release => release.Version is not null)
            .OrderBy(release => release.Name, StringComparer.Ordinal);
        return
        [
            .. releases.Select(release => (release.Name, Stop(release.Version!, builds.FirstOrDefault(build => build.Version == release.Version))))
                .Where(release => release.Item2 is not null).Select(release => (release.Name, release.Item2!)),
        ];
    }

    /// <summary>Another release of the same build began later and asks gate and approval again, or was told no: what this one passed before
    /// counts no more. Of a promoted build that takes nothing away.</summary>
    /// <returns>Why this release stops here; null: it goes on.</returns>
    public static Reason? Overtaken(BuildRecord build, string execution) => build.Release switch
    {
        { State: ReleaseState.Blocked or ReleaseState.Rejected } mark => new Reason(ReasonCode.ClearanceWithdrawn,
            $"Another release of build {build.Version} was {BuildTags.ToTagValue(mark.State)} while this one waited: {HumanText.Clause(mark.Why ?? "no reason given")}."),
        { State: ReleaseState.Running, Why: { } running } when running != execution && build.ClearedAt is null => new Reason(ReasonCode.ReleaseRepeated,
            $"{running} began later, and asks gate and approval of build {build.Version} again: it decides."),
        _ => null,
    };

    /// <summary>A rollback is in force as long as the hold that it wrote names its target.</summary>
    /// <returns>Why the rollback is over; null: it is in force.</returns>
    public static Reason? Superseded(ImageVersion target, Hold? hold) => hold?.Target == target ? null : new Reason(ReasonCode.RollbackSuperseded,
        $"The rollback to {target} is over: {(hold is null ? "its hold was removed" : $"now {HumanText.Clause(hold.Why)}")}.");

    private static Reason? Stop(ImageVersion version, BuildRecord? build) => build switch
    {
        null => new Reason(ReasonCode.BuildGone, $"The record of build {version} was deleted in Image Builder. Nothing can be promoted without it; build the image again."),
        { State: not BuildState.Available } => Retired(build),
        _ => null,
    };

    /// <summary>Why a build that ended well cannot be promoted any more.
    /// https://docs.aws.amazon.com/imagebuilder/latest/userguide/manage-image-lifecycles.html</summary>
    public static Reason Retired(BuildRecord build) => build.State switch
    {
        BuildState.Deprecated => new Reason(ReasonCode.BuildDeprecated,
            $"Build {build.Version} is DEPRECATED in Image Builder{(build.DeprecatedAt is { } at ? $" since {BuildTags.Format(at)}" : "")}: it must not be used any more. Take another build, or make it AVAILABLE again."),
        BuildState.Disabled => new Reason(ReasonCode.BuildDisabled, $"Build {build.Version} is DISABLED in Image Builder. Take another build, or make it AVAILABLE again."),
        BuildState.Deleted => new Reason(ReasonCode.BuildDeleted, $"Build {build.Version} is DELETED in Image Builder: its record is there, its image is gone. Take another build."),
        _ => new Reason(ReasonCode.BuildNotAvailable, $"Build {build.Version} is {build.State.ToString().ToUpperInvariant()} in Image Builder, and only an AVAILABLE one can be promoted."),
    };
}
