using System.Text.Json;
using System.Text.Json.Serialization;
using Automation.LocalCloud.Storage;

namespace Automation.LocalCloud.Sns;

/// <summary>How the rows are written and read.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, MaxDepth = ICloudStore.MaxDepth, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(SnsState.Attempt))]
[JsonSerializable(typeof(Subscription))]
[JsonSerializable(typeof(Topic))]
internal sealed partial class SnsJson : JsonSerializerContext;
