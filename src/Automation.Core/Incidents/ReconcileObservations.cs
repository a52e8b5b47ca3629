using System.Text.RegularExpressions;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Promotion;

namespace Automation.Core.Incidents;

/// <summary>Derives what is wrong from the facts and plans of a reconcile. It needs no event, so the reconcile also reports what an
/// execution could not.</summary>
public static partial class ReconcileObservations
{
    /// <summary>Reasons for which no build starts although nothing has been resolved.</summary>
    private static readonly ReasonCode[] Stopping = [ReasonCode.Held, ReasonCode.LineageCycle, ReasonCode.BaseMissing, ReasonCode.PipelineDisabled];

    /// <param name="open">The open incidents. Whether a build resolves one depends on when it began.</param>
    public static Observation OfBuild(BuildFacts facts, BuildDecision decision, IEnumerable<OpenIncident> open)
    {
        var image = facts.Image.Name;
        if (decision is BuildDecision.No { Stuck: { } stuck })
        {
            return new Observation.Problem(OfStuck(image, stuck));
        }

        var last = facts.Builds.OrderBy(build => build.CreatedAt).ThenBy(build => build.Version).LastOrDefault();
        if (decision is not BuildDecision.No && last is { State: BuildState.Failed, Cause: not null } && BuildCause.Of(last) is not null)
        {
            return new Observation.Problem(new Incident(
                new IncidentId(image, IncidentKind.BuildFailed, ""),
                $"build-failed: {image} {last.Version}",
                [new Reason(ReasonCode.BuildFailed, $"Build {last.Version} failed: {HumanText.Clause(last.FailureReason ?? "no reason given")}."),
                    decision.Reasons[0]]));
        }

        var newest = facts.Builds.Where(build => build.State.Succeeded()).OrderBy(build => build.CreatedAt).LastOrDefault();
        var before = open.FirstOrDefault(each => each.Id.Image == image && each.Id.Kind.Area() == IncidentArea.Build);
        return before?.Id.Kind switch
        {
            null => new Observation.Unknown(image, IncidentArea.Build),
            IncidentKind.PipelineMissing => Healthy($"Pipeline {facts.Pipeline.Name} exists."),
            IncidentKind.RecipeDiffers => Healthy($"Pipeline {facts.Pipeline.Name} builds the recipe that the catalog names."),
            IncidentKind.PipelineDisabled when facts.Pipeline.Enabled => Healthy($"Pipeline {facts.Pipeline.Name} is enabled."),
            _ when newest is not null && newest.CreatedAt > before.Since => Healthy($"Build {newest.Version} succeeded."),
            _ when decision is BuildDecision.No && last?.State.IsRunning() != true && !decision.Reasons.Any(reason => Stopping.Any(reason.Is)) =>
                Healthy($"No build is due now: {decision.Reasons[0].Text}."),
            _ => new Observation.Unknown(image, IncidentArea.Build),
        };

        Observation Healthy(string why) => new Observation.Healthy(image, IncidentArea.Build, new Reason(ReasonCode.BuildFine, why));
    }

    /// <summary>Whether the pipeline's own distribution configuration moves a floating tag before any gate.</summary>
    public static Observation OfDistribution(BuildFacts facts) => BuildPlanner.Bypass(facts) switch
    {
        { } bypass when bypass.Is(ReasonCode.GateBypassed) => new Observation.Problem(new Incident(
            new IncidentId(facts.Image.Name, IncidentKind.GateBypassed, ""), $"gate-bypassed: {facts.Image.Name}", [bypass])),
        null => new Observation.Healthy(facts.Image.Name, IncidentArea.Distribution,
            new Reason(ReasonCode.DistributionFine, $"Pipeline {facts.Pipeline.Name} does not move floating tags.")),
        _ => new Observation.Unknown(facts.Image.Name, IncidentArea.Distribution),
    };

    /// <summary>Judges the promoted image for <c>alertOnFindings</c>. Each severity is an incident of its own.</summary>
    /// <param name="promoted">Null if nothing is promoted, or if the findings were not read.</param>
    public static Observation OfFindings(BuildFacts facts, PromotedFindings? promoted)
    {
        var image = facts.Image.Name;
        if (facts.Image.Promote.AlertOnFindings is not { } severity)
        {
            return Healthy("The catalog does not ask to report findings.");
        }

        if (promoted is not { HasResult: true })
        {
            return new Observation.Unknown(image, IncidentArea.Findings);
        }

        var build = promoted.Build.Version;
        var findings = promoted.From(severity, facts.Image.Promote.Gate, facts.Now);
        return findings.Count == 0 ? Healthy($"The promoted build {build} has no finding of {severity.Name()} or above.")
            : new Observation.Problem(new Incident(
                new IncidentId(image, IncidentKind.Vulnerable, findings[0].Severity.Name()),
                $"vulnerable: {image} {build}",
                [new Reason(ReasonCode.Vulnerable, $"The promoted build {build} has {PromotedFindings.Summary(findings, severity)}."),
                    new Reason(ReasonCode.ToUnblock, promoted.NextStep(facts, findings))]));

        Observation Healthy(string why) => new Observation.Healthy(image, IncidentArea.Findings, new Reason(ReasonCode.FindingsFine, why));
    }

    /// <summary>Judges the mark of the newest releasable build and the releases that are still due.</summary>
    /// <param name="builds">All builds of the image, in any order.</param>
    public static Observation OfReleases(string image, IEnumerable<BuildRecord> builds, ReleasePlan plan)
    {
        var newest = builds.Where(build => build.State == BuildState.Available).MaxBy(build => build.Version);
        return newest?.Release switch
        {
            null when newest is null => Healthy("There is no build to release."),
            { State: ReleaseState.Blocked } mark => Problem(IncidentKind.Blocked, newest, "blocked", ReasonCode.Blocked, mark),
            { State: ReleaseState.Missing } mark => Problem(IncidentKind.NotReleasable, newest, "not-releasable", ReasonCode.NotReleasable, mark),
            { State: ReleaseState.Failed } mark => Problem(IncidentKind.ReleaseFailed, newest, "failed", ReasonCode.ReleaseFailed, mark),
            _ when plan.Items.FirstOrDefault(item => item.Reason.Is(ReasonCode.Obstructed)) is { } item => new Observation.Problem(new Incident(
                OfRelease(image, IncidentKind.ReleaseFailing, null), $"failed: {image} {item.Build.Version}",
                [item.Reason, new Reason(ReasonCode.Continues, "The reconcile moves them once nothing blocks it.")])),
            null or { State: ReleaseState.Running } => new Observation.Unknown(image, IncidentArea.Release),
            _ when !plan.IsComplete || !plan.Items.All(ReleasePlanner.IsAtRest) => new Observation.Unknown(image, IncidentArea.Release),
            var mark => Healthy($"Build {newest!.Version} is {BuildTags.ToTagValue(mark.State)}."),
        };

        Observation Healthy(string why) => new Observation.Healthy(image, IncidentArea.Release, new Reason(ReasonCode.ReleaseFine, why));

        Observation Problem(IncidentKind kind, BuildRecord build, string outcome, ReasonCode code, ReleaseMark mark) => new Observation.Problem(new Incident(
            OfRelease(image, kind, build.Version.ToString()),
            $"{outcome}: {image} {build.Version}",
            [new Reason(code, mark.Why ?? "The build records no reason.")]));
    }

    /// <summary>The incident of a release. A block or a failure concerns one build; a missing image concerns the image as a whole.</summary>
    public static IncidentId OfRelease(string image, IncidentKind kind, string? version) =>
        new(image, kind, kind is IncidentKind.Blocked or IncidentKind.ReleaseFailed ? version ?? "" : "");

    /// <summary>The Region that a service's error names: <c>Could not put tag images/app:latest in eu-west-1: 503</c>.</summary>
    /// <returns>Empty if it names none.</returns>
    public static string RegionIn(string error) =>
        RegionPattern().Matches(error).Select(match => match.Groups[1].Value).FirstOrDefault(RegionName.IsValid) ?? "";

    /// <summary>The incident of a build that needs a person.</summary>
    public static Incident OfStuck(string image, StuckBuild stuck)
    {
        var kind = stuck.Why.Is(ReasonCode.PipelineMissing) ? IncidentKind.PipelineMissing
            : stuck.Why.Is(ReasonCode.RecipeDiffers) ? IncidentKind.RecipeDiffers
            : stuck.Why.Is(ReasonCode.PipelineDisabled) ? IncidentKind.PipelineDisabled
            : IncidentKind.BuildStuck;
        return new Incident(new IncidentId(image, kind, stuck.At), $"build-stuck: {image}", [stuck.Why, .. Unstick(image, kind)]);
    }

    /// <summary>The reconcile could not read the image's facts, and a retry will not help.</summary>
    public static Incident OfFault(string image, string fault) =>
        new(new IncidentId(image, IncidentKind.Unreadable, ""), $"unreadable: {image}", [new Reason(ReasonCode.Unreadable, fault)]);

    /// <summary>Judges a Region by whether it could be read for each image.</summary>
    /// <param name="read">The images of the Region that were read, each with its fault; null if the Region answered.</param>
    /// <param name="isComplete">Whether all images that are promoted to the Region were read.</param>
    public static Observation OfRegion(string region, IReadOnlyDictionary<string, string?> read, bool isComplete)
    {
        var waiting = read.Where(image => image.Value is not null).OrderBy(image => image.Key, StringComparer.Ordinal).ToList();
        return waiting.Count > 0
            ? new Observation.Problem(new Incident(
                new IncidentId(region, IncidentKind.RegionUnreadable, ""),
                $"region-unreadable: {region}",
                [
                    new Reason(ReasonCode.RegionUnreadable, waiting[0].Value!),
                    new Reason(ReasonCode.Continues,
                        $"Promotions of {string.Join(", ", waiting.Select(image => image.Key))} wait until {region} answers. Builds and promotions in the other Regions continue."),
                ]))
            : isComplete ? new Observation.Healthy(region, IncidentArea.Region, new Reason(ReasonCode.RegionReadable, $"{region} answers again."))
            : new Observation.Unknown(region, IncidentArea.Region);
    }

    [GeneratedRegex(@"\bin ([a-z]+(?:-[a-z0-9]+)+)", RegexOptions.CultureInvariant)]
    private static partial Regex RegionPattern();

    private static IEnumerable<Reason> Unstick(string image, IncidentKind kind) => kind switch
    {
        // The reasons of these incidents already say what to do.
        IncidentKind.PipelineMissing or IncidentKind.RecipeDiffers => [],
        IncidentKind.PipelineDisabled => [new Reason(ReasonCode.ToUnblock, "Fix the failure, then enable the pipeline.")],
        _ => [new Reason(ReasonCode.ToUnblock, FailureGuidance.NextStep(image))],
    };
}
