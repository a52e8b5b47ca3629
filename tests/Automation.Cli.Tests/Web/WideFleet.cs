using System.Globalization;
using System.Text.Json.Nodes;
using Amazon.ECR.Model;
using Automation.LocalCloud.ImageBuilder;

namespace Automation.Cli.Tests.Web;

/// <summary>A fleet of many images on a few bases, three levels deep, in a cloud of this process: a template with their pipelines, and their catalog.</summary>
internal static class WideFleet
{
    private static readonly string[] Bases = ["debian", "alpine", "amazonlinux", "distroless"];
    private static readonly string[] Teams = ["billing", "catalog", "identity", "ledger", "media", "orders", "search", "shipping"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A console that shows so many images, some of them held, blocked or in other states.</summary>
    public static async Task<ConsoleFixture> StartAsync(int images)
    {
        var list = Enumerable.Range(0, images).Select(At).ToList();
        var template = (JsonObject)JsonNode.Parse(await File.ReadAllTextAsync(CommandFixture.PathOf("stack.json"), Token))!;
        var resources = template["Resources"]!.AsObject();
        var (recipe, pipeline, repository) = (resources["RecipeApp"]!, resources["PipelineApp"]!, resources["App"]!);
        foreach (var name in new[] { "Base", "App", "Web", "RecipeApp", "PipelineApp", "RecipeWeb", "PipelineWeb" })
        {
            resources.Remove(name);
        }

        foreach (var (index, each) in list.Index())
        {
            resources[$"Repository{index}"] = Changed(repository, ("RepositoryName", $"images/{each.Name}"));
            var own = Changed(recipe, ("Name", each.Name), ("ParentImage", $"123456789012.dkr.ecr.us-east-1.amazonaws.com/{each.From}"));
            own["Properties"]!["TargetRepository"]!["RepositoryName"] = $"images/{each.Name}";
            resources[$"Recipe{index}"] = own;
            var ownPipeline = Changed(pipeline, ("Name", each.Name));
            ownPipeline["Properties"]!["ContainerRecipeArn"] = new JsonObject { ["Fn::GetAtt"] = new JsonArray($"Recipe{index}", "Arn") };
            resources[$"Pipeline{index}"] = ownPipeline;
        }

        foreach (var name in Bases)
        {
            resources[$"Base{name}"] = Changed(repository, ("RepositoryName", $"golden/{name}"));
        }

        var fleet = await CommandFixture.DeployAsync(
            "Automation", template.ToJsonString(), new ImageBuilderQuotas { Pipelines = images, ContainerRecipes = images });
        foreach (var name in Bases)
        {
            await BaseImage.PushAsync(fleet.Ecr, $"golden/{name}", "stable", name);
        }

        foreach (var each in list.Where(each => each.Held))
        {
            await fleet.TagAsync($"arn:aws:imagebuilder:us-east-1:123456789012:image-pipeline/{each.Name}",
                ("automation:hold", "the quarter ends (anna)"), ("automation:hold-scope", "promotion"), ("automation:hold-since", "2026-01-05T07:00:00Z"));
        }

        foreach (var each in list.Where(each => each.Release is not null))
        {
            await BuildAsync(fleet, each.Name, each.From, each.Release!);
        }

        var file = Path.Combine(AppContext.BaseDirectory, $"wide-{images}.json");
        await File.WriteAllTextAsync(file, Catalog(list).ToJsonString(), Token);
        return await ConsoleFixture.OfAsync(fleet, catalog: file);
    }

    /// <summary>Builds an image and marks its release, as the functions would. A promoted build gets the floating tag.</summary>
    private static async Task BuildAsync(CommandFixture fleet, string image, string from, string release)
    {
        var (repository, tag) = from.Split(':') is [var name, var its] ? (name, its) : throw new ArgumentException(from);
        var found = await fleet.Ecr.DescribeImagesAsync(
            new DescribeImagesRequest { RepositoryName = repository, ImageIds = [new ImageIdentifier { ImageTag = tag }] }, Token);
        var build = await fleet.BuildAsync(
            $"arn:aws:imagebuilder:us-east-1:123456789012:image-pipeline/{image}",
            ("automation:image", image), ("automation:cause", "first"), ("automation:base-digest", found.ImageDetails[0].ImageDigest));
        if (release != "promoted")
        {
            await fleet.TagAsync(build, ("automation:release", release), ("automation:release-reason", "1 finding of HIGH or above: CVE-2026-0815"));
            return;
        }

        var digest = await BaseImage.RetagAsync(fleet.Ecr, $"images/{image}", new ImageIdentifier { ImageTag = "1.0.0-1" }, "latest");
        await fleet.TagAsync(
            build, ("automation:release", release), ("automation:digest", digest), ("automation:promoted-at", "2026-01-05T08:00:00Z"));
    }

    // Of ten images, one is a runtime on a base, three are frameworks on the runtime, and six are services on a framework.
    private static (string Name, string From, bool Held, string? Release) At(int index)
    {
        var (group, place) = (index / 10, index % 10);
        var number = group.ToString("00", CultureInfo.InvariantCulture);
        var runtime = $"runtime-{number}";
        return place switch
        {
            0 => (runtime, $"golden/{Bases[group % Bases.Length]}:stable", false, group % 9 == 4 ? "blocked" : "promoted"),
            < 4 => ($"framework-{number}-{place}", $"images/{runtime}:latest", false, group % 9 == 4 ? null : "promoted"),
            _ => ($"{Teams[(group + place) % Teams.Length]}-{number}-{place}", $"images/framework-{number}-{1 + (place % 3)}:latest", index % 37 == 5, null),
        };
    }

    private static JsonObject Catalog(IReadOnlyList<(string Name, string From, bool Held, string? Release)> images) => new()
    {
        ["repositories"] = new JsonArray([.. Bases.Select(name => new JsonObject { ["name"] = $"golden/{name}", ["watchTags"] = new JsonArray("stable") })]),
        ["images"] = new JsonArray([.. images.Select(each => new JsonObject
        {
            ["name"] = each.Name,
            ["from"] = each.From,
            ["repository"] = $"images/{each.Name}",
            ["pipeline"] = new JsonObject { ["recipeVersion"] = "1.0.0" },
            ["promote"] = new JsonObject { ["floatingTags"] = new JsonArray("latest") },
        })]),
    };

    private static JsonObject Changed(JsonNode resource, params (string Name, string Value)[] properties)
    {
        var copy = (JsonObject)resource.DeepClone();
        foreach (var (name, value) in properties)
        {
            copy["Properties"]![name] = value;
        }

        return copy;
    }
}
