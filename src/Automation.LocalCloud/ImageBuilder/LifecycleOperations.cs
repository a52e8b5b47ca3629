using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>
/// The operations on lifecycle policies of container images, and their daily runs.
/// https://docs.aws.amazon.com/imagebuilder/latest/userguide/manage-image-lifecycles.html
/// </summary>
internal sealed class LifecycleOperations(ImageBuilderState state, Pager pager, ImageOperations images)
{
    private readonly Dictionary<string, CloudTimer> _timers = new(StringComparer.Ordinal);

    public void Register(Dictionary<string, Operation> operations)
    {
        operations["CreateLifecyclePolicy"] = Create;
        operations["GetLifecyclePolicy"] =
            (context, input) => new JsonObject { ["lifecyclePolicy"] = Show(Find(context, input, "lifecyclePolicyArn"), whole: true) };
        operations["UpdateLifecyclePolicy"] = Update;
        operations["DeleteLifecyclePolicy"] = Delete;
        operations["ListLifecyclePolicies"] = List;
        operations["GetLifecycleExecution"] = (context, input) => new JsonObject { ["lifecycleExecution"] = Show(Execution(context, input)) };
        operations["ListLifecycleExecutions"] = ListExecutions;
        operations["ListLifecycleExecutionResources"] = ListResults;
        operations["CancelLifecycleExecution"] = (context, input) =>
            throw Errors.InvalidRequest($"The execution '{Execution(context, input).Id}' has ended.");
    }

    /// <summary>Schedules the runs of the policies in a store that was opened again.</summary>
    public void Resume()
    {
        foreach (var policy in state.LifecyclePolicies.Values.OrderBy(policy => policy.Arn, StringComparer.Ordinal))
        {
            SetTimer(policy);
        }
    }

    private JsonObject Create(CallContext context, JsonObject input)
    {
        var draft = ImageBuilderState.Read<LifecyclePolicy>(input);
        LifecycleRules.Check(draft);
        var arn = new ResourceArn(context.Region, context.AccountId, "lifecycle-policy", ResourceArn.Slug(draft.Name)).ToString();
        if (state.LifecyclePolicies.Find(arn) is not null)
        {
            throw Errors.AlreadyExists("LifecyclePolicy", arn);
        }

        Store(draft with { Arn = arn, Created = state.Engine.Clock.Now });
        state.SetTags(arn, ImageBuilderState.TagsIn(input));
        return Answer(input, arn);
    }

    private JsonObject Update(CallContext context, JsonObject input)
    {
        var old = Find(context, input, "lifecyclePolicyArn");
        var draft = ImageBuilderState.Read<LifecyclePolicy>(input);
        LifecycleRules.Check(draft);
        Store(draft with
        {
            Arn = old.Arn,
            Name = old.Name,
            Created = old.Created,
            Updated = state.Engine.Clock.Now,
            LastRun = old.LastRun,
            NextRun = old.NextRun
        });
        return Answer(input, old.Arn);
    }

    private JsonObject Delete(CallContext context, JsonObject input)
    {
        var policy = Find(context, input, "lifecyclePolicyArn");
        state.LifecyclePolicies.Remove(policy.Arn);
        state.SetTags(policy.Arn, null);
        SetTimer(policy with { NextRun = null });
        return new JsonObject { ["lifecyclePolicyArn"] = policy.Arn };
    }

    private JsonObject List(CallContext context, JsonObject input)
    {
        var items = ListFilters.Apply(
            state.LifecyclePolicies.Values.Where(policy => ImageBuilderState.InRegion(policy.Arn, context.Region)), input,
            new Dictionary<string, Func<LifecyclePolicy, string?>> { ["name"] = policy => policy.Name, ["status"] = policy => policy.Status });
        var answer = new JsonObject();
        pager.Page("ListLifecyclePolicies", context, input, items, policy => policy.Arn, policy => Show(policy, whole: false),
            "lifecyclePolicySummaryList", answer);
        return answer;
    }

    private JsonObject ListExecutions(CallContext context, JsonObject input)
    {
        var arn = input["resourceArn"]!.ToString();
        var items = state.LifecycleExecutions.Values.Where(execution => execution.PolicyArn == arn || execution.Results.Any(result => result.ImageArn == arn));
        var answer = new JsonObject();
        pager.Page("ListLifecycleExecutions", context, input, items, execution => $"{execution.Started:O} {execution.Id}", Show, "lifecycleExecutions", answer);
        return answer;
    }

    private JsonObject ListResults(CallContext context, JsonObject input)
    {
        var execution = Execution(context, input);
        var answer = new JsonObject { ["lifecycleExecutionId"] = execution.Id, ["lifecycleExecutionState"] = new JsonObject { ["status"] = execution.Status } };
        pager.Page("ListLifecycleExecutionResources", context, input, execution.Results, result => result.ImageArn, result => new JsonObject
        {
            ["accountId"] = context.AccountId,
            ["resourceId"] = result.ImageArn,
            ["state"] = new JsonObject { ["status"] = result.Status, ["reason"] = result.Reason },
            ["action"] = new JsonObject { ["name"] = "DELETE" },
            ["region"] = context.Region,
            ["imageUris"] = new JsonArray([.. result.ImageUris.Select(uri => JsonValue.Create(uri))]),
            ["startTime"] = WireJson.Epoch(execution.Started),
            ["endTime"] = execution.Ended is { } end ? WireJson.Epoch(end) : null,
        }, "resources", answer);
        return answer;
    }

    // "Image Builder runs enabled lifecycle policies once per day"; the documentation does not say when, so the first run is a day after the policy was
    // enabled.
    private void Store(LifecyclePolicy policy)
    {
        var planned = policy with { NextRun = policy.IsEnabled ? policy.NextRun ?? state.Engine.Clock.Now.AddDays(1) : null };
        state.LifecyclePolicies.Set(planned.Arn, planned);
        SetTimer(planned);
    }

    private void SetTimer(LifecyclePolicy policy)
    {
        if (_timers.Remove(policy.Arn, out var old))
        {
            state.Engine.Clock.Cancel(old);
        }

        if (policy.NextRun is { } time)
        {
            _timers[policy.Arn] = state.Engine.Clock.At(time, TimerKind.Patient, $"run of {policy.Arn}", () => Run(policy.Arn));
        }
    }

    private void Run(string arn)
    {
        _timers.Remove(arn);
        if (state.LifecyclePolicies.Find(arn) is not { IsEnabled: true } policy)
        {
            return;
        }

        var now = state.Engine.Clock.Now;
        var region = ResourceArn.TryParse(arn)!.Region;
        var id = $"lce-{state.Engine.Ids.Next()}";
        var results = new List<LifecycleResult>();
        foreach (var (image, rule, skipped) in LifecycleRules.Judge(
            policy, state.Images.Values.Where(image => ImageBuilderState.InRegion(image.Arn, region)), state.TagsOf, now).ToList())
        {
            if (skipped is null)
            {
                images.RemoveByPolicy(image, id, rule.Action.IncludeResources?.Containers == true);
            }

            results.Add(
                new LifecycleResult(image.Arn, skipped is null ? "SUCCESS" : "SKIPPED", skipped, [.. image.Containers.SelectMany(output => output.ImageUris)]));
        }

        state.LifecycleExecutions.Set(id, new LifecycleExecution(id, arn, "SUCCESS", now, now, results));
        Store(policy with { LastRun = now, NextRun = now.AddDays(1) });
    }

    private JsonObject Show(LifecyclePolicy policy, bool whole)
    {
        var view = new JsonObject
        {
            ["arn"] = policy.Arn,
            ["name"] = policy.Name,
            ["description"] = policy.Description,
            ["status"] = policy.Status,
            ["executionRole"] = policy.ExecutionRole,
            ["resourceType"] = policy.ResourceType,
            ["dateCreated"] = WireJson.Epoch(policy.Created),
            ["dateUpdated"] = policy.Updated is { } updated ? WireJson.Epoch(updated) : null,
            ["dateLastRun"] = policy.LastRun is { } last ? WireJson.Epoch(last) : null,
        };
        if (whole)
        {
            view["policyDetails"] = ImageBuilderState.Write(policy.PolicyDetails);
            view["resourceSelection"] = ImageBuilderState.Write(policy.ResourceSelection);
        }

        state.AddTags(view, policy.Arn);
        return view;
    }

    private static JsonObject Show(LifecycleExecution execution) => new()
    {
        ["lifecycleExecutionId"] = execution.Id,
        ["lifecyclePolicyArn"] = execution.PolicyArn,
        ["resourcesImpactedSummary"] = new JsonObject { ["hasImpactedResources"] = execution.Results.Any(result => result.Status == "SUCCESS") },
        ["state"] = new JsonObject { ["status"] = execution.Status },
        ["startTime"] = WireJson.Epoch(execution.Started),
        ["endTime"] = execution.Ended is { } end ? WireJson.Epoch(end) : null,
    };

    private LifecyclePolicy Find(CallContext context, JsonObject input, string member)
    {
        var arn = input[member]!.ToString();
        return (ImageBuilderState.InRegion(arn, context.Region) ? state.LifecyclePolicies.Find(arn) : null)
            ?? throw Errors.InvalidRequest($"The lifecycle policy '{arn}' does not exist.");
    }

    private LifecycleExecution Execution(CallContext context, JsonObject input)
    {
        var id = input["lifecycleExecutionId"]!.ToString();
        return state.LifecycleExecutions.Find(id) is { } found && ImageBuilderState.InRegion(found.PolicyArn, context.Region)
            ? found
            : throw Errors.InvalidRequest($"The lifecycle execution '{id}' does not exist.");
    }

    private static JsonObject Answer(JsonObject input, string arn) =>
        new() { ["clientToken"] = input["clientToken"]?.DeepClone(), ["lifecyclePolicyArn"] = arn };
}
