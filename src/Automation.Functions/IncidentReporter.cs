using System.Globalization;
using System.Text;
using System.Text.Json;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Incidents;
using Automation.Core.Ports;
using Microsoft.Extensions.Logging;

namespace Automation.Functions;

/// <summary>Carries out the plans of <see cref="IncidentPlanner"/>: writes mails and events, and opens and closes incidents.</summary>
public sealed class IncidentReporter(IIncidents incidents, ILogger logger)
{
    private const string Once = "You get one more mail when this is over. Until then `automation status` shows it.";

    public Task<IReadOnlyList<OpenIncident>> ListOpenAsync(CancellationToken cancellationToken) => incidents.ListOpenAsync(cancellationToken);

    /// <param name="open">The result of <see cref="ListOpenAsync"/>.</param>
    /// <param name="message">The text of the mail about a beginning; null for the incident's reasons.</param>
    /// <returns>Whether an incident began.</returns>
    public async Task<bool> ReportAsync(
        Observation observation, IReadOnlyList<OpenIncident> open, DateTimeOffset now, CancellationToken cancellationToken, string? message = null)
    {
        var plan = IncidentPlanner.Decide(observation, open);
        if (plan.Begin is { } incident)
        {
            await BeginAsync(incident, now, message, cancellationToken);
        }

        await EndAsync(plan.End, now, cancellationToken);
        return plan.Begin is not null;
    }

    public async Task EndAsync(IEnumerable<IncidentEnd> ends, DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var end in ends)
        {
            var (id, since) = (end.Incident.Id, end.Incident.Since);
            var title = Mail.Subject($"resolved: {id.Image} ({id.Kind.Code()})");
            var text = new StringBuilder()
                .AppendLine(CultureInfo.InvariantCulture, $"{id.Image}: {id.Kind.Code()} is over.").AppendLine()
                .AppendLine(CultureInfo.InvariantCulture, $"- {end.Why.Text}").AppendLine()
                .Append(CultureInfo.InvariantCulture, $"Since {HumanText.At(since)}, {now:u}");
            var output = new IncidentEndText(
                end.Tell, title, text.ToString(), Detail(id, "ended", since, [end.Why]) with { Alert = end.Tell ? Alerts.Over(id, title, end.Why) : null });
            var ended = await incidents.EndAsync(end.Incident, JsonSerializer.Serialize(output, FunctionJson.Camel.IncidentEndText), cancellationToken);
            Log.Incident(logger, id.Image, id.Kind.Code(), ended ? "ended" : "end postponed", end.Incident.Name, end.Why.Code, end.Why.Text);
        }
    }

    private async Task BeginAsync(Incident incident, DateTimeOffset now, string? message, CancellationToken cancellationToken)
    {
        var id = incident.Id;
        var name = id.NameAt(now);
        var text = new StringBuilder(message ?? Mail.Body(incident.Headline, incident.Reasons.Select(reason => reason.Text), now)).AppendLine().AppendLine()
            .Append(Once);
        var title = Mail.Subject(incident.Headline);
        var detail = Detail(id, "began", now, incident.Reasons) with { Alert = Alerts.Of(id, title, incident.Reasons) };
        var input = new IncidentText(id.Image, id.Kind.Code(), title, text.ToString(), detail);
        var json = JsonSerializer.Serialize(input, FunctionJson.Camel.IncidentText);
        var began = await incidents.BeginAsync(name, json, cancellationToken);
        if (!began && (await incidents.ListOpenAsync(cancellationToken)).All(each => each.Id != id))
        {
            // No concurrent caller: the same incident began and ended within this hour.
            name = id.NameAgainAt(now);
            began = await incidents.BeginAsync(name, json, cancellationToken);
        }

        Log.Incident(logger, id.Image, id.Kind.Code(), began ? "began" : "already announced", name, incident.Reasons[0].Code, incident.Reasons[0].Text);
    }

    private static IncidentDetail Detail(IncidentId id, string state, DateTimeOffset since, IReadOnlyList<Reason> reasons) =>
        new(id.Image, id.Kind.Code(), id.About, state, BuildTags.Format(since), ReasonText.From(reasons));
}

/// <summary>Formats the mails.</summary>
internal static class Mail
{
    /// <summary>The maximum length of an SNS subject. https://docs.aws.amazon.com/sns/latest/api/API_Publish.html</summary>
    private const int MaxSubjectLength = 100;

    /// <summary>Makes a text printable ASCII, as SNS requires. The text may come from a build's own output.</summary>
    public static string Subject(string text)
    {
        var printable = string.Concat(text.Select(c => c is >= ' ' and <= '~' ? c : '?'));
        return printable.Length <= MaxSubjectLength ? printable : printable[..MaxSubjectLength];
    }

    public static string Body(string headline, IEnumerable<string> reasons, DateTimeOffset now)
    {
        var text = new StringBuilder().AppendLine(headline).AppendLine();
        foreach (var reason in reasons)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"- {reason}");
        }

        return text.AppendLine().Append(CultureInfo.InvariantCulture, $"{now:u}").ToString();
    }
}
