using System.Text.Json;
using System.Text.Json.Serialization;
using Amazon.Lambda.Annotations;
using Amazon.Lambda.Core;
using Automation.Functions.Events;
using Automation.Functions.Triggers;

[assembly: LambdaSerializer(typeof(Automation.Functions.FunctionSerializer))]
[assembly: LambdaGlobalProperties(GenerateMain = true)]

namespace Automation.Functions;

/// <summary>All types that enter or leave a function, for source-generated JSON. A test compares them with the functions' signatures.</summary>
[JsonSerializable(typeof(ReconcileRequest))]
[JsonSerializable(typeof(EcrEvent))]
[JsonSerializable(typeof(NotificationBatch))]
[JsonSerializable(typeof(ScanEvent))]
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
