using System.Text.Json;
using System.Text.Json.Serialization;
using Automation.LocalCloud.Storage;

namespace Automation.LocalCloud.Ec2;

/// <summary>How the rows are written and read.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, MaxDepth = ICloudStore.MaxDepth, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(Ec2Service.KnownRegion))]
[JsonSerializable(typeof(SecurityGroup))]
[JsonSerializable(typeof(Subnet))]
[JsonSerializable(typeof(Vpc))]
internal sealed partial class Ec2Json : JsonSerializerContext;
