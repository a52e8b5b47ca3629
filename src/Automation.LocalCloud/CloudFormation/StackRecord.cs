using System.Text.Json.Nodes;

namespace Automation.LocalCloud.CloudFormation;

/// <summary>A stack to be loaded.</summary>
/// <param name="Template">Its text, JSON or YAML.</param>
public sealed record StackSource(string Name, string Template)
{
    /// <summary>Null is the cloud's own Region.</summary>
    public string? Region { get; init; }

    /// <summary>Values of parameters that are not to have their defaults.</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>();

    /// <summary>Folders with the unpacked assets by file name <c>hash.zip</c>.</summary>
    public IReadOnlyDictionary<string, string> Assets { get; init; } = new Dictionary<string, string>();
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
    bool Retained);

public sealed record StackOutput(string Key, string Value, string? Description, string? ExportName);

public sealed record StackEvent(string Id, string LogicalId, string PhysicalId, string Type, string Status, string? Reason, DateTimeOffset Time);

/// <summary>A stack and its history. Deleted stacks are kept, as CloudFormation does for ninety days.</summary>
/// <param name="Id">ARN with a unique end.</param>
/// <param name="Status">CREATE_COMPLETE, ROLLBACK_COMPLETE or DELETE_COMPLETE.</param>
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
    IReadOnlyList<StackEvent> Events);
