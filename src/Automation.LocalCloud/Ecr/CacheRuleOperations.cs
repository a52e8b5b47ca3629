using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Ecr;

/// <summary>Pull-through cache rules. https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreatePullThroughCacheRule.html</summary>
internal sealed partial class CacheRuleOperations(Engine engine, PullThroughCache cache, EcrWire wire)
{
    /// <summary>https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html</summary>
    private const int MaxRules = 50;

    public JsonObject Create(EcrCall call)
    {
        var prefix = call.Text("ecrRepositoryPrefix")!;
        var url = call.Text("upstreamRegistryUrl")!;
        var (name, needsCredentials) = Known(url)
            ?? throw new AwsException("UnsupportedUpstreamRegistryException", $"The specified upstream registry '{url}' isn't supported.");
        if (call.Text("upstreamRegistry") is { } given && given != name)
        {
            throw EcrErrors.InvalidParameter("upstreamRegistry", $"'{given}' is not the registry of '{url}'");
        }

        if (needsCredentials && call.Text("credentialArn") is null)
        {
            throw EcrErrors.InvalidParameter("credentialArn", $"the upstream registry '{url}' needs the ARN of a secret with credentials");
        }

        if (cache.Find(call.Region, prefix) is not null)
        {
            throw new AwsException(
                "PullThroughCacheRuleAlreadyExistsException",
                $"A pull through cache rule with repository prefix '{prefix}' already exists in the registry with id '{wire.Registry}'.");
        }

        if (cache.Rules(call.Region).Count() >= MaxRules)
        {
            throw new AwsException("LimitExceededException", $"The registry already has {MaxRules} pull through cache rules.");
        }

        var rule = new CacheRuleRow(call.Region, prefix, url, name, engine.Clock.Now)
        {
            CredentialArn = call.Text("credentialArn"),
            CustomRoleArn = call.Text("customRoleArn"),
            UpstreamPrefix = call.Text("upstreamRepositoryPrefix") ?? PullThroughCache.Root,
        };
        cache.Put(rule);
        var created = Describe(rule);
        created["upstreamRegistry"] = rule.UpstreamRegistry;
        return created;
    }

    public JsonObject Describe(EcrCall call)
    {
        var prefixes = call.Texts("ecrRepositoryPrefixes");
        var rules = prefixes.Count == 0 ? cache.Rules(call.Region) : prefixes.Select(prefix => Require(call.Region, prefix));
        var list = $"cache-rules/{call.Region}";
        var size = Paging.Size(call);
        var after = Paging.Position(call, list);
        var page = rules.Where(rule => after is null || string.CompareOrdinal(rule.Prefix, after) > 0).Take(size + 1).ToList();
        var result = new JsonObject { ["pullThroughCacheRules"] = new JsonArray([.. page.Take(size).Select(Listed)]) };
        if (page.Count > size)
        {
            result["nextToken"] = Paging.Token(list, page[size - 1].Prefix);
        }

        return result;
    }

    /// <summary>Deletes the rule; cached images stay.</summary>
    public JsonObject Delete(EcrCall call)
    {
        var rule = Require(call.Region, call.Text("ecrRepositoryPrefix")!);
        cache.Remove(rule);
        return Describe(rule);
    }

    public JsonObject Update(EcrCall call)
    {
        var rule = Require(call.Region, call.Text("ecrRepositoryPrefix")!);
        rule = rule with
        {
            CredentialArn = call.Text("credentialArn") ?? rule.CredentialArn,
            CustomRoleArn = call.Text("customRoleArn") ?? rule.CustomRoleArn,
            UpdatedAt = engine.Clock.Now,
        };
        cache.Put(rule);
        var updated = Describe(rule);
        updated.Remove("upstreamRegistryUrl");
        updated.Remove("createdAt");
        updated["updatedAt"] = WireJson.Epoch(engine.Clock.Now);
        return updated;
    }

    /// <summary>The rule is valid if its upstream registry answers. Credentials are not checked here.</summary>
    public JsonObject Validate(EcrCall call)
    {
        var rule = Require(call.Region, call.Text("ecrRepositoryPrefix")!);
        var validated = Describe(rule);
        validated.Remove("createdAt");
        var isOut = cache.Outages.Contains(rule.UpstreamUrl, StringComparer.Ordinal);
        validated["isValid"] = !isOut;
        if (isOut)
        {
            validated["failure"] = $"The upstream registry {rule.UpstreamUrl} is not available.";
        }

        return validated;
    }

    private CacheRuleRow Require(string region, string prefix) => cache.Find(region, prefix) ?? throw new AwsException(
        "PullThroughCacheRuleNotFoundException",
        $"The pull through cache rule with repository prefix '{prefix}' does not exist in the registry with id '{wire.Registry}'.");

    private JsonObject Listed(CacheRuleRow rule)
    {
        var listed = Describe(rule);
        listed["upstreamRegistry"] = rule.UpstreamRegistry;
        listed["updatedAt"] = WireJson.Epoch(rule.UpdatedAt ?? rule.CreatedAt);
        return listed;
    }

    /// <summary>The common members of the operations' responses.</summary>
    private JsonObject Describe(CacheRuleRow rule)
    {
        var result = new JsonObject
        {
            ["ecrRepositoryPrefix"] = rule.Prefix,
            ["upstreamRegistryUrl"] = rule.UpstreamUrl,
            ["upstreamRepositoryPrefix"] = rule.UpstreamPrefix,
            ["createdAt"] = WireJson.Epoch(rule.CreatedAt),
            ["registryId"] = wire.Registry,
        };
        if (rule.CredentialArn is not null)
        {
            result["credentialArn"] = rule.CredentialArn;
        }

        if (rule.CustomRoleArn is not null)
        {
            result["customRoleArn"] = rule.CustomRoleArn;
        }

        return result;
    }

    /// <summary>The registries that ECR caches, and whether they need credentials.
    /// https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html</summary>
    private static (string Name, bool NeedsCredentials)? Known(string url) => url switch
    {
        "public.ecr.aws" => ("ecr-public", false),
        "registry.k8s.io" => ("k8s", false),
        "quay.io" => ("quay", false),
        "registry-1.docker.io" => ("docker-hub", true),
        "ghcr.io" => ("github-container-registry", true),
        "registry.gitlab.com" => ("gitlab-container-registry", true),
        "cgr.dev" => ("chainguard", true),
        _ when url.EndsWith(".azurecr.io", StringComparison.Ordinal) => ("azure-container-registry", true),
        _ when EcrHost().IsMatch(url) => ("ecr", false),
        _ => null,
    };

    [GeneratedRegex(@"^[0-9]{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com$")]
    private static partial Regex EcrHost();
}
