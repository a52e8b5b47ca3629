using Amazon.Lambda.Annotations;
using Amazon.Lambda.Core;
using Automation.Aws.Facts;
using Automation.Core;
using Automation.Core.Ports;
using Automation.Functions.Steps.Promoting;
using Microsoft.Extensions.Logging;

namespace Automation.Functions.Steps;

/// <summary>
/// Puts tags on a finished image in all Regions, in phases: the version tags (checked again after the soak), the floating tags, and a final
/// verification. Each phase reads the current state, stops if the release must not continue, and plans all Regions before the first tag
/// moves, so running it again changes nothing. The builds record what a later release must know: the digest that passed gate and approval,
/// since when the version tags exist, and the owner of the floating tags.
/// </summary>
public sealed class PromoteImageFunction(FleetReader fleet, IRegistry registry, IImageBuilder imageBuilder, ILogger<PromoteImageFunction> logger)
{
    /// <exception cref="TagConflictException">A tag cannot be written in some Region; no tag was moved in any Region.</exception>
    [LambdaFunction(ResourceName = nameof(PromoteImage))]
    public Task<PromoteImageResult> PromoteImage(StepInput input, ILambdaContext context) => Deadline.RunAsync(context, async cancellationToken =>
    {
        var step = Step.Read(input);
        var promotion = new PromotionContext(step, fleet.Image(step.State.Image), fleet, registry, imageBuilder, logger);
        Func<PromotionContext, PromotionMarks, CancellationToken, Task<PromoteImageResult>> phase = step.State.Phase switch
        {
            PromotionPhases.Version => VersionTagsPhase.RunAsync,
            PromotionPhases.Floating => FloatingTagsPhase.RunAsync,
            PromotionPhases.Verify => VerificationPhase.RunAsync,
            _ => throw new InvalidEventException($"\"phase\" must be version, floating or verify, not \"{step.State.Phase}\"."),
        };
        _ = step.Release;
        var marks = await promotion.MarksAsync(cancellationToken);
        return promotion.Stop(marks) is { } stop ? promotion.Stopped(stop, []) : await phase(promotion, marks, cancellationToken);
    });
}
