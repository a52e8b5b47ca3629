using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Ecr;

/// <summary>
/// The permissions of ECR's operations: the action of the same name, on the repositories that the request names. Operations that also pass
/// a role or create a service-linked role are reserved for administrators here.
/// https://docs.aws.amazon.com/service-authorization/latest/reference/list_ecr.html
/// </summary>
internal static class EcrPermissions
{
    /// <summary>Settings of the whole registry, which have no resource type.</summary>
    private static readonly FrozenSet<string> Registry = new[]
    {
        "DeletePullThroughCacheRule", "DeleteRegistryPolicy", "DeleteRepositoryCreationTemplate", "DeleteSigningConfiguration",
        "DeregisterPullTimeUpdateExclusion", "DescribePullThroughCacheRules", "DescribeRegistry", "DescribeRepositoryCreationTemplates",
        "GetAccountSetting", "GetAuthorizationToken", "GetRegistryPolicy", "GetRegistryScanningConfiguration", "GetSigningConfiguration",
        "ListPullTimeUpdateExclusions", "PutAccountSetting", "PutRegistryPolicy", "PutRegistryScanningConfiguration", "PutSigningConfiguration",
        "RegisterPullTimeUpdateExclusion", "UpdatePullThroughCacheRule", "ValidatePullThroughCacheRule",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Administrative = new[]
    {
        "CreatePullThroughCacheRule", "CreateRepositoryCreationTemplate", "PutReplicationConfiguration", "UpdateRepositoryCreationTemplate",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Findings of enhanced scanning belong to Inspector, which checks the caller's own permissions.
    /// https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced-iam.html</summary>
    private static readonly Need[] Inspector = [new("inspector2:ListFindings", "*"), new("inspector2:ListCoverage", "*")];

    /// <param name="isEnhanced">Whether Inspector scans the registry of the Region.</param>
    public static IReadOnlyList<Need>? Of(string operation, JsonObject input, CallContext context, bool isEnhanced)
    {
        // ListImageReferrers has no action of its own: "must have the ecr:BatchGetImage permission".
        // https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ListImageReferrers.html
        var action = operation == "ListImageReferrers" ? "ecr:BatchGetImage" : $"ecr:{operation}";
        if (operation == "DescribeImageScanFindings" && isEnhanced)
        {
            return [Repository(input["repositoryName"]?.ToString() ?? "*"), .. Inspector];
        }

        if (Administrative.Contains(operation))
        {
            return null;
        }

        if (Registry.Contains(operation))
        {
            return [new Need(action, "*")];
        }

        if (input["resourceArn"] is { } arn)
        {
            return [new Need(action, arn.ToString())];
        }

        if (operation == "CreateRepository" && input["tags"] is not null)
        {
            var create = Repository(input["repositoryName"]?.ToString() ?? "*");
            return [create, create with { Action = "ecr:TagResource" }];
        }

        return input["repositoryNames"] is JsonArray { Count: > 0 } names
            ? [.. names.Select(each => Repository($"{each}"))]
            : [Repository(input["repositoryName"]?.ToString() ?? "*")];

        Need Repository(string repository) => new(action, context.Arn("ecr", $"repository/{repository}"));
    }
}
