using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Automation.LocalCloud.Storage;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>How the rows are written and read, and with other options the documents of the API.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, MaxDepth = ICloudStore.MaxDepth, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(BuildCounter))]
[JsonSerializable(typeof(BuildOutcome))]
[JsonSerializable(typeof(Component))]
[JsonSerializable(typeof(ContainerRecipe))]
[JsonSerializable(typeof(DistributionConfiguration))]
[JsonSerializable(typeof(ImageBuild))]
[JsonSerializable(typeof(ImagePipeline))]
[JsonSerializable(typeof(ImageRecipe))]
[JsonSerializable(typeof(InfrastructureConfiguration))]
[JsonSerializable(typeof(LifecycleExecution))]
[JsonSerializable(typeof(LifecyclePolicy))]
[JsonSerializable(typeof(ManagedImage))]
[JsonSerializable(typeof(PackageList))]
[JsonSerializable(typeof(RememberedCall))]
[JsonSerializable(typeof(ResourcePolicy))]
[JsonSerializable(typeof(TagSet))]
[JsonSerializable(typeof(Workflow))]
[JsonSerializable(typeof(WorkflowRun))]
[JsonSerializable(typeof(WorkflowRunList))]
[JsonSerializable(typeof(WorkflowConfiguration[]))]
[JsonSerializable(typeof(List<ContainerOutput>))]
[JsonSerializable(typeof(IReadOnlyList<BuildOutcome>))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(JsonNode))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class ImageBuilderJson : JsonSerializerContext;
