using System.Text.Json.Nodes;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>
/// The failure of a state as its Retry and Catch see it: an error name and a cause.
/// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
/// </summary>
/// <param name="error">Such as <c>States.Timeout</c>, or the <c>errorType</c> of a function. Null for a Fail state without one.</param>
/// <param name="cause">Text for people; for a function error, its error document. Null if the service gives none.</param>
/// <param name="alias">A second name that rules can match: a missed heartbeat also matches <c>States.Timeout</c>.</param>
public sealed class StateException(string? error, string? cause, string? alias = null) : Exception(cause)
{
    public const string All = "States.ALL";
    public const string TaskFailed = "States.TaskFailed";
    public const string Timeout = "States.Timeout";
    public const string HeartbeatTimeout = "States.HeartbeatTimeout";
    public const string Runtime = "States.Runtime";
    public const string Permissions = "States.Permissions";
    public const string DataLimitExceeded = "States.DataLimitExceeded";
    public const string ResultPathMatchFailure = "States.ResultPathMatchFailure";
    public const string ReferencePathConflict = "States.ReferencePathConflict";
    public const string IntrinsicFailure = "States.IntrinsicFailure";

    public string? Error { get; } = error;

    public string? Cause { get; } = cause;

    /// <summary>A task reports a result that is too large. States.ALL matches this error; if a state's own data is too large, the execution fails.</summary>
    public bool OfTask { get; init; }

    /// <summary>The caller of SendTaskFailure: a missing cause is null, not empty.</summary>
    public bool ByToken { get; init; }

    /// <summary>The interpreter's own failures name their state; those of tasks and Fail states are reported unchanged.</summary>
    public bool IsOfInterpreter => Error is Runtime or IntrinsicFailure;

    /// <summary>
    /// A reference path does not fit its document. The service reports this name, and its documentation the other one.
    /// https://qiita.com/tsubasaogawa/items/4fe341bdb6ae7d2fd8ee
    /// </summary>
    /// <param name="step">The name or index that cannot be applied.</param>
    public static StateException Conflict(string step, JsonNode? document) =>
        new(ReferencePathConflict, $"Unable to apply step \"{step}\" to input {JsonKinds.Text(document)}", ResultPathMatchFailure);

    /// <summary>The data cannot be processed. Neither Retry nor Catch handles this; the execution fails.</summary>
    public bool EndsExecution => Error == Runtime;

    /// <summary>Whether one of the names in a Retry or Catch rule matches this error.</summary>
    public bool Matches(IReadOnlyList<string> names) => names.Any(Matches);

    private bool Matches(string name) => name switch
    {
        _ when name == Error || name == alias => true,
        All => Error is not Runtime && (OfTask || Error is not DataLimitExceeded),
        TaskFailed => Error is not (Timeout or DataLimitExceeded or Runtime),
        _ => false,
    };
}
