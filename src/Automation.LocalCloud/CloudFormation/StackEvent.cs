namespace Automation.LocalCloud.CloudFormation;

/// <param name="Time">The time by the clock of the operation's caller, at least a millisecond after the previous event.</param>
public sealed record StackEvent(string Id, string LogicalId, string PhysicalId, string Type, string Status, string? Reason, DateTimeOffset Time)
{
    /// <summary>The same for all events of one create, update, rollback or delete.</summary>
    public string? OperationId { get; init; }
}
