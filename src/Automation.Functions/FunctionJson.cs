using System.Text.Json;
using System.Text.Json.Serialization;
using Amazon.Lambda.Annotations;
using Amazon.Lambda.Core;
using Amazon.Lambda.Serialization.SystemTextJson;
using Automation.Core;
using Automation.Functions.Events;
using Automation.Functions.Triggers;

[assembly: LambdaSerializer(typeof(Automation.Functions.FunctionSerializer))]
[assembly: LambdaGlobalProperties(GenerateMain = true)]

namespace Automation.Functions;

/// <summary>All types that enter or leave a function, for source-generated JSON. A test compares them with the functions' signatures.</summary>
[JsonSerializable(typeof(ReconcileRequest))]
[JsonSerializable(typeof(EcrEvent))]
[JsonSerializable(typeof(NotificationBatch))]
[JsonSerializable(typeof(TriggerResult))]
[JsonSerializable(typeof(StepInput))]
[JsonSerializable(typeof(PlanBuildResult))]
[JsonSerializable(typeof(StartBuildResult))]
[JsonSerializable(typeof(InspectImageResult))]
[JsonSerializable(typeof(CheckScanResult))]
[JsonSerializable(typeof(PromoteImageResult))]
[JsonSerializable(typeof(PruneResult))]
[JsonSerializable(typeof(AnnounceResult))]
[JsonSerializable(typeof(IncidentText))]
[JsonSerializable(typeof(IncidentEndText))]
public sealed partial class FunctionJson : JsonSerializerContext
{
    /// <summary>Options for JSON that the functions write and read themselves. Null members are omitted, because the workflow tests for presence.</summary>
    internal static FunctionJson Camel { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        PropertyNameCaseInsensitive = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    });
}

/// <summary>Lambda's serializer with camel-case member names, as in the workflow's paths (<c>$.plan.decision</c>).</summary>
public sealed class FunctionSerializer() : SourceGeneratorLambdaJsonSerializer<FunctionJson>((Action<JsonSerializerOptions>)UseCamelCase), ILambdaSerializer
{
    /// <exception cref="InvalidEventException">The event's shape is wrong; the message says where.</exception>
    public new T Deserialize<T>(Stream requestStream)
    {
        try
        {
            return base.Deserialize<T>(requestStream);
        }
        catch (JsonSerializerException e)
        {
            throw new InvalidEventException($"This function cannot read the event: {(e.InnerException ?? e).Message} See events/ for samples.", e);
        }
    }

    internal static void UseCamelCase(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.DictionaryKeyPolicy = null;
    }
}
