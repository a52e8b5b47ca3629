using System.Text.Json.Nodes;

namespace Automation.LocalCloud.Import;

/// <summary>An execution of a state machine of the stack.</summary>
/// <param name="Machine">The ARN of the state machine.</param>
/// <param name="Input">Only of an execution that runs.</param>
/// <param name="History">Its events, as GetExecutionHistory shows them; only of an execution that runs.</param>
/// <param name="Token">A made-up name for the token that it waits for, which the history has in place of the token.</param>
public sealed record ReadExecution(
    string Machine, string Name, string Status, DateTimeOffset Started, DateTimeOffset? Stopped, string? Input = null,
    IReadOnlyList<JsonObject>? History = null, string? Token = null);
