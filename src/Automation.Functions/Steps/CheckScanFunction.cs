using Amazon.Lambda.Annotations;
using Amazon.Lambda.Core;
using Automation.Aws.Facts;
using Automation.Core.Ports;
using Automation.Core.Promotion;
using Microsoft.Extensions.Logging;

namespace Automation.Functions.Steps;

/// <summary>
/// Decides whether scan findings and signatures allow the promotion. The workflow asks again until there is a result or the time is over.
/// </summary>
public sealed class CheckScanFunction(FleetReader fleet, IRegistry registry, IImageBuilder imageBuilder, ILogger logger)
{
    public CheckScanFunction()
        : this(Startup.FromEnvironment())
    {
    }

    internal CheckScanFunction(Startup parts)
        : this(parts.Fleet, parts.Registry, parts.ImageBuilder, parts.Logger)
    {
    }

    [LambdaFunction(ResourceName = nameof(CheckScan))]
    public Task<CheckScanResult> CheckScan(StepInput input, ILambdaContext context) => Deadline.RunAsync(context, async cancellationToken =>
    {
        var step = Step.Read(input);
        var image = fleet.Image(step.State.Image);
        var release = step.Release;

        // The wait counts from the first check. Each check passes that time on.
        var since = step.State.Scan?.Since ?? step.Now;
        var build = release.Arn is { } arn ? await imageBuilder.FindRecordAsync(arn, cancellationToken) : null;
        if ((ReleaseGuard.Stop(step.Version, step.Digest, build) ?? ReleaseGuard.Overtaken(build!, step.Execution)) is { } stop)
        {
            var stopped = new CheckScanResult("stopped", since, null, [], ReasonText.From([stop]));
            step.Decided(logger, nameof(CheckScan), step.Digest.Value, stopped.Verdict, stopped.Reasons);
            return stopped;
        }

        var place = release.Regions[0];
        var digest = step.Digest;
        var facts = new GateFacts(image.Promote.Gate, null, since, step.Now) { Repository = release.Repository, Asked = AskedBefore(step.State.Scan) };
        if (facts.Rules is { } rules
            && await registry.ReadScanAsync(place.Region, release.Repository, digest, withEpss: rules.Epss is not null, cancellationToken) is var scan)
        {
            facts = facts with { Scan = scan, Registry = scan is null ? await registry.ReadScanningAsync(place.Region, cancellationToken) : null };
        }

        var decision = ScanGate.Decide(facts);
        if (decision is GateDecision.StartScan)
        {
            facts = facts with { Asked = await registry.StartScanAsync(place.Region, release.Repository, digest, cancellationToken) };
            decision = ScanGate.Decide(facts);
        }

        var waitsForScan = decision is GateDecision.Wait;
        if (image.Promote.Gate is { Signature: { } signature } gate)
        {
            var found = await registry.ReadSignaturesAsync(place.Region, release.Repository, digest, signature, cancellationToken);
            decision = decision.And(SignatureGate.Decide(new SignatureFacts(gate, signature, digest, found, since, step.Now)));
        }

        var result = decision switch
        {
            GateDecision.Open => new CheckScanResult("open", since, null, [], ReasonText.From(decision.Reasons)),
            GateDecision.Wait(var until, _) => new CheckScanResult("wait", since, Step.WaitUntil(until), [], ReasonText.From(decision.Reasons)),
            GateDecision.Blocked(_, var toUnblock, _) => new CheckScanResult("blocked", since, null, toUnblock, ReasonText.From(decision.Reasons)),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        result = result with
        {
            Asked = facts.Asked?.ToString(),
            WaitName = result.Verdict == "wait" && waitsForScan ? ScanWaitNames.Of(release.Repository, step.Execution, step.Now) : null,
        };
        if (result.Verdict == "open" && release.ApprovalSeconds is { } seconds)
        {
            result = result with
            {
                Request = ApprovalRequest.Text(step, seconds, result.Reasons),
                RequestDetail = ApprovalRequest.Detail(step, seconds, result.Reasons)
            };
        }

        step.Decided(logger, nameof(CheckScan), place.Digest, result.Verdict, result.Reasons);
        return result;
    });

    // A started scan is not started again. One that a limit refused is requested again at the next check.
    private static ScanStart? AskedBefore(CheckScanResult? before) =>
        Enum.TryParse<ScanStart>(before?.Asked, out var asked) && asked != ScanStart.LimitExceeded ? asked : null;
}
