namespace Automation.LocalCloud;

/// <summary>One injected fault. A null criterion matches everything.</summary>
/// <param name="Id">Assigned by the cloud, so that the fault can be removed.</param>
/// <param name="Service">The signing name, such as <c>ecr</c>.</param>
/// <param name="Operation">An API operation such as <c>PutImage</c>; for events the delivery, such as <c>InvokeEvent</c>.</param>
/// <param name="Resource">A text that occurs in the call's path or body, or in the event's target or content.</param>
/// <param name="Skip">The number of matches that pass first without a fault.</param>
/// <param name="Count">The number of matches that get the fault before the rule is used up; null means all.</param>
/// <param name="Code">An error code that replaces the kind's own.</param>
/// <param name="Status">An HTTP status that replaces the kind's own.</param>
/// <param name="Delay">The virtual time of <see cref="FaultKind.Delay"/>; one minute if absent.</param>
/// <param name="Member">The wire name of the member that <see cref="FaultKind.Omit"/> removes.</param>
/// <param name="Region">The Region for which the call is signed; a delivery has none.</param>
public sealed record FaultRule(
    FaultKind Kind,
    string? Id = null,
    string? Service = null,
    string? Operation = null,
    string? Resource = null,
    int Skip = 0,
    int? Count = 1,
    string? Code = null,
    int? Status = null,
    string? Message = null,
    TimeSpan? Delay = null,
    string? Member = null,
    string? Region = null);
