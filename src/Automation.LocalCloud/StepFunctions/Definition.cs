using System.Text.Json.Nodes;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>States that lead into each other: a state machine, a branch of a Parallel state or the processor of a Map state.</summary>
internal sealed record StateGraph(string StartAt, IReadOnlyDictionary<string, State> States);

/// <summary>A checked state machine definition.</summary>
/// <param name="TimeoutSeconds">Time of a whole execution; null without a limit.</param>
internal sealed record Definition(StateGraph Graph, int? TimeoutSeconds);

/// <summary>
/// One state. The data flow is: raw input, <see cref="InputPath"/>, Parameters, the state's work, ResultSelector, ResultPath (puts
/// the result into the raw input), <see cref="OutputPath"/>.
/// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-input-output-filtering.html
/// </summary>
internal abstract record State
{
    public required string Name { get; init; }

    /// <summary>The word in <c>Type</c>, which also begins the names of its history events.</summary>
    public required string Type { get; init; }

    /// <summary>Null for <c>"End": true</c> and for states that end by their nature.</summary>
    public string? Next { get; init; }

    /// <summary>Null means that the state gets an empty object.</summary>
    public JsonPath? InputPath { get; init; } = JsonPath.Whole;

    /// <summary>Null means that the state gives an empty object.</summary>
    public JsonPath? OutputPath { get; init; } = JsonPath.Whole;

    public Template? Parameters { get; init; }

    public Template? ResultSelector { get; init; }

    /// <summary>Null means that the result is thrown away and the input is handed on.</summary>
    public JsonPath? ResultPath { get; init; } = JsonPath.Whole;

    public Template? Assign { get; init; }

    public IReadOnlyList<Retrier> Retry { get; init; } = [];

    public IReadOnlyList<Catcher> Catch { get; init; } = [];
}

/// <summary>One rule of <c>Retry</c>.</summary>
/// <param name="BackoffRate">Each wait is the wait before times this, at least 1.</param>
/// <param name="FullJitter">The wait is chosen between 0 and the computed one.</param>
internal sealed record Retrier(
    IReadOnlyList<string> Errors,
    int IntervalSeconds,
    double BackoffRate,
    int MaxAttempts,
    int? MaxDelaySeconds,
    bool FullJitter);

/// <summary>One rule of <c>Catch</c>.</summary>
internal sealed record Catcher(IReadOnlyList<string> Errors, string Next, JsonPath? ResultPath, Template? Assign);

/// <param name="Result">What the state gives instead of its input.</param>
internal sealed record PassState(JsonNode? Result, bool HasResult) : State;

internal sealed record SucceedState : State;

internal sealed record FailState(string? Error, string? Cause, Expression? ErrorPath, Expression? CausePath) : State;

/// <summary>Exactly one of the four is set.</summary>
internal sealed record WaitState(int? Seconds, DateTimeOffset? Timestamp, JsonPath? SecondsPath, JsonPath? TimestampPath) : State;

internal sealed record ChoiceState(IReadOnlyList<Choice> Choices, string? Default) : State;

/// <summary>A rule at the top of <c>Choices</c>.</summary>
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

/// <summary>What a Task state calls.</summary>
internal enum TaskKind
{
    /// <summary>The function's ARN itself is the resource; payload in, payload out.</summary>
    Function,
    LambdaInvoke,
    SnsPublish,
    SqsSendMessage,
    EventsPutEvents,
    StartExecution,

    /// <summary>Any operation of SQS through the AWS SDK integration, members as in the API.</summary>
    SqsSdk,
}

/// <summary>When the task is over.</summary>
internal enum TaskPattern
{
    RequestResponse,

    /// <summary>When the started execution ended; its output as JSON text.</summary>
    Sync,

    /// <summary>As <see cref="Sync"/>, its output as JSON.</summary>
    Sync2,

    /// <summary>When somebody sends the task token back.</summary>
    WaitForTaskToken,
}

/// <param name="Service">Resource type of the history: lambda, sns, sqs, events, states.</param>
/// <param name="Action">Resource of the history, such as <c>invoke.waitForTaskToken</c>.</param>
internal sealed record TaskTarget(TaskKind Kind, TaskPattern Pattern, string Resource, string Service, string Action);
