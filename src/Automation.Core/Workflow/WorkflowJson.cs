using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Automation.Core.Workflow;

/// <summary>The JSON of the workflow's input, state and output: camel-case names, no member without a value.</summary>
[JsonSerializable(typeof(ExecutionInput))]
[JsonSerializable(typeof(LifecycleState))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
internal sealed partial class WorkflowJsonContext : JsonSerializerContext;

/// <summary>Reads and writes what executions take and return.</summary>
public static class WorkflowJson
{
    private static readonly WorkflowJsonContext Context = new(new JsonSerializerOptions(WorkflowJsonContext.Default.Options)
    {
        // Names of people and images stay readable in the console.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public static string Write(ExecutionInput input) => JsonSerializer.Serialize(input, Context.ExecutionInput);

    /// <summary>Reads the input or output of a state. Null if it is not the workflow's state: Step Functions truncates long data, and a person
    /// can start an execution with any input.</summary>
    public static LifecycleState? TryReadState(string? json)
    {
        try
        {
            return json is null ? null : JsonSerializer.Deserialize(json, Context.LifecycleState);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
