using System.Text.Json;
using System.Text.Json.Serialization;
using Automation.LocalCloud.Storage;

namespace Automation.LocalCloud.Signer;

/// <summary>How the rows are written and read.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, MaxDepth = ICloudStore.MaxDepth, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(AuthorityRow))]
[JsonSerializable(typeof(JobRow))]
[JsonSerializable(typeof(ProfileRow))]
internal sealed partial class SignerJson : JsonSerializerContext;
