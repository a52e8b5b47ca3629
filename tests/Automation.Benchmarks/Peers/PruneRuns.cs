using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud;
using Automation.LocalCloud.Hosting;

namespace Automation.Benchmarks.Peers;

/// <summary>
/// A whole prune as a cold process, compared with its peers. Each has its own repositories in one embedded cloud. Ours reads usage and owners, looks at
/// every tag again before it deletes, checks afterwards and logs; the peers only list and delete.
/// </summary>
internal static class PruneRuns
{
    /// <summary>The memory of the deployed function. The garbage collector sees a machine of this size.</summary>
    private const int Megabytes = 256;

    /// <param name="tags">The number of tags of every image.</param>
    public static async Task MeasureAsync(PeerBuilds builds, PeerTable table, int rounds, int images, int tags)
    {
        await using var host = await CloudHost.StartAsync(new CloudHostOptions { Mode = ClockMode.Held, Drive = false });
        var endpoint = host.Endpoint.ToString().TrimEnd('/');
        var ours = new CompetitorRuns("ours");
        var all = new List<CompetitorRuns> { ours };
        if (builds.HasNode)
        {
            all.Add(new CompetitorRuns("Node.js"));
        }

        if (builds.Python is not null)
        {
            all.Add(new CompetitorRuns("boto3"));
        }

        for (var round = 0; round < rounds; round++)
        {
            foreach (var who in all)
            {
                var repository = string.Create(CultureInfo.InvariantCulture, $"{who.Name[..1].ToLowerInvariant()}-{images}-{round}");
                Fill(host.Cloud, repository, images, tags);
                if (who == ours)
                {
                    await host.Cloud.AdvanceAsync(TimeSpan.FromDays(100));
                    who.Add(Ours(builds, host.Cloud, endpoint, repository, images));
                }
                else
                {
                    var command = who.Name == "boto3" ? (builds.Python!, PeerBuilds.Source("prune.py")) : ("node", builds.Made("prune.mjs"));
                    var run = FunctionStart.Run(builds, FunctionStart.Environment("", endpoint), "run", command.Item1, command.Item2, repository, "0");
                    Expect(images, run.GetProperty("output").GetProperty("images").GetInt32());
                    who.Add(run);
                }

                Wire.Ecr(host.Cloud, "DeleteRepository", new JsonObject { ["repositoryName"] = repository, ["force"] = true });
            }
        }

        var what = string.Create(CultureInfo.InvariantCulture, $"prune of {images:#,0} images with {(tags == 1 ? "a tag" : $"{tags} tags")}");
        table.Add($"{what}, CPU", "cpu", "ms", all, ("Node.js", images <= 1_000 ? 0.15 : 0.3));
        if (images <= 1_000)
        {
            table.Add($"{what}, wall", "wall", "ms", all);
        }
        else
        {
            table.Add($"{what}, wall", "wall", "ms", all, ("Node.js", 0.4));
        }

        table.AddLimit($"{what}, peak memory", "peak", "MiB", all, 64);
    }

    private static JsonElement Ours(PeerBuilds builds, Cloud cloud, string endpoint, string repository, int images)
    {
        var catalog = builds.Made("catalog.json");
        File.WriteAllText(catalog, $$"""
            {"images":[{"name":"app","from":"123456789012.dkr.ecr.us-east-1.amazonaws.com/golden/base:stable","repository":"{{repository}}","pipeline":"{{repository}}",
              "retain":{"mode":"delete","keepLast":1,"keepDays":7,"graceDays":1,"maxDeletePercent":100,"foreignTags":"ignore"} }]}
            """);
        var payload = builds.Made("prune.json");
        File.WriteAllText(payload, new JsonObject
        {
            ["now"] = cloud.Run(() => cloud.Clock.Now).ToString("o", CultureInfo.InvariantCulture),
            ["execution"] = "prune-app",
            ["state"] = new JsonObject { ["action"] = "prune", ["image"] = "app" },
        }.ToJsonString());
        IEnumerable<(string, string)> environment =
        [
            .. FunctionStart.Environment("Prune", endpoint), ("AUTOMATION_CATALOG", catalog),

            // Hexadecimal. On a larger machine the collector would use the memory of that machine, which says nothing about Lambda.
            ("DOTNET_GCTotalPhysicalMemory", (Megabytes << 20).ToString("x", CultureInfo.InvariantCulture)),

            // The stack deploys the function with these settings.
            ("DOTNET_GCgen0size", "800000"), ("DOTNET_GCGen0MaxBudget", "1000000"), ("AWS_LAMBDA_LOG_LEVEL", "INFO"), ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
        ];
        var run = FunctionStart.Run(builds, environment, "serve", payload, "0",
            string.Create(CultureInfo.InvariantCulture, $"\"applied\":{{\"images\":{images},"), builds.Bootstrap);
        return run.GetProperty("fault").GetString() is { } fault ? throw new InvalidOperationException($"The prune of {repository}: {fault}") : run;
    }

    private static void Fill(Cloud cloud, string repository, int images, int tags)
    {
        const string Image = "application/vnd.oci.image.manifest.v1+json";
        Wire.Ecr(cloud, "CreateRepository", new JsonObject { ["repositoryName"] = repository });
        Wire.CreatePipeline(cloud, repository);
        cloud.Run(() =>
        {
            var layer = cloud.Ecr.PutBlob(Wire.Region, repository, "one layer for all"u8.ToArray());
            for (var number = 0; number < images; number++)
            {
                var content = string.Create(CultureInfo.InvariantCulture, $"config {number}");
                var config = cloud.Ecr.PutBlob(Wire.Region, repository, Encoding.UTF8.GetBytes(content));
                var manifest = Encoding.UTF8.GetBytes(
                    $$"""{"schemaVersion":2,"mediaType":"{{Image}}","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{config}}","size":{{content.Length}}},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{{layer}}","size":17}] }""");
                for (var tag = 0; tag < tags; tag++)
                {
                    cloud.Ecr.PutManifest(Wire.Region, repository, manifest, Image, string.Create(CultureInfo.InvariantCulture, $"0.{tag + 1}.0-{number + 1}"));
                }
            }
        });
    }

    private static void Expect(int images, int found)
    {
        if (found != images)
        {
            throw new InvalidOperationException($"{found} images instead of {images}.");
        }
    }
}
