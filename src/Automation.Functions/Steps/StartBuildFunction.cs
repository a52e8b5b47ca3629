using Amazon.Lambda.Annotations;
using Amazon.Lambda.Core;
using Automation.Core;
using Automation.Core.Ports;
using Microsoft.Extensions.Logging;

namespace Automation.Functions.Steps;

/// <summary>Starts the pipeline as ordered. The order's client token makes the same order again the same build.</summary>
public sealed class StartBuildFunction(IImageBuilder imageBuilder, ILogger<StartBuildFunction> logger)
{
    [LambdaFunction]
    public async Task<StartBuildResult> StartBuild(StepInput input, ILambdaContext context)
    {
        using var deadline = Deadline.Of(context);
        var step = Step.Read(input);
        var plan = step.State.Plan;
        var order = plan?.Order ?? throw new InvalidEventException("The state has no \"plan.order\": this step needs what PlanBuild decided.");

        var arn = await imageBuilder.StartBuildAsync(order.PipelineArn, order.ClientToken, order.Tags, deadline.Token);
        var version = string.Join('/', arn.Split('/')[^2..]);
        Log.Step(logger, step.State.Image ?? "", nameof(StartBuild), version, plan.Reasons[0].Code, plan.Reasons[0].Text);
        return new StartBuildResult(arn, version, plan.Reasons);
    }
}
