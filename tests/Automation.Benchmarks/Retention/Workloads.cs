using System.Globalization;
using System.Text.Json.Nodes;
using Automation.LocalCloud;

namespace Automation.Benchmarks.Retention;

/// <summary>Tasks and functions that run the tagged images of the repository <c>app</c>, spread over a hundred task definitions.</summary>
internal static class Workloads
{
    private const int Definitions = 100;
    private const int TasksPerCall = 10;

    /// <param name="tags">How many images have a tag of the form <c>0.1.0-1</c>.</param>
    public static void Run(Cloud cloud, int tasks, int functions, int tags)
    {
        var used = Math.Min(tags - (tags / 50), 1000);
        string Image(int number) => string.Create(
            CultureInfo.InvariantCulture, $"{cloud.Options.AccountId}.dkr.ecr.{Wire.Region}.amazonaws.com/app:0.1.0-{(number % used) + 1}");

        if (tasks > 0)
        {
            Wire.Ecs(cloud, "CreateCluster", new JsonObject { ["clusterName"] = "prod" });
        }

        for (var number = 0; number < Math.Min(Definitions, tasks); number++)
        {
            Wire.Ecs(cloud, "RegisterTaskDefinition", new JsonObject
            {
                ["family"] = $"job-{number}",
                ["containerDefinitions"] = new JsonArray(new JsonObject { ["name"] = "main", ["image"] = Image(number) }),
            });
        }

        for (var call = 0; call < tasks / TasksPerCall; call++)
        {
            Wire.Ecs(cloud, "RunTask", new JsonObject
            {
                ["cluster"] = "prod",
                ["taskDefinition"] = $"job-{call % Definitions}",
                ["count"] = TasksPerCall,
                ["group"] = $"batch-{call}",
            });
        }

        for (var number = 0; number < functions; number++)
        {
            Wire.CreateFunction(cloud, new JsonObject
            {
                ["FunctionName"] = $"f{number}",
                ["PackageType"] = "Image",
                ["Role"] = $"arn:aws:iam::{cloud.Options.AccountId}:role/theirs",
                ["Code"] = new JsonObject { ["ImageUri"] = Image(number) },
            });
        }
    }
}
