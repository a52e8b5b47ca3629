using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;

namespace Automation.LocalCloud.Ecr;

/// <summary>
/// <c>AWS::ECR::Repository</c>: Ref is the name, GetAtt knows Arn and RepositoryUri.
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

    public Resource Create(ResourceRequest request)
    {
        var given = request.Properties;
        var lifecycle = given["LifecyclePolicy"] as JsonObject;
        var name = Text(given["RepositoryName"]) ?? GeneratedName(request);
        var input = new JsonObject { ["repositoryName"] = name, ["tags"] = given["Tags"]?.DeepClone() };
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

        if (given["ImageScanningConfiguration"] is JsonObject scanning)
        {
            input["imageScanningConfiguration"] = new JsonObject { ["scanOnPush"] = Flag(scanning["ScanOnPush"]) };
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
            if (Text(lifecycle?["LifecyclePolicyText"]) is { } policy)
            {
                ecr.Call("PutLifecyclePolicy", request.Region, new JsonObject { ["repositoryName"] = name, ["lifecyclePolicyText"] = policy });
            }

            if (given["RepositoryPolicyText"] is { } access)
            {
                var text = access.GetValueKind() == JsonValueKind.String ? access.GetValue<string>() : access.ToJsonString();
                ecr.Call("SetRepositoryPolicy", request.Region, new JsonObject { ["repositoryName"] = name, ["policyText"] = text });
            }
        }
        catch (Wire.AwsException)
        {
            Remove(name, request.Region, force: true);
            throw;
        }

        if (Flag(given["EmptyOnDelete"]))
        {
            ecr.EmptyOnDelete(request.Region, name);
        }

        var row = new RepositoryRow(request.Region, name, default);
        return new Resource(name, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Arn"] = EcrWire.RepositoryArn(row, request.AccountId),
            ["RepositoryUri"] = wire.RepositoryUri(row),
        });
    }

    public void Delete(string physicalId, string region) => Remove(physicalId, region, ecr.IsEmptiedOnDelete(region, physicalId));

    private void Remove(string name, string region, bool force) =>
        ecr.Call("DeleteRepository", region, new JsonObject { ["repositoryName"] = name, ["force"] = force });

    /// <summary>CloudFormation: stack, logical id and a suffix, in lower case as repositories want it.</summary>
    private static string GeneratedName(ResourceRequest request)
    {
        var suffix = Ids.From($"{request.Region}/{request.StackName}/{request.LogicalId}").ToString("N", CultureInfo.InvariantCulture)[..12];
        return $"{request.StackName}-{request.LogicalId}-{suffix}".ToLowerInvariant();
    }

    private static string? Text(JsonNode? node) => node?.GetValueKind() switch
    {
        null or JsonValueKind.Null => null,
        JsonValueKind.String => node.GetValue<string>(),
        _ => node.ToJsonString(),
    };

    private static bool Flag(JsonNode? node) => string.Equals(Text(node), "true", StringComparison.OrdinalIgnoreCase);
}
