namespace Automation.LocalCloud.CloudFormation;

/// <summary>A change set: its changes and its input.</summary>
/// <param name="Id">The ARN, which ends in a unique id.</param>
/// <param name="Type">CREATE or UPDATE.</param>
/// <param name="Status">CREATE_COMPLETE, or FAILED if there is nothing to change.</param>
/// <param name="ExecutionStatus">AVAILABLE, UNAVAILABLE, EXECUTE_COMPLETE or EXECUTE_FAILED.</param>
internal sealed record ChangeSetRecord(
    string Id,
    string Name,
    string StackId,
    string Type,
    StackSource Source,
    string? Description,
    string Status,
    string? Reason,
    string ExecutionStatus,
    DateTimeOffset Created,
    IReadOnlyList<ResourceChange> Changes)
{
    /// <summary>The caller's token: repeating the same request gives the same change set.</summary>
    public string? ClientToken { get; init; }

    internal bool IsPending => ExecutionStatus is "AVAILABLE" or "UNAVAILABLE";
}

/// <summary>The change of one resource. https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChange.html</summary>
/// <param name="Action">Add, Modify or Remove.</param>
/// <param name="Replacement">For Modify: True, False or Conditional. Conditional means that it depends on another resource's change.</param>
/// <param name="PolicyAction">Delete or Retain for a removed resource, ReplaceAndDelete or ReplaceAndRetain for a replaced one.</param>
/// <param name="Scope">Any of Properties and Tags.</param>
/// <param name="BeforeContext">The resource's properties, as JSON; null for Add.</param>
/// <param name="AfterContext">Like <paramref name="BeforeContext"/>; null for Remove.</param>
internal sealed record ResourceChange(
    string Action,
    string LogicalId,
    string? PhysicalId,
    string Type,
    string? Replacement,
    string? PolicyAction,
    IReadOnlyList<string> Scope,
    IReadOnlyList<PropertyChange> Details,
    string? BeforeContext,
    string? AfterContext);

/// <param name="RequiresRecreation">Never or Always.</param>
/// <param name="Dynamic">Whether the value is known only when the change set is executed.</param>
internal sealed record PropertyChange(string Name, string RequiresRecreation, bool Dynamic, string? CausingEntity, string? Before, string? After);

/// <summary>A client's request to create a change set.</summary>
/// <param name="Type">CREATE or UPDATE.</param>
internal sealed record ChangeSetRequest(string Name, string Type, StackSource Source, string? Description, string? ClientToken);
