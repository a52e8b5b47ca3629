using System.Text.Json.Nodes;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>A graph of states: a state machine, a branch of a Parallel state or the processor of a Map state.</summary>
internal sealed record StateGraph(string StartAt, IReadOnlyDictionary<string, State> States)
{
    /// <summary>Whether a Task starts another execution and waits for its end.</summary>
    public bool AwaitsExecutions => States.Values.Any(state => state switch
    {
        TaskState task => task.Target.AwaitsExecution,
        MapState map => map.Processor.AwaitsExecutions,
        ParallelState parallel => parallel.Branches.Any(branch => branch.AwaitsExecutions),
        _ => false,
    });
}

/// <summary>A checked state machine definition.</summary>
/// <param name="TimeoutSeconds">The timeout of an execution; null means no limit.</param>
internal sealed record Definition(StateGraph Graph, int? TimeoutSeconds);

/// <summary>
/// One state. The data flow is: raw input, <see cref="InputPath"/>, Parameters, the state's work, ResultSelector, ResultPath (which puts
/// the result into the raw input), <see cref="OutputPath"/>.
/// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-input-output-filtering.html
/// </summary>
internal abstract record State
{
    public required string Name { get; init; }

    /// <summary>The value of <c>Type</c>, which also begins the names of its history events.</summary>
    public required string Type
    {
        get;
        init => (field, EnteredEvent, ExitedEvent) = (value, value + "StateEntered", value + "StateExited");
    }

    public string EnteredEvent { get; private init; } = "";

    public string ExitedEvent { get; private init; } = "";

    /// <summary>Null for <c>"End": true</c> and for states that always end the flow.</summary>
    public string? Next { get; init; }

    /// <summary>Null means that the state gets an empty object.</summary>
    public JsonPath? InputPath { get; init; } = JsonPath.Whole;

    /// <summary>Null means that the output is an empty object.</summary>
    public JsonPath? OutputPath { get; init; } = JsonPath.Whole;

    public Template? Parameters { get; init; }

    public Template? ResultSelector { get; init; }

    /// <summary>Null means that the result is discarded and the input is passed on.</summary>
    public JsonPath? ResultPath { get; init; } = JsonPath.Whole;

    public Template? Assign { get; init; }

    public IReadOnlyList<Retrier> Retry { get; init; } = [];

    public IReadOnlyList<Catcher> Catch { get; init; } = [];
}

/// <summary>One rule of <c>Retry</c>.</summary>
/// <param name="BackoffRate">The factor by which each wait is longer than the previous one, at least 1.</param>
/// <param name="FullJitter">Whether the wait is a random value between 0 and the computed one.</param>
internal sealed record Retrier(
    IReadOnlyList<string> Errors,
    int IntervalSeconds,
    double BackoffRate,
    int MaxAttempts,
    int? MaxDelaySeconds,
    bool FullJitter);

/// <summary>One rule of <c>Catch</c>.</summary>
internal sealed record Catcher(IReadOnlyList<string> Errors, string Next, JsonPath? ResultPath, Template? Assign);

/// <param name="Result">The output of the state instead of its input.</param>
internal sealed record PassState(JsonNode? Result, bool HasResult) : State;

internal sealed record SucceedState : State;

internal sealed record FailState(string? Error, string? Cause, Expression? ErrorPath, Expression? CausePath) : State;

/// <summary>Exactly one of the four is set.</summary>
internal sealed record WaitState(int? Seconds, DateTimeOffset? Timestamp, JsonPath? SecondsPath, JsonPath? TimestampPath) : State;

internal sealed record ChoiceState(IReadOnlyList<Choice> Choices, string? Default) : State;

/// <summary>A top-level rule in <c>Choices</c>.</summary>
internal sealed record Choice(ChoiceRule Rule, string Next, Template? Assign);

internal sealed record TaskState(
    TaskTarget Target,
    int? TimeoutSeconds,
    JsonPath? TimeoutPath,
    int? HeartbeatSeconds,
    JsonPath? HeartbeatPath) : State;

internal sealed record ParallelState(IReadOnlyList<StateGraph> Branches) : State;

/// <param name="MaxConcurrency">0 means no limit.</param>
internal sealed record MapState(
    StateGraph Processor,
    JsonPath ItemsPath,
    Template? ItemSelector,
    int MaxConcurrency,
    JsonPath? MaxConcurrencyPath) : State;

/// <summary>The target of a Task state.</summary>
internal enum TaskKind
{
    /// <summary>The resource is the function's ARN; input and output are the payload.</summary>
    Function,
    LambdaInvoke,
    SnsPublish,
    SqsSendMessage,
    EventsPutEvents,
    StartExecution,

    /// <summary>Any operation of SQS through the AWS SDK integration, with the API's members.</summary>
    SqsSdk,
}

/// <summary>When the task completes.</summary>
internal enum TaskPattern
{
    RequestResponse,

    /// <summary>When the started execution ends; the task's result contains its output as JSON text.</summary>
    Sync,

    /// <summary>Like <see cref="Sync"/>, with the output as JSON.</summary>
    Sync2,

    /// <summary>When the task token is returned.</summary>
    WaitForTaskToken,
}

/// <param name="Service">The resource type in the history: lambda, sns, sqs, events, states.</param>
/// <param name="Action">The resource in the history, such as <c>invoke.waitForTaskToken</c>.</param>
internal sealed record TaskTarget(TaskKind Kind, TaskPattern Pattern, string Resource, string Service, string Action)
{
    public bool AwaitsExecution => Pattern is TaskPattern.Sync or TaskPattern.Sync2;
}
