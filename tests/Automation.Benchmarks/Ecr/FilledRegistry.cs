using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud;

namespace Automation.Benchmarks.Ecr;

/// <summary>A cloud with one repository of the given number of images. Each has two tags and its own config; all share one layer.</summary>
internal static class FilledRegistry
{
    public const string Repository = "golden/base";
    private const string MediaType = "application/vnd.oci.image.manifest.v1+json";

    /// <returns>The cloud and the digests in the order of their push.</returns>
    public static (Cloud Cloud, IReadOnlyList<string> Digests) Create(int images)
    {
        var cloud = Wire.NewCloud();
        Wire.Ecr(cloud, "CreateRepository", new JsonObject { ["repositoryName"] = Repository });
        var digests = cloud.Run(() =>
        {
            var layer = cloud.Ecr.PutBlob(Wire.Region, Repository, Encoding.UTF8.GetBytes("one layer for all"));
            return Enumerable.Range(0, images).Select(number => Push(cloud, layer, number)).ToList();
        });
        cloud.RunUntilIdleAsync().GetAwaiter().GetResult();
        return (cloud, digests);
    }

    private static string Push(Cloud cloud, string layer, int number)
    {
        var config = string.Create(CultureInfo.InvariantCulture, $$$"""{"architecture":"amd64","os":"linux","config":{"Labels":{"build":"{{{number}}}"} } }""");
        var digest = cloud.Ecr.PutBlob(Wire.Region, Repository, Encoding.UTF8.GetBytes(config));
        var manifest = Encoding.UTF8.GetBytes(
            $$"""{"schemaVersion":2,"mediaType":"{{MediaType}}","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{digest}}","size":{{config.Length}}},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{{layer}}","size":17}]}""");
        cloud.Ecr.PutManifest(Wire.Region, Repository, manifest, MediaType, string.Create(CultureInfo.InvariantCulture, $"1.0.0-{number}"));
        return cloud.Ecr.PutManifest(Wire.Region, Repository, manifest, MediaType, string.Create(CultureInfo.InvariantCulture, $"build-{number}"));
    }
}
