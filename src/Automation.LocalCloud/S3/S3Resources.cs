using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.S3;

/// <summary>
/// AWS::S3::Bucket. Ref is the bucket's name.
/// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html
/// </summary>
internal sealed class BucketType(S3State state, Engine engine) : IResourceType
{
    public string Name => "AWS::S3::Bucket";

    public IReadOnlySet<string> Properties { get; } = new[] { "BucketName", "BucketEncryption", "Tags" }.ToFrozenSet();

    public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>
    {
        ["AccessControl"] = "every caller may read and write here",
        ["PublicAccessBlockConfiguration"] = "every caller may read and write here",
        ["OwnershipControls"] = "there is only one account",
        ["VersioningConfiguration"] = "overwritten and deleted objects are not kept",
        ["LifecycleConfiguration"] = "objects do not expire",
        ["LoggingConfiguration"] = "requests are in the journal",
    };

    public IReadOnlySet<string> Replacing { get; } = new[] { "BucketName" }.ToFrozenSet();

    public string NameProperty => "BucketName";

    public bool CanImport => true;

    public Resource Create(ResourceRequest request)
    {
        var name = request.Properties.Text("BucketName") ?? PhysicalName.For(request, 63).ToLowerInvariant();
        state.Create(Configured(new Bucket(name, request.Region, engine.Clock.Now), request.Properties));
        return Describe(name, request.Region);
    }

    public Resource Update(string physicalId, ResourceRequest request, JsonObject before)
    {
        state.Set(Configured(state.Bucket(physicalId), request.Properties));
        return Describe(physicalId, request.Region);
    }

    public void Delete(string physicalId, string region) => state.Delete(physicalId);

    private static Bucket Configured(Bucket bucket, JsonObject properties)
    {
        var rule = properties.Object("BucketEncryption")
            ?.Objects("ServerSideEncryptionConfiguration").FirstOrDefault()?.Object("ServerSideEncryptionByDefault");
        return bucket with
        {
            Encryption = rule is null ? null : new BucketEncryption(rule.Required("SSEAlgorithm"), rule.Text("KMSMasterKeyID")),
            Tags = properties.Tags("Tags"),
        };
    }

    private static Resource Describe(string name, string region) => new(name, new Dictionary<string, string>
    {
        ["Arn"] = new Arn("s3", "", "", name).ToString(),
        ["DomainName"] = $"{name}.s3.amazonaws.com",
        ["DualStackDomainName"] = $"{name}.s3.dualstack.{region}.amazonaws.com",
        ["RegionalDomainName"] = $"{name}.s3.{region}.amazonaws.com",
        ["WebsiteURL"] = $"http://{name}.s3-website-{region}.amazonaws.com",
    });
}

/// <summary>AWS::S3::BucketPolicy: stored as the bucket's policy but not enforced. Ref is the bucket's name.</summary>
internal sealed class BucketPolicyType(S3State state) : IResourceType
{
    public string Name => "AWS::S3::BucketPolicy";

    public IReadOnlySet<string> Properties { get; } = new[] { "Bucket", "PolicyDocument" }.ToFrozenSet();

    public IReadOnlyDictionary<string, string> Ignored { get; } = new Dictionary<string, string>();

    public IReadOnlySet<string> Replacing { get; } = new[] { "Bucket" }.ToFrozenSet();

    public Resource Create(ResourceRequest request)
    {
        var bucket = state.Bucket(request.Properties.Required("Bucket"));
        return bucket.Policy is null
            ? Put(bucket, request.Properties)
            : throw new AwsException("AlreadyExists", "The bucket policy already exists on bucket " + bucket.Name + ".", 409);
    }

    public Resource Update(string physicalId, ResourceRequest request, JsonObject before) => Put(state.Bucket(physicalId), request.Properties);

    public void Delete(string physicalId, string region)
    {
        if (state.Buckets.FirstOrDefault(bucket => bucket.Name == physicalId) is { } bucket)
        {
            state.Set(bucket with { Policy = null });
        }
    }

    private Resource Put(Bucket bucket, JsonObject properties)
    {
        var document = properties.Object("PolicyDocument") ?? throw new AwsException("ValidationException", "The parameter PolicyDocument is required.");
        state.Set(bucket with { Policy = document.ToJsonString(WireJson.Compact) });
        return new Resource(bucket.Name, new Dictionary<string, string>());
    }
}
