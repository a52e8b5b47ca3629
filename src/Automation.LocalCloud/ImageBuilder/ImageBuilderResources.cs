using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.ApiTables;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>
/// The CloudFormation types of Image Builder. A resource is created by the same operation that a client would call. Its properties
/// are the request's members in PascalCase, and the API table maps them. <c>Ref</c> is the ARN. An image is built after its stack is complete; AWS's
/// stack waits for the build.
/// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ImageBuilder.html
/// </summary>
internal static class ImageBuilderResources
{
    public static IReadOnlyList<IResourceType> All(ImageBuilderService service)
    {
        var versioned = new Dictionary<string, string> { ["Version"] = "SemanticVersion" };
        return
        [
            new Type(service, "ContainerRecipe", "containerRecipeArn", versioned),
            new Type(service, "Component", "componentBuildVersionArn", versioned),
            new Type(service, "InfrastructureConfiguration", "infrastructureConfigurationArn", []),
            new Type(service, "DistributionConfiguration", "distributionConfigurationArn", []),
            new Type(service, "Image", "imageBuildVersionArn", []),
            new Type(service, "ImagePipeline", "imagePipelineArn", []),
            new Type(service, "ImageRecipe", "imageRecipeArn", versioned),
            new Type(service, "LifecyclePolicy", "lifecyclePolicyArn", []),
            new Type(service, "Workflow", "workflowBuildVersionArn", versioned),
        ];
    }

    /// <param name="renamed">Properties with another name than the request's member.</param>
    private sealed class Type(ImageBuilderService service, string title, string arnMember, Dictionary<string, string> renamed) : IResourceType
    {
        // From the API table, which the first use of a type reads.
        private Dictionary<string, ApiMember> Members => field ??= service.Model.Operations["Create" + title].Input.Members
            .Where(member => !member.IsIdempotencyToken && member.Name != "DryRun")
            .ToDictionary(member => renamed.FirstOrDefault(pair => pair.Value == member.Name).Key ?? member.Name, StringComparer.Ordinal);

        // Recipes and components are immutable; a change is a new version.
        private HashSet<string>? UpdateMembers => field ??= service.Model.Operations.GetValueOrDefault("Update" + title)
            ?.Input.Members.Select(member => member.WireName).ToHashSet(StringComparer.Ordinal);

        public string Name => "AWS::ImageBuilder::" + title;

        public IReadOnlySet<string> Properties => field ??= Members.Keys.ToHashSet(StringComparer.Ordinal);

        public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>();

        public IReadOnlySet<string> Replacing => field ??= UpdateMembers is null
            ? Properties.Where(name => name != "Tags").ToHashSet(StringComparer.Ordinal)
            : Members.Where(member => member.Key != "Tags" && !UpdateMembers.Contains(member.Value.WireName)).Select(member => member.Key)
                .ToHashSet(StringComparer.Ordinal);

        /// <summary>Versioned resources can have the same name as their predecessor.</summary>
        public string? NameProperty => UpdateMembers is null ? null : "Name";

        public IEnumerable<string> Refusals(JsonObject properties) => title == "Image" && properties["ImageRecipeArn"] is not null
            ? ["The embedded cloud builds container images only; ImageRecipeArn is the recipe of an AMI."]
            : [];

        public Resource Create(ResourceRequest request)
        {
            var context = new CallContext(request.Region, request.AccountId, "cloudformation");
            return Describe(service.Call("Create" + title, context, Input(request))[arnMember]!.GetValue<string>(), request, context);
        }

        public Resource Update(string physicalId, ResourceRequest request, JsonObject before)
        {
            var context = new CallContext(request.Region, request.AccountId, "cloudformation");
            if (UpdateMembers is not null)
            {
                var input = Input(request);
                foreach (var name in input.Select(member => member.Key).Where(name => !UpdateMembers.Contains(name)).ToArray())
                {
                    input.Remove(name);
                }

                input[arnMember] = physicalId;
                service.Call("Update" + title, context, input);
            }

            var tags = (JsonObject?)request.Properties["Tags"] ?? [];
            var gone = ((JsonObject?)before["Tags"] ?? []).Select(tag => tag.Key).Where(key => !tags.ContainsKey(key)).ToArray();
            if (gone.Length > 0)
            {
                service.Call("UntagResource", context, new JsonObject { ["resourceArn"] = physicalId, ["tagKeys"] = JsonMembers.ToList(gone) });
            }

            if (tags.Count > 0)
            {
                service.Call("TagResource", context, new JsonObject { ["resourceArn"] = physicalId, ["tags"] = tags.DeepClone() });
            }

            return Describe(physicalId, request, context);
        }

        private JsonObject Input(ResourceRequest request)
        {
            var input = new JsonObject();
            foreach (var (name, value) in request.Properties)
            {
                if (value is not null)
                {
                    var member = Members[name];
                    input[member.WireName] = Convert(member.Type, value, $"{request.LogicalId}.{name}");
                }
            }

            return input;
        }

        private Resource Describe(string arn, ResourceRequest request, CallContext context)
        {
            var parsed = ResourceArn.TryParse(arn)!;
            var attributes = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["Arn"] = arn,
                ["Name"] = request.Properties[nameof(Name)]?.GetValue<string>() ?? parsed.Name,
            };
            if (parsed.Version is { } version)
            {
                attributes["Version"] = version;
                foreach (var (name, latest) in ImageBuilderState.LatestVersions(arn))
                {
                    // latestMajorVersionArn is LatestVersion.Major, and latestVersionArn is LatestVersion.Arn.
                    var level = name["latest".Length..^"VersionArn".Length];
                    attributes[$"LatestVersion.{(level.Length == 0 ? "Arn" : level)}"] = latest!.GetValue<string>();
                }
            }

            if (title == "Image")
            {
                attributes["ImageUri"] = service.PlannedUri(arn);
            }

            if (title == "Component")
            {
                var component = service.Call("GetComponent", context, new JsonObject { [arnMember] = arn })["component"]!;
                attributes["Type"] = component["type"]!.GetValue<string>();
                attributes["Encrypted"] = component["encrypted"]!.GetValue<bool>() ? "true" : "false";
            }

            return new Resource(arn, attributes);
        }

        public void Delete(string physicalId, string region)
        {
            var account = ResourceArn.TryParse(physicalId)!.Account;
            if (title == "Image")
            {
                service.CancelIfRunning(physicalId);
            }

            service.Call("Delete" + title, new CallContext(region, account, "cloudformation"), new JsonObject { [arnMember] = physicalId });
        }

        private JsonNode Convert(ApiType type, JsonNode value, string path)
        {
            switch (type.Kind)
            {
                case ApiTypeKind.List when value is JsonArray list:
                    return new JsonArray([.. list.Select((item, i) => item is null ? null : Convert(type.Element!, item, $"{path}[{i}]"))]);
                case ApiTypeKind.Map when value is JsonObject map:
                    return new JsonObject(map.Select(pair =>
                        KeyValuePair.Create(pair.Key, pair.Value is null ? null : Convert(type.Element!, pair.Value, $"{path}.{pair.Key}"))));
                case ApiTypeKind.Named when value is JsonObject structure && service.Model.Structures.TryGetValue(type.Name, out var shape):
                    return new JsonObject(structure.Select(pair =>
                    {
                        var member = shape.Members.FirstOrDefault(candidate => candidate.Name == pair.Key)
                            ?? throw Errors.InvalidRequest($"{path} has no property '{pair.Key}'.");
                        return KeyValuePair.Create(member.WireName, pair.Value is null ? null : Convert(member.Type, pair.Value, $"{path}.{pair.Key}"));
                    }));
                default:
                    return Scalar(type, value);
            }
        }

        // CloudFormation converts scalars to strings and back, but the API requires the exact type. A value that cannot be converted is left
        // unchanged, and the API's own check refuses it.
        private static JsonNode Scalar(ApiType type, JsonNode value)
        {
            var text = value.GetValueKind() switch
            {
                JsonValueKind.String => value.GetValue<string>(),
                JsonValueKind.True => "true",
                JsonValueKind.False => "false",
                JsonValueKind.Number => value.ToJsonString(),
                _ => null,
            };
            return (type.Name, text) switch
            {
                ("bool", "true" or "True") => JsonValue.Create(true),
                ("bool", "false" or "False") => JsonValue.Create(false),
                ("int", { } number) when int.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var parsed) =>
                    JsonValue.Create(parsed),
                ("string", { } any) => JsonValue.Create(any),
                _ => value.DeepClone(),
            };
        }
    }
}
