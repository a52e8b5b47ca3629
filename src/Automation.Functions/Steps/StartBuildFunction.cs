using Amazon.Lambda.Annotations;
using Amazon.Lambda.Core;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Ports;
using Microsoft.Extensions.Logging;

namespace Automation.Functions.Steps;

/// <summary>Starts the planned build. Its client token makes a repeated start return the same build.</summary>
public sealed class StartBuildFunction(IImageBuilder imageBuilder, ILogger logger)
{
    public StartBuildFunction()
        : this(Startup.FromEnvironment())
    {
    }

    internal StartBuildFunction(Startup parts)
        : this(parts.ImageBuilder, parts.Logger)
    {
    }

    [LambdaFunction(ResourceName = nameof(StartBuild))]
    public Task<StartBuildResult> StartBuild(StepInput input, ILambdaContext context) => Deadline.RunAsync(context, async cancellationToken =>
    {
        var step = Step.Read(input);
        if (step.State.Plan is not { Order: { PipelineArn.Length: > 0, ClientToken.Length: > 0, Tags: not null } order, Reasons.Count: > 0 } plan)
        {
            throw new InvalidEventException("The state lacks a complete \"plan\" with an \"order\", which PlanBuild writes; see events/start-build.json.");
        }

        var arn = await StartAsync(order, step.State.Refused?.Cause ?? "", cancellationToken);
        var version = string.Join('/', arn.Split('/')[^2..]);
        step.Decided(logger, nameof(StartBuild), order.Tags.GetValueOrDefault(BuildTags.BaseDigest), version, plan.Reasons);
        return new StartBuildResult(arn, version, plan.Reasons);
    });

    /// <summary>
    /// Image Builder remembers a client token for longer than a record exists. If a person deleted the newest record, its token returns a
    /// missing build, or for another cause an error that the token was used for another request. The same happens for a moment if another
    /// execution was faster. So the workflow pauses and plans the build again, and the function tries once more: a token that was refused before
    /// that pause is used up.
    /// </summary>
    /// <param name="refused">The error before the workflow's pause.</param>
    private async Task<string> StartAsync(BuildOrderText order, string refused, CancellationToken cancellationToken)
    {
        var tokens = new List<string>();
        for (var token = order.ClientToken; ; token = BuildRequests.TokenAfter(token))
        {
            tokens.Add(token);
            var why = "that build does not exist";
            try
            {
                var arn = await imageBuilder.StartBuildAsync(order.PipelineArn, token, order.Tags, cancellationToken);
                if (await imageBuilder.FindBuildAsync(arn, cancellationToken) is not null)
                {
                    return arn;
                }
            }
            catch (BuildConflictException e)
            {
                why = e.Message;
            }

            if (!refused.Contains(token, StringComparison.Ordinal))
            {
                throw new BuildConflictException($"Image Builder has another build under client token {string.Join(", then ", tokens)}: {why}");
            }
        }
    }
}
