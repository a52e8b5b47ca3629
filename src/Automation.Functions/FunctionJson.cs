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

/// <summary>Every type that enters or leaves a function, for source-generated JSON. A test asks it for each function's types.</summary>
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
    /// <summary>For what the functions write and read themselves; null members are left out, as the workflow asks what is present.</summary>
    internal static FunctionJson Camel { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        PropertyNameCaseInsensitive = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    });
}

/// <summary>Lambda's serializer with lower-case member names, as the workflow's paths (<c>$.plan.decision</c>) spell them.</summary>
public sealed class FunctionSerializer() : SourceGeneratorLambdaJsonSerializer<FunctionJson>((Action<JsonSerializerOptions>)UseCamelCase), ILambdaSerializer
{
    /// <exception cref="InvalidEventException">The event has not the shape that the function reads; the message says where.</exception>
    public new T Deserialize<T>(Stream requestStream)
    {
        try
        {
            return base.Deserialize<T>(requestStream);
        }
        catch (JsonSerializerException e)
        {
            throw new InvalidEventException($"The event is not what this function reads: {(e.InnerException ?? e).Message} See events/ for samples.", e);
        }
    }

    internal static void UseCamelCase(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.DictionaryKeyPolicy = null;
    }
}
