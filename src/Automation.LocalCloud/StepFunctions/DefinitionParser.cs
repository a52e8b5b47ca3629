using System.Text.Json.Nodes;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>
/// Reads and checks Amazon States Language with the JSONPath query language; all faults are reported at once.
/// https://states-language.net/spec.html
/// <code>
/// {"StartAt": "A", "TimeoutSeconds": 3600, "States": {
///   "A": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {…}, "Retry": […], "Next": "B"},
///   "B": {"Type": "Succeed"}}}
/// </code>
/// </summary>
internal sealed class DefinitionParser
{
    private static readonly string[] JsonataFields = ["Arguments", "Items", "Output"];

    private readonly DefinitionFaults _faults;
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    private DefinitionParser(DefinitionFaults faults) => _faults = faults;

    /// <exception cref="Wire.AwsException">InvalidDefinition with every fault and its location.</exception>
    public static Definition Parse(string text)
    {
        var faults = new DefinitionFaults();
        var definition = Parse(text, faults);
        faults.Throw();
        return definition!;
    }

    /// <returns>Null if there are faults.</returns>
    public static Definition? Parse(string text, DefinitionFaults faults)
    {
        if (FieldReader.ParseObject(text, faults) is not { } members)
        {
            return null;
        }

        var fields = new FieldReader(members, "", faults);
        if (RefuseJsonata(fields))
        {
            return null;
        }

        fields.Choice("Version", "1.0");
        var timeout = fields.Integer("TimeoutSeconds", 0);
        var graph = new DefinitionParser(faults).Graph(fields, "");
        fields.RefuseUnknown();
        return faults.All.Count == 0 && graph is not null ? new Definition(graph, timeout) : null;
    }

    private static bool RefuseJsonata(FieldReader fields)
    {
        if (fields.Choice("QueryLanguage", "JSONPath", "JSONata") != "JSONata")
        {
            return false;
        }

        fields.Faults.Unsupported("the query language 'JSONata', only JSONPath", fields.At("QueryLanguage"));
        return true;
    }

    private StateGraph? Graph(FieldReader fields, string location)
    {
        fields.Require("States", "StartAt");
        var startAt = fields.Text("StartAt");
        if (fields.Object("States") is not { } nodes)
        {
            return null;
        }

        if (nodes.Count == 0)
        {
            _faults.Schema("Value cannot be empty", $"{location}/States");
        }

        var states = new Dictionary<string, State>(StringComparer.Ordinal);
        foreach (var (name, node) in nodes)
        {
            var at = $"{location}/States/{name}";
            if (name.Length > 80)
            {
                _faults.Add("INVALID_STATE_NAME", $"State name '{name}' exceeds the 80-character limit allowed by the service", at);
            }
            else if (name.Length == 0)
            {
                _faults.Schema("Value cannot be empty", at);
            }

            if (!_names.Add(name))
            {
                _faults.Add("DUPLICATE_STATE_NAME", $"Duplicate State name: {name}", at);
            }

            if (node is not JsonObject stateFields)
            {
                _faults.Schema("Expected value of type [OBJECT]", at);
            }
            else if (ReadState(name, new FieldReader(stateFields, at, _faults)) is { } state)
            {
                states[name] = state;
            }
        }

        if (startAt is not null)
        {
            new ReachabilityCheck(_faults, nodes, states, location).Run(startAt);
        }

        return startAt is null ? null : new StateGraph(startAt, states);
    }

    private State? ReadState(string name, FieldReader fields)
    {
        if (RefuseJsonata(fields))
        {
            return null;
        }

        foreach (var field in JsonataFields.Where(fields.Has))
        {
            fields.Node(field);
            _faults.Schema($"The QueryLanguage is set to 'JSONPath', but field '{field}' is only supported for the 'JSONata' QueryLanguage", fields.Location);
        }

        var type = fields.Text("Type", required: true);
        if (type is null)
        {
            return null;
        }

        State? state;
        switch (type)
        {
            case "Pass":
                state = new PassState(fields.Node("Result"), fields.Has("Result")) { Name = name, Type = type };
                state = ResultFields(fields, state);
                break;
            case "Succeed":
                state = new SucceedState { Name = name, Type = type };
                break;
            case "Fail":
                state = Fail(name, fields);
                break;
            case "Wait":
                state = Wait(name, fields);
                break;
            case "Choice":
                state = Choice(name, fields);
                break;
            case "Task":
                state = ErrorRules.Read(fields, ResultFields(fields, Task(name, fields)));
                break;
            case "Parallel":
                state = ErrorRules.Read(fields, ResultFields(fields, Parallel(name, fields)));
                break;
            case "Map":
                state = Map(name, fields) is { } map ? ErrorRules.Read(fields, ResultFields(fields, map)) : null;
                break;
            default:
                fields.Choice("Type", "Choice", "Fail", "Map", "Parallel", "Pass", "Succeed", "Task", "Wait");
                return null;
        }

        state = state is null ? null : Common(fields, state);
        fields.RefuseUnknown();
        return state;
    }

    private static State Common(FieldReader fields, State state)
    {
        if (state is not FailState)
        {
            state = state with
            {
                InputPath = fields.Path("InputPath", JsonPath.Whole, nullAllowed: true),
                OutputPath = fields.Path("OutputPath", JsonPath.Whole, nullAllowed: true),
            };
        }

        // A Choice assigns variables in its rules, and at its top level for the default.
        if (state is not (SucceedState or FailState))
        {
            state = state with { Assign = fields.Assign() };
        }

        if (state is not (ChoiceState or SucceedState or FailState))
        {
            fields.OneOf(required: true, "Next", "End");
            var next = fields.Text("Next");
            if (fields.Has("End") && !fields.Flag("End") && next is null)
            {
                fields.Faults.Schema("This object should have only one of the following fields: [Next, End]", fields.Location);
            }

            state = state with { Next = next };
        }

        return state;
    }

    private static State ResultFields(FieldReader fields, State state)
    {
        state = state with
        {
            ResultPath = fields.Path("ResultPath", JsonPath.Whole, nullAllowed: true, reference: true),
            Parameters = state is MapState ? null : fields.Template("Parameters"),
        };
        return state is PassState ? state : state with { ResultSelector = fields.Template("ResultSelector") };
    }

    private static FailState Fail(string name, FieldReader fields)
    {
        fields.OneOf(required: false, "Error", "ErrorPath");
        fields.OneOf(required: false, "Cause", "CausePath");
        return new FailState(fields.Text("Error"), fields.Text("Cause"), fields.Expression("ErrorPath"), fields.Expression("CausePath"))
        {
            Name = name,
            Type = "Fail",
        };
    }

    private static WaitState Wait(string name, FieldReader fields)
    {
        fields.OneOf(required: true, "SecondsPath", "Seconds", "TimestampPath", "Timestamp");
        DateTimeOffset? instant = null;
        if (fields.Text("Timestamp") is { } text)
        {
            instant = Timestamps.Parse(text);
            if (instant is null)
            {
                fields.Faults.Schema("String does not match RFC3339 timestamp", fields.At("Timestamp"));
            }
        }

        return new WaitState(fields.Integer("Seconds", 0), instant, fields.Path("SecondsPath"), fields.Path("TimestampPath"))
        {
            Name = name,
            Type = "Wait",
        };
    }

    private ChoiceState Choice(string name, FieldReader fields)
    {
        var choices = new List<Choice>();
        if (fields.Elements("Choices") is { } rules)
        {
            for (var i = 0; i < rules.Count; i++)
            {
                var at = $"{fields.At("Choices")}[{i}]";
                if (rules[i] is not JsonObject rule)
                {
                    _faults.Schema("Expected value of type [OBJECT]", at);
                    continue;
                }

                var reader = new FieldReader(rule, at, _faults);
                var next = reader.Text("Next", required: true);
                var assign = reader.Assign();
                if (ChoiceRule.Read(reader) is { } test && next is not null)
                {
                    choices.Add(new Choice(test, next, assign));
                }
            }
        }

        return new ChoiceState(choices, fields.Text("Default")) { Name = name, Type = "Choice" };
    }

    private static TaskState Task(string name, FieldReader fields)
    {
        fields.Refuse("Credentials");
        fields.OneOf(required: false, "TimeoutSeconds", "TimeoutSecondsPath");
        fields.OneOf(required: false, "HeartbeatSeconds", "HeartbeatSecondsPath");
        var timeout = fields.Integer("TimeoutSeconds", 1);
        var heartbeat = fields.Integer("HeartbeatSeconds", 1);
        if (heartbeat >= timeout)
        {
            fields.Faults.Schema("'HeartbeatSeconds' must be smaller than 'TimeoutSeconds'", fields.At("HeartbeatSeconds"));
        }

        TaskTarget? target = null;
        if (fields.Text("Resource", required: true) is { } resource)
        {
            target = TaskTargets.Read(resource, fields.Faults, fields.At("Resource"));
            if (target is not null)
            {
                TaskTargets.CheckParameters(target, fields);
            }
        }

        // Without a target there is a fault, and the state never runs.
        target ??= new TaskTarget(TaskKind.Function, TaskPattern.RequestResponse, "", "", "");
        return new TaskState(target, timeout, fields.Path("TimeoutSecondsPath"), heartbeat, fields.Path("HeartbeatSecondsPath"))
        {
            Name = name,
            Type = "Task",
        };
    }

    private ParallelState Parallel(string name, FieldReader fields)
    {
        var branches = new List<StateGraph>();
        if (fields.Elements("Branches") is { } nodes)
        {
            for (var i = 0; i < nodes.Count; i++)
            {
                if (SubGraph(nodes[i], $"{fields.At("Branches")}[{i}]") is { } branch)
                {
                    branches.Add(branch);
                }
            }
        }

        return new ParallelState(branches) { Name = name, Type = "Parallel" };
    }

    private MapState? Map(string name, FieldReader fields)
    {
        fields.Refuse("ItemReader", "ItemBatcher", "ResultWriter", "Label", "ToleratedFailurePercentage", "ToleratedFailurePercentagePath",
            "ToleratedFailureCount", "ToleratedFailureCountPath");
        fields.OneOf(required: true, "ItemProcessor", "Iterator");
        fields.OneOf(required: false, "ItemSelector", "Parameters");
        fields.OneOf(required: false, "MaxConcurrency", "MaxConcurrencyPath");
        var selector = fields.Template("ItemSelector") ?? fields.Template("Parameters");
        var items = fields.Path("ItemsPath", JsonPath.Whole)!;
        var concurrency = fields.Integer("MaxConcurrency", 0, int.MaxValue);
        var concurrencyPath = fields.Path("MaxConcurrencyPath");
        var field = fields.Has("ItemProcessor") ? "ItemProcessor" : "Iterator";
        if (!fields.Has(field) || SubGraph(fields.Node(field), fields.At(field)) is not { } processor)
        {
            return null;
        }

        return new MapState(processor, items, selector, concurrency ?? 0, concurrencyPath) { Name = name, Type = "Map" };
    }

    private StateGraph? SubGraph(JsonNode? node, string location)
    {
        if (node is not JsonObject nested)
        {
            _faults.Schema("Expected value of type [OBJECT]", location);
            return null;
        }

        var fields = new FieldReader(nested, location, _faults);
        if (fields.Object("ProcessorConfig") is { } configuration)
        {
            var mode = new FieldReader(configuration, fields.At("ProcessorConfig"), _faults);
            if (mode.Text("Mode") is { } text && text != "INLINE")
            {
                _faults.Unsupported($"a Map state in the mode '{text}', only INLINE", mode.At("Mode"));
                mode.Text("ExecutionType");
            }

            mode.RefuseUnknown();
        }

        var graph = Graph(fields, location);
        fields.RefuseUnknown();
        return graph;
    }
}
