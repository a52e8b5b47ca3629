namespace Automation.LocalCloud.CloudFormation;

/// <summary>What a change set would do, and with what.</summary>
/// <param name="Id">ARN with a unique end.</param>
/// <param name="Type">CREATE or UPDATE.</param>
/// <param name="Status">CREATE_COMPLETE, or FAILED when there is nothing to change.</param>
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
    /// <summary>The caller's own token: the same request again gives the same change set.</summary>
    public string? ClientToken { get; init; }

    internal bool IsPending => ExecutionStatus is "AVAILABLE" or "UNAVAILABLE";
}

/// <summary>What happens to one resource. https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceChange.html</summary>
/// <param name="Action">Add, Modify or Remove.</param>
/// <param name="Replacement">True, False or Conditional for Modify: conditional depends on what another resource becomes.</param>
/// <param name="PolicyAction">Delete or Retain for what goes, ReplaceAndDelete or ReplaceAndRetain for what is replaced.</param>
/// <param name="Scope">Properties, Tags.</param>
/// <param name="BeforeContext">The resource's properties, as JSON; null for Add.</param>
/// <param name="AfterContext">As <paramref name="BeforeContext"/>; null for Remove.</param>
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
/// <param name="Dynamic">The value is known only when the change set is executed.</param>
internal sealed record PropertyChange(string Name, string RequiresRecreation, bool Dynamic, string? CausingEntity, string? Before, string? After);
