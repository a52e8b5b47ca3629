using System.Text.Json.Nodes;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>The input of CreateStateMachine.</summary>
internal sealed record StateMachineRequest(string Name, string Definition, string RoleArn, IReadOnlyDictionary<string, string> Tags)
{
    public JsonObject? Logging { get; init; }

    public JsonObject? Tracing { get; init; }

    public JsonObject? Encryption { get; init; }
}
