using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Iam;

/// <summary>
/// AWS::KMS::Key and AWS::KMS::Alias.
/// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_KMS.html
/// </summary>
internal static class KmsResources
{
    public static IReadOnlyList<IResourceType> All(KmsState keys) => [new KeyType(keys), new AliasType(keys)];

    private sealed class KeyType(KmsState keys) : IResourceType
    {
        private const string Nothing = "nothing is encrypted";

        public string Name => "AWS::KMS::Key";

        public IReadOnlySet<string> Properties { get; } = new[] { "KeyPolicy" }.ToFrozenSet();

        public IReadOnlyDictionary<string, string> Ignored { get; } = new[]
        {
            "BypassPolicyLockoutSafetyCheck", "Description", "EnableKeyRotation", "Enabled", "KeySpec", "KeyUsage", "MultiRegion", "Origin",
            "PendingWindowInDays", "RotationPeriodInDays", "Tags",
        }.ToDictionary(name => name, _ => Nothing);

        public IReadOnlySet<string> Replacing => FrozenSet<string>.Empty;

        public Resource Create(ResourceRequest request) => Put(Ids.From(PhysicalName.For(request, 128)).ToString(), request);

        public Resource Update(string physicalId, ResourceRequest request, JsonObject before) => Put(physicalId, request);

        public void Delete(string physicalId, string region) => keys.Delete(physicalId, region);

        /// <summary>Without a policy the account decides, as with keys created by the API.</summary>
        private Resource Put(string id, ResourceRequest request)
        {
            var arn = new Arn("kms", request.Region, request.AccountId, $"key/{id}").ToString();
            var policy = request.Properties.Object("KeyPolicy")?.ToJsonString(WireJson.Compact)
                ?? $$$"""{"Statement":{"Effect":"Allow","Principal":{"AWS":"{{{request.AccountId}}}"},"Action":"kms:*","Resource":"*"}}""";
            IamService.CheckResourcePolicy($"key {id}", policy, "MalformedPolicyDocumentException");
            keys.Put(new KeyRow(arn, policy));
            return new Resource(id, new Dictionary<string, string> { ["Arn"] = arn, ["KeyId"] = id });
        }
    }

    private sealed class AliasType(KmsState keys) : IResourceType
    {
        public string Name => "AWS::KMS::Alias";

        public IReadOnlySet<string> Properties { get; } = new[] { "AliasName", "TargetKeyId" }.ToFrozenSet();

        public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>();

        public IReadOnlySet<string> Replacing { get; } = new[] { "AliasName" }.ToFrozenSet();

        public string NameProperty => "AliasName";

        public Resource Create(ResourceRequest request)
        {
            var name = request.Properties.Required("AliasName");
            var target = request.Properties.Required("TargetKeyId");
            keys.PutAlias(
                new KeyAlias(name, keys.Resolve(target, request.Region) ?? throw new AwsException("NotFoundException", $"Key '{target}' does not exist")),
                request.Region);
            return new Resource(name, new Dictionary<string, string>());
        }

        public Resource Update(string physicalId, ResourceRequest request, JsonObject before) => Create(request);

        public void Delete(string physicalId, string region) => keys.DeleteAlias(physicalId, region);
    }
}
