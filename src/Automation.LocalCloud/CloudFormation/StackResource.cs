using System.Text.Json.Nodes;

namespace Automation.LocalCloud.CloudFormation;

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
