using System.Text;
using System.Text.Json.Nodes;
using Amazon.ECR;
using Amazon.ECR.Model;
using Automation.Core.Images;
using Automation.Core.Promotion;

namespace Automation.Aws.Sdk;

/// <summary>
/// Writes an artifact that refers to an image, as OCI 1.1 describes it: <c>oras discover</c> shows it, and ECR deletes it with the image.
/// https://github.com/opencontainers/image-spec/blob/main/manifest.md#guidelines-for-artifact-usage
/// </summary>
internal static class EcrAttachment
{
    private const string ManifestType = "application/vnd.oci.image.manifest.v1+json";
    private const string EmptyType = "application/vnd.oci.empty.v1+json";

    /// <returns>False if the image has an artifact of this type and kind already.</returns>
    public static async Task<bool> RunAsync(
        IAmazonECR ecr, string region, string repository, Digest image, Attachment attachment, CancellationToken cancellationToken)
    {
        if (await ExistsAsync(ecr, repository, image, attachment, cancellationToken))
        {
            return false;
        }

        var subject = await ManifestReader.ReadAsync(ecr, region, repository, image, cancellationToken);
        var annotations = new JsonObject { [Attachment.KindAnnotation] = attachment.Kind };
        foreach (var (name, value) in attachment.Annotations)
        {
            annotations[name] = value;
        }

        // "oras pull" saves only layers that have a file name.
        // https://github.com/opencontainers/image-spec/blob/main/annotations.md#pre-defined-annotation-keys
        var layer = await LayerUpload.DescribeAsync(ecr, repository, attachment.Type, attachment.Content, cancellationToken);
        layer["annotations"] = new JsonObject { ["org.opencontainers.image.title"] = $"{attachment.Kind}.json" };

        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = ManifestType,
            ["artifactType"] = attachment.Type,
            ["config"] = await LayerUpload.DescribeAsync(ecr, repository, EmptyType, "{}"u8.ToArray(), cancellationToken),
            ["layers"] = new JsonArray(layer),
            ["subject"] = new JsonObject
            {
                ["mediaType"] = subject.ImageManifestMediaType,
                ["digest"] = image.Value,
                ["size"] = Encoding.UTF8.GetByteCount(subject.ImageManifest),
            },
            ["annotations"] = annotations,
        };
        try
        {
            await ecr.PutImageAsync(
                new PutImageRequest { RepositoryName = repository, ImageManifest = manifest.ToJsonString(), ImageManifestMediaType = ManifestType },
                cancellationToken);
        }
        catch (ImageAlreadyExistsException)
        {
            // An earlier run wrote the same artifact.
            return false;
        }

        return true;
    }

    private static async Task<bool> ExistsAsync(
        IAmazonECR ecr, string repository, Digest image, Attachment attachment, CancellationToken cancellationToken)
    {
        string? token = null;
        do
        {
            var page = await ecr.ListImageReferrersAsync(
                new ListImageReferrersRequest
                {
                    RepositoryName = repository,
                    SubjectId = new SubjectIdentifier { ImageDigest = image.Value },
                    Filter = new ListImageReferrersFilter { ArtifactTypes = [attachment.Type] },
                    NextToken = token,
                },
                cancellationToken);
            if ((page.Referrers ?? []).Exists(referrer =>
                referrer.Annotations?.TryGetValue(Attachment.KindAnnotation, out var kind) == true && kind == attachment.Kind))
            {
                return true;
            }

            token = page.NextToken;
        }
        while (!string.IsNullOrEmpty(token));

        return false;
    }
}
