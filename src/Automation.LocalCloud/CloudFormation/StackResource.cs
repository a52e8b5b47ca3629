using System.Text.Json.Nodes;

namespace Automation.LocalCloud.CloudFormation;

/// <summary>One resource of a stack.</summary>
/// <param name="PhysicalId">The value of <c>Ref</c>.</param>
/// <param name="Attributes">The values of <c>Fn::GetAtt</c>.</param>
/// <param name="Status">Such as <c>CREATE_COMPLETE</c>.</param>
/// <param name="Properties">The resolved properties; kept so that ignored types (roles, alarms) can be inspected.</param>
/// <param name="Retained">Whether deleting the stack keeps the resource.</param>
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

    /// <summary>Whether the resource is kept when an update replaces it (<c>UpdateReplacePolicy: Retain</c>).</summary>
    public bool RetainedWhenReplaced { get; init; }
}
