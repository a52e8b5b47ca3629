using System.Text.Json;
using System.Text.Json.Serialization;
using Automation.LocalCloud.Storage;

namespace Automation.LocalCloud.Ecs;

/// <summary>How the rows are written and read.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, MaxDepth = ICloudStore.MaxDepth, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(Cluster))]
[JsonSerializable(typeof(EcsTask))]
[JsonSerializable(typeof(Service))]
[JsonSerializable(typeof(TaskDefinition))]
internal sealed partial class EcsJson : JsonSerializerContext;
