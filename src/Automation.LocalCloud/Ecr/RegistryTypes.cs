using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;

namespace Automation.LocalCloud.Ecr;

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

    public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>();

    public Resource Create(ResourceRequest request)
    {
        var rule = ecr.Call("CreatePullThroughCacheRule", request.Region, RegistryType.Input(request.Properties).AsObject());
        return new Resource((string)rule["ecrRepositoryPrefix"]!, new Dictionary<string, string>());
    }

    public void Delete(string physicalId, string region) =>
        ecr.Call("DeletePullThroughCacheRule", region, new JsonObject { ["ecrRepositoryPrefix"] = physicalId });
}

/// <summary>
/// AWS::ECR::ReplicationConfiguration and AWS::ECR::RegistryScanningConfiguration: settings that a registry has once. Ref is the registry's id.
/// A deletion leaves the registry's default.
/// </summary>
/// <param name="operation">The operation that puts the setting.</param>
/// <param name="properties">The members of its input, as properties spell them.</param>
/// <param name="standard">The input that puts the default.</param>
internal sealed class RegistryType(EcrService ecr, string name, string operation, string[] properties, Func<JsonObject> standard) : IResourceType
{
    public string Name => name;

    public IReadOnlySet<string> Properties { get; } = new HashSet<string>(properties, StringComparer.Ordinal);

    public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>();

    public IReadOnlySet<string> Replacing { get; } = new HashSet<string>(StringComparer.Ordinal);

    public static IEnumerable<IResourceType> All(EcrService ecr) =>
    [
        new CacheRuleType(ecr),
        new RegistryType(ecr, "AWS::ECR::ReplicationConfiguration", "PutReplicationConfiguration", ["ReplicationConfiguration"],
            () => new JsonObject { ["replicationConfiguration"] = new JsonObject { ["rules"] = new JsonArray() } }),
        new RegistryType(ecr, "AWS::ECR::RegistryScanningConfiguration", "PutRegistryScanningConfiguration", ["Rules", "ScanType"],
            () => new JsonObject { ["scanType"] = "BASIC", ["rules"] = new JsonArray() }),
    ];

    public Resource Create(ResourceRequest request) => Put(request);

    public Resource Update(string physicalId, ResourceRequest request, JsonObject before) => Put(request);

    public void Delete(string physicalId, string region) => ecr.Call(operation, region, standard());

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
            input[char.ToLowerInvariant(member[0]) + member[1..]] = Input(value!);
        }

        return input;
    }

    private Resource Put(ResourceRequest request)
    {
        ecr.Call(operation, request.Region, Input(request.Properties).AsObject());
        return new Resource(request.AccountId, new Dictionary<string, string> { ["RegistryId"] = request.AccountId });
    }
}
