using System.Text;
using Amazon.ECR;
using Amazon.ECR.Model;
using Automation.LocalCloud.Common;

namespace Automation.Local.Demo;

/// <summary>Pushes images through the API as every client does: blobs first, the manifest last. Compiled into the tests too.</summary>
internal static class ImagePush
{
    /// <param name="tag">Null to push only by digest.</param>
    /// <returns>The digest of the manifest.</returns>
    public static async Task<string> PushAsync(IAmazonECR ecr, string repository, string? tag, OciImage image, CancellationToken cancellationToken = default)
    {
        await UploadAsync(ecr, repository, image.Layer, cancellationToken);
        await UploadAsync(ecr, repository, image.Config, cancellationToken);
        return await PutAsync(ecr, repository, tag, Encoding.UTF8.GetString(image.Manifest.Span), OciImage.ManifestType, cancellationToken);
    }

    /// <returns>The digest of the manifest.</returns>
    public static async Task<string> PutAsync(
        IAmazonECR ecr, string repository, string? tag, string manifest, string mediaType, CancellationToken cancellationToken = default)
    {
        var answer = await ecr.PutImageAsync(
            new PutImageRequest { RepositoryName = repository, ImageManifest = manifest, ImageManifestMediaType = mediaType, ImageTag = tag },
            cancellationToken);
        return answer.Image.ImageId.ImageDigest;
    }

    /// <returns>The digest of the content.</returns>
    public static async Task<string> UploadAsync(IAmazonECR ecr, string repository, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        var digest = OciImage.DigestOf(content.Span);
        var upload = await ecr.InitiateLayerUploadAsync(new InitiateLayerUploadRequest { RepositoryName = repository }, cancellationToken);
        using var blob = new MemoryStream(content.ToArray());
        await ecr.UploadLayerPartAsync(
            new UploadLayerPartRequest
            {
                RepositoryName = repository,
                UploadId = upload.UploadId,
                PartFirstByte = 0,
                PartLastByte = content.Length - 1,
                LayerPartBlob = blob,
            },
            cancellationToken);
        try
        {
            await ecr.CompleteLayerUploadAsync(
                new CompleteLayerUploadRequest { RepositoryName = repository, UploadId = upload.UploadId, LayerDigests = [digest] }, cancellationToken);
        }
        catch (LayerAlreadyExistsException)
        {
            // The same bytes are there from an earlier push.
        }

        return digest;
    }
}
