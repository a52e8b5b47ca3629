using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Promotion;

/// <summary>Decides whether a release or rollback may begin, and for which digest.</summary>
public static class Inspector
{
    public static Inspection Decide(InspectionFacts facts) => facts.Build switch
    {
        null => new Inspection("missing", [new Reason(ReasonCode.NoSuchBuild, $"Pipeline {facts.Image.PipelineName} has no build {facts.Version}.")]),
        { State: BuildState.Available } build => facts.Request.IsRollback ? RollBack(facts, build) : Release(facts, build),
        { } build when build.State.WentWrong() => new Inspection(build.State == BuildState.Cancelled ? "cancelled" : "failed",
        [
            build.State == BuildState.Cancelled
                ? new Reason(ReasonCode.BuildCancelled, $"A person cancelled build {build.Version}.")
                : new Reason(ReasonCode.BuildFailed, $"Build {build.Version} failed: {build.FailureReason ?? "no reason given"}"),
            FailureGuidance.After(build, facts.Image, facts.Pipeline, facts.Builds),
        ]),
        { } build when build.State.Succeeded() => new Inspection("retired", [ReleaseGuard.Retired(build)]),
        { } build => new Inspection("in-progress", [new Reason(ReasonCode.NotEnded, $"Build {build.Version} is still running; its end starts the release.")]),
    };

    /// <summary>Finds the image of a build. The first inspection records the digest. If another image appears under the build's tag later, it
    /// does not become the build's image.</summary>
    /// <returns>The digest, or why no image can be released.</returns>
    public static (Digest? Digest, Reason Reason) Locate(ImageSpec image, BuildRecord build, IReadOnlyList<BuildPlace> places)
    {
        var name = $"{image.Repository}:{build.Version.Tag}";
        if (build.Digest is { } recorded)
        {
            if (places.FirstOrDefault(place => place.Tagged is { } tagged && tagged != recorded) is { } changed && !WasPromoted(build))
            {
                return (null, new Reason(ReasonCode.DigestChanged,
                    $"{name} in {changed.Region} is now on {changed.Tagged!.Short12}, but build {build.Version} was inspected as {recorded.Short12}. Only scanned and approved images are promoted: move the tag back to {recorded.Short12}, or build the image again."));
            }

            return places.FirstOrDefault(place => !place.HasRecorded) is { } without
                ? (null, new Reason(ReasonCode.NotInRegion, $"{image.Repository}@{recorded.Short12} of build {build.Version} is missing in {without.Region}."))
                : (recorded, Available(build, recorded, places));
        }

        if (places.FirstOrDefault(place => place.Tagged is null) is { } missing)
        {
            return (null, new Reason(ReasonCode.NotInRegion, $"{name} is missing in {missing.Region}."));
        }

        return places.Select(place => place.Tagged!).Distinct().ToList() is [var digest]
            ? (digest, Available(build, digest, places))
            : (null, new Reason(ReasonCode.DigestsDiffer,
                $"{name} is not the same image in every Region: {string.Join(", ", places.Select(place => $"{place.Region} {place.Tagged!.Short12}"))}."));
    }

    private static Inspection Release(InspectionFacts facts, BuildRecord build)
    {
        var request = facts.Request;
        var (found, reason) = Locate(facts.Image, build, facts.Places);
        var promoted = build.Release?.State == ReleaseState.Promoted;
        if (found is not { } digest)
        {
            // An execution that resumes a release takes over its mark, so that it can record the end.
            return new Inspection(reason.Is(ReasonCode.DigestChanged) ? "changed" : "missing", [reason],
                Mark: request.Resumes && !promoted ? Begun(request, build, null, repeats: false) : null);
        }

        var cleared = request.Resumes
            && ((promoted && !request.Explicit)
                || (build.ClearedAt is not null && build.ClearedDigest == digest && Clearance.Outdated(facts.Image.Promote, build) is null));
        return new Inspection("releasable", [reason], digest, cleared,
            Begun(request, build, digest, repeats: !request.Resumes || Clearance.Outdated(facts.Image.Promote, build) is not null));
    }

    /// <summary>The mark of a release that has begun.</summary>
    /// <param name="digest">Null if not known yet. A person's request is then recorded although a Region does not answer, and the reconcile
    /// continues it.</param>
    /// <param name="repeats">Whether the release repeats gate and approval.</param>
    public static IReadOnlyDictionary<string, string> Begun(ReleaseRequest request, BuildRecord build, Digest? digest, bool repeats)
    {
        var tags = new Dictionary<string, string>(
            BuildTags.Write(new ReleaseMark(ReleaseState.Running, request.Attempt, request.Now, request.Execution, request.Explicit), digest),
            StringComparer.Ordinal);
        if (build.Release?.State == ReleaseState.Promoted)
        {
            // A promoted build keeps that mark. Write only the attempt, which names the next execution, and that a person waits for it.
            tags.Remove(BuildTags.Release);
            foreach (var key in TagText.Keys(BuildTags.ReleaseReason))
            {
                tags.Remove(key);
            }

            tags.Remove(BuildTags.Digest);
            if (!request.Explicit)
            {
                tags.Remove(BuildTags.ReleaseAt);
                tags.Remove(BuildTags.ReleaseExplicit);
            }
        }

        if (repeats)
        {
            tags[BuildTags.ClearedAt] = "-";
        }

        return tags;
    }

    // The plan finds obstacles in a Region. A rollback that has begun is retried until it succeeds.
    private static Inspection RollBack(InspectionFacts facts, BuildRecord target)
    {
        var (request, hold) = (facts.Request, facts.Pipeline.Hold);
        var resumes = hold?.Rollback is { } order && order.Target == target.Version && (request.Resumes || order.Execution == request.Execution);
        if (resumes && target.Digest is { } known)
        {
            return new Inspection("releasable", [new Reason(ReasonCode.RollbackResumed, $"{hold!.Why}: this execution continues it.")], known, true,
                Hold: hold with { Rollback = hold.Rollback! with { Execution = request.Execution, BegunAt = request.Now } });
        }

        if (request.Resumes)
        {
            return new Inspection("superseded",
                [ReleaseGuard.Superseded(target.Version, hold) ?? new Reason(ReasonCode.NoDigest, $"No digest is recorded on build {target.Version}.")]);
        }

        return Rollback.Refuse(facts.Image, target, facts.Builds, hold) is { } refused
            ? new Inspection("refused", [refused])
            : new Inspection("releasable",
                [new Reason(ReasonCode.RollbackAllowed,
                    $"Build {target.Version} was promoted before as {target.Digest!.Short12} and is older than the owner of the floating tags.")],
                target.Digest, true, Hold: Rollback.CreateHold(target.Version, hold, request.Execution, request.Now));
    }

    private static bool WasPromoted(BuildRecord build) => build.Release?.State is ReleaseState.Promoted or ReleaseState.RolledBack;

    private static Reason Available(BuildRecord build, Digest digest, IReadOnlyList<BuildPlace> places) =>
        new(ReasonCode.Available, $"Build {build.Version} is available: {string.Join(", ", places.Select(place => $"{place.Region} {digest.Short12}"))}.");
}
