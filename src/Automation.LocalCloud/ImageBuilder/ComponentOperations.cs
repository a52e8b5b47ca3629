using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>Operations on components: the account's own, and the managed ones.</summary>
internal sealed class ComponentOperations(ImageBuilderState state, Pager pager, Func<string, string, string> readDocument)
{
    public void Register(Dictionary<string, Operation> operations)
    {
        operations["CreateComponent"] = Create;
        operations["GetComponent"] = Get;
        operations["ListComponents"] = List;
        operations["ListComponentBuildVersions"] = ListBuilds;
        operations["DeleteComponent"] = Delete;
    }

    /// <summary>The component that a recipe names. Wildcards and a missing build number resolve to the newest.</summary>
    /// <exception cref="AwsException">ResourceNotFoundException</exception>
    public Component Resolve(string region, string arn)
    {
        var wanted = ResourceArn.TryParse(arn);
        if (wanted is { Account: ResourceArn.Amazon } && wanted.Region == region)
        {
            var pattern = VersionPattern.TryParse(wanted.Version ?? "") ?? throw Errors.InvalidPattern(wanted.Version);
            return ManagedComponents.Find(wanted, pattern) ?? throw Errors.NotFound(arn);
        }

        return ImageBuilderState.FindNewest(state.Components, arn, region);
    }

    /// <summary>Refuses a component that does not exist or is for another platform, and unknown or missing parameters.</summary>
    /// <param name="platform">The platform of the recipe.</param>
    public void CheckUse(CallContext context, ComponentConfiguration configuration, string platform)
    {
        var component = Resolve(context.Region, configuration.ComponentArn);
        if (component.Platform != platform)
        {
            throw Errors.InvalidValue("components", $"The component {component.Arn} is for {component.Platform}, the recipe is for {platform}.");
        }

        if (component.Owner == ManagedComponents.ResourceOwner)
        {
            return;
        }

        if (DocumentInput.ParameterFault(
            $"The component {component.Arn}",
            [.. (component.Parameters ?? []).Select(detail => (detail.Name, detail.DefaultValue is not null))],
            [.. (configuration.Parameters ?? []).Select(parameter => parameter.Name)]) is { } fault)
        {
            throw Errors.InvalidValue("components", fault);
        }
    }

    private JsonObject Create(CallContext context, JsonObject input)
    {
        var data = DocumentInput.Read(input, "data", "uri", readDocument);
        ComponentDocument document;
        try
        {
            document = ComponentDocument.Parse(data);
        }
        catch (ComponentDocumentException e)
        {
            throw Errors.InvalidValue("data", e.Message);
        }

        var draft = ImageBuilderState.Read<Component>(input);
        var version = input["semanticVersion"]!.GetValue<string>();
        var named = new ResourceArn(context.Region, context.AccountId, "component", ResourceArn.Slug(draft.Name));
        var arn = (named with { Version = ImageBuilderState.AssignVersion(version, state.Components, named), Build = 1 }).ToString();
        if (state.Components.Find(arn) is not null)
        {
            throw Errors.AlreadyExists("Component", arn);
        }

        ImageBuilderState.CheckQuota(state.Components, context.Region, "components", state.Quotas.Components);
        if (input["dryRun"]?.GetValue<bool>() == true)
        {
            throw new AwsException("DryRunOperationException", "The request would have succeeded, but the dryRun flag is set.", 412);
        }

        state.Components.Set(arn, draft with
        {
            Arn = arn,
            Version = ResourceArn.TryParse(arn)!.Version!,
            Type = document.Type,
            Owner = context.AccountId,
            Data = data,
            Encrypted = true,
            Parameters = document.Parameters.Count == 0 ? null : document.Parameters,
            DateCreated = state.Now,
        });
        state.SetTags(arn, ImageBuilderState.TagsIn(input));
        return new JsonObject
        {
            ["clientToken"] = input["clientToken"]?.DeepClone(),
            ["componentBuildVersionArn"] = arn,
            ["latestVersionReferences"] = ImageBuilderState.LatestVersions(arn),
        };
    }

    private JsonObject Get(CallContext context, JsonObject input)
    {
        var component = Resolve(context.Region, input["componentBuildVersionArn"]!.GetValue<string>());
        var shown = state.Show(component.Arn, component);
        shown["state"] = new JsonObject { ["status"] = "ACTIVE" };
        return new JsonObject
        {
            ["component"] = shown,
            ["latestVersionReferences"] = ImageBuilderState.LatestVersions(component.Arn),
        };
    }

    private JsonObject List(CallContext context, JsonObject input)
    {
        var items = ListFilters.Apply(
            input["owner"]?.GetValue<string>() switch
            {
                null or "Self" => state.Components.Values.Where(component => ImageBuilderState.InRegion(component.Arn, context.Region)),
                "Amazon" => ManagedComponents.In(context.Region),
                _ => [],
            },
            input,
            new Dictionary<string, Func<Component, string?>>
            {
                ["description"] = item => item.Description,
                ["name"] = item => item.Name,
                ["platform"] = item => item.Platform,
                ["supportedOsVersion"] = item => item.SupportedOsVersions?[0],
                ["type"] = item => item.Type,
                ["version"] = item => item.Version,
            });
        var byName = input["byName"]?.GetValue<bool>() == true;
        if (byName)
        {
            items = items.GroupBy(item => item.Name, StringComparer.Ordinal)
                .Select(group => group.MaxBy(item => RecipeOperations.SortKey(item.Arn), StringComparer.Ordinal)!);
        }

        var answer = new JsonObject();
        pager.Page("ListComponents", context, input, items, item => RecipeOperations.SortKey(item.Arn), Summary, "componentVersionList", answer);
        return answer;

        JsonObject Summary(Component item)
        {
            var arn = ResourceArn.TryParse(item.Arn)!;
            return new JsonObject
            {
                ["arn"] = (arn with { Version = byName ? "x.x.x" : arn.Version, Build = null }).ToString(),
                ["name"] = item.Name,
                ["version"] = item.Version,
                ["description"] = item.Description,
                ["platform"] = item.Platform,
                ["supportedOsVersions"] = item.SupportedOsVersions is null
                    ? null
                    : new JsonArray([.. item.SupportedOsVersions.Select(os => JsonValue.Create(os))]),
                ["type"] = item.Type,
                ["owner"] = item.Owner,
                ["dateCreated"] = item.DateCreated,
                ["status"] = "ACTIVE",
            };
        }
    }

    private JsonObject ListBuilds(CallContext context, JsonObject input)
    {
        var prefix = input["componentVersionArn"] is { } version ? $"{version}/" : "";
        var own = state.Components.Values.Where(component => ImageBuilderState.InRegion(component.Arn, context.Region));
        var items = own.Concat(prefix.Length > 0 ? ManagedComponents.In(context.Region) : [])
            .Where(item => item.Arn.StartsWith(prefix, StringComparison.Ordinal));
        var answer = new JsonObject();
        pager.Page("ListComponentBuildVersions", context, input, items, item => RecipeOperations.SortKey(item.Arn), item =>
        {
            var summary = state.Show(item.Arn, item);
            string[] onlyInFull = ["data", "encrypted", "kmsKeyId", "parameters"];
            foreach (var member in onlyInFull)
            {
                summary.Remove(member);
            }

            summary["state"] = new JsonObject { ["status"] = "ACTIVE" };
            return summary;
        }, "componentSummaryList", answer);
        return answer;
    }

    private JsonObject Delete(CallContext context, JsonObject input)
    {
        var arn = ImageBuilderState.Find(state.Components, input["componentBuildVersionArn"]!.GetValue<string>(), context).Arn;
        var users = Users(state.ContainerRecipes.Values.Select(recipe => (recipe.Arn, recipe.Components)))
            .Concat(Users(state.ImageRecipes.Values.Select(recipe => (recipe.Arn, recipe.Components))))
            .Order(StringComparer.Ordinal)
            .ToList();
        if (users.Count > 0)
        {
            throw Errors.Dependency(arn, users);
        }

        state.Components.Remove(arn);
        state.Policies.Remove(arn);
        state.SetTags(arn, null);
        return new JsonObject { ["componentBuildVersionArn"] = arn };

        // A recipe with a wildcard does not pin this version. It would resolve to another version, or fail when it builds.
        IEnumerable<string> Users(IEnumerable<(string Arn, IReadOnlyList<ComponentConfiguration>? Components)> recipes) => recipes
            .Where(recipe => recipe.Components?.Any(component => component.ComponentArn == arn || component.ComponentArn + "/1" == arn) == true)
            .Select(recipe => recipe.Arn);
    }
}
