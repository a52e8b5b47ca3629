using System.Text.Json;
using System.Text.Json.Serialization;
using Automation.LocalCloud.Storage;

namespace Automation.LocalCloud.S3;

/// <summary>How the rows are written and read.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, MaxDepth = ICloudStore.MaxDepth, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(Bucket))]
[JsonSerializable(typeof(MultipartUpload))]
[JsonSerializable(typeof(StoredObject))]
internal sealed partial class S3Json : JsonSerializerContext;
