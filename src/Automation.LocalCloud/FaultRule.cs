namespace Automation.LocalCloud;

/// <summary>One ordered fault. A null criterion matches everything.</summary>
/// <param name="Id">Given by the cloud, for removing.</param>
/// <param name="Service">Signing name, such as <c>ecr</c>.</param>
/// <param name="Operation">API operation such as <c>PutImage</c>; for events the delivery, such as <c>InvokeEvent</c>.</param>
/// <param name="Resource">Text that occurs in the call's path or body, or in the event's target or content.</param>
/// <param name="Skip">That many matches pass unharmed first.</param>
/// <param name="Count">That many matches are hit, then the rule is used up; null: all.</param>
/// <param name="Code">Error code on the wire instead of the kind's own.</param>
/// <param name="Status">HTTP status instead of the kind's own.</param>
/// <param name="Delay">Virtual time, for <see cref="FaultKind.Delay"/>; one minute when absent.</param>
/// <param name="Member">Name on the wire, for <see cref="FaultKind.Omit"/>.</param>
/// <param name="Region">Of the call, as it is signed; a delivery has none.</param>
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
