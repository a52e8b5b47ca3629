using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Automation.LocalCloud.ImageBuilder;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Import;

/// <summary>Writes pipelines, recipes, configurations and builds. Their documents have the members of the records.</summary>
internal static class ImageBuilderImport
{
    private const string Tags = "imagebuilder.tags";

    private static readonly string[] Tables =
    [
        "imagebuilder.container-recipes", "imagebuilder.infrastructure-configurations", "imagebuilder.distribution-configurations",
        "imagebuilder.image-pipelines",
    ];

    public static void Write(AccountState state, Rows rows)
    {
        // What the stacks created is in the account too, or was deleted there.
        foreach (var table in Tables)
        {
            rows.Clear(table, _ => true);
        }

        rows.Clear(Tags, _ => true);
        var recipes = Put(rows, Tables[0], state.Recipes, ImageBuilderJson.Default.ContainerRecipe, recipe => recipe.Arn);
        var infrastructures = Put(rows, Tables[1], state.Infrastructures, ImageBuilderJson.Default.InfrastructureConfiguration, each => each.Arn);
        var distributions = Put(rows, Tables[2], state.Distributions, ImageBuilderJson.Default.DistributionConfiguration, each => each.Arn);
        var pipelines = Put(rows, Tables[3], state.Pipelines, ImageBuilderJson.Default.ImagePipeline, pipeline => pipeline.Arn);
        Put(rows, "imagebuilder.components", state.Components, ImageBuilderJson.Default.Component, component => component.Arn);

        var last = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var document in state.Builds)
        {
            var arn = document["arn"]!.GetValue<string>();
            if (ResourceArn.TryParse(arn) is not { Version: not null, Build: { } number } parsed)
            {
                continue;
            }

            var recipeArn = (parsed with { Kind = "container-recipe", Build = null }).ToString();
            last[recipeArn] = Math.Max(number, last.GetValueOrDefault(recipeArn));
            var pipeline = document["sourcePipelineArn"]?.GetValue<string>() is { } source ? pipelines.GetValueOrDefault(source) : null;
            var recipe = recipes.GetValueOrDefault(recipeArn)
                ?? (pipeline?.ContainerRecipeArn is { } current ? recipes.GetValueOrDefault(current) : null)?.Of(recipeArn, parsed)
                ?? new ContainerRecipe { Arn = recipeArn, Name = parsed.Name, Version = parsed.Version, Owner = parsed.Account };
            var build = Build(document, arn, parsed, recipe);
            rows.Set("imagebuilder.images", arn, build with
            {
                // A list does not say what a running build has resolved so far, so it runs again from its beginning.
                Status = ImageStatus.InProgress(build.Status) ? ImageStatus.Pending : build.Status,
                StateEnds = ImageStatus.InProgress(build.Status) ? state.ReadAt : null,
                SourcePipelineArn = pipeline?.Arn,
                SourcePipelineName = pipeline?.Name,
                InfrastructureConfiguration =
                    pipeline is null ? new InfrastructureConfiguration() : infrastructures.GetValueOrDefault(pipeline.InfrastructureConfigurationArn) ?? new(),
                DistributionConfiguration =
                    pipeline?.DistributionConfigurationArn is { } distribution ? distributions.GetValueOrDefault(distribution) : null,
            }, ImageBuilderJson.Default.ImageBuild);
            PutTags(rows, arn, document);
        }

        foreach (var (recipe, number) in last)
        {
            rows.Set("imagebuilder.build-counters", recipe, new BuildCounter(number), ImageBuilderJson.Default.BuildCounter);
        }
    }

    private static ContainerRecipe Of(this ContainerRecipe recipe, string arn, ResourceArn parsed) =>
        recipe with { Arn = arn, Name = parsed.Name, Version = parsed.Version! };

    private static ImageBuild Build(JsonObject document, string arn, ResourceArn parsed, ContainerRecipe recipe) => new()
    {
        Arn = arn,
        Name = document.Text("name") ?? parsed.Name,
        Version = parsed.Version!,
        Build = parsed.Build!.Value,
        Status = document["state"]!["status"]!.GetValue<string>(),
        Reason = document["state"]!["reason"]?.GetValue<string>(),
        BuildType = document.Text("buildType") ?? "USER_INITIATED",
        ContainerRecipe = recipe,
        Created = DateTimeOffset.Parse(document.Text("dateCreated")!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
        DeprecationTime = document.Instant("deprecationTime"),
        LifecycleExecutionId = document.Text("lifecycleExecutionId"),
        Containers = document["outputResources"]?["containers"]?.Deserialize(ImageBuilderState.Wire.ListContainerOutput) ?? [],
    };

    private static Dictionary<string, T> Put<T>(
        Rows rows, string table, IEnumerable<JsonObject> documents, JsonTypeInfo<T> json, Func<T, string> arnOf)
        where T : class
    {
        var all = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var document in documents)
        {
            var row = ImageBuilderState.Read<T>(document);
            rows.Set(table, arnOf(row), row, json);
            PutTags(rows, arnOf(row), document);
            all[arnOf(row)] = row;
        }

        return all;
    }

    private static void PutTags(Rows rows, string arn, JsonObject document)
    {
        if (document["tags"]?.Deserialize(ImageBuilderJson.Default.DictionaryStringString) is { Count: > 0 } tags)
        {
            rows.Set(Tags, arn, new TagSet(tags), ImageBuilderJson.Default.TagSet);
        }
    }
}
