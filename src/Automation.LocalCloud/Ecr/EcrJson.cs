using System.Text.Json;
using System.Text.Json.Serialization;
using Automation.LocalCloud.Storage;

namespace Automation.LocalCloud.Ecr;

/// <summary>How the rows are written and read.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, MaxDepth = ICloudStore.MaxDepth, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(CacheRuleRow))]
[JsonSerializable(typeof(PullThroughCache.CheckRow))]
[JsonSerializable(typeof(CreationTemplateRow))]
[JsonSerializable(typeof(EcrEvents.Event))]
[JsonSerializable(typeof(Scanning.FindingsRow))]
[JsonSerializable(typeof(ImageRow))]
[JsonSerializable(typeof(LayerRow))]
[JsonSerializable(typeof(PullThroughCache.OutageRow))]
[JsonSerializable(typeof(PreviewRow))]
[JsonSerializable(typeof(RegistryRow))]
[JsonSerializable(typeof(RepositoryRow))]
[JsonSerializable(typeof(ScanRow))]
[JsonSerializable(typeof(UploadRow))]
[JsonSerializable(typeof(UpstreamRow))]
[JsonSerializable(typeof(EcrState.SigningsRow))]
internal sealed partial class EcrJson : JsonSerializerContext;
