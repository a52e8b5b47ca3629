using System.Text.Json.Nodes;

namespace Automation.LocalCloud.CloudFormation;

/// <summary>One resource to create.</summary>
/// <param name="Definition">The resource's entry in the template.</param>
internal sealed record PlannedResource(string LogicalId, string Type, JsonObject Definition)
{
    public JsonObject Properties => Definition[nameof(Properties)] as JsonObject ?? [];

    /// <summary>Whether deleting the stack keeps the resource.</summary>
    public bool IsRetained => Definition["DeletionPolicy"]?.ToString() is "Retain" or "RetainExceptOnCreate";

    /// <summary>Whether rolling back a failed creation keeps the resource.</summary>
    public bool KeptOnFailure => Definition["DeletionPolicy"]?.ToString() == "Retain";

    public StackResource Made(Resource made, JsonObject properties, int generation, string status, DateTimeOffset time) => new(
        LogicalId,
        Type,
        made.PhysicalId,
        made.Attributes,
        status,
        null,
        time,
        properties,
        IsRetained)
    {
        Generation = generation,
        RetainedWhenReplaced = Definition["UpdateReplacePolicy"]?.ToString() == "Retain",
    };
}
