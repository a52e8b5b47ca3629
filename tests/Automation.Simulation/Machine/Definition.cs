using System.Globalization;
using System.Text.Json;

namespace Automation.Simulation.Machine;

/// <summary>
/// The workflow of the reviewed template, read by a small separate reader: a second opinion besides the embedded cloud's
/// interpreter. Features of the States Language that the workflow does not use are refused by name.
/// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
/// </summary>
/// <param name="Lifetime">The time after which an execution is TIMED_OUT.</param>
/// <param name="Text">The text of the definition.</param>
internal sealed record Definition(Graph Graph, TimeSpan Lifetime, string Text)
{
    /// <param name="template">The CloudFormation template; its functions become <c>function:PlanBuild</c>.</param>
    /// <param name="logicalId">How the state machine's logical id begins.</param>
    public static Definition FromTemplate(string template, string logicalId)
    {
        using var document = JsonDocument.Parse(template);
        var resources = document.RootElement.GetProperty("Resources");
        var machine = resources.EnumerateObject().Single(resource => resource.Name.StartsWith(logicalId, StringComparison.Ordinal)
            && resource.Value.GetProperty("Type").GetString() == "AWS::StepFunctions::StateMachine");
        var text = machine.Value.GetProperty("Properties").GetProperty("DefinitionString");
        if (text.ValueKind == JsonValueKind.String)
        {
            return Parse(text.GetString()!);
        }

        var parts = text.GetProperty("Fn::Join")[1].EnumerateArray()
            .Select(part => part.ValueKind == JsonValueKind.String ? part.GetString()! : Token(part, resources));
        return Parse(string.Concat(parts));
    }

    public static Definition Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        return new Definition(
            Graph.Parse(root),
            root.TryGetProperty("TimeoutSeconds", out var seconds) ? TimeSpan.FromSeconds(seconds.GetInt32()) : TimeSpan.FromDays(365),
            json);
    }

    // {"Fn::GetAtt":["FunctionsPlanBuild4092C34A","Arn"]}, {"Ref":"Alerts91F83244"}, {"Ref":"AWS::Partition"}
    private static string Token(JsonElement token, JsonElement resources)
    {
        if (token.TryGetProperty("Ref", out var reference))
        {
            return reference.GetString() == "AWS::Partition" ? "aws" : $"ref:{reference.GetString()}";
        }

        var resource = resources.GetProperty(token.GetProperty("Fn::GetAtt")[0].GetString()!);
        var variables = resource.GetProperty("Properties").GetProperty("Environment").GetProperty("Variables");
        return $"function:{variables.GetProperty("ANNOTATIONS_HANDLER").GetString()}";
    }
}

internal sealed record Graph(string StartAt, IReadOnlyDictionary<string, State> States)
{
    public static Graph Parse(JsonElement json) => new(
        json.GetProperty("StartAt").GetString()!,
        json.GetProperty("States").EnumerateObject().ToDictionary(state => state.Name, state => State.Parse(state.Name, state.Value), StringComparer.Ordinal));
}

internal enum StateType
{
    Task,
    Choice,
    Wait,
    Map,
    Pass,
    Succeed,
    Fail,
}

internal sealed record State(string Name, StateType Type)
{
    private static readonly string[] Known =
    [
        "Type", "Comment", "Next", "End", "Resource", "Parameters", "ResultPath", "ResultSelector", "Retry", "Catch", "TimeoutSeconds",
        "TimeoutSecondsPath", "Choices",
        "Default", "TimestampPath", "Timestamp", "SecondsPath", "Seconds", "ItemsPath", "ItemSelector", "ItemProcessor", "MaxConcurrency", "Error", "Cause",
        "ErrorPath", "CausePath",
        "Result",
    ];

    public string? Next { get; private init; }

    /// <summary>The resource of a Task: <c>function:PlanBuild</c>, or an ARN of an integration.</summary>
    public string Resource { get; private init; } = "";

    public Template? Parameters { get; private init; }

    public Template? ResultSelector { get; private init; }

    /// <summary>Null means that the result is discarded.</summary>
    public Reference? ResultPath { get; private init; }

    public IReadOnlyList<Retrier> Retry { get; private init; } = [];

    public IReadOnlyList<Catcher> Catch { get; private init; } = [];

    public Reference? TimeoutPath { get; private init; }

    public IReadOnlyList<(Rule Rule, string Next)> Choices { get; private init; } = [];

    public string? Default { get; private init; }

    /// <summary>The timestamp path of a Wait.</summary>
    public Reference? Until { get; private init; }

    public Reference? SecondsPath { get; private init; }

    public int? Seconds { get; private init; }

    public Reference? Items { get; private init; }

    public Template? ItemSelector { get; private init; }

    public Graph? Processor { get; private init; }

    public int MaxConcurrency { get; private init; }

    public string? Error { get; private init; }

    public string? Cause { get; private init; }

    public Reference? ErrorPath { get; private init; }

    public Reference? CausePath { get; private init; }

    public Value? Result { get; private init; }

    /// <exception cref="NotSupportedException">The state has a type or a member that is not simulated.</exception>
    public static State Parse(string name, JsonElement json)
    {
        if (json.EnumerateObject().FirstOrDefault(member => !Known.Contains(member.Name)) is { Value.ValueKind: not JsonValueKind.Undefined } unknown)
        {
            throw new NotSupportedException($"The simulation does not support '{unknown.Name}' of state '{name}'.");
        }

        if (!Enum.TryParse<StateType>(json.GetProperty("Type").GetString(), out var type))
        {
            throw new NotSupportedException($"The simulation does not support states of type {json.GetProperty("Type")} ('{name}').");
        }

        return new State(name, type)
        {
            Next = Text(json, "Next"),
            Resource = Text(json, "Resource") ?? "",
            Parameters = Member(json, "Parameters") is { } parameters ? Template.Parse(parameters) : null,
            ResultSelector = Member(json, "ResultSelector") is { } selector ? Template.Parse(selector) : null,
            ResultPath = Member(json, "ResultPath") is { } result
                ? result.ValueKind == JsonValueKind.Null ? null : Reference.Parse(result.GetString()!)
                : Reference.Parse("$"),
            Retry = Member(json, "Retry") is { } retry ? [.. retry.EnumerateArray().Select(Retrier.Parse)] : [],
            Catch = Member(json, "Catch") is { } catches ? [.. catches.EnumerateArray().Select(Catcher.Parse)] : [],
            TimeoutPath = Path(json, "TimeoutSecondsPath"),
            Choices = Member(json, "Choices") is { } choices ? [.. choices.EnumerateArray().Select(choice => (Rule.Parse(choice), Text(choice, "Next")!))] : [],
            Default = Text(json, "Default"),
            Until = Path(json, "TimestampPath"),
            SecondsPath = Path(json, "SecondsPath"),
            Seconds = Member(json, "Seconds")?.GetInt32(),
            Items = Path(json, "ItemsPath"),
            ItemSelector = Member(json, "ItemSelector") is { } items ? Template.Parse(items) : null,
            Processor = Member(json, "ItemProcessor") is { } processor ? Graph.Parse(processor) : null,
            MaxConcurrency = Member(json, "MaxConcurrency")?.GetInt32() ?? 0,
            Error = Text(json, "Error"),
            Cause = Text(json, "Cause"),
            ErrorPath = Path(json, "ErrorPath"),
            CausePath = Path(json, "CausePath"),
            Result = Member(json, "Result") is { } value ? Value.Parse(value.GetRawText()) : null,
        };
    }

    private static JsonElement? Member(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value : null;

    private static string? Text(JsonElement json, string name) => Member(json, name)?.GetString();

    private static Reference? Path(JsonElement json, string name) => Text(json, name) is { } text ? Reference.Parse(text) : null;
}

internal sealed record Retrier(
    IReadOnlyList<string> Errors, double IntervalSeconds, int MaxAttempts, double BackoffRate, double? MaxDelaySeconds, bool FullJitter)
{
    public static Retrier Parse(JsonElement json) => new(
        ErrorNames.Parse(json),
        json.TryGetProperty("IntervalSeconds", out var interval) ? interval.GetDouble() : 1,
        json.TryGetProperty("MaxAttempts", out var attempts) ? attempts.GetInt32() : 3,
        json.TryGetProperty("BackoffRate", out var rate) ? rate.GetDouble() : 2,
        json.TryGetProperty("MaxDelaySeconds", out var longest) ? longest.GetDouble() : null,
        json.TryGetProperty("JitterStrategy", out var jitter) && jitter.GetString() == "FULL");

    /// <param name="retries">The number of previous retries.</param>
    /// <param name="random">A number from 0 to 1.</param>
    public TimeSpan Delay(int retries, double random) => TimeSpan.FromSeconds(Math.Round(
        Math.Min(IntervalSeconds * Math.Pow(BackoffRate, retries), MaxDelaySeconds ?? 99_999_999) * (FullJitter ? random : 1), 3));
}

internal sealed record Catcher(IReadOnlyList<string> Errors, Reference? ResultPath, string Next)
{
    public static Catcher Parse(JsonElement json) => new(
        ErrorNames.Parse(json),
        json.TryGetProperty("ResultPath", out var path)
            ? path.ValueKind == JsonValueKind.Null ? null : Reference.Parse(path.GetString()!)
            : Reference.Parse("$"),
        json.GetProperty("Next").GetString()!);
}

internal static class ErrorNames
{
    public static IReadOnlyList<string> Parse(JsonElement json) => [.. json.GetProperty("ErrorEquals").EnumerateArray().Select(name => name.GetString()!)];

    // States.ALL does not catch States.DataLimitExceeded and runtime errors of paths. States.TaskFailed is any error except a timeout.
    // https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
    public static bool Match(IReadOnlyList<string> names, string error) => names.Any(name => name == error
        || (name == "States.ALL" && error is not ("States.DataLimitExceeded" or "States.Runtime"))
        || (name == "States.TaskFailed" && error is not ("States.Timeout" or "States.DataLimitExceeded" or "States.Runtime")));
}

/// <summary>A rule of a Choice state.</summary>
internal sealed class Rule(Func<Scope, bool> isTrue)
{
    public bool IsTrue(Scope scope) => isTrue(scope);

    /// <exception cref="NotSupportedException">The comparison is not simulated.</exception>
    public static Rule Parse(JsonElement json)
    {
        var member = json.EnumerateObject().First(member => member.Name is not ("Variable" or "Next" or "Comment"));
        if (member.Name is "And" or "Or")
        {
            var rules = member.Value.EnumerateArray().Select(Parse).ToArray();
            return member.Name == "And"
                ? new Rule(scope => Array.TrueForAll(rules, rule => rule.IsTrue(scope)))
                : new Rule(scope => Array.Exists(rules, rule => rule.IsTrue(scope)));
        }

        if (member.Name == "Not")
        {
            var rule = Parse(member.Value);
            return new Rule(scope => !rule.IsTrue(scope));
        }

        var variable = Reference.Parse(json.GetProperty("Variable").GetString()!);
        if (member.Name == "IsPresent")
        {
            var expected = member.Value.GetBoolean();
            return new Rule(scope => variable.Find(scope) is not null == expected);
        }

        var test = Test(member.Name, member.Value);
        return new Rule(scope => test(variable.Get(scope)));
    }

    private static Func<Value, bool> Test(string name, JsonElement operand)
    {
        switch (name)
        {
            case "IsNull" or "IsString" or "IsNumeric" or "IsBoolean":
                var expected = operand.GetBoolean();
                var kind =
                    name switch
                    {
                        "IsNull" =>
                        JsonValueKind.Null,
                        "IsString" => JsonValueKind.String,
                        "IsNumeric" => JsonValueKind.Number,
                        _ => JsonValueKind.Undefined
                    };
                return value =>
                    (value.ValueKind == kind || (kind == JsonValueKind.Undefined && value.ValueKind is JsonValueKind.True or JsonValueKind.False)) == expected;
            case "StringEquals":
                var text = operand.GetString()!;
                return value => value.ValueKind == JsonValueKind.String && value.GetString() == text;
            case "StringMatches" when operand.GetString()!.Split('*') is ["", var part, ""]:
                return value => value.ValueKind == JsonValueKind.String && value.GetString()!.Contains(part, StringComparison.Ordinal);
            case "BooleanEquals":
                var truth = operand.GetBoolean() ? JsonValueKind.True : JsonValueKind.False;
                return value => value.ValueKind == truth;
            case "NumericEquals" or "NumericGreaterThan" or "NumericGreaterThanEquals" or "NumericLessThan" or "NumericLessThanEquals":
                var number = operand.GetDouble();
                return value => value.ValueKind == JsonValueKind.Number && value.GetDouble().CompareTo(number) is var order && name switch
                {
                    "NumericEquals" => order == 0,
                    "NumericGreaterThan" => order > 0,
                    "NumericGreaterThanEquals" => order >= 0,
                    "NumericLessThan" => order < 0,
                    _ => order <= 0,
                };
            default:
                throw new NotSupportedException($"The simulation does not support the comparison '{name}' of a Choice state.");
        }
    }

    internal static DateTimeOffset Time(Value value, string path) =>
        value.ValueKind == JsonValueKind.String
            && DateTimeOffset.TryParse(value.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw new StateError(
                "States.Runtime", $"The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: {path}");
}
