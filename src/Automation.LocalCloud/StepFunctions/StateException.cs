namespace Automation.LocalCloud.StepFunctions;

/// <summary>
/// What Retry and Catch of a state see when it fails: an error name and a cause.
/// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
/// </summary>
/// <param name="error">Such as <c>States.Timeout</c>, or the <c>errorType</c> that a function reported. Null for a Fail state that names none.</param>
/// <param name="cause">Text for people; for a function error its error document. Null where the service gives none.</param>
/// <param name="alias">A second name under which rules know it: a missed heartbeat is reported as <c>States.Timeout</c>.</param>
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
    public const string IntrinsicFailure = "States.IntrinsicFailure";
    public const string NoChoiceMatched = "States.NoChoiceMatched";

    public string? Error { get; } = error;

    public string? Cause { get; } = cause;

    /// <summary>A task reports its result as too large: then States.ALL means it, while the data of a state that is too large ends the execution.</summary>
    public bool OfTask { get; init; }

    /// <summary>A caller of SendTaskFailure reports it: a cause that it does not give is null, not empty.</summary>
    public bool ByToken { get; init; }

    /// <summary>The interpreter's own failures say in which state they happened; those of tasks and Fail states are told as they are.</summary>
    public bool IsOfInterpreter => Error is Runtime or IntrinsicFailure or ResultPathMatchFailure;

    /// <summary>The data cannot be processed: neither Retry nor Catch sees this, the execution fails.</summary>
    public bool EndsExecution => Error == Runtime;

    /// <summary>Whether one of the names of a Retry or Catch rule means this error.</summary>
    public bool Matches(IReadOnlyList<string> names) => names.Any(Matches);

    private bool Matches(string name) => name switch
    {
        _ when name == Error || name == alias => true,
        All => Error is not Runtime && (OfTask || Error is not DataLimitExceeded),
        TaskFailed => Error is not (Timeout or DataLimitExceeded or Runtime),
        _ => false,
    };
}
