using System.Globalization;
using System.Text.Json.Nodes;
using Automation.LocalCloud;
using BenchmarkDotNet.Attributes;

namespace Automation.Benchmarks.ImageBuilder;

/// <summary>Lists all completed builds of one pipeline, page by page.</summary>
public class BuildListBenchmarks
{
    private Cloud _cloud = null!;
    private string _pipeline = "";
    private string _version = "";

    [Params(1_000, 10_000)]
    public int Builds { get; set; }

    [GlobalSetup]
    public void Build()
    {
        _cloud = Wire.NewCloud();
        Wire.Ecr(_cloud, "CreateRepository", new JsonObject { ["repositoryName"] = "app" });
        _pipeline = Wire.CreatePipeline(_cloud);
        for (var number = 0; number < Builds; number++)
        {
            var build = Wire.Create(_cloud, "StartImagePipelineExecution", "imageBuildVersionArn", new JsonObject { ["imagePipelineArn"] = _pipeline },
                $"start-{number}");
            _version = build[..build.LastIndexOf('/')];

            // The service runs at most a hundred builds at a time.
            if (number % 50 == 49)
            {
                _cloud.RunUntilIdleAsync().GetAwaiter().GetResult();
            }
        }

        _cloud.RunUntilIdleAsync().GetAwaiter().GetResult();
    }

    [GlobalCleanup]
    public void End() => _cloud.Dispose();

    [Benchmark]
    public int ListImageBuildVersions() => Pages("ListImageBuildVersions", new JsonObject { ["imageVersionArn"] = _version });

    [Benchmark]
    public int ListImagePipelineImages() => Pages("ListImagePipelineImages", new JsonObject { ["imagePipelineArn"] = _pipeline });

    private int Pages(string operation, JsonObject input)
    {
        input["maxResults"] = 25;
        var found = 0;
        while (true)
        {
            var page = Wire.ImageBuilder(_cloud, "POST", operation, input);
            found += page["imageSummaryList"]!.AsArray().Count;
            if (page["nextToken"]?.GetValue<string>() is not { } next)
            {
                return found == Builds
                    ? found
                    : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{found} instead of {Builds}."));
            }

            input["nextToken"] = next;
        }
    }

}
