using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Automation.LocalCloud.Wire;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Automation.LocalCloud.ImageBuilder;

/// <param name="TimeoutSeconds">The step's own limit, or the default of its action.</param>
/// <param name="Condition">The content of <c>if</c>; null for a step that always runs.</param>
internal sealed record WorkflowStep(
    string Name, string Action, string? Description, string OnFailure, int TimeoutSeconds, JsonObject? Inputs, JsonObject? Condition);

internal sealed record WorkflowParameterDetail(string Name, string Type, IReadOnlyList<string>? DefaultValue, string? Description);

/// <summary>
/// A workflow's YAML document:
/// <code>
/// name: approve
/// schemaVersion: 1.0
/// parameters:
///   - { name: wait, type: boolean, default: true }
/// steps:
///   - name: WaitForApproval
///     action: WaitForAction
///     onFailure: Abort
///     if: { booleanEquals: true, value: $.parameters.wait }
/// </code>
/// https://docs.aws.amazon.com/imagebuilder/latest/userguide/image-workflow-create-document.html
/// </summary>
internal sealed partial class WorkflowDocument
{
    public const string Wait = "WaitForAction";
    private const int MaxSteps = 15;

    /// <summary>The actions with their default and maximum time limits, in minutes; wfdoc-step-actions.html of the same guide.</summary>
    private static readonly Dictionary<string, (int Default, int Max)> Actions = new(StringComparer.Ordinal)
    {
        ["ApplyImageConfigurations"] = (360, 720),
        ["BootstrapInstanceForContainer"] = (60, 720),
        ["CollectImageMetadata"] = (30, 720),
        ["CollectImageScanFindings"] = (120, 720),
        ["CreateImage"] = (720, 4320),
        ["DistributeImage"] = (360, 720),
        ["ExecuteComponents"] = (720, 1440),
        ["ExecuteStateMachine"] = (360, 1440),
        ["LaunchInstance"] = (75, 720),
        ["ModifyImageAttributes"] = (120, 180),
        ["RegisterImage"] = (540, 720),
        ["RunCommand"] = (720, 720),
        ["RunSysPrep"] = (60, 720),
        ["SanitizeInstance"] = (60, 720),
        ["TerminateInstance"] = (30, 720),
        [Wait] = (4320, 10_080),
        ["WaitForSSMAgent"] = (60, 180),
    };

    private static readonly HashSet<string> DocumentMembers = new(StringComparer.Ordinal)
        { "name", "description", "schemaVersion", "parameters", "steps", "outputs" };

    private static readonly HashSet<string> StepMembers = new(StringComparer.Ordinal)
        { "name", "action", "description", "inputs", "if", "onFailure", "rollbackEnabled", "timeoutSeconds", "timeoutInSeconds", "waitSeconds" };

    private static readonly HashSet<string> ParameterTypes = new(StringComparer.Ordinal) { "string", "integer", "boolean", "stringList" };

    private WorkflowDocument(IReadOnlyList<WorkflowParameterDetail> parameters, IReadOnlyList<WorkflowStep> steps)
    {
        Parameters = parameters;
        Steps = steps;
    }

    public IReadOnlyList<WorkflowParameterDetail> Parameters { get; }

    public IReadOnlyList<WorkflowStep> Steps { get; }

    /// <exception cref="ComponentDocumentException">The text is not YAML or breaks the schema.</exception>
    public static WorkflowDocument Parse(string yaml)
    {
        YamlNode document;
        try
        {
            document = ClientYaml.Parse(yaml);
        }
        catch (YamlException e)
        {
            throw Fault($"The document is not valid YAML at line {e.Start.Line}: {e.Message}");
        }

        if (ToJson(document) is not JsonObject root)
        {
            throw Fault("The document must be one YAML mapping.");
        }

        CheckMembers(root, DocumentMembers, "document");
        if (Text(root["schemaVersion"]) is not ("1.0" or "1"))
        {
            throw Fault("schemaVersion must be 1.0.");
        }

        if (root["outputs"] is not (null or JsonArray))
        {
            throw Fault("outputs must be a list.");
        }

        return new WorkflowDocument(ReadParameters(root), ReadSteps(root));
    }

    private static List<WorkflowParameterDetail> ReadParameters(JsonObject root)
    {
        var parameters = new List<WorkflowParameterDetail>();
        foreach (var node in List(root, "parameters"))
        {
            if (node is not JsonObject parameter || Text(parameter["name"]) is not { Length: > 0 } name)
            {
                throw Fault("Each parameter must be a mapping with a name.");
            }

            var type = parameter["type"] is null ? "string" : Text(parameter["type"]);
            if (type is null || !ParameterTypes.Contains(type))
            {
                throw Fault($"The type of parameter '{name}' must be one of {string.Join(", ", ParameterTypes)}.");
            }

            IReadOnlyList<string>? fallback = parameter["default"] switch
            {
                null => null,
                JsonArray items => [.. items.Select(item => Text(item) ?? "")],
                var value => [Text(value) ?? throw Fault($"The default of parameter '{name}' must be a {type}.")],
            };
            parameters.Add(new WorkflowParameterDetail(name, type, fallback, Text(parameter["description"])));
        }

        return parameters;
    }

    private static List<WorkflowStep> ReadSteps(JsonObject root)
    {
        var steps = new List<WorkflowStep>();
        foreach (var node in List(root, "steps"))
        {
            if (node is not JsonObject step)
            {
                throw Fault("Each step must be a mapping.");
            }

            var name = Text(step["name"]) ?? "";
            if (!StepName().IsMatch(name))
            {
                throw Fault($"The name '{name}' of a step must have 3 to 128 letters, digits and underscores.");
            }

            CheckMembers(step, StepMembers, $"step '{name}'");
            if (steps.Exists(earlier => earlier.Name == name))
            {
                throw Fault($"The document has two steps named '{name}'.");
            }

            steps.Add(ReadStep(step, name));
        }

        return steps.Count is > 0 and <= MaxSteps ? steps : throw Fault($"A workflow has 1 to {MaxSteps} steps.");
    }

    private static WorkflowStep ReadStep(JsonObject step, string name)
    {
        var action = Text(step["action"]) ?? "";
        if (!Actions.TryGetValue(action, out var limits))
        {
            throw Fault($"'{action}' in step '{name}' is not a step action.");
        }

        var onFailure = step["onFailure"] is null ? "Abort" : Text(step["onFailure"]);
        if (onFailure is not ("Abort" or "Continue"))
        {
            throw Fault($"onFailure of step '{name}' must be Abort or Continue.");
        }

        var limit = step["timeoutSeconds"] ?? step["timeoutInSeconds"];
        var timeout = limits.Default * 60;
        if (limit is not null && (!int.TryParse(Text(limit), NumberStyles.None, CultureInfo.InvariantCulture, out timeout) || timeout < 1
            || timeout > limits.Max * 60))
        {
            throw Fault($"timeoutSeconds of step '{name}' must be a number from 1 to {limits.Max * 60}.");
        }

        if (step["inputs"] is not (null or JsonObject) || step["if"] is not (null or JsonObject))
        {
            throw Fault($"inputs and if of step '{name}' must be mappings.");
        }

        if (step["if"] is JsonObject condition && WorkflowCondition.Fault(condition) is { } wrong)
        {
            throw Fault($"The condition of step '{name}' is not valid: {wrong}");
        }

        return new WorkflowStep(
            name, action, Text(step["description"]), onFailure, timeout, step["inputs"]?.DeepClone() as JsonObject, step["if"]?.DeepClone() as JsonObject);
    }

    private static JsonArray List(JsonObject root, string name) => root[name] switch
    {
        null => [],
        JsonArray list => list,
        _ => throw Fault($"{name} must be a list."),
    };

    private static void CheckMembers(JsonObject node, HashSet<string> known, string where)
    {
        if (node.FirstOrDefault(member => !known.Contains(member.Key)).Key is { } unknown)
        {
            throw Fault($"The {where} has an unknown member '{unknown}'.");
        }
    }

    private static string? Text(JsonNode? node) => node is JsonValue value ? value.ToString() : null;

    private static ComponentDocumentException Fault(string message) => new(message);

    private static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(pair => KeyValuePair.Create(((YamlScalarNode)pair.Key).Value!, ToJson(pair.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(ToJson)]),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "true" or "True" } => true,
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "false" or "False" } => false,
        YamlScalarNode scalar => scalar.Value,
        _ => null,
    };

    [GeneratedRegex(@"\A[A-Za-z0-9_]{3,128}\z")]
    private static partial Regex StepName();
}
