using System.Globalization;
using System.Text;
using Amazon.Lambda.Annotations;
using Amazon.Lambda.Core;
using Automation.Core;
using Automation.Core.Images;
using Automation.Core.Incidents;
using Automation.Core.Ports;
using Microsoft.Extensions.Logging;

namespace Automation.Functions.Steps;

/// <summary>
/// The end of every release, rollback, prune and failure: records the outcome on the build, and composes the event for programs
/// and the message for people. The workflow publishes both.
/// </summary>
public sealed class AnnounceFunction(IImageBuilder imageBuilder, IncidentReporter incidents, Metrics metrics, ILogger logger)
{
    public AnnounceFunction()
        : this(Startup.FromEnvironment())
    {
    }

    internal AnnounceFunction(Startup parts)
        : this(parts.ImageBuilder, parts.Incidents, parts.Metrics, parts.Logger)
    {
    }

    [LambdaFunction(ResourceName = nameof(Announce))]
    public Task<AnnounceResult> Announce(StepInput input, ILambdaContext context) => Deadline.RunAsync(context, async cancellationToken =>
    {
        var step = Step.ReadSayable(input);
        var state = step.State;
        var announcement = Announcement.Of(state);
        if (state.Release?.Arn is { } arn && (announcement.Release is not null || announcement.Answers))
        {
            // Hours or days may have passed since the build was read, so decide on its current record.
            var build = await imageBuilder.FindRecordAsync(arn, cancellationToken);
            var tags = announcement.TagsFor(build, state, step.Execution, step.Now);
            if (tags.Count > 0)
            {
                await imageBuilder.TagAsync(arn, tags, cancellationToken);
            }

            announcement = announcement.On(build, state);
        }

        if (Counted(announcement.Outcome) is { } metric)
        {
            metrics.Write(
                step.Now, [new Metric(metric, 1)], ("image", state.Image ?? ""), ("outcome", announcement.Outcome.Name()),
                ("reason", announcement.Reasons[0].Text), ("execution", step.Execution));
        }

        step.Decided(logger, nameof(Announce), state.Release?.Regions is [var first, ..] ? first.Digest : null, announcement.Outcome.Name(),
            announcement.Reasons);
        var result = await ReportAsync(step, announcement, Compose(step, announcement), cancellationToken);
        return result.Alert ? result with { Detail = result.Detail with { Alert = Alerts.Of(announcement, state, result.Subject) } } : result;
    });

    /// <summary>A lasting problem becomes an incident, which is mailed once. The workflow mails everything else.</summary>
    private async Task<AnnounceResult> ReportAsync(Step step, Announcement announcement, AnnounceResult result, CancellationToken cancellationToken)
    {
        if (ExecutionObservations.Of(announcement, step.State, result.Subject) is not { } observation)
        {
            return result;
        }

        try
        {
            var open = await incidents.ListOpenAsync(cancellationToken);
            var began = await incidents.ReportAsync(observation, open, step.Now, cancellationToken, result.Message);
            return result with { Alert = observation is Observation.Problem && !began && ExecutionObservations.IsAnswer(step.State) };
        }
        catch (AutomationException e) when (e is not TransientException)
        {
            Log.IncidentNotKept(logger, observation.Image, e.Message);
            return result;
        }
    }

    /// <summary>The metric of an outcome: promotions, stops by a rule or a person, and failures.</summary>
    private static string? Counted(Outcome outcome) => outcome switch
    {
        Outcome.Promoted or Outcome.RolledBack => MetricNames.Promoted,
        Outcome.Blocked or Outcome.Rejected or Outcome.Refused or Outcome.Cancelled or Outcome.Held or Outcome.PruneStopped => MetricNames.Blocked,
        Outcome.Overtaken or Outcome.Pruned => null,
        _ => MetricNames.Failed,
    };

    private static AnnounceResult Compose(Step step, Announcement announcement)
    {
        var state = step.State;
        var detail = new AnnouncementDetail(
            state.Image,
            state.Action,
            announcement.Outcome.Name(),
            new[] { state.Release?.Version, state.Version }.FirstOrDefault(text => ImageVersion.TryParse(text, out _)),
            state.Release?.Arn,
            state.Release?.Regions ?? [],
            TagsOf(state),
            announcement.Reasons,
            step.Execution);
        var name = $"{state.Image} {detail.Version}".Trim();
        return new AnnounceResult(
            announcement.Outcome == Outcome.Promoted,
            announcement.Alert,
            state.Action == WorkflowActions.Prune || announcement.Outcome == Outcome.PruneFailed ? "Image Prune" : "Image Release",
            detail,
            Mail.Subject($"{announcement.Outcome.Name()}: {name}"),
            Message(step, announcement, name));
    }

    // The last step for a tag counts: after a race the verification may have returned it to a newer build.
    private static IReadOnlyList<string> TagsOf(LifecycleState state)
    {
        var digests = (state.Release?.Regions ?? []).Select(place => place.Digest).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. (state.Verification?.Steps ?? [])
                .GroupBy(step => (step.Region, step.Tag)).Select(steps => steps.Last())
                .Where(step => step.Action is "put" or "present" && digests.Contains(step.To))
                .Select(step => step.Tag).Distinct(StringComparer.Ordinal),
        ];
    }

    private static string Message(Step step, Announcement announcement, string name)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{name}: {announcement.Outcome.Name()}").AppendLine();
        foreach (var reason in announcement.Reasons)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"- {reason.Text}");
        }

        foreach (var place in step.State.Release?.Regions ?? [])
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  {place.Region} {place.Digest}");
        }

        return text.AppendLine().Append(CultureInfo.InvariantCulture, $"Execution {step.Execution}, {step.Now:u}").ToString();
    }
}
