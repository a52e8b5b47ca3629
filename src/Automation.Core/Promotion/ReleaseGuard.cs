using Automation.Core.Builds;
using Automation.Core.Images;

namespace Automation.Core.Promotion;

/// <summary>
/// Decides whether a release or rollback may continue. Each phase asks it with the current record of the build: hours or days may
/// have passed since the last phase, and people may have changed the build.
/// </summary>
public static class ReleaseGuard
{
    /// <param name="digest">The inspected digest that the release promotes.</param>
    /// <param name="build">The current record; null if Image Builder no longer has one.</param>
    /// <returns>Why the release stops here; null if it continues.</returns>
    public static Reason? Stop(ImageVersion version, Digest digest, BuildRecord? build) => Stop(version, build) ?? build switch
    {
        { Digest: { } recorded } when recorded != digest => new Reason(ReasonCode.DigestChanged,
            $"This release promotes {digest.Short12}, but {BuildTags.Digest} of build {version} is now {recorded.Short12}. Only an inspected, scanned and approved image is promoted."),
        _ => null,
    };

    /// <summary>The running releases that wait, perhaps for a person, although their build can no longer be promoted. Each would end at its next
    /// step, but that may be days away.</summary>
    /// <param name="builds">All builds of the image.</param>
    /// <param name="running">The names of all running executions, listed before the builds were.</param>
    public static IReadOnlyList<(string Execution, Reason Why)> InVain(string image, IReadOnlyCollection<BuildRecord> builds, IEnumerable<string> running)
    {
        var releases = running.Select(name => (Name: name, Version: ReleaseName.VersionIn(image, name, builds))).Where(release => release.Version is not null)
            .OrderBy(release => release.Name, StringComparer.Ordinal);
        return
        [
            .. releases.Select(release => (release.Name, Stop(release.Version!, builds.FirstOrDefault(build => build.Version == release.Version))))
                .Where(release => release.Item2 is not null).Select(release => (release.Name, release.Item2!)),
        ];
    }

    /// <summary>Whether a later release of the same build repeats gate and approval, or was refused. What this release passed before then
    /// no longer counts. A promoted build is not affected.</summary>
    /// <returns>Why this release stops here; null if it continues.</returns>
    public static Reason? Overtaken(BuildRecord build, string execution) => build.Release switch
    {
        { State: ReleaseState.Blocked or ReleaseState.Rejected } mark => new Reason(ReasonCode.ClearanceWithdrawn,
            $"Another release of build {build.Version} was {BuildTags.ToTagValue(mark.State)} while this one waited: {HumanText.Clause(mark.Why ?? "no reason given")}."),
        { State: ReleaseState.Running, Why: { } running } when running != execution && build.ClearedAt is null => new Reason(ReasonCode.ReleaseRepeated,
            $"{running} began later and repeats gate and approval of build {build.Version}, so it decides."),

        // A release that repeats gate and approval removes the time of the clearance, but not its digest.
        { State: not (ReleaseState.Running or ReleaseState.Promoted or ReleaseState.RolledBack) } mark
            when build is { ClearedAt: null, ClearedDigest: not null } => new Reason(ReasonCode.ClearanceWithdrawn,
                $"Another release of build {build.Version} repeated gate and approval while this one waited, and is {BuildTags.ToTagValue(mark.State)}: {HumanText.Clause(mark.Why ?? "no reason given")}."),
        _ => null,
    };

    /// <summary>A rollback is in force while the hold that it wrote names its target.</summary>
    /// <returns>Why the rollback is over; null if it is in force.</returns>
    public static Reason? Superseded(ImageVersion target, Hold? hold) => hold?.Target == target ? null : new Reason(ReasonCode.RollbackSuperseded,
        $"The rollback to {target} is over: {(hold is null ? "its hold was removed" : $"now {HumanText.Clause(hold.Why)}")}.");

    private static Reason? Stop(ImageVersion version, BuildRecord? build) => build switch
    {
        null => new Reason(
            ReasonCode.BuildGone, $"The record of build {version} was deleted in Image Builder. Nothing can be promoted without it; build the image again."),
        { State: not BuildState.Available } => Retired(build),
        _ => null,
    };

    /// <summary>Why a build that succeeded can no longer be promoted.
    /// https://docs.aws.amazon.com/imagebuilder/latest/userguide/manage-image-lifecycles.html</summary>
    public static Reason Retired(BuildRecord build) => build.State switch
    {
        BuildState.Deprecated => new Reason(ReasonCode.BuildDeprecated,
            $"Build {build.Version} is DEPRECATED in Image Builder{(build.DeprecatedAt is { } at ? $" since {BuildTags.Format(at)}" : "")}: it must no longer be used. Choose another build, or make it AVAILABLE again."),
        BuildState.Disabled =>
            new Reason(ReasonCode.BuildDisabled, $"Build {build.Version} is DISABLED in Image Builder. Choose another build, or make it AVAILABLE again."),
        BuildState.Deleted =>
            new Reason(ReasonCode.BuildDeleted,
                $"Build {build.Version} is DELETED in Image Builder: its record exists, but its image is deleted. Choose another build."),
        _ => new Reason(ReasonCode.BuildNotAvailable,
            $"Build {build.Version} is {build.State.ToString().ToUpperInvariant()} in Image Builder, but only an AVAILABLE build can be promoted."),
    };
}
