using System.Text;
using System.Text.Json.Nodes;
using Amazon.ECR;
using Amazon.ECR.Model;
using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Aws.Sdk;

/// <summary>
/// Writes placeholders for bases that do not exist yet. The newest authorization reference lists <c>ecr:DescribeImages</c> among the actions of
/// CreateContainerRecipe, so Image Builder may look for the parent image when it creates a recipe, and at a first deployment the repositories are empty.
/// A placeholder is an empty image with the base's tag and <see cref="Placeholder.Tag"/>. No build uses it, and the first real push takes its tag.
/// Retention deletes the rest, or in a base's own repository the next <c>seed</c>.
/// </summary>
/// <param name="clientOf">Returns the client of a Region, with permission to push. The functions do not have that permission.</param>
public sealed class Placeholders(Func<string, IAmazonECR> clientOf, AwsScope scope)
{
    private const string ManifestType = "application/vnd.oci.image.manifest.v1+json";

    // The empty tar archive of two blocks of zeros, compressed with gzip without a time: the same bytes, and so the same digest, everywhere.
    private static readonly byte[] Layer = Convert.FromBase64String("H4sIAAAAAAAC/2NgGAWjYBSMVAAALq+17wAEAAA=");

    /// <summary>
    /// Writes a placeholder if a recipe of the catalog has its base in this account and the tag names no image. Removes an earlier placeholder if the
    /// tag names another image now. Never moves a tag.
    /// </summary>
    public async Task<IReadOnlyList<SeededBase>> SeedAsync(ImageCatalog catalog, CancellationToken cancellationToken)
    {
        var seeded = new List<SeededBase>();
        foreach (var parent in catalog.Images.Where(image => image.Pipeline is PipelineSpec.Defined).Select(image => image.From).OfType<ImageReference>()
            .Distinct())
        {
            seeded.Add(await SeedAsync(parent, cancellationToken));
        }

        return seeded;
    }

    private async Task<SeededBase> SeedAsync(ImageReference parent, CancellationToken cancellationToken)
    {
        if (scope.RegionOf(parent) is not { } region)
        {
            return new SeededBase(parent, false, "is in another registry");
        }

        if (parent.EffectiveTag is not { } tag)
        {
            return new SeededBase(parent, false, "is named by digest, so nothing can replace it");
        }

        var ecr = clientOf(region);
        try
        {
            var tags = await TagsOfAsync(ecr, parent.Repository, tag, cancellationToken);
            return new SeededBase(parent, false, tags.Contains(Placeholder.Tag) ? "has a placeholder until the first push"
                : await RemoveAsync(ecr, parent.Repository, cancellationToken) ? "has an image; its placeholder was removed" : "has an image");
        }
        catch (RepositoryNotFoundException)
        {
            return new SeededBase(parent, false, $"has no repository in {region}; deploy first");
        }
        catch (ImageNotFoundException)
        {
            await PushAsync(ecr, parent.Repository, [tag, Placeholder.Tag], cancellationToken);
            return new SeededBase(parent, true, "has no image; a placeholder takes its place until the first push");
        }
    }

    private static async Task<IReadOnlyList<string>> TagsOfAsync(IAmazonECR ecr, string repository, string tag, CancellationToken cancellationToken)
    {
        var response = await ecr.DescribeImagesAsync(
            new DescribeImagesRequest { RepositoryName = repository, ImageIds = [new ImageIdentifier { ImageTag = tag }] }, cancellationToken);
        return response.ImageDetails?.FirstOrDefault()?.ImageTags ?? [];
    }

    /// <summary>Deletes by the placeholder's own tag. ECR deletes an image with its last tag, so an image with other tags stays.
    /// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchDeleteImage.html</summary>
    private static async Task<bool> RemoveAsync(IAmazonECR ecr, string repository, CancellationToken cancellationToken)
    {
        try
        {
            if (!Placeholder.IsSpent(await TagsOfAsync(ecr, repository, Placeholder.Tag, cancellationToken)))
            {
                return false;
            }
        }
        catch (ImageNotFoundException)
        {
            return false;
        }

        var response = await ecr.BatchDeleteImageAsync(
            new BatchDeleteImageRequest { RepositoryName = repository, ImageIds = [new ImageIdentifier { ImageTag = Placeholder.Tag }] }, cancellationToken);
        return response.Failures is null or [];
    }

    private static async Task PushAsync(IAmazonECR ecr, string repository, string[] tags, CancellationToken cancellationToken)
    {
        var config = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["architecture"] = "amd64",
            ["os"] = "linux",
            ["config"] = new JsonObject { ["Labels"] = new JsonObject { [Placeholder.Label] = "true" } },
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray(LayerUpload.DigestOf(new byte[1024])) },
        }.ToJsonString());
        var layer = await LayerUpload.DescribeAsync(ecr, repository, "application/vnd.oci.image.layer.v1.tar+gzip", Layer, cancellationToken);
        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = ManifestType,
            ["config"] = await LayerUpload.DescribeAsync(ecr, repository, "application/vnd.oci.image.config.v1+json", config, cancellationToken),
            ["layers"] = new JsonArray(layer),
        }.ToJsonString();

        // Write the mark first, so that everybody who sees the base's tag also sees the mark.
        foreach (var tag in tags.Reverse())
        {
            try
            {
                await ecr.PutImageAsync(
                    new PutImageRequest { RepositoryName = repository, ImageManifest = manifest, ImageManifestMediaType = ManifestType, ImageTag = tag },
                    cancellationToken);
            }
            catch (Exception e) when (e is ImageAlreadyExistsException or ImageTagAlreadyExistsException && tag == Placeholder.Tag)
            {
                // An earlier run wrote the mark; an immutable repository refuses even the same image.
            }
        }
    }
}
