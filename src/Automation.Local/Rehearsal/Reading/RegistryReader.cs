using System.Text.Json.Nodes;
using Automation.LocalCloud.Import;

namespace Automation.Local.Rehearsal.Reading;

/// <summary>Reads the registry of one Region: its rules, and the repositories of the catalog with their images, manifests and findings.</summary>
/// <param name="now">The account's time.</param>
internal sealed class RegistryReader(AccountCalls calls, string region, NeededManifests needed, DateTimeOffset now)
{
    private const int ManifestsAtOnce = 100;

    private static readonly string[] MediaTypes =
    [
        "application/vnd.docker.distribution.manifest.v2+json", "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.index.v1+json",
    ];

    public async Task<ReadRegistry> ReadAsync(IReadOnlySet<string> wanted, CancellationToken cancellationToken)
    {
        var descriptions = new List<JsonObject>();
        await foreach (var repository in ListAsync("DescribeRepositories", "repositories", [], cancellationToken))
        {
            if (wanted.Contains(repository["repositoryName"]!.ToString()))
            {
                descriptions.Add(Redaction.Keep(
                    repository, "repositoryName", "createdAt", "imageTagMutability", "imageTagMutabilityExclusionFilters", "imageScanningConfiguration"));
            }
        }

        var repositories = new List<ReadRepository>();
        foreach (var description in descriptions.OrderBy(each => each["repositoryName"]!.ToString(), StringComparer.Ordinal))
        {
            repositories.Add(await RepositoryAsync(description, cancellationToken));
        }

        return new ReadRegistry(
            region,
            Redaction.Keep(await CallAsync("GetRegistryScanningConfiguration", [], cancellationToken), "scanningConfiguration"),
            Redaction.Keep(await CallAsync("DescribeRegistry", [], cancellationToken), "replicationConfiguration"),
            repositories);
    }

    private async Task<ReadRepository> RepositoryAsync(JsonObject description, CancellationToken cancellationToken)
    {
        var name = description["repositoryName"]!.ToString();
        var policy = await AccountCalls.FindAsync(() => CallAsync("GetLifecyclePolicy", new JsonObject { ["repositoryName"] = name }, cancellationToken));
        var details = new List<JsonObject>();
        await foreach (var image in ListAsync("DescribeImages", "imageDetails", new JsonObject { ["repositoryName"] = name, ["maxResults"] = 1000 },
            cancellationToken))
        {
            details.Add((JsonObject)image);
        }

        var manifests = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pages in await AccountCalls.EachAsync(
            [.. details.Where(detail => needed.Has(name, detail)).Select(detail => detail["imageDigest"]!.ToString()).Chunk(ManifestsAtOnce)],
            digests => ManifestsAsync(name, digests, cancellationToken), cancellationToken))
        {
            foreach (var (digest, manifest) in pages)
            {
                manifests[digest] = manifest;
            }
        }

        var scans = await AccountCalls.EachAsync(details, detail => ScanAsync(name, detail, cancellationToken), cancellationToken);
        return new ReadRepository(
            description,
            policy?["lifecyclePolicyText"]?.ToString(),
            [.. details.Zip(scans).Select(each => Image(each.First, manifests.GetValueOrDefault(each.First["imageDigest"]!.ToString()), each.Second))]);
    }

    private ReadImage Image(JsonObject detail, string? manifest, JsonObject? scan)
    {
        var kept = Redaction.Keep(
            detail, "imageDigest", "imageTags", "imageSizeInBytes", "imagePushedAt", "imageManifestMediaType", "artifactMediaType", "subjectManifestDigest",
            "lastRecordedPullTime");
        if (manifest is not null)
        {
            kept["lastRecordedPullTime"] = now.ToUnixTimeMilliseconds() / 1000m;
        }

        return new ReadImage(kept, manifest, scan);
    }

    private async Task<IReadOnlyList<(string Digest, string Manifest)>> ManifestsAsync(string name, string[] digests, CancellationToken cancellationToken)
    {
        var answer = await CallAsync("BatchGetImage", new JsonObject
        {
            ["repositoryName"] = name,
            ["imageIds"] = new JsonArray([.. digests.Select(digest => new JsonObject { ["imageDigest"] = digest })]),
            ["acceptedMediaTypes"] = new JsonArray([.. MediaTypes.Select(type => JsonValue.Create(type))]),
        }, cancellationToken);
        return [.. (answer["images"] as JsonArray ?? []).Select(image => (image!["imageId"]!["imageDigest"]!.ToString(), image["imageManifest"]!.ToString()))];
    }

    // Only an image that was scanned has a status.
    private async Task<JsonObject?> ScanAsync(string name, JsonObject detail, CancellationToken cancellationToken)
    {
        if (detail["imageScanStatus"] is null)
        {
            return null;
        }

        JsonObject? whole = null;
        JsonNode? next = null;
        do
        {
            var input = new JsonObject
            {
                ["repositoryName"] = name,
                ["imageId"] = new JsonObject { ["imageDigest"] = detail["imageDigest"]!.ToString() },
                ["maxResults"] = 1000,
            };
            if (next is not null)
            {
                input["nextToken"] = next.DeepClone();
            }

            var page = await AccountCalls.FindAsync(() => CallAsync("DescribeImageScanFindings", input, cancellationToken));
            next = page?["nextToken"];
            whole = whole is null || page is null ? whole ?? page : Joined(whole, page);
        }
        while (next is not null);
        return whole is null ? null : Redaction.Keep(whole, "imageScanStatus", "imageScanFindings");
    }

    private static JsonObject Joined(JsonObject whole, JsonObject page)
    {
        foreach (var list in new[] { "findings", "enhancedFindings" })
        {
            foreach (var finding in page["imageScanFindings"]?[list] as JsonArray ?? [])
            {
                (whole["imageScanFindings"]![list] as JsonArray)?.Add(finding?.DeepClone());
            }
        }

        return whole;
    }

    private Task<JsonObject> CallAsync(string operation, JsonObject input, CancellationToken cancellationToken) =>
        calls.CallAsync(AccountCalls.Ecr, region, operation, input, cancellationToken);

    private IAsyncEnumerable<JsonNode> ListAsync(string operation, string list, JsonObject input, CancellationToken cancellationToken) =>
        calls.ListAsync(AccountCalls.Ecr, region, operation, list, input, cancellationToken);
}
