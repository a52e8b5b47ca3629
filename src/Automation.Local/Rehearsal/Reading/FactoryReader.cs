using System.Text.Json.Nodes;
using Automation.Aws;
using Automation.Aws.Facts;
using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Local.Rehearsal.Reading;

/// <summary>What Image Builder has: the catalog's pipelines with all that they refer to, every container recipe, and every build.</summary>
/// <param name="LeftOut">What is not rehearsed, in sentences.</param>
internal sealed record Factory(
    IReadOnlyList<JsonObject> Pipelines, IReadOnlyList<JsonObject> Recipes, IReadOnlyList<JsonObject> Infrastructures, IReadOnlyList<JsonObject> Distributions,
    IReadOnlyList<JsonObject> Components, IReadOnlyList<JsonObject> Builds, IReadOnlyDictionary<string, string> Parameters,
    IReadOnlyList<string> LeftOut);

/// <summary>Reads <see cref="Factory"/>.</summary>
internal sealed class FactoryReader(AccountCalls calls, AwsScope scope)
{
    public async Task<Factory> ReadAsync(ImageCatalog catalog, IReadOnlyList<string> regions, CancellationToken cancellationToken)
    {
        var wanted = catalog.Images.Select(PipelineReader.NameOf)
            .Select(name => name.StartsWith("arn:", StringComparison.Ordinal) ? name : scope.PipelineArn(name)).ToHashSet(StringComparer.Ordinal);
        var pipelines = new List<JsonObject>();
        var leftOut = new List<string>();
        await foreach (var pipeline in List("ListImagePipelines", "imagePipelineList", [], cancellationToken))
        {
            if (wanted.Contains(pipeline["arn"]!.ToString()))
            {
                pipelines.Add(Redaction.Keep(
                    pipeline, "arn", "name", "platform", "enhancedImageMetadataEnabled", "containerRecipeArn", "infrastructureConfigurationArn",
                    "distributionConfigurationArn", "imageTestsConfiguration", "schedule", "status", "dateCreated", "dateUpdated", "dateLastRun", "dateNextRun",
                    "consecutiveFailures"));
                leftOut.AddRange(WorkflowsLeftOut(pipeline));
            }
        }

        var builds = await BuildsAsync(pipelines, cancellationToken);
        var recipes = await RecipesAsync(pipelines, builds, regions, cancellationToken);
        return new Factory(
            pipelines,
            recipes,
            await GetAsync(Names(pipelines, "infrastructureConfigurationArn"), "/GetInfrastructureConfiguration", "infrastructureConfiguration",
                ["arn", "name", "instanceTypes", "instanceProfileName", "snsTopicArn", "terminateInstanceOnFailure", "dateCreated"], cancellationToken),
            await GetAsync(Names(pipelines, "distributionConfigurationArn"), "/GetDistributionConfiguration", "distributionConfiguration",
                ["arn", "name", "distributions", "timeoutMinutes", "dateCreated"], cancellationToken),
            await ComponentsAsync(recipes, cancellationToken),
            builds,
            await ParametersAsync(recipes, cancellationToken),
            leftOut);
    }

    /// <summary>A workflow of Image Builder may call functions and wait for people, which a rehearsal cannot repeat. Its document is left out like a
    /// component's.</summary>
    private static IEnumerable<string> WorkflowsLeftOut(JsonNode pipeline)
    {
        // arn:aws:imagebuilder:eu-west-1:123456789012:workflow/test/smoke/1.0.0/1
        var workflows = (pipeline["workflows"] as JsonArray ?? []).Select(workflow => workflow!["workflowArn"]!.ToString().Split(":workflow/")[^1]).ToList();
        if (workflows.Count > 0)
        {
            yield return $"The builds of {pipeline["name"]} run Image Builder's default steps: its workflows are not rehearsed ({string.Join(", ", workflows)}).";
        }
    }

    private async Task<IReadOnlyList<JsonObject>> BuildsAsync(IReadOnlyList<JsonObject> pipelines, CancellationToken cancellationToken)
    {
        var own = await AccountCalls.EachAsync(pipelines, async pipeline =>
        {
            var arn = pipeline["arn"]!.ToString();
            var found = new List<JsonObject>();
            await foreach (var build in List("ListImagePipelineImages", "imageSummaryList", new JsonObject { ["imagePipelineArn"] = arn }, cancellationToken))
            {
                var kept = Build(build);
                kept["sourcePipelineArn"] = arn;
                found.Add(kept);
            }

            return found;
        }, cancellationToken);
        var builds = own.SelectMany(each => each).ToList();

        // Builds of other pipelines, which may own images in the same repositories.
        var versions = new List<string>();
        await foreach (var version in List("ListImages", "imageVersionList", new JsonObject { ["owner"] = "Self" }, cancellationToken))
        {
            versions.Add(version["arn"]!.ToString());
        }

        var known = builds.Select(build => build["arn"]!.ToString()).ToHashSet(StringComparer.Ordinal);
        var others = await AccountCalls.EachAsync(versions, async version =>
        {
            var found = new List<JsonObject>();
            await foreach (var build in List("ListImageBuildVersions", "imageSummaryList", new JsonObject { ["imageVersionArn"] = version }, cancellationToken))
            {
                found.Add(Build(build));
            }

            return found;
        }, cancellationToken);
        return [.. builds, .. others.SelectMany(each => each).Where(build => known.Add(build["arn"]!.ToString()) && IsContainer(build))];
    }

    private static bool IsContainer(JsonObject build) => build["outputResources"]?["amis"] is not JsonArray { Count: > 0 };

    private static JsonObject Build(JsonNode build) => Redaction.Keep(
        build, "arn", "name", "state", "dateCreated", "outputResources", "buildType", "deprecationTime", "lifecycleExecutionId");

    // Retention must know the base of every recipe; only the catalog's own recipes are built.
    private async Task<IReadOnlyList<JsonObject>> RecipesAsync(
        IReadOnlyList<JsonObject> pipelines, IReadOnlyList<JsonObject> builds, IReadOnlyList<string> regions, CancellationToken cancellationToken)
    {
        var used = Names(pipelines, "containerRecipeArn").ToHashSet(StringComparer.Ordinal);
        var built = builds.Where(build => build["sourcePipelineArn"] is not null).Select(build => RecipeOf(build["arn"]!.ToString()))
            .ToHashSet(StringComparer.Ordinal);
        var full = new List<string>();
        var others = new List<JsonObject>();
        foreach (var region in regions)
        {
            var input = new JsonObject { ["owner"] = "Self" };
            await foreach (var recipe in calls.ListAsync(
                AccountCalls.ImageBuilder, region, "ListContainerRecipes", "containerRecipeSummaryList", input, cancellationToken))
            {
                var arn = recipe["arn"]!.ToString();
                if (used.Contains(arn) || built.Contains(arn))
                {
                    full.Add(arn);
                }
                else
                {
                    var summary = Redaction.Keep(recipe, "arn", "name", "platform", "owner", "parentImage", "dateCreated");
                    summary["version"] = arn.Split('/')[^1];
                    others.Add(summary);
                }
            }
        }

        // A pipeline may name its recipe by a pattern, which no list shows.
        full.AddRange(used.Where(arn => !full.Contains(arn, StringComparer.Ordinal)));
        var read = await GetAsync(full, "/GetContainerRecipe", "containerRecipe",
            ["arn", "name", "version", "containerType", "platform", "owner", "components", "parentImage", "dateCreated", "targetRepository"], cancellationToken);
        foreach (var recipe in read)
        {
            recipe["dockerfileTemplateData"] = PipelineSpec.Defined.DefaultDockerfile;
        }

        return [.. read.DistinctBy(recipe => recipe["arn"]!.ToString()), .. others];
    }

    private async Task<IReadOnlyList<JsonObject>> ComponentsAsync(IReadOnlyList<JsonObject> recipes, CancellationToken cancellationToken)
    {
        var own = recipes.SelectMany(recipe => recipe["components"] as JsonArray ?? []).Select(component => component!["componentArn"]!.ToString())
            .Where(arn => arn.Split(':') is [_, _, _, _, var owner, ..] && owner == scope.AccountId).Distinct(StringComparer.Ordinal).ToList();
        var read = await GetAsync(own, "/GetComponent", "component", ["arn", "name", "version", "type", "platform", "owner", "dateCreated"], cancellationToken,
            "componentBuildVersionArn");
        foreach (var component in read)
        {
            component["data"] = Redaction.Component;
        }

        return read;
    }

    /// <summary>The parameters that name bases. An encrypted one would be a secret, and Image Builder does not take one.</summary>
    private async Task<IReadOnlyDictionary<string, string>> ParametersAsync(IReadOnlyList<JsonObject> recipes, CancellationToken cancellationToken)
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var parameter in recipes.Select(recipe => ParentImage.Parse(recipe["parentImage"]?.ToString())).OfType<ParentImage.Parameter>().Distinct())
        {
            var answer = await AccountCalls.FindAsync(() => calls.CallAsync(
                AccountCalls.Parameters, scope.Region, "GetParameter", new JsonObject { ["Name"] = parameter.NameOrArn }, cancellationToken));
            if (answer?["Parameter"] is JsonObject { } value && value["Type"]?.ToString() == "String")
            {
                found[value["Name"]!.ToString()] = value["Value"]!.ToString();
            }
        }

        return found;
    }

    private async Task<IReadOnlyList<JsonObject>> GetAsync(
        IEnumerable<string> arns, string path, string member, string[] kept, CancellationToken cancellationToken, string? parameter = null)
    {
        var read = await AccountCalls.EachAsync([.. arns], async arn =>
        {
            var answer = await AccountCalls.FindAsync(() => calls.GetAsync(
                AccountCalls.ImageBuilder, arn.Split(':')[3], path, [(parameter ?? $"{member}Arn", arn)], cancellationToken));
            return answer?[member] is { } found ? Redaction.Keep(found, kept) : null;
        }, cancellationToken);
        return [.. read.OfType<JsonObject>()];
    }

    private IAsyncEnumerable<JsonNode> List(string operation, string list, JsonObject input, CancellationToken cancellationToken) =>
        calls.ListAsync(AccountCalls.ImageBuilder, scope.Region, operation, list, input, cancellationToken);

    private static IEnumerable<string> Names(IEnumerable<JsonObject> pipelines, string member) =>
        pipelines.Select(pipeline => pipeline[member]?.ToString()).OfType<string>().Distinct(StringComparer.Ordinal);

    // arn:aws:imagebuilder:eu-west-1:123456789012:image/app/1.0.0/3
    private static string RecipeOf(string buildArn) =>
        buildArn[..buildArn.LastIndexOf('/')].Replace(":image/", ":container-recipe/", StringComparison.Ordinal);
}
