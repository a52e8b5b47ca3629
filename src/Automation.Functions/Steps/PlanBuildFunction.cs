using Amazon.Lambda.Annotations;
using Amazon.Lambda.Core;
using Automation.Aws.Facts;
using Automation.Core;
using Automation.Core.Builds;
using Microsoft.Extensions.Logging;

namespace Automation.Functions.Steps;

/// <summary>Decides from current facts whether the build is due: start, not yet, or no.</summary>
public sealed class PlanBuildFunction(FleetReader fleet, ILogger logger)
{
    public PlanBuildFunction()
        : this(Startup.FromEnvironment())
    {
    }

    internal PlanBuildFunction(Startup parts)
        : this(parts.Fleet, parts.Logger)
    {
    }

    [LambdaFunction(ResourceName = nameof(PlanBuild))]
    public Task<PlanBuildResult> PlanBuild(StepInput input, ILambdaContext context) => Deadline.RunAsync(context, async cancellationToken =>
    {
        var step = Step.Read(input);
        var image = fleet.Image(step.State.Image);
        var manual = step.State.Manual is { } request
            ? new ManualRequest(request.Id ?? throw new InvalidEventException("\"manual\" lacks \"id\"."), request.By ?? "unknown")
            : null;

        // The wait for another image of the lane counts from the first check. Each check passes that time on.
        var since = step.State.Plan is { Reasons: [var before, ..], Since: var first } && before.Is(ReasonCode.LaneTurn) ? first : null;
        var asked = step.State.Plan?.Asked ?? step.Now;
        var facts = await fleet.Findings.WithFindingsAsync(await fleet.Builds.ReadAsync(image, manual, step.Now, cancellationToken), cancellationToken) with
        {
            CheckAgain = BuildPlanner.CheckAgainAfter(step.Now - asked)
        };
        var decision = BuildPlanner.Decide(await fleet.Builds.WithLaneAsync(facts, since, cancellationToken));
        var turn = decision.Reasons[0].Is(ReasonCode.LaneTurn);
        var no = new PlanBuildResult("no", asked, null, null, ReasonText.From(decision.Reasons), null);
        var result = decision switch
        {
            BuildDecision.Start(var order, _) =>
                no with { Decision = "start", Until = Step.WaitUntil(step.Now + facts.CheckAgain), Order = BuildOrderText.From(order) },
            BuildDecision.NotYet(var until, _, _) => no with { Decision = "not-yet", Until = Step.WaitUntil(until), Since = turn ? since ?? step.Now : null },
            _ => no,
        };
        step.Decided(logger, nameof(PlanBuild), facts.Base?.Digest?.Value, result.Decision, result.Reasons);
        return result;
    });
}
