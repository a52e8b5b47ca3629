using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Ecr;

/// <summary>
/// The AWS JSON 1.1 API: checks the request against the API tables and passes it to its operation.
/// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_Operations.html
/// </summary>
internal sealed class EcrApi : JsonRpcService
{
    /// <summary>The maximum size of a body in the service's front end: the largest layer part in base64 and some more.</summary>
    private const int MaxBodySize = 32 * 1024 * 1024;
    private static readonly RequestValidator Validator = RequestValidator.Of("ecr", "ecr.more");
    private readonly Dictionary<string, Func<EcrCall, JsonObject>> _operations;

    public EcrApi(
        string account,
        RegistryTokens tokens,
        RepositoryOperations repositories,
        ImageOperations images,
        LayerOperations layers,
        ScanOperations scans,
        PolicyOperations policies,
        CacheRuleOperations caches,
        CreationTemplateOperations templates,
        RegistryOperations registry,
        ManagedSigning signing,
        Replication replication)
        : base("ecr", "AmazonEC2ContainerRegistry_V20150921", "1.1") => _operations = new(StringComparer.Ordinal)
        {
            ["CreateRepository"] = repositories.Create,
            ["DescribeRepositories"] = repositories.Describe,
            ["DeleteRepository"] = repositories.Delete,
            ["PutImageTagMutability"] = repositories.PutImageTagMutability,
            ["TagResource"] = repositories.TagResource,
            ["UntagResource"] = repositories.UntagResource,
            ["ListTagsForResource"] = repositories.ListTagsForResource,
            ["InitiateLayerUpload"] = layers.InitiateUpload,
            ["UploadLayerPart"] = layers.UploadPart,
            ["CompleteLayerUpload"] = layers.CompleteUpload,
            ["BatchCheckLayerAvailability"] = layers.CheckAvailability,
            ["GetDownloadUrlForLayer"] = layers.DownloadUrl,
            ["PutImage"] = images.Put,
            ["BatchGetImage"] = images.BatchGet,
            ["DescribeImages"] = images.Describe,
            ["ListImages"] = images.List,
            ["BatchDeleteImage"] = images.BatchDelete,
            ["ListImageReferrers"] = images.ListReferrers,
            ["PutImageScanningConfiguration"] = scans.PutConfiguration,
            ["StartImageScan"] = scans.Start,
            ["DescribeImageScanFindings"] = scans.Describe,
            ["GetRegistryScanningConfiguration"] = scans.GetRegistryConfiguration,
            ["PutRegistryScanningConfiguration"] = scans.PutRegistryConfiguration,
            ["BatchGetRepositoryScanningConfiguration"] = scans.BatchGetConfiguration,
            ["CreatePullThroughCacheRule"] = caches.Create,
            ["DescribePullThroughCacheRules"] = caches.Describe,
            ["DeletePullThroughCacheRule"] = caches.Delete,
            ["UpdatePullThroughCacheRule"] = caches.Update,
            ["ValidatePullThroughCacheRule"] = caches.Validate,
            ["CreateRepositoryCreationTemplate"] = templates.Create,
            ["DescribeRepositoryCreationTemplates"] = templates.Describe,
            ["UpdateRepositoryCreationTemplate"] = templates.Update,
            ["DeleteRepositoryCreationTemplate"] = templates.Delete,
            ["PutRegistryPolicy"] = registry.PutPolicy,
            ["GetRegistryPolicy"] = registry.GetPolicy,
            ["DeleteRegistryPolicy"] = registry.DeletePolicy,
            ["PutAccountSetting"] = registry.PutSetting,
            ["GetAccountSetting"] = registry.GetSetting,
            ["SetRepositoryPolicy"] = policies.SetRepositoryPolicy,
            ["GetRepositoryPolicy"] = policies.GetRepositoryPolicy,
            ["DeleteRepositoryPolicy"] = policies.DeleteRepositoryPolicy,
            ["PutLifecyclePolicy"] = policies.PutLifecyclePolicy,
            ["GetLifecyclePolicy"] = policies.GetLifecyclePolicy,
            ["DeleteLifecyclePolicy"] = policies.DeleteLifecyclePolicy,
            ["StartLifecyclePolicyPreview"] = policies.StartPreview,
            ["GetLifecyclePolicyPreview"] = policies.GetPreview,
            ["PutSigningConfiguration"] = signing.Put,
            ["GetSigningConfiguration"] = signing.Get,
            ["DeleteSigningConfiguration"] = signing.Delete,
            ["DescribeImageSigningStatus"] = signing.Describe,
            ["GetAuthorizationToken"] = call => AuthorizationToken(call, account, tokens),
            ["DescribeRegistry"] = replication.Describe,
            ["PutReplicationConfiguration"] = replication.Put,
            ["DescribeImageReplicationStatus"] = images.DescribeReplication,
        };

    public static bool IsTooLarge(WireRequest request) => request.Body.Length > MaxBodySize;

    public JsonObject Run(string operation, CallContext context, JsonObject input) => Call(operation, context, input);

    protected override JsonObject Call(string operation, CallContext context, JsonObject input)
    {
        if (!_operations.TryGetValue(operation, out var run))
        {
            throw WireJson.UnknownOperation("ecr", operation);
        }

        Check(Validator.Check(operation, input));
        return run(new EcrCall(context, input));
    }

    /// <summary>Like ECR, reports only one faulty parameter, with ECR's own text.</summary>
    private static void Check(IReadOnlyList<Violation> violations)
    {
        if (violations.Count == 0)
        {
            return;
        }

        var violation = violations[0];
        throw violation.Kind == ViolationKind.Type
            ? new AwsException("SerializationException", violation.ToString())
            : EcrErrors.InvalidParameter(violation.Path, ConstraintText(violation));
    }

    private static string ConstraintText(Violation violation)
    {
        const string Pattern = "Member must satisfy regular expression pattern: ";
        if (violation.Kind != ViolationKind.Pattern)
        {
            return violation.Constraint;
        }

        // For a repository name the service shows a simpler pattern than its model.
        return violation.Path == "repositoryName"
            ? "must satisfy regular expression '(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*'"
            : $"must satisfy regular expression '{violation.Constraint[Pattern.Length..]}'";
    }

    private static JsonObject AuthorizationToken(EcrCall call, string account, RegistryTokens tokens)
    {
        if (call.Texts("registryIds").FirstOrDefault(id => id != account) is { } foreign)
        {
            throw EcrErrors.NoRegistry("registryIds", foreign);
        }

        var (password, expires) = tokens.Issue(call.Region);
        return new JsonObject
        {
            ["authorizationData"] = new JsonArray(new JsonObject
            {
                ["authorizationToken"] = Convert.ToBase64String(Encoding.UTF8.GetBytes($"AWS:{password}")),
                ["expiresAt"] = WireJson.Epoch(expires),
                ["proxyEndpoint"] = call.Context.Endpoint,
            }),
        };
    }
}
