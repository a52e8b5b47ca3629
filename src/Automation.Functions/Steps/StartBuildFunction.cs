using Amazon.Lambda.Annotations;
using Amazon.Lambda.Core;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Ports;
using Microsoft.Extensions.Logging;

namespace Automation.Functions.Steps;

/// <summary>Starts the pipeline as ordered. The order's client token makes the same order again the same build.</summary>
public sealed class StartBuildFunction(IImageBuilder imageBuilder, ILogger<StartBuildFunction> logger)
{
    [LambdaFunction(ResourceName = nameof(StartBuild))]
    public Task<StartBuildResult> StartBuild(StepInput input, ILambdaContext context) => Deadline.RunAsync(context, async cancellationToken =>
    {
        var step = Step.Read(input);
        if (step.State.Plan is not { Order: { PipelineArn.Length: > 0, ClientToken.Length: > 0, Tags: not null } order, Reasons.Count: > 0 } plan)
        {
            throw new InvalidEventException("The state has no complete \"plan\" with an \"order\": this step needs what PlanBuild decided; see events/start-build.json.");
        }

        var arn = await imageBuilder.StartBuildAsync(order.PipelineArn, order.ClientToken, order.Tags, cancellationToken);
        var version = string.Join('/', arn.Split('/')[^2..]);
        step.Decided(logger, nameof(StartBuild), order.Tags.GetValueOrDefault(BuildTags.BaseDigest), version, plan.Reasons);
        return new StartBuildResult(arn, version, plan.Reasons);
    });
}
