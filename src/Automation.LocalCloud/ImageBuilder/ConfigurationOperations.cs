using System.Text.Json.Nodes;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>Operations on distribution and infrastructure configurations.</summary>
internal sealed class ConfigurationOperations(ImageBuilderState state, Pager pager)
{
    public void Register(Dictionary<string, Operation> operations)
    {
        operations["CreateDistributionConfiguration"] = CreateDistribution;
        operations["GetDistributionConfiguration"] = GetDistribution;
        operations["UpdateDistributionConfiguration"] = UpdateDistribution;
        operations["ListDistributionConfigurations"] = ListDistributions;
        operations["DeleteDistributionConfiguration"] = DeleteDistribution;
        operations["CreateInfrastructureConfiguration"] = CreateInfrastructure;
        operations["GetInfrastructureConfiguration"] = GetInfrastructure;
        operations["UpdateInfrastructureConfiguration"] = UpdateInfrastructure;
        operations["ListInfrastructureConfigurations"] = ListInfrastructures;
        operations["DeleteInfrastructureConfiguration"] = DeleteInfrastructure;
    }

    private JsonObject CreateDistribution(CallContext context, JsonObject input)
    {
        var draft = ImageBuilderState.Read<DistributionConfiguration>(input);
        CheckDistributions(draft);
        var arn = NewArn(context, "distribution-configuration", draft.Name, state.Distributions, "DistributionConfiguration");
        ImageBuilderState.CheckQuota(state.Distributions, context.Region, "distribution configurations", state.Quotas.DistributionConfigurations);
        state.Distributions.Set(arn, draft with { Arn = arn, TimeoutMinutes = 720, DateCreated = state.Now, DateUpdated = null });
        state.SetTags(arn, ImageBuilderState.TagsIn(input));
        return Answer(input, "distributionConfigurationArn", arn);
    }

    private JsonObject GetDistribution(CallContext context, JsonObject input)
    {
        var configuration = ImageBuilderState.Find(state.Distributions, Text(input, "distributionConfigurationArn"), context);
        return new JsonObject { ["distributionConfiguration"] = state.Show(configuration.Arn, configuration) };
    }

    private JsonObject UpdateDistribution(CallContext context, JsonObject input)
    {
        var old = ImageBuilderState.Find(state.Distributions, Text(input, "distributionConfigurationArn"), context);
        var draft = ImageBuilderState.Read<DistributionConfiguration>(input);
        CheckDistributions(draft);
        state.Distributions.Set(old.Arn, old with
        {
            Description = draft.Description,
            Distributions = draft.Distributions,
            DateUpdated = state.Now,
        });
        return Answer(input, "distributionConfigurationArn", old.Arn);
    }

    private JsonObject ListDistributions(CallContext context, JsonObject input)
    {
        var items = ListFilters.Apply(
            InRegion(state.Distributions, context),
            input,
            new Dictionary<string, Func<DistributionConfiguration, string?>> { ["name"] = item => item.Name });
        var answer = new JsonObject();
        pager.Page("ListDistributionConfigurations", context, input, items, item => item.Arn, Summary, "distributionConfigurationSummaryList", answer);
        return answer;

        JsonObject Summary(DistributionConfiguration item)
        {
            var summary = state.Show(item.Arn, item);
            summary.Remove("distributions");
            summary.Remove("timeoutMinutes");
            summary["regions"] = new JsonArray(
                [.. item.Distributions.Select(distribution => distribution.Region).Distinct(StringComparer.Ordinal)
                    .Select(region => JsonValue.Create(region))]);
            return summary;
        }
    }

    private JsonObject DeleteDistribution(CallContext context, JsonObject input)
    {
        var arn = ImageBuilderState.Find(state.Distributions, Text(input, "distributionConfigurationArn"), context).Arn;
        RefuseWhenUsed(arn, pipeline => pipeline.DistributionConfigurationArn == arn);
        state.Distributions.Remove(arn);
        state.SetTags(arn, null);
        return new JsonObject { ["distributionConfigurationArn"] = arn };
    }

    private JsonObject CreateInfrastructure(CallContext context, JsonObject input)
    {
        var draft = ImageBuilderState.Read<InfrastructureConfiguration>(input);
        var arn = NewArn(context, "infrastructure-configuration", draft.Name, state.Infrastructures, "InfrastructureConfiguration");
        ImageBuilderState.CheckQuota(state.Infrastructures, context.Region, "infrastructure configurations", state.Quotas.InfrastructureConfigurations);
        state.Infrastructures.Set(arn, draft with { Arn = arn, DateCreated = state.Now, DateUpdated = null });
        state.SetTags(arn, ImageBuilderState.TagsIn(input));
        return Answer(input, "infrastructureConfigurationArn", arn);
    }

    private JsonObject GetInfrastructure(CallContext context, JsonObject input)
    {
        var configuration = ImageBuilderState.Find(state.Infrastructures, Text(input, "infrastructureConfigurationArn"), context);
        return new JsonObject { ["infrastructureConfiguration"] = state.Show(configuration.Arn, configuration) };
    }

    private JsonObject UpdateInfrastructure(CallContext context, JsonObject input)
    {
        var old = ImageBuilderState.Find(state.Infrastructures, Text(input, "infrastructureConfigurationArn"), context);
        state.Infrastructures.Set(old.Arn, ImageBuilderState.Read<InfrastructureConfiguration>(input) with
        {
            Arn = old.Arn,
            Name = old.Name,
            DateCreated = old.DateCreated,
            DateUpdated = state.Now,
        });
        return Answer(input, "infrastructureConfigurationArn", old.Arn);
    }

    private JsonObject ListInfrastructures(CallContext context, JsonObject input)
    {
        var items = ListFilters.Apply(
            InRegion(state.Infrastructures, context),
            input,
            new Dictionary<string, Func<InfrastructureConfiguration, string?>> { ["name"] = item => item.Name });
        var answer = new JsonObject();
        pager.Page("ListInfrastructureConfigurations", context, input, items, item => item.Arn, Summary, "infrastructureConfigurationSummaryList", answer);
        return answer;

        JsonObject Summary(InfrastructureConfiguration item)
        {
            var summary = state.Show(item.Arn, item);
            string[] onlyInFull = ["securityGroupIds", "subnetId", "logging", "keyPair", "terminateInstanceOnFailure", "snsTopicArn",
                "instanceMetadataOptions"];
            foreach (var member in onlyInFull)
            {
                summary.Remove(member);
            }

            return summary;
        }
    }

    private JsonObject DeleteInfrastructure(CallContext context, JsonObject input)
    {
        var arn = ImageBuilderState.Find(state.Infrastructures, Text(input, "infrastructureConfigurationArn"), context).Arn;
        RefuseWhenUsed(arn, pipeline => pipeline.InfrastructureConfigurationArn == arn);
        state.Infrastructures.Remove(arn);
        state.SetTags(arn, null);
        return new JsonObject { ["infrastructureConfigurationArn"] = arn };
    }

    private static void CheckDistributions(DistributionConfiguration draft)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < draft.Distributions.Count; i++)
        {
            var distribution = draft.Distributions[i];
            if (!distribution.HasOutput)
            {
                throw Errors.InvalidValue($"distributions[{i}]", "One or more outputs should be provided for each region in a distribution configuration.");
            }

            if (!seen.Add(distribution.Region))
            {
                throw Errors.Combination($"The Region '{distribution.Region}' is listed more than once in the distributions.");
            }

            if (distribution is { ContainerDistributionConfiguration: not null, AmiDistributionConfiguration: not null })
            {
                throw Errors.Combination($"distributions[{i}] has both an AMI and a container distribution configuration; one of them is allowed.");
            }
        }

        if (draft.Distributions.Count == 0)
        {
            throw Errors.InvalidValue("distributions", "At least one distribution is required.");
        }
    }

    private void RefuseWhenUsed(string arn, Func<ImagePipeline, bool> uses)
    {
        var users = state.Pipelines.Values.Where(uses).Select(pipeline => pipeline.Arn).Order(StringComparer.Ordinal).ToList();
        if (users.Count > 0)
        {
            throw Errors.Dependency(arn, users);
        }
    }

    private static string NewArn<T>(CallContext context, string kind, string name, Table<T> table, string title)
        where T : class
    {
        var arn = new ResourceArn(context.Region, context.AccountId, kind, ResourceArn.Slug(name)).ToString();
        return table.Find(arn) is null ? arn : throw Errors.AlreadyExists(title, arn);
    }

    private static IEnumerable<T> InRegion<T>(Table<T> table, CallContext context)
        where T : class => table.Where(row => ImageBuilderState.InRegion(row.Key, context.Region)).Select(row => row.Value);

    private static string Text(JsonObject input, string member) => input[member]!.GetValue<string>();

    private static JsonObject Answer(JsonObject input, string member, string arn) => new()
    {
        ["clientToken"] = input["clientToken"]?.DeepClone(),
        [member] = arn,
    };
}
