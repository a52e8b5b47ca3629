using System.Text.Json;
using System.Text.Json.Serialization;
using Automation.LocalCloud.Storage;

namespace Automation.LocalCloud.EventBridge;

/// <summary>How the rows are written and read.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, MaxDepth = ICloudStore.MaxDepth, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(TargetDelivery.Attempt))]
[JsonSerializable(typeof(EventBus))]
[JsonSerializable(typeof(EventBridgeState.Published))]
[JsonSerializable(typeof(Rule))]
[JsonSerializable(typeof(BusPolicies.BusPolicy))]
internal sealed partial class EventBridgeJson : JsonSerializerContext;
