using System.Text.Json.Nodes;

namespace Automation.LocalCloud.CloudFormation;

/// <summary>What loading a template will do, in order.</summary>
/// <param name="Given">Values of parameters, given or by default.</param>
/// <param name="Resolved">Values of the parameters that name an SSM parameter.</param>
internal sealed record StackPlan(
    JsonObject Template,
    Intrinsics Intrinsics,
    IReadOnlyDictionary<string, string> Given,
    IReadOnlyDictionary<string, string> Resolved,
    IReadOnlyList<PlannedResource> Resources);
