using Amazon.Lambda.Annotations;
using Amazon.Lambda.Core;
using Automation.Aws;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Ports;
using Microsoft.Extensions.Logging;

namespace Automation.Functions.Steps;

/// <summary>
/// Reads what a build produced: how it ended, and under which digest its image is in each Region. The digest found here is the one
/// that is scanned and promoted.
/// </summary>
public sealed class InspectImageFunction(
    FleetReader fleet, IRegistry registry, IImageBuilder imageBuilder, ILogger<InspectImageFunction> logger)
{
    [LambdaFunction(ResourceName = nameof(InspectImage))]
    public Task<InspectImageResult> InspectImage(StepInput input, ILambdaContext context) => Deadline.RunAsync(context, async cancellationToken =>
    {
        var step = Step.Read(input);
        var image = fleet.Image(step.State.Image);
        var version = step.Version;
        var (pipeline, builds) = await fleet.BuildsAsync(image, cancellationToken);
        var build = builds.FirstOrDefault(build => build.Version == version);

        // A build that is promoted keeps that mark: only the attempt is written, which makes the next one's name, and that a person waits for it.
        var promoted = build?.Release?.State == ReleaseState.Promoted;
        var found = build switch
        {
            null => Answer("missing", new Reason("no-such-build", $"Pipeline {image.PipelineName} has no build {version}.")),
            { State: BuildState.Available } => await LocateAsync(image, build, cancellationToken),
            _ when build.State.WentWrong() => Answer(
                "failed",
                build.State == BuildState.Cancelled
                    ? new Reason("build-cancelled", $"Build {version} was cancelled.")
                    : new Reason("build-failed", $"Build {version} failed: {build.FailureReason ?? "no reason given"}"),
                Outlook.After(build, image, pipeline, builds)),
            _ when build.State.Succeeded() => Answer("retired", Retired(build)),
            _ => Answer("in-progress", new Reason("not-ended", $"Build {version} has not ended yet; its end starts the release.")),
        };
        var resumes = step.State.Resume == true;
        var result = found with
        {
            Explicit = step.State.Explicit == true,
            Cleared = resumes && ((promoted && step.State.Explicit != true) || build?.ClearedAt is not null),
            Promoted = promoted,
            At = step.Now,
        };
        if (result.Outcome == "releasable" && !step.IsRollback)
        {
            // From here on a reconcile can tell a release that stopped half-way from one that never began.
            var attempt = step.State.Attempt ?? 1;
            var tags = new Dictionary<string, string>(BuildTags.Write(new ReleaseMark(ReleaseState.Running, attempt, step.Now, step.Execution, result.Explicit)));
            if (promoted)
            {
                tags = result.Explicit
                    ? new() { [BuildTags.ReleaseAttempt] = tags[BuildTags.ReleaseAttempt], [BuildTags.ReleaseAt] = tags[BuildTags.ReleaseAt], [BuildTags.ReleaseExplicit] = tags[BuildTags.ReleaseExplicit] }
                    : new() { [BuildTags.ReleaseAttempt] = tags[BuildTags.ReleaseAttempt] };
            }

            if (!resumes)
            {
                tags[BuildTags.ClearedAt] = "-";
            }

            await imageBuilder.TagAsync(build!.Arn, tags, cancellationToken);
        }

        step.Decided(logger, nameof(InspectImage), result.Regions is [var first, ..] ? first.Digest : null, result.Outcome, result.Reasons);
        return result;

        InspectImageResult Answer(string outcome, params Reason[] reasons) =>
            new(outcome, build?.Arn, version.ToString(), build?.CreatedAt, image.Repository, [], null, false, ReasonText.From(reasons));
    });

    // https://docs.aws.amazon.com/imagebuilder/latest/userguide/manage-image-lifecycles.html
    private static Reason Retired(BuildRecord build) => build.State switch
    {
        BuildState.Deprecated => new Reason("build-deprecated",
            $"Build {build.Version} is DEPRECATED in Image Builder{(build.DeprecatedAt is { } at ? $" since {BuildTags.Format(at)}" : "")}: it is not to be used any more. Take another build, or make it AVAILABLE again."),
        BuildState.Disabled => new Reason("build-disabled", $"Build {build.Version} is DISABLED in Image Builder. Take another build, or make it AVAILABLE again."),
        _ => new Reason("build-deleted", $"Build {build.Version} is DELETED in Image Builder: its record is there, its image is gone. Take another build."),
    };

    // Image Builder tags what it pushes <version>-<build>; whatever URI the record remembers, the tag is resolved now.
    private async Task<InspectImageResult> LocateAsync(ImageSpec image, BuildRecord build, CancellationToken cancellationToken)
    {
        var regions = new List<RegionDigest>();
        foreach (var region in fleet.RegionsOf(image))
        {
            var found = await registry.FindAsync(region, image.Repository, build.Digest?.Value ?? build.Version.Tag, cancellationToken);
            if (found is null)
            {
                return Result("missing", [], new Reason("not-in-region", $"{image.Repository}:{build.Version.Tag} is not in {region}."));
            }

            regions.Add(new RegionDigest(region, found.Digest.Value));
        }

        var where = string.Join(", ", regions.Select(region => $"{region.Region} {Digest.Parse(region.Digest).Short12}"));
        if (regions.DistinctBy(region => region.Digest).Count() > 1)
        {
            return Result("missing", [], new Reason("digests-differ", $"{image.Repository}:{build.Version.Tag} is not the same image in every Region: {where}."));
        }

        return Result("releasable", regions, new Reason("available", $"Build {build.Version} is available: {where}."));

        InspectImageResult Result(string outcome, IReadOnlyList<RegionDigest> found, Reason reason) =>
            new(outcome, build.Arn, build.Version.ToString(), build.CreatedAt, image.Repository, found, image.Promote.ApprovalHours * 3600, false, ReasonText.From([reason]));
    }
}
