using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Automation.Benchmarks.Peers;

/// <summary>The embedded registry in process: single calls, pushes into a repository of 10,000 images, and its first page.</summary>
internal static class RegistryCalls
{
    private const int Images = 10_000;
    private const string MediaType = "application/vnd.oci.image.manifest.v1+json";

    public static void Measure(PeerTable table)
    {
        var ours = new CompetitorRuns("ours");
        using var cloud = Wire.NewCloud();
        Wire.Ecr(cloud, "CreateRepository", new JsonObject { ["repositoryName"] = "app" });
        var layer = cloud.Run(() => cloud.Ecr.PutBlob(Wire.Region, "app", "one layer for all"u8.ToArray()));
        for (var number = 0; number < Images; number++)
        {
            var config =
                cloud.Run(() => cloud.Ecr.PutBlob(Wire.Region, "app", Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"config {number}"))));
            var manifest =
                $$"""{"schemaVersion":2,"mediaType":"{{MediaType}}","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{config}}","size":12},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{{layer}}","size":17}] }""";
            Time("put", () => Wire.Ecr(cloud, "PutImage", new JsonObject
            {
                ["repositoryName"] = "app",
                ["imageManifest"] = manifest,
                ["imageTag"] = string.Create(CultureInfo.InvariantCulture, $"v{number}"),
                ["imageDigest"] = $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(manifest)))}",
            }));
        }

        for (var run = 0; run < 20; run++)
        {
            Time("page", () => Wire.Ecr(cloud, "DescribeImages", new JsonObject { ["repositoryName"] = "app", ["maxResults"] = 1000 }));
        }

        for (var run = 0; run < 400; run++)
        {
            Time("one", () => Wire.Ecr(cloud, "DescribeImages", new JsonObject
            {
                ["repositoryName"] = "app",
                ["imageIds"] = new JsonArray(new JsonObject { ["imageTag"] = "v1" }),
            }));
        }

        table.Add("DescribeImages of one image of 10,000, in process", "one", "ms", [ours]);
        table.Add("PutImage into a repository that grows to 10,000, in process", "put", "ms", [ours]);
        table.Add("first page of 10,000 images, in process", "page", "ms", [ours]);

        void Time(string figure, Action call)
        {
            var watch = Stopwatch.StartNew();
            call();
            ours.Add(figure, watch.Elapsed.TotalMilliseconds);
        }
    }
}
