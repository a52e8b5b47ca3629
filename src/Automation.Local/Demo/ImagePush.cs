using System.Text;
using Amazon.ECR;
using Amazon.ECR.Model;
using Automation.Aws.Sdk;
using Automation.LocalCloud.Common;

namespace Automation.Local.Demo;

/// <summary>Pushes images through the API as every client does: blobs first, the manifest last. Compiled into the tests too.</summary>
internal static class ImagePush
{
    /// <param name="tag">Null to push only by digest.</param>
    /// <returns>The digest of the manifest.</returns>
    public static async Task<string> PushAsync(IAmazonECR ecr, string repository, string? tag, OciImage image, CancellationToken cancellationToken = default)
    {
        await LayerUpload.RunAsync(ecr, repository, image.Layer, cancellationToken);
        await LayerUpload.RunAsync(ecr, repository, image.Config, cancellationToken);
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
}
