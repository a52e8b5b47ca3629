using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ecr;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Import;

/// <summary>
/// Writes repositories, images and scans. Manifests are the account's own, so digests and referrers are the same. A layer is an empty archive and a
/// configuration only names the platform, because nothing of a rehearsal depends on their contents.
/// </summary>
internal static class RegistryImport
{
    private static readonly byte[] EmptyLayer = OciImage.Pack([]).Compressed;

    public static void Write(AccountState state, Rows rows)
    {
        var rules = new List<FindingsRule>();
        var sequence = 0L;
        foreach (var registry in state.Registries)
        {
            rows.Set("ecr.registries", registry.Region, Registry(registry), EcrJson.Default.RegistryRow);
            foreach (var repository in registry.Repositories)
            {
                var row = Repository(rows, registry.Region, repository);
                rows.Set("ecr.repositories", row.Key, row, EcrJson.Default.RepositoryRow);
                var platforms = Platforms(repository.Images);
                foreach (var image in repository.Images.OrderBy(image => image.Detail.Instant("imagePushedAt")))
                {
                    Write(rows, row, image, ++sequence, platforms, state.ReadAt);
                }

                if (Newest(repository) is { } findings)
                {
                    rules.Add(new FindingsRule(registry.Region, row.Name, null, findings));
                }
            }
        }

        rows.Set("ecr.findings", "rules", new Scanning.FindingsRow(rules), EcrJson.Default.FindingsRow);
    }

    private static RegistryRow Registry(ReadRegistry registry)
    {
        var scanning = registry.Scanning?["scanningConfiguration"] as JsonObject ?? [];
        var replication = registry.Replication?["replicationConfiguration"] as JsonObject ?? [];
        return new RegistryRow(registry.Region)
        {
            ScanType = scanning.Text("scanType") ?? "BASIC",
            ScanRules = [.. List(scanning, "rules").Select(rule => new RegistryScanRule(
                rule.Text("scanFrequency") ?? "MANUAL", [.. List(rule, "repositoryFilters").Select(filter => filter.Text("filter")!)]))],
            ReplicationRules = [.. List(replication, "rules").Select(rule => new ReplicationRuleRow(
                [.. List(rule, "destinations").Select(target => new ReplicationTarget(target.Text("region")!, target.Text("registryId")!))],
                [.. List(rule, "repositoryFilters").Select(filter => filter.Text("filter")!)]))],
        };
    }

    private static RepositoryRow Repository(Rows rows, string region, ReadRepository repository)
    {
        var description = repository.Description;
        var name = description.Text("repositoryName")!;
        var created = description.Instant("createdAt") ?? DateTimeOffset.UnixEpoch;
        var row = rows.Find("ecr.repositories", $"{region}/{name}", EcrJson.Default.RepositoryRow) ?? new RepositoryRow(region, name, created);
        return row with
        {
            CreatedAt = created,
            Mutability = description.Text("imageTagMutability") ?? "MUTABLE",
            ExclusionFilters = [.. List(description, "imageTagMutabilityExclusionFilters").Select(filter => filter.Text("filter")!)],
            ScanOnPush = description["imageScanningConfiguration"]?["scanOnPush"]?.GetValue<bool>() ?? false,
            LifecyclePolicy = repository.LifecyclePolicy,
        };
    }

    private static void Write(
        Rows rows, RepositoryRow repository, ReadImage image, long sequence, Dictionary<string, (string Os, string Architecture)> platforms, DateTimeOffset now)
    {
        var detail = image.Detail;
        var digest = detail.Text("imageDigest")!;
        var bytes = Encoding.UTF8.GetBytes(image.Manifest ?? Stand(detail));
        var manifest = Manifest.Parse(bytes, detail.Text("imageManifestMediaType"));
        var blobs = manifest.Layers.Prepend(manifest.Config).OfType<ManifestBlob>().Where(blob => !blob.IsForeign).DistinctBy(blob => blob.Digest).ToList();
        rows.Store.WriteBlob(digest, bytes);
        foreach (var blob in blobs)
        {
            rows.Store.WriteBlob(blob.Digest, blob == manifest.Config ? Configuration(platforms.GetValueOrDefault(digest, ("linux", "amd64"))) : EmptyLayer);
            var layer = new LayerRow(repository.Region, repository.Name, blob.Digest, blob.Size, now);
            rows.Set("ecr.layers", layer.Key, layer, EcrJson.Default.LayerRow);
        }

        var row = new ImageRow(repository.Region, repository.Name, digest)
        {
            Sequence = sequence,
            MediaType = manifest.MediaType,
            PushedAt = detail.Instant("imagePushedAt") ?? now,
            Tags = [.. (detail["imageTags"] as JsonArray ?? []).Select(tag => tag!.GetValue<string>())],
            Size = detail.Whole("imageSizeInBytes") ?? 0,
            ManifestSize = bytes.Length,
            ArtifactMediaType = manifest.ArtifactMediaType,
            ArtifactType = manifest.ArtifactType,
            Subject = manifest.Subject,
            Annotations = manifest.Annotations,
            Children = [.. manifest.Children.Distinct(StringComparer.Ordinal)],
            Blobs = [.. blobs.Select(blob => blob.Digest)],
            LastPull = detail.Instant("lastRecordedPullTime"),
        };
        rows.Set("ecr.images", row.Key, row, EcrJson.Default.ImageRow);
        if (image.Scan is { } scan)
        {
            rows.Set("ecr.scans", row.Key, Scan(row, scan), EcrJson.Default.ScanRow);
        }
    }

    // Stands for a manifest that was not read: one layer of the image's size, and what the image refers to.
    private static string Stand(JsonObject detail)
    {
        var name = detail.Text("imageDigest")!;
        var type = detail.Text("imageManifestMediaType") is { } given && MediaTypes.IsManifest(given) ? given : MediaTypes.OciManifest;
        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = type,
            ["config"] = Blob("config", detail.Text("artifactMediaType") ?? "application/vnd.oci.image.config.v1+json", 0),
            ["layers"] = new JsonArray(Blob("layer", "application/vnd.oci.image.layer.v1.tar+gzip", detail.Whole("imageSizeInBytes") ?? 0)),
        };
        if (detail.Text("subjectManifestDigest") is { } subject)
        {
            manifest["subject"] = new JsonObject { ["mediaType"] = MediaTypes.OciManifest, ["digest"] = subject, ["size"] = 0 };
        }

        return manifest.ToJsonString();

        JsonObject Blob(string role, string mediaType, long size) => new()
        {
            ["mediaType"] = mediaType,
            ["digest"] = OciImage.DigestOf(Encoding.UTF8.GetBytes($"{role} of {name}")),
            ["size"] = size,
        };
    }

    // {"architecture":"amd64","os":"linux","rootfs":{…}}; only a manifest in an index has a known platform.
    private static byte[] Configuration((string Os, string Architecture) platform) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["architecture"] = platform.Architecture,
        ["os"] = platform.Os,
        ["config"] = new JsonObject(),
        ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray() },
    }.ToJsonString());

    private static Dictionary<string, (string Os, string Architecture)> Platforms(IReadOnlyList<ReadImage> images)
    {
        var platforms = new Dictionary<string, (string, string)>(StringComparer.Ordinal);
        foreach (var image in images.Where(image => MediaTypes.IsIndex(image.Detail.Text("imageManifestMediaType") ?? "")))
        {
            foreach (var child in JsonNode.Parse(image.Manifest ?? "{}")?["manifests"] as JsonArray ?? [])
            {
                if (child?["digest"]?.ToString() is { } digest && child["platform"] is JsonObject platform)
                {
                    platforms[digest] = (platform.Text("os") ?? "linux", platform.Text("architecture") ?? "amd64");
                }
            }
        }

        return platforms;
    }

    private static ScanRow Scan(ImageRow image, JsonObject answer)
    {
        var results = answer["imageScanFindings"] as JsonObject ?? [];
        var completed = results.Instant("imageScanCompletedAt");
        var status = answer["imageScanStatus"]?["status"]?.ToString() ?? "COMPLETE";
        return new ScanRow(image.Key, status, completed ?? image.PushedAt)
        {
            Enhanced = status == "ACTIVE" || results["enhancedFindings"] is not null,
            Description = answer["imageScanStatus"]?["description"]?.ToString(),
            CompletedAt = completed,
            FindingsPending = status is "COMPLETE" or "ACTIVE" && completed is null,
            Findings = Findings(answer),
        };
    }

    /// <summary>The findings of the image that was scanned last, which images that are built later will have too.</summary>
    private static List<Finding>? Newest(ReadRepository repository) => repository.Images
        .Where(image => image.Scan?["imageScanFindings"]?["imageScanCompletedAt"] is not null)
        .OrderByDescending(image => image.Detail.Instant("imagePushedAt")).Select(image => Findings(image.Scan!)).FirstOrDefault();

    private static List<Finding> Findings(JsonObject answer)
    {
        var results = answer["imageScanFindings"] as JsonObject ?? [];
        return [.. List(results, "findings").Select(Basic), .. List(results, "enhancedFindings").Select(Enhanced)];
    }

    private static Finding Basic(JsonObject finding)
    {
        string? Attribute(string key) => List(finding, "attributes").FirstOrDefault(attribute => attribute.Text("key") == key)?.Text("value");
        return new Finding(
            finding.Text("name") ?? "", finding.Text("severity") ?? "UNDEFINED", Attribute("package_name"), Attribute("package_version"))
        {
            Cvss = double.TryParse(Attribute("CVSS2_SCORE"), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var score) ? score : null,
        };
    }

    private static Finding Enhanced(JsonObject finding)
    {
        var details = finding["packageVulnerabilityDetails"] as JsonObject ?? [];
        var package = List(details, "vulnerablePackages").FirstOrDefault();
        return new Finding(
            details.Text("vulnerabilityId") ?? finding.Text("title") ?? "",
            finding.Text("severity") is "UNTRIAGED" or null ? "UNDEFINED" : finding.Text("severity")!,
            package?.Text("name"), package?.Text("version"))
        {
            FixedInVersion = finding.Text("fixAvailable") is "YES" or "PARTIAL" ? package?.Text("fixedInVersion") ?? "any" : null,
            Cvss = finding["score"]?.GetValue<double>(),
            PublishedAt = details.Instant("vendorCreatedAt"),
        };
    }

    private static IEnumerable<JsonObject> List(JsonObject document, string name) => (document[name] as JsonArray ?? []).OfType<JsonObject>();
}
