using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Automation.Cli;
using Automation.Local.Deployment;
using Automation.Local.Rehearsal;
using Automation.LocalCloud.ImageBuilder;

namespace Automation.Local.Tests.Rehearsal;

/// <summary>
/// Measures the rehearsal of a month of 100 images. It takes minutes to make the fleet, so it runs only on request, and prints the figure:
/// <c>Automation.Local.Tests -explicit only -showLiveOutput -class '*LargeFleetTests*'</c>. It leaves the state in the folder for temporary files, for
/// <c>automation rehearse --from FILE --days 30</c>.
/// </summary>
public sealed class LargeFleetTests(ITestOutputHelper output)
{
    private const int Bases = 10;

    [Fact(Explicit = true)]
    public async Task MonthOfAHundredImages_IsRehearsed()
    {
        var token = TestContext.Current.CancellationToken;
        var (template, catalog) = await SynthesiseAsync(token);
        var fleet = await TestCloud.StartAsync(template: _ => template, text: catalog);
        await using var cloud = fleet.Cloud;
        cloud.KeepAnswers();
        await cloud.InjectAsync(new ImageBuilderQuotas { Pipelines = 200 });
        for (var i = 0; i < 40; i++)
        {
            await fleet.CreatePipelineAsync($"team-{i}", $"images/team-{i}", $"123456789012.dkr.ecr.us-east-1.amazonaws.com/images/base-{i % Bases}:latest");
        }

        for (var week = 1; week <= 4; week++)
        {
            for (var os = 0; os < 4; os++)
            {
                await BaseImage.PushAsync(cloud.Ecr(cloud.Region), $"golden/os-{os}", "stable", $"week {week}");
                await cloud.AdvanceAsync(TimeSpan.FromDays(1.75));
            }
        }

        var state = await RehearsalFixture.ReadAsync(cloud);
        var file = Path.Combine(Path.GetTempPath(), "rehearsal-100-images.json.gz");
        await StateFile.SaveAsync(state, file, token);
        using var process = Process.GetCurrentProcess();
        var (watch, used) = (Stopwatch.StartNew(), process.TotalProcessorTime);
        using var fixture = new RehearsalFixture();
        var result = await fixture.RunAsync(state, new RehearsalPlan(30, []));
        var seconds = watch.Elapsed.TotalSeconds;
        process.Refresh();
        var processor = (process.TotalProcessorTime - used).TotalSeconds;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{seconds:0.0} s, {processor:0.0} s of processor time; {state.Builds.Count} builds read, {result.Totals.Builds} rehearsed, {result.Totals.ApiCalls:N0} API calls; {file}"));
        Assert.NotEqual(0, result.Totals.Builds);
    }

    // 60 images that the stack builds, ten of which are bases of the others, and 40 with pipelines of their own.
    private static async Task<(string Template, string Catalog)> SynthesiseAsync(CancellationToken cancellationToken)
    {
        var images = new JsonArray();
        for (var i = 0; i < Bases; i++)
        {
            images.Add(new JsonObject
            {
                ["name"] = $"base-{i}",
                ["from"] = $"golden/os-{i % 4}:stable",
                ["repository"] = $"images/base-{i}",
                ["build"] = new JsonObject { ["schedule"] = "cron(0 3 ? * SUN *)" },
            });
        }

        for (var i = 0; i < 50; i++)
        {
            images.Add(new JsonObject { ["name"] = $"app-{i}", ["from"] = $"images/base-{i % Bases}:latest", ["repository"] = $"images/app-{i}" });
        }

        for (var i = 0; i < 40; i++)
        {
            images.Add(new JsonObject
            {
                ["name"] = $"team-{i}",
                ["from"] = $"images/base-{i % Bases}:latest",
                ["repository"] = $"images/team-{i}",
                ["pipeline"] = $"team-{i}",
            });
        }

        var catalog = new JsonObject
        {
            ["repositories"] = new JsonArray([.. Enumerable.Range(0, 4)
                .Select(os => new JsonObject { ["name"] = $"golden/os-{os}", ["watchTags"] = new JsonArray("stable") })]),
            ["defaults"] = new JsonObject
            {
                ["promote"] = new JsonObject
                {
                    ["versionTags"] = new JsonArray("v{version}.{build}"),
                    ["floatingTags"] = new JsonArray("latest"),
                    ["gate"] = new JsonObject { ["severity"] = "HIGH" },
                },
                ["retain"] = new JsonObject { ["mode"] = "delete", ["keepLast"] = 3, ["keepDays"] = 7, ["graceDays"] = 3 },
            },
            ["images"] = images,
        }.ToJsonString();
        var file = Path.Combine(Path.GetTempPath(), "rehearsal-100-images.catalog.json");
        await File.WriteAllTextAsync(file, catalog, cancellationToken);
        var build = new StackBuild(Workspace.Find(AppContext.BaseDirectory), Phases.On(TextWriter.Null, TimeProvider.System), TimeProvider.System);
        var assembly = await build.SynthesiseAsync(new StackChoice { Catalog = file }, cancellationToken);
        var template = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(assembly, "Automation.template.json"), cancellationToken))!;
        foreach (var (_, resource) in template["Resources"]!.AsObject())
        {
            if (resource!["Properties"]?["Code"] is JsonObject code)
            {
                code["S3Key"] = "functions.zip";
            }
        }

        return (template.ToJsonString(), catalog);
    }
}
