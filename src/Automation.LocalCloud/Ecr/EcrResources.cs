using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;

namespace Automation.LocalCloud.Ecr;

/// <summary>
/// <c>AWS::ECR::Repository</c>: Ref is the name; GetAtt has Arn and RepositoryUri.
/// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecr-repository.html
/// </summary>
internal sealed class EcrRepositoryType(EcrService ecr, EcrWire wire) : IResourceType
{
    public string Name => "AWS::ECR::Repository";

    public IReadOnlySet<string> Properties { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "EmptyOnDelete",
        "EncryptionConfiguration",
        "ImageScanningConfiguration",
        "ImageTagMutability",
        "ImageTagMutabilityExclusionFilters",
        "LifecyclePolicy",
        "RepositoryName",
        "RepositoryPolicyText",
        "Tags",
    };

    public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public IReadOnlySet<string> Replacing { get; } = new HashSet<string>(StringComparer.Ordinal) { "RepositoryName", "EncryptionConfiguration" };

    public string NameProperty => "RepositoryName";

    public bool CanImport => true;

    public Resource Create(ResourceRequest request)
    {
        var given = request.Properties;
        var name = Text(given["RepositoryName"]) ?? GeneratedName(request);
        var input = Mutability(given);
        input["repositoryName"] = name;
        input["tags"] = given["Tags"]?.DeepClone();
        if (given["ImageScanningConfiguration"] is JsonObject)
        {
            input["imageScanningConfiguration"] = Scanning(given);
        }

        if (given["EncryptionConfiguration"] is JsonObject encryption)
        {
            input["encryptionConfiguration"] = new JsonObject
            {
                ["encryptionType"] = Text(encryption["EncryptionType"]),
                ["kmsKey"] = Text(encryption["KmsKey"]),
            };
        }

        ecr.Call("CreateRepository", request.Region, input);
        try
        {
            PutPolicies(given, name, request.Region);
        }
        catch (Wire.AwsException)
        {
            Remove(name, request.Region, force: true);
            throw;
        }

        ecr.EmptyOnDelete(request.Region, name, Flag(given["EmptyOnDelete"]));
        return Describe(name, request);
    }

    public Resource Update(string physicalId, ResourceRequest request, JsonObject before)
    {
        var given = request.Properties;
        var input = Mutability(given);
        input["repositoryName"] = physicalId;
        input["imageTagMutability"] ??= "MUTABLE";
        ecr.Call("PutImageTagMutability", request.Region, input);
        ecr.Call("PutImageScanningConfiguration", request.Region,
            new JsonObject { ["repositoryName"] = physicalId, ["imageScanningConfiguration"] = Scanning(given) });
        if (before["LifecyclePolicy"] is not null && given["LifecyclePolicy"] is null)
        {
            ecr.Call("DeleteLifecyclePolicy", request.Region, new JsonObject { ["repositoryName"] = physicalId });
        }

        if (before["RepositoryPolicyText"] is not null && given["RepositoryPolicyText"] is null)
        {
            ecr.Call("DeleteRepositoryPolicy", request.Region, new JsonObject { ["repositoryName"] = physicalId });
        }

        PutPolicies(given, physicalId, request.Region);
        var resource = Describe(physicalId, request);
        var arn = resource.Attributes["Arn"];
        var keys = Keys(given);
        if (Keys(before).Where(key => !keys.Contains(key)).ToList() is { Count: > 0 } gone)
        {
            ecr.Call("UntagResource", request.Region, new JsonObject { ["resourceArn"] = arn, ["tagKeys"] = Wire.JsonMembers.ToList(gone) });
        }

        if (keys.Count > 0)
        {
            ecr.Call("TagResource", request.Region, new JsonObject { ["resourceArn"] = arn, ["tags"] = given["Tags"]!.DeepClone() });
        }

        ecr.EmptyOnDelete(request.Region, physicalId, Flag(given["EmptyOnDelete"]));
        return resource;
    }

    public void Delete(string physicalId, string region) => Remove(physicalId, region, ecr.IsEmptiedOnDelete(region, physicalId));

    internal static JsonObject Mutability(JsonObject given)
    {
        var input = new JsonObject();
        if (Text(given["ImageTagMutability"]) is { } mutability)
        {
            input["imageTagMutability"] = mutability;
        }

        if (given["ImageTagMutabilityExclusionFilters"] is JsonArray filters)
        {
            input["imageTagMutabilityExclusionFilters"] = new JsonArray([.. filters.Select(filter => new JsonObject
            {
                ["filter"] = Text(filter!["ImageTagMutabilityExclusionFilterValue"]),
                ["filterType"] = Text(filter["ImageTagMutabilityExclusionFilterType"]),
            })]);
        }

        return input;
    }

    private static JsonObject Scanning(JsonObject given) => new() { ["scanOnPush"] = Flag((given["ImageScanningConfiguration"] as JsonObject)?["ScanOnPush"]) };

    private static HashSet<string> Keys(JsonObject given) =>
        [.. (given["Tags"] as JsonArray ?? []).OfType<JsonObject>().Select(tag => Text(tag["Key"])).OfType<string>()];

    private void PutPolicies(JsonObject given, string name, string region)
    {
        if (Text((given["LifecyclePolicy"] as JsonObject)?["LifecyclePolicyText"]) is { } policy)
        {
            ecr.Call("PutLifecyclePolicy", region, new JsonObject { ["repositoryName"] = name, ["lifecyclePolicyText"] = policy });
        }

        if (given["RepositoryPolicyText"] is { } access)
        {
            var text = access.GetValueKind() == JsonValueKind.String ? access.GetValue<string>() : access.ToJsonString();
            ecr.Call("SetRepositoryPolicy", region, new JsonObject { ["repositoryName"] = name, ["policyText"] = text });
        }
    }

    private Resource Describe(string name, ResourceRequest request)
    {
        var row = new RepositoryRow(request.Region, name, default);
        return new Resource(name, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Arn"] = EcrWire.RepositoryArn(row, request.AccountId),
            ["RepositoryUri"] = wire.RepositoryUri(row),
        });
    }

    private void Remove(string name, string region, bool force) =>
        ecr.Call("DeleteRepository", region, new JsonObject { ["repositoryName"] = name, ["force"] = force });

    /// <summary>A name as CloudFormation makes it: stack, logical id and a suffix, in lower case because repositories require it.</summary>
    private static string GeneratedName(ResourceRequest request)
    {
        var suffix = Ids.From(request.NameSeed).ToString("N", CultureInfo.InvariantCulture)[..12];
        return $"{request.StackName}-{request.LogicalId}-{suffix}".ToLowerInvariant();
    }

    internal static string? Text(JsonNode? node) => node?.GetValueKind() switch
    {
        null or JsonValueKind.Null => null,
        JsonValueKind.String => node.GetValue<string>(),
        _ => node.ToJsonString(),
    };

    private static bool Flag(JsonNode? node) => string.Equals(Text(node), "true", StringComparison.OrdinalIgnoreCase);
}

/// <summary>
/// AWS::ECR::PullThroughCacheRule. Ref is the prefix.
/// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecr-pullthroughcacherule.html
/// </summary>
internal sealed class CacheRuleType(EcrService ecr) : IResourceType
{
    public string Name => "AWS::ECR::PullThroughCacheRule";

    public IReadOnlySet<string> Properties { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "CredentialArn", "CustomRoleArn", "EcrRepositoryPrefix", "UpstreamRegistry", "UpstreamRegistryUrl", "UpstreamRepositoryPrefix",
    };

    public IReadOnlySet<string> Replacing { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "EcrRepositoryPrefix", "UpstreamRegistry", "UpstreamRegistryUrl", "UpstreamRepositoryPrefix",
    };

    public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>();

    public Resource Create(ResourceRequest request)
    {
        var rule = ecr.Call("CreatePullThroughCacheRule", request.Region, RegistryType.Input(request.Properties).AsObject());
        return new Resource((string)rule["ecrRepositoryPrefix"]!, new Dictionary<string, string>());
    }

    public Resource Update(string physicalId, ResourceRequest request, JsonObject before)
    {
        ecr.Call("UpdatePullThroughCacheRule", request.Region, RegistryType.Input(request.Properties).AsObject());
        return new Resource(physicalId, new Dictionary<string, string>());
    }

    public void Delete(string physicalId, string region) =>
        ecr.Call("DeletePullThroughCacheRule", region, new JsonObject { ["ecrRepositoryPrefix"] = physicalId });
}

/// <summary>
/// AWS::ECR::ReplicationConfiguration, AWS::ECR::RegistryScanningConfiguration and AWS::ECR::RegistryPolicy: settings that a registry has once.
/// Ref is the registry's id. A deletion leaves the registry's default.
/// </summary>
/// <param name="operation">The operation that puts the setting.</param>
/// <param name="properties">The members of its input, as properties spell them.</param>
/// <param name="undo">Puts the default in a Region.</param>
internal sealed class RegistryType(EcrService ecr, string name, string operation, string[] properties, Action<string> undo) : IResourceType
{
    public string Name => name;

    public IReadOnlySet<string> Properties { get; } = new HashSet<string>(properties, StringComparer.Ordinal);

    public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>();

    public IReadOnlySet<string> Replacing { get; } = new HashSet<string>(StringComparer.Ordinal);

    public static IEnumerable<IResourceType> All(EcrService ecr) =>
    [
        new CacheRuleType(ecr),
        new RegistryType(ecr, "AWS::ECR::ReplicationConfiguration", "PutReplicationConfiguration", ["ReplicationConfiguration"],
            region => ecr.Call("PutReplicationConfiguration", region,
                new JsonObject { ["replicationConfiguration"] = new JsonObject { ["rules"] = new JsonArray() } })),
        new RegistryType(ecr, "AWS::ECR::RegistryScanningConfiguration", "PutRegistryScanningConfiguration", ["Rules", "ScanType"],
            region => ecr.Call("PutRegistryScanningConfiguration", region, new JsonObject { ["scanType"] = "BASIC", ["rules"] = new JsonArray() })),
        new RegistryType(ecr, "AWS::ECR::RegistryPolicy", "PutRegistryPolicy", ["PolicyText"], region => ecr.Call("DeleteRegistryPolicy", region, [])),
        new CreationTemplateType(ecr),
    ];

    public Resource Create(ResourceRequest request) => Put(request);

    public Resource Update(string physicalId, ResourceRequest request, JsonObject before) => Put(request);

    public void Delete(string physicalId, string region) => undo(region);

    /// <summary>The properties as the API spells them: <c>ScanType</c> is <c>scanType</c>.</summary>
    internal static JsonNode Input(JsonNode properties) => properties switch
    {
        JsonObject json => JsonInput(json),
        JsonArray list => new JsonArray([.. list.Select(item => item is null ? null : Input(item))]),
        _ => properties.DeepClone(),
    };

    private static JsonObject JsonInput(JsonObject json)
    {
        var input = new JsonObject();
        foreach (var (member, value) in json.Where(member => member.Value is not null))
        {
            // A policy is a document of its own, and a text in the API.
            input[char.ToLowerInvariant(member[0]) + member[1..]] = member == "PolicyText" && value is JsonObject ? value.ToJsonString() : Input(value!);
        }

        return input;
    }

    private Resource Put(ResourceRequest request)
    {
        ecr.Call(operation, request.Region, Input(request.Properties).AsObject());
        return new Resource(request.AccountId, new Dictionary<string, string> { ["RegistryId"] = request.AccountId });
    }
}

/// <summary>
/// AWS::ECR::RepositoryCreationTemplate. Ref is the prefix; GetAtt has CreatedAt and UpdatedAt.
/// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecr-repositorycreationtemplate.html
/// </summary>
internal sealed class CreationTemplateType(EcrService ecr) : IResourceType
{
    public string Name => "AWS::ECR::RepositoryCreationTemplate";

    public IReadOnlySet<string> Properties { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "AppliedFor", "CustomRoleArn", "Description", "EncryptionConfiguration", "ImageTagMutability", "ImageTagMutabilityExclusionFilters",
        "LifecyclePolicy", "Prefix", "RepositoryPolicy", "ResourceTags",
    };

    public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>();

    public IReadOnlySet<string> Replacing { get; } = new HashSet<string>(StringComparer.Ordinal) { "Prefix" };

    public string NameProperty => "Prefix";

    public Resource Create(ResourceRequest request) => Put("CreateRepositoryCreationTemplate", request);

    public Resource Update(string physicalId, ResourceRequest request, JsonObject before) => Put("UpdateRepositoryCreationTemplate", request);

    public void Delete(string physicalId, string region) =>
        ecr.Call("DeleteRepositoryCreationTemplate", region, new JsonObject { ["prefix"] = physicalId });

    /// <summary>Names every setting, because an update keeps what it does not name.</summary>
    private Resource Put(string operation, ResourceRequest request)
    {
        var given = request.Properties;
        var input = EcrRepositoryType.Mutability(given);
        input["imageTagMutability"] ??= "MUTABLE";
        input["encryptionConfiguration"] = given["EncryptionConfiguration"] is { } encryption
            ? RegistryType.Input(encryption)
            : new JsonObject { ["encryptionType"] = "AES256" };
        input["resourceTags"] = given["ResourceTags"]?.DeepClone() ?? new JsonArray();
        foreach (var name in new[] { "CustomRoleArn", "Description", "LifecyclePolicy", "RepositoryPolicy" })
        {
            input[char.ToLowerInvariant(name[0]) + name[1..]] = EcrRepositoryType.Text(given[name]) ?? "";
        }

        input["prefix"] = EcrRepositoryType.Text(given["Prefix"]);
        input["appliedFor"] = given["AppliedFor"]?.DeepClone();
        var template = ecr.Call(operation, request.Region, input)["repositoryCreationTemplate"]!;
        return new Resource((string)template["prefix"]!, new Dictionary<string, string>
        {
            ["CreatedAt"] = Time(template["createdAt"]!),
            ["UpdatedAt"] = Time(template["updatedAt"]!),
        });
    }

    private static string Time(JsonNode epoch) =>
        DateTimeOffset.FromUnixTimeMilliseconds((long)(epoch.GetValue<decimal>() * 1000))
            .ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
