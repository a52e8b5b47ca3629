using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Ecr;

/// <summary>Rows in the API's format. Like the service, it omits absent members.</summary>
internal sealed class EcrWire(Engine engine, EcrState state)
{
    public string Registry => engine.Options.AccountId;

    public static string RepositoryArn(RepositoryRow row, string account) => new Arn("ecr", row.Region, account, $"repository/{row.Name}").ToString();

    public string RepositoryUri(RepositoryRow row) => $"{Registry}.dkr.ecr.{row.Region}.amazonaws.com/{row.Name}";

    public JsonObject Repository(RepositoryRow row)
    {
        var result = new JsonObject
        {
            ["repositoryArn"] = RepositoryArn(row, Registry),
            ["registryId"] = Registry,
            ["repositoryName"] = row.Name,
            ["repositoryUri"] = RepositoryUri(row),
            ["createdAt"] = WireJson.Epoch(row.CreatedAt),
            ["imageTagMutability"] = row.Mutability,
            ["imageScanningConfiguration"] = new JsonObject { ["scanOnPush"] = row.ScanOnPush },
            ["encryptionConfiguration"] = Encryption(row),
        };
        if (row.ExclusionFilters.Count > 0)
        {
            result["imageTagMutabilityExclusionFilters"] = ExclusionFilters(row);
        }

        return result;
    }

    public static JsonObject Encryption(RepositoryRow row)
    {
        var result = new JsonObject { ["encryptionType"] = row.EncryptionType };
        if (row.KmsKey is not null)
        {
            result["kmsKey"] = row.KmsKey;
        }

        return result;
    }

    public static JsonArray Tags(RepositoryRow row) => new([.. row.Tags.Select(tag => new JsonObject { ["Key"] = tag.Key, ["Value"] = tag.Value })]);

    public static JsonArray ExclusionFilters(RepositoryRow row) =>
        new([.. row.ExclusionFilters.Select(filter => new JsonObject { ["filterType"] = "WILDCARD", ["filter"] = filter })]);

    /// <summary>Starts a response with the two members that most responses have.</summary>
    public JsonObject About(RepositoryIndex repository) =>
        new() { ["registryId"] = Registry, ["repositoryName"] = repository.Row.Name };

    public static JsonObject Id(string? digest, string? tag)
    {
        var id = new JsonObject();
        if (digest is not null)
        {
            id["imageDigest"] = digest;
        }

        if (tag is not null)
        {
            id["imageTag"] = tag;
        }

        return id;
    }

    /// <summary>An enhanced scan as Inspector sees it.</summary>
    public EnhancedScan Enhanced(ImageRow image, ScanRow scan) => new(
        new Arn("ecr", image.Region, Registry, $"repository/{image.Repository}/{image.Digest}").ToString(), image.Repository, image.Digest, image.Tags,
        image.PushedAt, scan.Status, scan.StartedAt, scan.CompletedAt, [.. scan.Findings.Select(finding => (FindingArn(image, finding), finding))]);

    private string FindingArn(ImageRow image, Finding finding) => new Arn(
        "inspector2", image.Region, Registry, $"finding/{Ids.From($"{image.Key}/{finding.Name}/{finding.Package}"):N}").ToString();

    public static JsonObject Failure(ImageFailure failure) => new()
    {
        ["imageId"] = Id(failure.Id.Digest, failure.Id.Tag),
        ["failureCode"] = failure.Code,
        ["failureReason"] = failure.Reason,
    };

    public JsonObject Image(RepositoryIndex repository, ImageRow image, string? tag)
    {
        var result = About(repository);
        result["imageId"] = Id(image.Digest, tag);
        result["imageManifest"] = Encoding.UTF8.GetString(state.Manifest(image).Span);
        result["imageManifestMediaType"] = image.MediaType;
        return result;
    }

    public JsonObject Detail(RepositoryIndex repository, ImageRow image)
    {
        var result = About(repository);
        result["imageDigest"] = image.Digest;
        if (image.Tags.Count > 0)
        {
            result["imageTags"] = new JsonArray([.. image.Tags.Select(tag => JsonValue.Create(tag))]);
        }

        result["imageSizeInBytes"] = image.Size;
        result["imagePushedAt"] = WireJson.Epoch(image.PushedAt);
        result["imageManifestMediaType"] = image.MediaType;
        if (image.ArtifactMediaType is not null)
        {
            result["artifactMediaType"] = image.ArtifactMediaType;
        }

        if (image.LastPull is { } pulled)
        {
            result["lastRecordedPullTime"] = WireJson.Epoch(pulled);
        }

        if (image.Subject is not null)
        {
            result["subjectManifestDigest"] = image.Subject;
        }

        result["imageStatus"] = "ACTIVE";
        if (state.Scan(image) is { } scan)
        {
            result["imageScanStatus"] = ScanStatus(scan);
            if (scan is { Status: "COMPLETE" or "ACTIVE", FindingsPending: false })
            {
                result["imageScanFindingsSummary"] = FindingsSummary(scan);
            }
        }

        return result;
    }

    public static JsonObject ScanStatus(ScanRow scan)
    {
        var result = new JsonObject { ["status"] = scan.Status };
        if (scan.Description is not null)
        {
            result["description"] = scan.Description;
        }

        return result;
    }

    public static JsonObject FindingsSummary(ScanRow scan)
    {
        var result = new JsonObject { ["findingSeverityCounts"] = Scanning.SeverityCounts(scan.Findings) };
        if (scan.CompletedAt is { } completed)
        {
            result["imageScanCompletedAt"] = WireJson.Epoch(completed);

            // The vulnerability data counts as updated on the day of the scan.
            result["vulnerabilitySourceUpdatedAt"] = WireJson.Epoch(new DateTimeOffset(completed.UtcDateTime.Date, TimeSpan.Zero));
        }

        return result;
    }
}
