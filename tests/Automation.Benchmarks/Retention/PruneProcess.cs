using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Automation.LocalCloud;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.Lambda;

namespace Automation.Benchmarks.Retention;

/// <summary>
/// Measures the deployed Prune function as a process on one repository with the given number of manifests. The garbage collector is limited
/// to a machine with 256 MB. It reports memory, time and calls, first for marking, then, after the grace period, for deleting nearly everything.
/// </summary>
/// <remarks>
/// Of every five manifests, one is an index without a build, two are its children, one is its signature, and one is an image without a
/// tag. One manifest in a hundred is the image of a build.
/// </remarks>
internal static class PruneProcess
{
    private const int Megabytes = 256;
    private const string Image = "application/vnd.oci.image.manifest.v1+json";
    private const string Index = "application/vnd.oci.image.index.v1+json";
    private const string Catalog = """
        {"images":[{"name":"app","from":"123456789012.dkr.ecr.us-east-1.amazonaws.com/golden/base:stable","repository":"app","pipeline":"app",
          "retain":{"mode":"delete","keepLast":5,"keepDays":7,"keepPulledDays":30,"graceDays":7,"maxDeletePercent":100}}]}
        """;

    /// <param name="tasks">How many ECS tasks run images of the repository.</param>
    /// <param name="functions">How many Lambda functions are made from its images.</param>
    /// <param name="folder">The folder with <c>bootstrap</c>, the output of <c>dotnet publish src/Automation.Functions -c Release -r linux-x64</c>.</param>
    public static async Task RunAsync(int images, string folder, int tasks, int functions)
    {
        var catalog = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await File.WriteAllTextAsync(catalog, Catalog);
        await using var host = await CloudHost.StartAsync(new CloudHostOptions { Mode = ClockMode.Held, Drive = false });
        try
        {
            var watch = Stopwatch.StartNew();
            await FillAsync(host.Cloud, images);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{images} manifests pushed in {watch.Elapsed.TotalSeconds:0} s"));
            Workloads.Run(host.Cloud, tasks, functions, images / 5);
            var function = Function(host.Cloud.Options, Path.GetFullPath(folder), catalog);
            foreach (var days in new[] { 100, 8 })
            {
                await host.Cloud.AdvanceAsync(TimeSpan.FromDays(days));
                await PruneAsync(host, function);
            }
        }
        finally
        {
            File.Delete(catalog);
        }
    }

    private static async Task PruneAsync(CloudHost host, FunctionConfiguration function)
    {
        var payload = new JsonObject
        {
            ["now"] = host.Cloud.Run(() => host.Cloud.Clock.Now).ToString("o", CultureInfo.InvariantCulture),
            ["execution"] = "prune-app",
            ["state"] = new JsonObject { ["action"] = "prune", ["image"] = "app" },
        };
        while (true)
        {
            var lines = 0;
            var last = "";
            var watch = Stopwatch.StartNew();
            var outcome = await host.Functions.InvokeAsync(
                new FunctionInvocation(function, Guid.CreateVersion7().ToString(), "Root=1", Encoding.UTF8.GetBytes(payload.ToJsonString()))
                {
                    Log = line =>
                    {
                        Interlocked.Increment(ref lines);
                        last = line;
                    },
                });
            var elapsed = watch.Elapsed;
            if (outcome.Failed)
            {
                throw new InvalidOperationException($"{Encoding.UTF8.GetString(outcome.Payload.Span)} {last}");
            }

            var result = JsonNode.Parse(outcome.Payload.Span)!.AsObject();
            result.Remove("items");
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{elapsed.TotalSeconds:0.0} s, {PeakMegabytes(function)} MB peak, {lines} log lines: {result.ToJsonString()}"));
            if (result["done"]!.GetValue<bool>())
            {
                return;
            }

            payload["state"]!["prune"] = JsonNode.Parse(outcome.Payload.Span);
        }
    }

    private static FunctionConfiguration Function(CloudOptions options, string folder, string catalog) => new(
        "Prune",
        $"arn:aws:lambda:{options.Region}:{options.AccountId}:function:Prune",
        options.Region,
        folder,
        "bootstrap",
        "provided.al2023",
        ["x86_64"],
        new Dictionary<string, string>
        {
            ["ANNOTATIONS_HANDLER"] = "Prune",
            ["AUTOMATION_PARTITION"] = "aws",
            ["AUTOMATION_ACCOUNT"] = options.AccountId,
            ["AUTOMATION_CATALOG"] = catalog,

            // The stack deploys the function with these settings.
            ["DOTNET_GCgen0size"] = "800000",
            ["DOTNET_GCGen0MaxBudget"] = "1000000",

            // Hexadecimal. On a larger machine the collector would use the memory of that machine, which says nothing about Lambda.
            ["DOTNET_GCTotalPhysicalMemory"] = (Megabytes << 20).ToString("x", CultureInfo.InvariantCulture),
        },
        TimeSpan.FromMinutes(15),
        Megabytes,
        null,
        null);

    private static async Task FillAsync(Cloud cloud, int images)
    {
        Wire.Ecr(cloud, "CreateRepository", new JsonObject { ["repositoryName"] = "app" });
        await BuildsAsync(cloud, images / 100);
        cloud.Run(() =>
        {
            var layer = cloud.Ecr.PutBlob(Wire.Region, "app", "one layer for all"u8.ToArray());
            for (var number = 0; number < (images - (images / 100)) / 5; number++)
            {
                string[] children = [Push($"amd64 {number}"), Push($"arm64 {number}")];
                var entries = children.Select(
                    child => $$"""{"mediaType":"{{Image}}","digest":"{{child}}","size":500,"platform":{"os":"linux","architecture":"amd64"} }""");
                var index = $$"""{"schemaVersion":2,"mediaType":"{{Index}}","manifests":[{{string.Join(',', entries)}}]}""";
                var digest = cloud.Ecr.PutManifest(
                    Wire.Region, "app", Encoding.UTF8.GetBytes(index), Index, string.Create(CultureInfo.InvariantCulture, $"0.1.0-{number + 1}"));
                Push($"signature {number}", $$""","subject":{"mediaType":"{{Index}}","digest":"{{digest}}","size":{{index.Length}} }""");
                Push($"stray {number}");
            }

            string Push(string content, string more = "")
            {
                var config = cloud.Ecr.PutBlob(Wire.Region, "app", Encoding.UTF8.GetBytes(content));
                return cloud.Ecr.PutManifest(
                    Wire.Region,
                    "app",
                    Encoding.UTF8.GetBytes(
                        $$"""{"schemaVersion":2,"mediaType":"{{Image}}","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{config}}","size":{{content.Length}}},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{{layer}}","size":17}]{{more}}}"""),
                    Image,
                    null);
            }
        });
    }

    private static async Task BuildsAsync(Cloud cloud, int builds)
    {
        var pipeline = Wire.CreatePipeline(cloud);
        for (var number = 0; number < builds; number++)
        {
            Wire.Create(cloud, "StartImagePipelineExecution", "imageBuildVersionArn", new JsonObject { ["imagePipelineArn"] = pipeline }, $"start-{number}");

            // The service runs at most a hundred builds at a time.
            if (number % 50 == 49 || number == builds - 1)
            {
                await cloud.AdvanceAsync(TimeSpan.FromHours(2));
            }
        }
    }

    // VmHWM:	  123456 kB
    private static long PeakMegabytes(FunctionConfiguration function) => Process.GetProcessesByName("bootstrap")
        .Where(process => process.MainModule?.FileName == Path.Combine(function.CodeFolder!, "bootstrap"))
        .Select(process => File.ReadLines($"/proc/{process.Id}/status").First(line => line.StartsWith("VmHWM", StringComparison.Ordinal)))
        .Max(line => long.Parse(line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)) / 1024;
}
