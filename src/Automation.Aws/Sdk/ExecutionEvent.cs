namespace Automation.Aws.Sdk;

/// <param name="Id">Ascending within the execution.</param>
/// <param name="Type">As the API names it: TaskStateEntered, TaskStateExited, LambdaFunctionFailed, …
/// https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html</param>
/// <param name="State">The state it belongs to; null for the execution's own events.</param>
public sealed record ExecutionEvent(long Id, DateTimeOffset At, string Type, string? State)
{
    /// <summary>The input of the state that the execution entered, as JSON.</summary>
    public string? Input { get; init; }

    /// <summary>The output of the state that the execution left, as JSON.</summary>
    public string? Output { get; init; }

    /// <summary>The token that a waiting task needs to continue.</summary>
    public string? Token { get; init; }

    public string? Error { get; init; }

    public string? Cause { get; init; }

    public bool IsEntry => Type.EndsWith("StateEntered", StringComparison.Ordinal);

    public bool IsExit => Type.EndsWith("StateExited", StringComparison.Ordinal);
}
