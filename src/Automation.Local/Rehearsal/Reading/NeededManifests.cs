using System.Text.Json.Nodes;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Local.Rehearsal.Reading;

/// <summary>
/// The images that may get a tag in a rehearsal: of each image of the catalog the newest promoted build, every newer build, and the build that a rollback
/// went back to. Only their manifests are read, and those of indexes, because ECR counts a read manifest as a pull, and a pull keeps an image.
/// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html
/// </summary>
internal sealed class NeededManifests
{
    private readonly HashSet<string> _digests = new(StringComparer.Ordinal);
    private readonly HashSet<(string Repository, string Tag)> _tags = [];

    public NeededManifests(ImageCatalog catalog, Factory factory)
    {
        var targets = factory.Pipelines.ToDictionary(
            pipeline => pipeline["arn"]!.ToString(), pipeline => pipeline["tags"]?[BuildTags.HoldTarget]?.ToString().Split(' ')[0], StringComparer.Ordinal);
        foreach (var builds in factory.Builds.Where(build => build["sourcePipelineArn"] is not null).GroupBy(build => build["sourcePipelineArn"]!.ToString()))
        {
            if (catalog.FindByPipeline(builds.Key) is not { } image)
            {
                continue;
            }

            var newest = builds.Select(build => (Build: build, Version: VersionOf(build))).Where(each => each.Version is not null)
                .OrderByDescending(each => each.Version).ToList();
            var promoted = newest.FindIndex(each => each.Build["tags"]?[BuildTags.Release]?.ToString() == "promoted");
            foreach (var (build, version) in newest.Where((each, i) => promoted < 0 || i <= promoted || each.Version!.ToString() == targets[builds.Key]))
            {
                _tags.Add((image.Repository, version!.Tag));
                if (build["tags"]?[BuildTags.Digest]?.ToString() is { } digest)
                {
                    _digests.Add(digest);
                }
            }
        }
    }

    public bool Has(string repository, JsonNode detail) =>
        (detail["imageManifestMediaType"]?.ToString() is { } type
            && (type.Contains("index", StringComparison.Ordinal) || type.Contains("list", StringComparison.Ordinal)))
        || _digests.Contains(detail["imageDigest"]!.ToString())
        || (detail["imageTags"] as JsonArray ?? []).Any(tag => _tags.Contains((repository, tag!.ToString())));

    // arn:aws:imagebuilder:eu-west-1:123456789012:image/app/1.0.0/3
    private static ImageVersion? VersionOf(JsonObject build) =>
        ImageVersion.TryParse(string.Join('/', build["arn"]!.ToString().Split('/')[^2..]), out var version) ? version : null;
}
