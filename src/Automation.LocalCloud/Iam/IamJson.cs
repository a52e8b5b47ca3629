using System.Text.Json;
using System.Text.Json.Serialization;
using Automation.LocalCloud.Storage;

namespace Automation.LocalCloud.Iam;

/// <summary>How the rows are written and read.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, MaxDepth = ICloudStore.MaxDepth, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(KeyAlias))]
[JsonSerializable(typeof(KeyRow))]
[JsonSerializable(typeof(IamApi.LinkedRole))]
[JsonSerializable(typeof(PolicyRow))]
[JsonSerializable(typeof(RoleRow))]
[JsonSerializable(typeof(InstanceProfileRow))]
internal sealed partial class IamJson : JsonSerializerContext;
