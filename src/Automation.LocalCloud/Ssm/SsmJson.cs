using System.Text.Json;
using System.Text.Json.Serialization;
using Automation.LocalCloud.Storage;

namespace Automation.LocalCloud.Ssm;

/// <summary>How the rows are written and read.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, MaxDepth = ICloudStore.MaxDepth, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(Parameter))]
internal sealed partial class SsmJson : JsonSerializerContext;
