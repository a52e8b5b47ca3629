using System.Text.Json.Nodes;
using Automation.Core.Promotion;

namespace Automation.Cli.Doctor;

/// <summary>Reads ECR in one Region: the registry's settings and the repositories of the catalog.</summary>
internal sealed class RegistryReader(SignedCalls calls, DoctorScope scope)
{
    public async Task<RegistryFacts> ReadAsync(string region, CancellationToken cancellationToken)
    {
        var repositories = new List<RepositoryState>();
        foreach (var name in RepositoriesOf(region))
        {
            repositories.Add(new RepositoryState(name, await Reading<RepositoryDetails?>.OfAsync(() => RepositoryAsync(region, name, cancellationToken))));
        }

        return new RegistryFacts(
            region,
            await Reading<ScanningFacts>.OfAsync(() => ScanningAsync(region, cancellationToken)),
            await Reading<IReadOnlyList<ReplicationRule>>.OfAsync(() => ReplicationAsync(region, cancellationToken)),
            await Reading<IReadOnlyList<CacheRule>>.OfAsync(() => PullThroughAsync(region, cancellationToken)),
            repositories);
    }

    private IEnumerable<string> RepositoriesOf(string region)
    {
        var images = scope.Catalog.Images.Where(image => scope.RegionsOf(image).Contains(region)).Select(image => image.Repository);
        return (region == scope.Region ? images.Concat(scope.Catalog.Repositories.Select(repository => repository.Name)) : images)
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
    }

    // {"repositories":[{"imageTagMutability":"IMMUTABLE_WITH_EXCLUSION","imageTagMutabilityExclusionFilters":[{"filterType":"WILDCARD","filter":"latest"}],
    //   "imageScanningConfiguration":{"scanOnPush":true}}]}
    private async Task<RepositoryDetails?> RepositoryAsync(string region, string name, CancellationToken cancellationToken)
    {
        JsonObject answer;
        try
        {
            answer = await EcrAsync(region, "DescribeRepositories", new JsonObject { ["repositoryNames"] = new JsonArray(name) }, cancellationToken);
        }
        catch (CallException e) when (e.Code == "RepositoryNotFoundException")
        {
            return null;
        }

        var repository = answer["repositories"]![0]!.AsObject();
        var filters = (repository["imageTagMutabilityExclusionFilters"] as JsonArray ?? []).Select(filter => filter!["filter"]!.ToString());
        return new RepositoryDetails(
            TagMutability.Parse(repository["imageTagMutability"]?.ToString(), filters),
            repository["imageScanningConfiguration"]?["scanOnPush"]?.GetValue<bool>() ?? false,
            await LifecycleAsync(region, name, cancellationToken),
            await Reading<int>.OfAsync(() => CountAsync(region, name, cancellationToken)))
        {
            Denies = await DeniesAsync(region, name, cancellationToken),
        };
    }

    // {"policyText":"{\"Statement\":[{\"Effect\":\"Deny\",…}]}"}
    private async Task<bool> DeniesAsync(string region, string name, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await EcrAsync(region, "GetRepositoryPolicy", new JsonObject { ["repositoryName"] = name }, cancellationToken);
            return Policies.Statements(JsonNode.Parse(answer["policyText"]?.ToString() ?? "null") as JsonObject)
                .Any(statement => statement["Effect"]?.ToString() == "Deny");
        }
        catch (CallException e) when (e.Code == "RepositoryPolicyNotFoundException")
        {
            return false;
        }
    }

    // {"imageIds":[{"imageDigest":"sha256:…","imageTag":"1"}],"nextToken":"…"}: an entry for each tag.
    private async Task<int> CountAsync(string region, string name, CancellationToken cancellationToken)
    {
        var digests = new HashSet<string>(StringComparer.Ordinal);
        string? next = null;
        do
        {
            var input = new JsonObject { ["repositoryName"] = name, ["maxResults"] = 1000 };
            if (next is not null)
            {
                input["nextToken"] = next;
            }

            var answer = await EcrAsync(region, "ListImages", input, cancellationToken);
            digests.UnionWith((answer["imageIds"] as JsonArray ?? []).Select(id => id!["imageDigest"]!.ToString()));
            next = answer["nextToken"]?.ToString();
        }
        while (next is not null);
        return digests.Count;
    }

    private async Task<JsonObject?> LifecycleAsync(string region, string name, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await EcrAsync(region, "GetLifecyclePolicy", new JsonObject { ["repositoryName"] = name }, cancellationToken);
            return JsonNode.Parse(answer["lifecyclePolicyText"]?.ToString() ?? "null") as JsonObject;
        }
        catch (CallException e) when (e.Code == "LifecyclePolicyNotFoundException")
        {
            return null;
        }
    }

    // {"scanningConfiguration":{"scanType":"BASIC","rules":[{"scanFrequency":"SCAN_ON_PUSH","repositoryFilters":[{"filter":"images/*","filterType":"WILDCARD"}]}]}}
    private async Task<ScanningFacts> ScanningAsync(string region, CancellationToken cancellationToken)
    {
        var answer = await EcrAsync(region, "GetRegistryScanningConfiguration", [], cancellationToken);
        var configuration = answer["scanningConfiguration"] as JsonObject ?? [];
        return new ScanningFacts(
            configuration["scanType"]?.ToString() ?? "BASIC",
            [.. (configuration["rules"] as JsonArray ?? []).Select(rule => new ScanRule(
                rule!["scanFrequency"]?.ToString() ?? "MANUAL",
                [.. (rule["repositoryFilters"] as JsonArray ?? []).Select(filter => filter!["filter"]!.ToString())]))]);
    }

    // {"replicationConfiguration":{"rules":[{"destinations":[{"region":"eu-west-1","registryId":"…"}],"repositoryFilters":[{"filter":"golden","filterType":"PREFIX_MATCH"}]}]}}
    private async Task<IReadOnlyList<ReplicationRule>> ReplicationAsync(string region, CancellationToken cancellationToken)
    {
        var answer = await EcrAsync(region, "DescribeRegistry", [], cancellationToken);
        return [.. (answer["replicationConfiguration"]?["rules"] as JsonArray ?? []).Select(rule => new ReplicationRule(
            [.. (rule!["destinations"] as JsonArray ?? []).Select(destination => (destination!["region"]!.ToString(), destination["registryId"]!.ToString()))],
            [.. (rule["repositoryFilters"] as JsonArray ?? []).Select(filter => filter!["filter"]!.ToString())]))];
    }

    // {"pullThroughCacheRules":[{"ecrRepositoryPrefix":"docker-hub","upstreamRegistryUrl":"registry-1.docker.io"}],"nextToken":"…"}
    private async Task<IReadOnlyList<CacheRule>> PullThroughAsync(string region, CancellationToken cancellationToken)
    {
        var rules = new List<CacheRule>();
        string? next = null;
        do
        {
            var answer =
                await EcrAsync(region, "DescribePullThroughCacheRules", next is null ? [] : new JsonObject { ["nextToken"] = next }, cancellationToken);
            rules.AddRange(
                (answer["pullThroughCacheRules"] as JsonArray ?? [])
                    .Select(rule => new CacheRule(rule!["ecrRepositoryPrefix"]!.ToString(), rule["upstreamRegistryUrl"]!.ToString())));
            next = answer["nextToken"]?.ToString();
        }
        while (next is not null);
        return rules;
    }

    private Task<JsonObject> EcrAsync(string region, string operation, JsonObject input, CancellationToken cancellationToken) =>
        calls.JsonAsync(region, AwsApi.Ecr, operation, input, cancellationToken);
}
