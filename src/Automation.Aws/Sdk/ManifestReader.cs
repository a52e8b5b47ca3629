using System.Security.Cryptography;
using System.Text;
using Amazon.ECR;
using Amazon.ECR.Model;
using Automation.Core;
using Automation.Core.Images;

namespace Automation.Aws.Sdk;

/// <summary>Reads manifests by digest.</summary>
internal static class ManifestReader
{
    /// <summary>All accepted media types. With fewer ECR could return an index in another form, with another digest.</summary>
    public static readonly List<string> MediaTypes =
    [
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.oci.image.index.v1+json",
    ];

    /// <summary>The verified text of a manifest: exactly the bytes that the digest names must be put back.</summary>
    public static async Task<Image> ReadAsync(
        IAmazonECR client, string region, string repository, Digest digest, CancellationToken cancellationToken)
    {
        var response = await GetAsync(client, repository, [digest], cancellationToken);
        if (response.Images is not [{ ImageManifest: not null } image, ..])
        {
            var failure = response.Failures is [var first, ..] ? $"{first.FailureCode}: {first.FailureReason}" : "no reason given";
            throw new PermanentException($"{repository} in {region} has no image {digest}: {failure}.");
        }

        var actual = $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(image.ImageManifest)))}";
        return actual == digest.Value
            ? image
            : throw new PermanentException($"The manifest that {region} returned for {repository}@{digest} has digest {actual}; it is not written.");
    }

    /// <summary>The digests that each index lists. An unreadable index has no entry, so its children are unknown.</summary>
    public static async Task<Dictionary<string, IReadOnlyList<Digest>>> ReadChildrenAsync(
        IAmazonECR client, string repository, IEnumerable<Digest> indexes, CancellationToken cancellationToken)
    {
        var children = new Dictionary<string, IReadOnlyList<Digest>>(StringComparer.Ordinal);
        var response = await GetAsync(client, repository, indexes, cancellationToken);
        foreach (var image in response.Images ?? [])
        {
            if (image is { ImageId.ImageDigest: not null, ImageManifest: not null } && ManifestIndex.TryReadChildren(image.ImageManifest) is { } digests)
            {
                children[image.ImageId.ImageDigest] = digests;
            }
        }

        return children;
    }

    /// <param name="digests">At most a hundred.</param>
    public static Task<BatchGetImageResponse> GetAsync(
        IAmazonECR client, string repository, IEnumerable<Digest> digests, CancellationToken cancellationToken) =>
        client.BatchGetImageAsync(
            new BatchGetImageRequest
            {
                RepositoryName = repository,
                ImageIds = [.. digests.Select(digest => new ImageIdentifier { ImageDigest = digest.Value })],
                AcceptedMediaTypes = MediaTypes,
            },
            cancellationToken);
}
