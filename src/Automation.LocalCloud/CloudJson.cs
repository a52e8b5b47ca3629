using System.Text.Json;
using System.Text.Json.Serialization;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Storage;

namespace Automation.LocalCloud;

/// <summary>How the rows are written and read.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, MaxDepth = ICloudStore.MaxDepth, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(Engine.ClockRow))]
[JsonSerializable(typeof(DescribedResource))]
[JsonSerializable(typeof(DurableQueue.Entry))]
[JsonSerializable(typeof(Faults.FaultsRow))]
[JsonSerializable(typeof(Ids.Reservation))]
internal sealed partial class CloudJson : JsonSerializerContext;
