using System.Text.Json.Nodes;

namespace Automation.LocalCloud.CloudFormation;

/// <summary>A stack to be made or changed.</summary>
/// <param name="Template">Its text, JSON or YAML.</param>
public sealed record StackSource(string Name, string Template)
{
    /// <summary>Null is the cloud's own Region.</summary>
    public string? Region { get; init; }

    /// <summary>Values of parameters that are not to have their defaults.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>();

    /// <summary>Folders with the unpacked assets by file name <c>hash.zip</c>.</summary>
    public IReadOnlyDictionary<string, string> Assets { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<string> Capabilities { get; init; } = [];

    public IReadOnlyList<string> NotificationArns { get; init; } = [];

    /// <summary>The role that CloudFormation would take; kept and shown.</summary>
    public string? RoleArn { get; init; }

    public bool TerminationProtection { get; init; }

    /// <summary>
    /// A resource that the template names and retains, and that is there already, is taken into the stack instead of made; only of types
    /// that can (<see cref="IResourceType.CanImport"/>).
    /// </summary>
    public bool ImportExisting { get; init; }

    /// <summary>By the clock of whoever asks (<see cref="Wire.CallerClock"/>); null is the cloud's own time.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>Templates of the CDK ask whether the account was bootstrapped: true says yes, without a bootstrap stack.</summary>
    public bool AssumeBootstrapped { get; init; } = true;
}

/// <summary>One resource of a stack.</summary>
/// <param name="PhysicalId">What <c>Ref</c> gives.</param>
/// <param name="Attributes">What <c>Fn::GetAtt</c> gives.</param>
/// <param name="Status">Such as <c>CREATE_COMPLETE</c>.</param>
/// <param name="Properties">As resolved; kept so that ignored types (roles, alarms) can be looked at.</param>
/// <param name="Retained">Stays when the stack is deleted.</param>
public sealed record StackResource(
    string LogicalId,
    string Type,
    string PhysicalId,
    IReadOnlyDictionary<string, string> Attributes,
    string Status,
    string? Reason,
    DateTimeOffset Time,
    JsonObject Properties,
    bool Retained)
{
    /// <summary>How often it was replaced; see <see cref="ResourceRequest.Generation"/>.</summary>
    public int Generation { get; init; }

    /// <summary>Stays when an update replaces it (<c>UpdateReplacePolicy: Retain</c>).</summary>
    public bool RetainedWhenReplaced { get; init; }
}

/// <param name="ExportName">Unique among the stacks of a Region; nothing imports it here.</param>
public sealed record StackOutput(string Key, string Value, string? Description, string? ExportName);

/// <param name="Time">By the clock of whoever ordered the operation, each a millisecond after the one before at least.</param>
public sealed record StackEvent(string Id, string LogicalId, string PhysicalId, string Type, string Status, string? Reason, DateTimeOffset Time)
{
    /// <summary>The same for all events of one create, update, rollback or delete.</summary>
    public string? OperationId { get; init; }
}

/// <summary>A stack and its history. Deleted stacks are kept, as CloudFormation does for ninety days.</summary>
/// <param name="Id">ARN with a unique end.</param>
/// <param name="Template">Empty while a stack only has a change set to be reviewed.</param>
/// <param name="Status">
/// REVIEW_IN_PROGRESS, CREATE_COMPLETE, CREATE_FAILED, ROLLBACK_COMPLETE, UPDATE_COMPLETE, UPDATE_ROLLBACK_COMPLETE,
/// UPDATE_ROLLBACK_FAILED, DELETE_FAILED or DELETE_COMPLETE: operations are done at once, so nobody sees one in progress but by its events.
/// </param>
public sealed record StackRecord(
    string Name,
    string Id,
    string Region,
    string Template,
    string? Description,
    string Status,
    string? Reason,
    DateTimeOffset Created,
    DateTimeOffset? Deleted,
    IReadOnlyDictionary<string, string> Parameters,
    IReadOnlyList<StackResource> Resources,
    IReadOnlyList<StackOutput> Outputs,
    IReadOnlyList<StackEvent> Events)
{
    public DateTimeOffset? Updated { get; init; }

    /// <summary>Values of parameters that name an SSM parameter, by parameter.</summary>
    public IReadOnlyDictionary<string, string> ResolvedParameters { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<string> Capabilities { get; init; } = [];

    public IReadOnlyList<string> NotificationArns { get; init; } = [];

    public string? RoleArn { get; init; }

    public bool TerminationProtection { get; init; }

    /// <summary>Where names of replaced and re-created resources start; see <see cref="ResourceRequest.Generation"/>.</summary>
    public int Generation { get; init; }

    /// <summary>Whether an update may start from here.</summary>
    internal bool IsUpdatable => Status is "CREATE_COMPLETE" or "UPDATE_COMPLETE" or "UPDATE_ROLLBACK_COMPLETE";
}
