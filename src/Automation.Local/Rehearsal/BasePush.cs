using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud;
using Automation.LocalCloud.Common;
using Automation.LocalCloud.Wire;

namespace Automation.Local.Rehearsal;

/// <summary>Pushes a new image of a base with the platforms of the present one.</summary>
internal static class BasePush
{
    private const string Index = "application/vnd.oci.image.index.v1+json";

    /// <param name="release">Makes the content new.</param>
    /// <exception cref="AwsException">The repository does not exist, or a tag cannot move.</exception>
    public static void Push(Cloud cloud, string region, string repository, IEnumerable<string> tags, string release)
    {
        foreach (var tag in tags)
        {
            var platforms = cloud.Ecr.Find(region, repository, tag) is { } present
                ? JsonNode.Parse(present.Manifest.Span)?["manifests"] as JsonArray
                : null;
            if (platforms is null)
            {
                Put(cloud, region, repository, release, "amd64", tag);
                continue;
            }

            var children = new JsonArray();
            foreach (var platform in platforms.Select(child => child!["platform"]).OfType<JsonObject>())
            {
                children.Add((JsonNode)new JsonObject
                {
                    ["mediaType"] = OciImage.ManifestType,
                    ["digest"] = Put(cloud, region, repository, release, platform["architecture"]?.ToString() ?? "amd64", tag: null),
                    ["size"] = 500,
                    ["platform"] = platform.DeepClone(),
                });
            }

            var index = new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = Index, ["manifests"] = children };
            cloud.Ecr.PutManifest(region, repository, Encoding.UTF8.GetBytes(index.ToJsonString()), Index, tag);
        }
    }

    private static string Put(Cloud cloud, string region, string repository, string release, string architecture, string? tag)
    {
        var image = OciImage.Of([("etc/os-release", $"VERSION=\"{release}\"\n")], architecture);
        cloud.Ecr.PutBlob(region, repository, image.Config);
        cloud.Ecr.PutBlob(region, repository, image.Layer);
        try
        {
            return cloud.Ecr.PutManifest(region, repository, image.Manifest, OciImage.ManifestType, tag);
        }
        catch (AwsException e) when (e.Code == "ImageAlreadyExistsException" && tag is null)
        {
            return OciImage.DigestOf(image.Manifest.Span);
        }
    }
}
