namespace Automation.Core.Incidents;

/// <summary>Something that is wrong, with the message for people.</summary>
/// <param name="Headline">The subject of the mail, such as <c>build-stuck: app 1.0.0/3</c>.</param>
/// <param name="Reasons">At least one: the deciding reason first, then what to do.</param>
public sealed record Incident(IncidentId Id, string Headline, IReadOnlyList<Reason> Reasons);
