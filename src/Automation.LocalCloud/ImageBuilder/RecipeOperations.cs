using System.Text.Json.Nodes;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>Operations on container recipes with their policies, and on image (AMI) recipes.</summary>
internal sealed class RecipeOperations(ImageBuilderState state, Pager pager, ComponentOperations components, Func<string, string, string> readDocument)
{
    public void Register(Dictionary<string, Operation> operations)
    {
        operations["CreateContainerRecipe"] = CreateContainerRecipe;
        operations["GetContainerRecipe"] = GetContainerRecipe;
        operations["ListContainerRecipes"] = ListContainerRecipes;
        operations["DeleteContainerRecipe"] = DeleteContainerRecipe;
        operations["CreateImageRecipe"] = CreateImageRecipe;
        operations["GetImageRecipe"] = GetImageRecipe;
        operations["ListImageRecipes"] = ListImageRecipes;
        operations["DeleteImageRecipe"] = DeleteImageRecipe;
    }

    private JsonObject CreateContainerRecipe(CallContext context, JsonObject input)
    {
        var template = Template(input);
        var draft = ImageBuilderState.Read<ContainerRecipe>(input);
        if (input["imageOsVersionOverride"] is not null && input["platformOverride"] is null)
        {
            throw Errors.Combination("imageOsVersionOverride needs platformOverride.");
        }

        var platform = input["platformOverride"]?.GetValue<string>();
        CheckPlatform(draft.ParentImage, platform, input["imageOsVersionOverride"]?.GetValue<string>());
        platform ??= PlatformOf(draft.ParentImage, context.Region);
        CheckComponents(context, draft.Components, platform);
        CheckParent(draft.ParentImage);
        if (state.Engine.Options.ChecksParentImages)
        {
            CheckParentExists(context.Region, draft.ParentImage);
        }

        if (DockerfileTemplate.Missing(template, draft.Components is { Count: > 0 }) is { } missing)
        {
            throw Errors.InvalidValue(input["dockerfileTemplateData"] is null ? "dockerfileTemplateUri" : "dockerfileTemplateData", missing);
        }

        var arn = NewArn(context, "container-recipe", input, state.ContainerRecipes);
        if (state.ContainerRecipes.Find(arn.ToString()) is not null)
        {
            throw Errors.AlreadyExists("ContainerRecipe", arn.ToString());
        }

        ImageBuilderState.CheckQuota(state.ContainerRecipes, context.Region, "container recipes", state.Quotas.ContainerRecipes);
        state.ContainerRecipes.Set(arn.ToString(), draft with
        {
            Arn = arn.ToString(),
            Version = arn.Version!,
            Owner = context.AccountId,
            Platform = platform,
            // Also without a key of the account, as TestAccImageBuilderContainerRecipe_basic of terraform-provider-aws sees it.
            Encrypted = true,
            DockerfileTemplateData = template,
            DateCreated = state.Now,
        });
        state.SetTags(arn.ToString(), ImageBuilderState.TagsIn(input));
        return Created(input, "containerRecipeArn", arn);
    }

    private string Template(JsonObject input) => DocumentInput.Read(input, "dockerfileTemplateData", "dockerfileTemplateUri", readDocument);

    private JsonObject GetContainerRecipe(CallContext context, JsonObject input)
    {
        var recipe = ImageBuilderState.FindNewest(state.ContainerRecipes, Arn(input, "containerRecipeArn"), context.Region);
        return new JsonObject
        {
            ["containerRecipe"] = state.Show(recipe.Arn, recipe),
            ["latestVersionReferences"] = ImageBuilderState.LatestVersions(recipe.Arn),
        };
    }

    private JsonObject ListContainerRecipes(CallContext context, JsonObject input)
    {
        var items = ListFilters.Apply(
            IsSelf(input) ? state.ContainerRecipes.Values.Where(item => ImageBuilderState.InRegion(item.Arn, context.Region)) : [],
            input,
            new Dictionary<string, Func<ContainerRecipe, string?>>
            {
                ["containerType"] = item => item.ContainerType,
                ["name"] = item => item.Name,
                ["parentImage"] = item => item.ParentImage,
                ["platform"] = item => item.Platform,
            });
        var answer = new JsonObject();
        pager.Page("ListContainerRecipes", context, input, items, item => SortKey(item.Arn), Summary, "containerRecipeSummaryList", answer);
        return answer;

        JsonObject Summary(ContainerRecipe item)
        {
            var summary = new JsonObject
            {
                ["arn"] = item.Arn,
                ["containerType"] = item.ContainerType,
                ["name"] = item.Name,
                ["platform"] = item.Platform,
                ["owner"] = item.Owner,
                ["parentImage"] = item.ParentImage,
                ["dateCreated"] = item.DateCreated,
            };
            if (item.InstanceConfiguration is { } instance && instance.TryGetProperty("image", out var image))
            {
                summary["instanceImage"] = image.GetString();
            }

            state.AddTags(summary, item.Arn);
            return summary;
        }
    }

    private JsonObject DeleteContainerRecipe(CallContext context, JsonObject input)
    {
        var arn = ImageBuilderState.Find(state.ContainerRecipes, Arn(input, "containerRecipeArn"), context).Arn;
        RefuseWhenUsed(arn, state.Pipelines.Values.Where(pipeline => pipeline.ContainerRecipeArn == arn).Select(pipeline => pipeline.Arn));
        state.ContainerRecipes.Remove(arn);
        state.Policies.Remove(arn);
        state.SetTags(arn, null);
        return new JsonObject { ["containerRecipeArn"] = arn };
    }

    private JsonObject CreateImageRecipe(CallContext context, JsonObject input)
    {
        var draft = ImageBuilderState.Read<ImageRecipe>(input);
        var platform = draft.ParentImage.Contains("windows", StringComparison.OrdinalIgnoreCase) ? "Windows" : "Linux";
        CheckComponents(context, draft.Components, platform);
        CheckParent(draft.ParentImage);
        var arn = NewArn(context, "image-recipe", input, state.ImageRecipes);
        if (state.ImageRecipes.Find(arn.ToString()) is not null)
        {
            throw Errors.AlreadyExists("ImageRecipe", arn.ToString());
        }

        ImageBuilderState.CheckQuota(state.ImageRecipes, context.Region, "image recipes", state.Quotas.ImageRecipes);
        state.ImageRecipes.Set(arn.ToString(), draft with
        {
            Arn = arn.ToString(),
            Type = "AMI",
            Version = arn.Version!,
            Platform = platform,
            Owner = context.AccountId,
            DateCreated = state.Now,
        });
        state.SetTags(arn.ToString(), ImageBuilderState.TagsIn(input));
        return Created(input, "imageRecipeArn", arn);
    }

    private JsonObject GetImageRecipe(CallContext context, JsonObject input)
    {
        var recipe = ImageBuilderState.FindNewest(state.ImageRecipes, Arn(input, "imageRecipeArn"), context.Region);
        return new JsonObject
        {
            ["imageRecipe"] = state.Show(recipe.Arn, recipe),
            ["latestVersionReferences"] = ImageBuilderState.LatestVersions(recipe.Arn),
        };
    }

    private JsonObject ListImageRecipes(CallContext context, JsonObject input)
    {
        var items = ListFilters.Apply(
            IsSelf(input) ? state.ImageRecipes.Values.Where(item => ImageBuilderState.InRegion(item.Arn, context.Region)) : [],
            input,
            new Dictionary<string, Func<ImageRecipe, string?>>
            {
                ["name"] = item => item.Name,
                ["parentImage"] = item => item.ParentImage,
                ["platform"] = item => item.Platform,
            });
        var answer = new JsonObject();
        pager.Page("ListImageRecipes", context, input, items, item => SortKey(item.Arn), Summary, "imageRecipeSummaryList", answer);
        return answer;

        JsonObject Summary(ImageRecipe item)
        {
            var summary = new JsonObject
            {
                ["arn"] = item.Arn,
                ["name"] = item.Name,
                ["platform"] = item.Platform,
                ["owner"] = item.Owner,
                ["parentImage"] = item.ParentImage,
                ["dateCreated"] = item.DateCreated,
            };
            state.AddTags(summary, item.Arn);
            return summary;
        }
    }

    private JsonObject DeleteImageRecipe(CallContext context, JsonObject input)
    {
        var arn = ImageBuilderState.Find(state.ImageRecipes, Arn(input, "imageRecipeArn"), context).Arn;
        RefuseWhenUsed(arn, state.Pipelines.Values.Where(pipeline => pipeline.ImageRecipeArn == arn).Select(pipeline => pipeline.Arn));
        state.ImageRecipes.Remove(arn);
        state.Policies.Remove(arn);
        state.SetTags(arn, null);
        return new JsonObject { ["imageRecipeArn"] = arn };
    }

    /// <summary>The order of versions in lists: by name, then by number.</summary>
    public static string SortKey(string arn)
    {
        var parsed = ResourceArn.TryParse(arn)!;
        return $"{parsed.Account} {parsed.Name} {VersionPattern.TryParse(parsed.Version!)!.SortKey} {parsed.Build:D10}";
    }

    /// <summary>Lists show the account's own resources unless the request names another owner. Nothing is shared with the account here.</summary>
    public static bool IsSelf(JsonObject input) => input["owner"]?.GetValue<string>() is null or "Self";

    private void CheckComponents(CallContext context, IReadOnlyList<ComponentConfiguration>? configured, string platform)
    {
        foreach (var configuration in configured ?? [])
        {
            components.CheckUse(context, configuration, platform);
        }
    }

    /// <summary>The platform of a parent that Image Builder knows; its own images have that of their recipe, and Amazon's have it in their names.</summary>
    private string PlatformOf(string parent, string region) =>
        ResourceArn.TryParse(parent) is not { } arn ? "Linux"
        : arn.Account == ResourceArn.Amazon ? arn.Name.StartsWith("windows-", StringComparison.Ordinal) ? "Windows" : "Linux"
        : BuildRunner.NewestAvailable(state, parent, region)?.ContainerRecipe.Platform ?? "Linux";

    /// <summary>The service does not detect the platform of an image in ECR, so the recipe must name it. The texts are the service's.</summary>
    private static void CheckPlatform(string parent, string? platform, string? osVersion)
    {
        var registry = parent.StartsWith("public.ecr.aws/", StringComparison.Ordinal)
            ? "ECR Public Repositories"
            : ParentImages.IsInEcr(parent) ? "ECR Repositories" : null;
        if (registry is not null && platform is null)
        {
            throw Errors.Combination(
                $"The value supplied for parameter 'parentImage' is not valid. You must specify a platform override when using {registry} as your parent image.");
        }

        if (registry is not null && platform == "Windows" && osVersion is null)
        {
            throw Errors.Combination(
                $"The value supplied for parameter 'parentImage' is not valid. You must specify an image OsVersion override when using {registry} as your parent image for Windows Platform.");
        }
    }

    private static void CheckParent(string parent)
    {
        if (parent.Any(char.IsWhiteSpace))
        {
            throw Errors.InvalidValue("parentImage", "An image reference must not contain blanks.");
        }
    }

    private void CheckParentExists(string region, string parent)
    {
        try
        {
            new ParentImages(state).Resolve(region, parent, Caller.Administrator, BuildPlatform.Default);
        }
        catch (BuildFailedException e)
        {
            throw Errors.InvalidValue("parentImage", e.Message);
        }
    }

    private static ResourceArn NewArn<T>(CallContext context, string kind, JsonObject input, Storage.Table<T> table)
        where T : class
    {
        var arn = new ResourceArn(context.Region, context.AccountId, kind, ResourceArn.Slug(input["name"]!.GetValue<string>()));
        return arn with { Version = ImageBuilderState.AssignVersion(input["semanticVersion"]!.GetValue<string>(), table, arn) };
    }

    private static void RefuseWhenUsed(string arn, IEnumerable<string> users)
    {
        var found = users.Order(StringComparer.Ordinal).ToList();
        if (found.Count > 0)
        {
            throw Errors.Dependency(arn, found);
        }
    }

    private static string Arn(JsonObject input, string member) => input[member]!.GetValue<string>();

    private static JsonObject Created(JsonObject input, string member, ResourceArn arn) => new()
    {
        ["clientToken"] = input["clientToken"]?.DeepClone(),
        [member] = arn.ToString(),
        ["latestVersionReferences"] = ImageBuilderState.LatestVersions(arn.ToString()),
    };
}
