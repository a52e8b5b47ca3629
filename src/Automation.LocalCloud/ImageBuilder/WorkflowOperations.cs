using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>Operations on workflows: the account's own, and Amazon's.</summary>
internal sealed class WorkflowOperations(ImageBuilderState state, Pager pager, Func<string, string, string> readDocument)
{
    /// <summary>Actions that work on AMIs only, or that would run something outside of the build.</summary>
    private static readonly HashSet<string> Unsupported = new(StringComparer.Ordinal)
    {
        "ApplyImageConfigurations", "CollectImageMetadata", "CreateImage", "ExecuteStateMachine", "ModifyImageAttributes", "RegisterImage", "RunSysPrep",
        "SanitizeInstance",
    };

    public void Register(Dictionary<string, Operation> operations)
    {
        operations["CreateWorkflow"] = Create;
        operations["GetWorkflow"] = Get;
        operations["ListWorkflows"] = List;
        operations["ListWorkflowBuildVersions"] = ListBuilds;
        operations["DeleteWorkflow"] = Delete;
    }

    /// <summary>The workflow that an ARN names. Wildcards and a missing build number resolve to the newest.</summary>
    /// <exception cref="AwsException">ResourceNotFoundException</exception>
    public Workflow Resolve(string region, string arn)
    {
        if (ResourceArn.TryParse(arn) is { Account: ResourceArn.Amazon } wanted && wanted.Region == region)
        {
            var pattern = VersionPattern.TryParse(wanted.Version ?? "") ?? throw Errors.InvalidPattern(wanted.Version);
            return ManagedWorkflows.In(region).FirstOrDefault(workflow =>
                    workflow.Name == wanted.Name && Workflow.Kind(workflow.Type) == wanted.Kind && wanted.Build is null or 1
                    && pattern.Matches(VersionPattern.TryParse(workflow.Version)!))
                ?? throw Errors.NotFound(arn);
        }

        return ImageBuilderState.FindNewest(state.Workflows, arn, region);
    }

    /// <summary>The workflows of one stage of a build: those that it names, or Amazon's.</summary>
    public static IReadOnlyList<WorkflowConfiguration> For(ImageBuild build, string type)
    {
        var own = Configured(build.Workflows).Where(item => ResourceArn.TryParse(item.WorkflowArn)?.Kind == Workflow.Kind(type)).ToList();
        return own.Count > 0 ? own : [new WorkflowConfiguration(ManagedWorkflows.Default(build.Region, type).Arn, null, null, null)];
    }

    /// <summary>Refuses workflows that do not exist, cannot run here, or miss a parameter.</summary>
    public void CheckUse(CallContext context, JsonElement? configured)
    {
        foreach (var item in Configured(configured))
        {
            var workflow = Resolve(context.Region, item.WorkflowArn);
            if (WorkflowDocument.Parse(workflow.Data).Steps.FirstOrDefault(step => Unsupported.Contains(step.Action)) is { } step)
            {
                throw Errors.InvalidRequest(
                    $"The embedded cloud builds container images only and does not run the step action '{step.Action}' of the workflow {workflow.Arn}.");
            }

            if (DocumentInput.ParameterFault(
                $"The workflow {workflow.Arn}",
                [.. (workflow.Parameters ?? []).Select(detail => (detail.Name, detail.DefaultValue is not null))],
                [.. (item.Parameters ?? []).Select(parameter => parameter.Name)]) is { } fault)
            {
                throw Errors.InvalidRequest(fault);
            }
        }
    }

    /// <summary>The parameters of a workflow with the values of its configuration, or their defaults.</summary>
    public static Dictionary<string, string> ParameterValues(Workflow workflow, WorkflowConfiguration configuration) =>
        (workflow.Parameters ?? []).ToDictionary(
            detail => detail.Name,
            detail => string.Join(',', configuration.Parameters?.FirstOrDefault(given => given.Name == detail.Name)?.Value ?? detail.DefaultValue ?? []));

    private static WorkflowConfiguration[] Configured(JsonElement? workflows) =>
        workflows?.Deserialize(ImageBuilderState.Wire.WorkflowConfigurationArray) ?? [];

    private JsonObject Create(CallContext context, JsonObject input)
    {
        var data = DocumentInput.Read(input, "data", "uri", readDocument);
        WorkflowDocument document;
        try
        {
            document = WorkflowDocument.Parse(data);
        }
        catch (ComponentDocumentException e)
        {
            throw Errors.InvalidRequest($"The workflow document is not valid. {e.Message}");
        }

        var draft = ImageBuilderState.Read<Workflow>(input);
        var named = new ResourceArn(context.Region, context.AccountId, Workflow.Kind(draft.Type), ResourceArn.Slug(draft.Name));
        var version = ImageBuilderState.AssignVersion(input["semanticVersion"]!.GetValue<string>(), state.Workflows, named);
        var arn = (named with { Version = version, Build = 1 }).ToString();
        if (state.Workflows.Find(arn) is not null)
        {
            throw Errors.InvalidRequest($"The following resource 'Workflow' already exists: '{arn}'.");
        }

        ImageBuilderState.CheckQuota(state.Workflows, context.Region, "workflows", state.Quotas.Workflows);
        if (input["dryRun"]?.GetValue<bool>() == true)
        {
            throw new AwsException("DryRunOperationException", "The request would have succeeded, but the dryRun flag is set.", 412);
        }

        state.Workflows.Set(arn, draft with
        {
            Arn = arn,
            Version = version,
            Owner = context.AccountId,
            Data = data,
            DateCreated = state.Now,
            Parameters = document.Parameters.Count == 0 ? null : document.Parameters,
        });
        state.SetTags(arn, ImageBuilderState.TagsIn(input));
        return new JsonObject
        {
            ["clientToken"] = input["clientToken"]?.DeepClone(),
            ["workflowBuildVersionArn"] = arn,
            ["latestVersionReferences"] = ImageBuilderState.LatestVersions(arn),
        };
    }

    private JsonObject Get(CallContext context, JsonObject input)
    {
        var workflow = Resolve(context.Region, input["workflowBuildVersionArn"]!.GetValue<string>());
        return new JsonObject
        {
            ["workflow"] = state.Show(workflow.Arn, workflow),
            ["latestVersionReferences"] = ImageBuilderState.LatestVersions(workflow.Arn),
        };
    }

    private JsonObject List(CallContext context, JsonObject input)
    {
        var items = ListFilters.Apply(
            input["owner"]?.GetValue<string>() switch
            {
                null or "Self" => Own(context),
                "Amazon" => ManagedWorkflows.In(context.Region),
                _ => [],
            },
            input,
            new Dictionary<string, Func<Workflow, string?>>
            {
                ["name"] = item => item.Name,
                ["type"] = item => item.Type,
                ["version"] = item => item.Version,
            });
        var byName = input["byName"]?.GetValue<bool>() == true;
        if (byName)
        {
            items = items.GroupBy(item => $"{item.Type}/{item.Name}", StringComparer.Ordinal).Select(group => group.MaxBy(Order, StringComparer.Ordinal)!);
        }

        var answer = new JsonObject();
        pager.Page("ListWorkflows", context, input, items, Order, item => Summary(item, byName), "workflowVersionList", answer);
        return answer;
    }

    private JsonObject ListBuilds(CallContext context, JsonObject input)
    {
        var prefix = input["workflowVersionArn"] is { } version ? $"{version}/" : "";
        var items = Own(context).Concat(prefix.Length > 0 ? ManagedWorkflows.In(context.Region) : [])
            .Where(item => item.Arn.StartsWith(prefix, StringComparison.Ordinal));
        var answer = new JsonObject();
        pager.Page("ListWorkflowBuildVersions", context, input, items, Order, item =>
        {
            var summary = Summary(item, byName: false);
            summary["arn"] = item.Arn;
            summary["changeDescription"] = item.ChangeDescription;
            state.AddTags(summary, item.Arn);
            return summary;
        }, "workflowSummaryList", answer);
        return answer;
    }

    private JsonObject Delete(CallContext context, JsonObject input)
    {
        var arn = input["workflowBuildVersionArn"]!.GetValue<string>();
        if (!ImageBuilderState.InRegion(arn, context.Region) || state.Workflows.Find(arn) is null)
        {
            throw Errors.InvalidRequest($"The workflow '{arn}' does not exist.");
        }

        var users = state.Pipelines.Values
            .Where(pipeline => Configured(pipeline.Workflows).Any(item => item.WorkflowArn == arn || item.WorkflowArn + "/1" == arn))
            .Select(pipeline => pipeline.Arn)
            .Order(StringComparer.Ordinal)
            .ToList();
        if (users.Count > 0)
        {
            throw Errors.Dependency(arn, users);
        }

        state.Workflows.Remove(arn);
        state.SetTags(arn, null);
        return new JsonObject { ["workflowBuildVersionArn"] = arn };
    }

    private static JsonObject Summary(Workflow item, bool byName)
    {
        var arn = ResourceArn.TryParse(item.Arn)!;
        return new JsonObject
        {
            ["arn"] = (arn with { Version = byName ? "x.x.x" : arn.Version, Build = null }).ToString(),
            ["name"] = item.Name,
            ["version"] = item.Version,
            ["description"] = item.Description,
            ["type"] = item.Type,
            ["owner"] = item.Owner,
            ["dateCreated"] = item.DateCreated,
        };
    }

    private static string Order(Workflow item) => $"{item.Type} {RecipeOperations.SortKey(item.Arn)}";

    private IEnumerable<Workflow> Own(CallContext context) =>
        state.Workflows.Values.Where(workflow => ImageBuilderState.InRegion(workflow.Arn, context.Region));
}
