namespace Automation.LocalCloud.CloudFormation;

/// <param name="Time">By the clock of whoever ordered the operation, each a millisecond after the one before at least.</param>
public sealed record StackEvent(string Id, string LogicalId, string PhysicalId, string Type, string Status, string? Reason, DateTimeOffset Time)
{
    /// <summary>The same for all events of one create, update, rollback or delete.</summary>
    public string? OperationId { get; init; }
}
