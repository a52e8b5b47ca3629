using System.Globalization;
using System.Text.Json.Nodes;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>Runs a state: it enters, attempts, completes or fails (retry, catch, give up), and leaves.</summary>
internal static class StateRunner
{
    /// <param name="text">
    /// The input as JSON text, if it is known. The client's spaces stay in it until a state computes new data. This holds for the recordings of
    /// February and March 2024: the output of a Parallel state whose branches pass their input on has the spaces too. The only later recordings of an
    /// input with spaces are two distributed Maps (July and August 2024). There, the first state's input has none.
    /// </param>
    public static void Enter(Flow flow, string name, JsonNode? input, string? text = null)
    {
        if (flow.Dropped)
        {
            return;
        }

        var run = flow.Run;
        var state = flow.Graph.States[name];
        text ??= JsonKinds.Text(input);
        run.AddEvent(flow, state.EnteredEvent, "stateEnteredEventDetails", new NamedDetails(name, "input", text));
        if (run.Engine.Journal.IsHeard)
        {
            run.Engine.Journal.Write(
                "states", "state-entered", $"{run.Record.Name}: {name}", ("execution", run.Record.Arn), ("name", run.Record.Name), ("state", name));
        }

        var visit = new StateVisit(flow, state, input, run.Engine.Clock.Now) { EnteredEvent = flow.LastEvent, InputText = text };
        flow.Visit = visit;
        Attempt(visit);
    }

    /// <summary>Does the state's work, for the first time or again.</summary>
    public static void Attempt(StateVisit visit) => Guard(visit, static visit =>
    {
        switch (visit.State)
        {
            case PassState pass:
                var given = EffectiveInput(visit);
                Complete(visit, pass.HasResult ? pass.Result?.DeepClone() : Parameters(visit, given));
                break;
            case SucceedState:
                Leave(visit, EffectiveInput(visit), null, visit.State.Assign);
                break;
            case FailState fail:
                var scope = visit.Scope(visit.Input);
                FailFlow(visit, new StateException(
                    fail.ErrorPath is null ? fail.Error : Text(fail.ErrorPath.Evaluate(scope, "ErrorPath"), "ErrorPath"),
                    fail.CausePath is null ? fail.Cause : Text(fail.CausePath.Evaluate(scope, "CausePath"), "CausePath")));
                break;
            case ChoiceState choice:
                Choose(visit, choice);
                break;
            case WaitState wait:
                Wait(visit, wait);
                break;
            case TaskState task:
                visit.Flow.Run.Tasks.Start(visit, task);
                break;
            case ParallelState or MapState:
                visit.Fanout = new Fanout(visit);
                visit.Fanout.Start();
                break;
            default:
                throw new InvalidOperationException($"No such state: {visit.State.GetType()}");
        }
    });

    /// <summary>The state's input after InputPath.</summary>
    public static JsonNode? EffectiveInput(StateVisit visit) =>
        Part(visit, visit.State.InputPath, visit.Input, "InputPath");

    public static JsonNode? Parameters(StateVisit visit, JsonNode? effective) =>
        visit.State.Parameters is { } template ? template.Evaluate(visit.Scope(effective)) : effective;

    /// <summary>Handles the result of the state's work.</summary>
    public static void Complete(StateVisit visit, JsonNode? result) => Guard(visit, visit =>
    {
        var state = visit.State;
        var selected = state.ResultSelector is { } selector ? selector.Evaluate(visit.Scope(result)) : result;
        var variables = Variables(visit, state.Assign, selected);
        var merged = state.ResultPath is not { } path ? visit.Input : path.IsWhole ? selected : path.Put(visit.Input, selected);
        Leave(visit, merged, state.Next, null, variables);
    });

    /// <summary>Handles a failure of the state's work: it retries, catches, or ends the flow.</summary>
    public static void Fail(StateVisit visit, StateException error)
    {
        if (!visit.IsCurrent)
        {
            return;
        }

        var run = visit.Flow.Run;
        visit.Fanout?.Drop();
        visit.Flow.LastEvent = visit.Fanout?.SucceededEvent ?? visit.Flow.LastEvent;
        if (error.EndsExecution)
        {
            run.Fail(error, visit.Flow.LastEvent);
            return;
        }

        for (var i = 0; i < visit.State.Retry.Count; i++)
        {
            var rule = visit.State.Retry[i];
            if (error.Matches(rule.Errors))
            {
                if (visit.Retries[i] >= rule.MaxAttempts)
                {
                    break;
                }

                var delay = Delay(visit, rule, visit.Retries[i]++);
                run.Engine.Journal.Write(
                    "states",
                    "task-retried",
                    $"{run.Record.Name}: {visit.State.Name} failed with {error.Error}, again in {delay.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)} s",
                    ("execution", run.Record.Arn),
                    ("name", run.Record.Name),
                    ("state", visit.State.Name),
                    ("error", error.Error),
                    ("cause", error.Cause),
                    ("attempt", visit.RetryCount.ToString(CultureInfo.InvariantCulture)));
                WaitUntil(visit, run.Engine.Clock.Now + delay);
                return;
            }
        }

        if (visit.Fanout is { HasFailed: true })
        {
            run.AddEvent(visit.Flow, visit.State.Type + "StateFailed");
        }

        if (visit.State.Catch.FirstOrDefault(rule => error.Matches(rule.Errors)) is { } catcher)
        {
            var absent = error.ByToken ? null : "";
            var output = new JsonObject { ["Error"] = error.Error ?? absent, ["Cause"] = error.Cause ?? absent };
            try
            {
                var variables = Variables(visit, catcher.Assign, output);
                var merged = catcher.ResultPath is { } path ? path.Put(visit.Input, output) : visit.Input;
                Exit(visit, merged, catcher.Next, variables);
            }
            catch (StateException second)
            {
                FailFlow(visit, Located(visit, second));
            }

            return;
        }

        FailFlow(visit, error);
    }

    private static TimeSpan Delay(StateVisit visit, Retrier rule, int attempt)
    {
        var seconds = rule.IntervalSeconds * Math.Pow(rule.BackoffRate, attempt);
        seconds = Math.Min(seconds, rule.MaxDelaySeconds ?? 99_999_999);
        if (rule.FullJitter)
        {
            var random = BitConverter.ToUInt32(visit.Flow.Run.Engine.Ids.Next().ToByteArray()) / (double)uint.MaxValue;
            seconds *= random;
        }

        return TimeSpan.FromSeconds(Math.Round(seconds, 3));
    }

    private static void Choose(StateVisit visit, ChoiceState state)
    {
        var input = EffectiveInput(visit);
        var scope = visit.Scope(input);
        if (state.Choices.FirstOrDefault(choice => choice.Rule.IsTrue(scope)) is { } chosen)
        {
            Leave(visit, input, chosen.Next, chosen.Assign);
        }
        else if (state.Default is not null)
        {
            Leave(visit, input, state.Default, state.Assign);
        }
        else
        {
            throw new StateException(
                StateException.Runtime,
                "Failed to transition out of the state. The state does not point to a next state.");
        }
    }

    private static void Wait(StateVisit visit, WaitState state)
    {
        var scope = visit.Scope(EffectiveInput(visit));
        var due = visit.Entered;
        if (state.SecondsPath is { } secondsPath)
        {
            var value = secondsPath.Evaluate(scope, "SecondsPath");
            var fault = value.AsNumber() is not { } seconds || !decimal.IsInteger(seconds) ? "cannot be parsed as a long value"
                : seconds < 0 ? "references a negative value"
                : seconds > 99_999_999 ? "references a value above 99999999"
                : null;
            due = fault is null
                ? due.AddSeconds((double)value.AsNumber()!.Value)
                : throw new StateException(
                    StateException.Runtime, $"The SecondsPath parameter {fault}: {secondsPath.Text} == {value.AsText() ?? JsonKinds.Text(value)}");
        }
        else if (state.TimestampPath is { } timestampPath)
        {
            var value = timestampPath.Evaluate(scope, "TimestampPath");
            due = Timestamps.Parse(value.AsText()) ?? throw new StateException(
                StateException.Runtime,
                $"The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: {timestampPath.Text} == {value.AsText() ?? JsonKinds.Text(value)}");
        }
        else
        {
            due = state.Timestamp ?? due.AddSeconds(state.Seconds!.Value);
        }

        WaitUntil(visit, due);
    }

    /// <summary>Waits until a Wait state ends, or until the next attempt of another state.</summary>
    public static void WaitUntil(StateVisit visit, DateTimeOffset due)
    {
        var run = visit.Flow.Run;
        var what = $"{(visit.State is WaitState ? "" : "retry of ")}{visit.State.Name} in {run.Record.Name}";
        visit.Wakes = due;
        visit.Timer = run.Engine.Clock.At(due, TimerKind.Work, what, () => run.Post(() => Wake(visit)));
    }

    private static void Wake(StateVisit visit)
    {
        visit.Wakes = null;
        if (visit.State is WaitState wait)
        {
            Guard(visit, visit => Leave(visit, EffectiveInput(visit), wait.Next, wait.Assign));
        }
        else
        {
            Attempt(visit);
        }
    }

    private static Dictionary<string, JsonNode?>? Variables(StateVisit visit, Template? assign, JsonNode? from) =>
        assign?.Evaluate(visit.Scope(from)) is JsonObject values
            ? values.ToDictionary(value => value.Key, value => value.Value?.DeepClone(), StringComparer.Ordinal)
            : null;

    private static void Leave(StateVisit visit, JsonNode? data, string? next, Template? assign, Dictionary<string, JsonNode?>? variables = null)
    {
        variables ??= Variables(visit, assign, data);
        Exit(visit, Part(visit, visit.State.OutputPath, data, "OutputPath"), next, variables);
    }

    private static JsonNode? Part(StateVisit visit, JsonPath? path, JsonNode? data, string field) =>
        path is null ? new JsonObject() : path.IsWhole ? data : path.Evaluate(visit.Scope(data), field);

    private static void Exit(StateVisit visit, JsonNode? output, string? next, Dictionary<string, JsonNode?>? variables)
    {
        var flow = visit.Flow;
        var text = ExecutionRun.Checked(visit.TextOf(output) ?? JsonKinds.Text(output), visit.State.Name);
        var details = new NamedDetails(visit.State.Name, "output", text);
        if (variables is { Count: > 0 })
        {
            var all = details.ToJson();
            var assigned = new JsonObject();
            foreach (var (name, value) in variables)
            {
                flow.Variables[name] = value;
                assigned[name] = JsonKinds.Text(value);
            }

            all["assignedVariables"] = assigned;
            flow.Run.AddEvent(flow, visit.State.ExitedEvent, "stateExitedEventDetails", all);
        }
        else
        {
            flow.Run.AddEvent(flow, visit.State.ExitedEvent, "stateExitedEventDetails", details);
        }

        flow.Visit = null;
        if (next is not null)
        {
            flow.Run.Post(() => Enter(flow, next, output, text));
        }
        else if (flow.Owner is { } owner)
        {
            owner.Done(flow, output, text);
        }
        else
        {
            flow.Run.Succeed(text);
        }
    }

    private static void FailFlow(StateVisit visit, StateException error)
    {
        if (visit.Flow.Owner is { } owner)
        {
            owner.Failed(visit.Flow, error);
        }
        else
        {
            visit.Flow.Run.Fail(error, visit.Flow.LastEvent);
        }
    }

    private static string Text(JsonNode? value, string field) =>
        value.AsText() ?? throw new StateException(StateException.Runtime, $"The field '{field}' must evaluate to a string, not to {JsonKinds.Text(value)}");

    private static void Guard(StateVisit visit, Action<StateVisit> work)
    {
        if (!visit.IsCurrent)
        {
            return;
        }

        try
        {
            work(visit);
        }
        catch (StateException error)
        {
            Fail(visit, Located(visit, error));
        }
    }

    /// <summary>The error to report for the state. Errors of the interpreter name the state and the event.</summary>
    public static StateException Located(StateVisit visit, StateException error) => error.IsOfInterpreter
        ? new StateException(
            error.Error, $"An error occurred while executing the state '{visit.State.Name}' (entered at the event id #{visit.EnteredEvent}). {error.Cause}")
        : error;
}
