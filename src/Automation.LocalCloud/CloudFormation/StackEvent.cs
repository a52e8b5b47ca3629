namespace Automation.LocalCloud.CloudFormation;

/// <param name="Time">The time by the clock of the operation's caller, at least a millisecond after the previous event.</param>
public sealed record StackEvent(string Id, string LogicalId, string PhysicalId, string Type, string Status, string? Reason, DateTimeOffset Time)
{
    /// <summary>The id that all events of one create, update, rollback or delete share.</summary>
    public string? OperationId { get; init; }
}
