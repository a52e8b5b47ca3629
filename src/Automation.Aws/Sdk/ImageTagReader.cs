using Amazon.ECR;
using Amazon.ECR.Model;
using Automation.Core.Images;

namespace Automation.Aws.Sdk;

/// <summary>Reads the tags of images by digest.</summary>
internal static class ImageTagReader
{
    /// <param name="digests">At most a hundred.</param>
    /// <returns>The tags of each image; a missing image has no entry.</returns>
    /// <exception cref="RepositoryNotFoundException">The repository does not exist.</exception>
    public static async Task<Dictionary<Digest, IReadOnlyList<string>>> ReadAsync(
        IAmazonECR client, string repository, IReadOnlyList<Digest> digests, CancellationToken cancellationToken)
    {
        // One missing image fails the whole DescribeImages call, so halve the request until the missing ones are found.
        var found = new Dictionary<Digest, IReadOnlyList<string>>();
        try
        {
            var response = await client.DescribeImagesAsync(
                new DescribeImagesRequest
                {
                    RepositoryName = repository,
                    ImageIds = [.. digests.Select(digest => new ImageIdentifier { ImageDigest = digest.Value })],
                },
                cancellationToken);
            foreach (var image in response.ImageDetails ?? [])
            {
                found[Digest.Parse(image.ImageDigest)] = image.ImageTags ?? [];
            }
        }
        catch (ImageNotFoundException) when (digests.Count > 1)
        {
            foreach (var half in digests.Chunk((digests.Count + 1) / 2))
            {
                foreach (var (digest, tags) in await ReadAsync(client, repository, half, cancellationToken))
                {
                    found[digest] = tags;
                }
            }
        }
        catch (ImageNotFoundException)
        {
            // The image is missing.
        }

        return found;
    }
}
