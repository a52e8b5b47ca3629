using Amazon.Lambda.Annotations;
using Amazon.Lambda.Core;
using Automation.Aws.Facts;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Ports;
using Automation.Core.Promotion;
using Microsoft.Extensions.Logging;

namespace Automation.Functions.Steps;

/// <summary>
/// Reads the result of a build: its state, and the digest of its image in each Region. This digest is the one that is scanned,
/// approved and promoted. The intent of the release or rollback is recorded before it continues.
/// </summary>
public sealed class InspectImageFunction(FleetReader fleet, IImageBuilder imageBuilder, ILogger logger)
{
    public InspectImageFunction()
        : this(Startup.FromEnvironment())
    {
    }

    internal InspectImageFunction(Startup parts)
        : this(parts.Fleet, parts.ImageBuilder, parts.Logger)
    {
    }

    [LambdaFunction(ResourceName = nameof(InspectImage))]
    public Task<InspectImageResult> InspectImage(StepInput input, ILambdaContext context) => Deadline.RunAsync(context, async cancellationToken =>
    {
        var step = Step.Read(input);
        var image = fleet.Image(step.State.Image);
        var version = step.Version;
        var (pipeline, builds) = await fleet.Pipelines.BuildsAsync(image, cancellationToken);
        var build = builds.FirstOrDefault(build => build.Version == version);

        var request = new ReleaseRequest(
            step.Execution, step.IsRollback, step.State.Resume == true, step.State.Explicit == true, step.State.Attempt ?? 1, step.Now);
        var places = build is { State: BuildState.Available } && !step.IsRollback ? await PlacesAsync(image, build, request, cancellationToken) : [];
        var found = Inspector.Decide(new InspectionFacts(image, version, pipeline, builds, places, request));

        if (found.Hold is { } hold)
        {
            await imageBuilder.TagAsync(pipeline.Arn, BuildTags.Write(hold), cancellationToken);
        }

        if (found.Mark is { } mark)
        {
            // From here on a reconcile can distinguish a release that stopped half-way from one that never began.
            await imageBuilder.TagAsync(build!.Arn, mark, cancellationToken);
        }

        var reasons = ReasonText.From(found.Reasons);
        step.Decided(logger, nameof(InspectImage), found.Digest?.Value, found.Outcome, reasons);
        return new InspectImageResult(
            found.Outcome,
            build?.Arn,
            version.ToString(),
            build?.CreatedAt,
            image.Repository,
            found.Digest is { } digest ? [.. fleet.RegionsOf(image).Select(region => new RegionDigest(region, digest.Value))] : [],
            image.Promote.ApprovalHours * 3600,
            request.Explicit,
            reasons,
            found.Cleared,
            build?.Release?.State == ReleaseState.Promoted,
            step.Now,
            Clearance.Checks(image.Promote));
    });

    private async Task<IReadOnlyList<BuildPlace>> PlacesAsync(ImageSpec image, BuildRecord build, ReleaseRequest request, CancellationToken cancellationToken)
    {
        try
        {
            // The digest of a promoted build is known, so missing tags of one Region are restored while another Region does not answer.
            var isRepair = build is { Digest: not null, Release.State: ReleaseState.Promoted } && !request.Explicit;
            return await fleet.Releases.PlacesAsync(image, build, isRepair, cancellationToken);
        }
        catch (TransientException) when (request.Explicit)
        {
            // Do not lose a person's request.
            await imageBuilder.TagAsync(build.Arn, Inspector.Begun(request, build, null, repeats: !request.Resumes), cancellationToken);
            throw;
        }
    }
}
