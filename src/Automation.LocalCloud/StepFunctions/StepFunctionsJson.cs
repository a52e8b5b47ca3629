using System.Text.Json;
using System.Text.Json.Serialization;
using Automation.LocalCloud.Storage;

namespace Automation.LocalCloud.StepFunctions;

/// <summary>How the rows are written and read.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, MaxDepth = ICloudStore.MaxDepth, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(AliasRecord))]
[JsonSerializable(typeof(ExecutionRecord))]
[JsonSerializable(typeof(FlowPosition))]
[JsonSerializable(typeof(HistoryEvent))]
[JsonSerializable(typeof(RevisionRecord))]
[JsonSerializable(typeof(StateMachineRecord))]
[JsonSerializable(typeof(VersionRecord))]
internal sealed partial class StepFunctionsJson : JsonSerializerContext;
