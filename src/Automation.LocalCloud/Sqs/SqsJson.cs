using System.Text.Json;
using System.Text.Json.Serialization;
using Automation.LocalCloud.Storage;

namespace Automation.LocalCloud.Sqs;

/// <summary>How the rows are written and read.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, MaxDepth = ICloudStore.MaxDepth, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(Deduplication))]
[JsonSerializable(typeof(Message))]
[JsonSerializable(typeof(MoveTask))]
[JsonSerializable(typeof(Queue))]
[JsonSerializable(typeof(string))]
internal sealed partial class SqsJson : JsonSerializerContext;
