using System.Text.Json.Nodes;
using Amazon.Imagebuilder;
using Amazon.Imagebuilder.Model;

namespace Automation.Cli.Doctor;

/// <summary>Reads the stack's recipes, configurations and pipelines from Image Builder.</summary>
/// <param name="template">Null if there is no template to compare with.</param>
internal sealed class FactoryReader(Func<string, IAmazonImagebuilder> imageBuilder, DoctorScope scope, DeployedTemplate? template)
{
    public Task<ResourceState> PipelineAsync(StackResource pipeline, CancellationToken cancellationToken) => ImageBuilderAsync(async client =>
    {
        var answer =
            (await client.GetImagePipelineAsync(new GetImagePipelineRequest { ImagePipelineArn = pipeline.PhysicalId }, cancellationToken)).ImagePipeline;
        var infrastructure = (await client.GetInfrastructureConfigurationAsync(
            new GetInfrastructureConfigurationRequest { InfrastructureConfigurationArn = answer.InfrastructureConfigurationArn },
            cancellationToken)).InfrastructureConfiguration;
        var distribution = answer.DistributionConfigurationArn is { } arn
            ? (await client.GetDistributionConfigurationAsync(
                new GetDistributionConfigurationRequest { DistributionConfigurationArn = arn }, cancellationToken)).DistributionConfiguration
            : null;
        var floating = scope.Defined.FirstOrDefault(image => image.PipelineName == answer.Name)?.Promote.FloatingTags ?? [];
        var moved = (distribution?.Distributions ?? []).SelectMany(each => each.ContainerDistributionConfiguration?.ContainerTags ?? [])
            .Where(tag => floating.Any(template => template.Matches(tag))).Distinct(StringComparer.Ordinal).ToList();
        return new ResourceState(answer.Status != PipelineStatus.DISABLED)
        {
            Defect = string.IsNullOrEmpty(infrastructure.SnsTopicArn) ? "notifies no topic when a build ends, so only the reconcile finds its builds"
                : answer.Schedule?.ScheduleExpression is { } schedule
                    ? $"has a schedule of its own ({schedule}): Image Builder starts builds that the automation did not request"
                : moved.Count > 0 ? $"moves {string.Join(", ", moved)} itself, before any gate"
                : DriftOf(pipeline)
                    .Compare("recipe", "ContainerRecipeArn", answer.ContainerRecipeArn)
                    .Compare("infrastructure configuration", "InfrastructureConfigurationArn", answer.InfrastructureConfigurationArn)
                    .Compare("distribution configuration", "DistributionConfigurationArn", answer.DistributionConfigurationArn)
                    .Compare("setting of tests", "ImageTestsConfiguration.ImageTestsEnabled", answer.ImageTestsConfiguration?.ImageTestsEnabled)
                    .Defect,
        };
    });

    public async Task<ResourceState> InfrastructureAsync(StackResource infrastructure, CancellationToken cancellationToken)
    {
        var answer = await ImageBuilderAsync(async client => (await client.GetInfrastructureConfigurationAsync(
            new GetInfrastructureConfigurationRequest { InfrastructureConfigurationArn = infrastructure.PhysicalId },
            cancellationToken)).InfrastructureConfiguration);
        return new ResourceState
        {
            Defect = DriftOf(infrastructure)
                .Compare("instance profile", "InstanceProfileName", answer.InstanceProfileName)
                .ComparePresence("list of instance types", "InstanceTypes", answer.InstanceTypes is { Count: > 0 })
                .Compare("instance types", "InstanceTypes", List(answer.InstanceTypes))
                .ComparePresence("subnet", "SubnetId", !string.IsNullOrEmpty(answer.SubnetId))
                .Compare("subnet", "SubnetId", answer.SubnetId)
                .ComparePresence("list of security groups", "SecurityGroupIds", answer.SecurityGroupIds is { Count: > 0 })
                .Compare("security groups", "SecurityGroupIds", List(answer.SecurityGroupIds))
                .ComparePresence("topic", "SnsTopicArn", !string.IsNullOrEmpty(answer.SnsTopicArn))
                .Compare("topic", "SnsTopicArn", answer.SnsTopicArn)
                .Compare("end of failed instances", "TerminateInstanceOnFailure", answer.TerminateInstanceOnFailure)
                .Compare("instance metadata tokens", "InstanceMetadataOptions.HttpTokens", answer.InstanceMetadataOptions?.HttpTokens)
                .Defect,
        };
    }

    public async Task<ResourceState> RecipeAsync(StackResource recipe, CancellationToken cancellationToken)
    {
        await ImageBuilderAsync(
            client => client.GetContainerRecipeAsync(new GetContainerRecipeRequest { ContainerRecipeArn = recipe.PhysicalId }, cancellationToken));
        return new ResourceState();
    }

    // Compared in the template's form, Region by Region.
    public async Task<ResourceState> DistributionAsync(StackResource distribution, CancellationToken cancellationToken)
    {
        var answer = await ImageBuilderAsync(async client => (await client.GetDistributionConfigurationAsync(
            new GetDistributionConfigurationRequest { DistributionConfigurationArn = distribution.PhysicalId }, cancellationToken)).DistributionConfiguration);
        return new ResourceState
        {
            Defect = DriftOf(distribution)
                .Compare("set of Regions, repositories and tags", "Distributions",
                    new JsonArray([.. (answer.Distributions ?? []).Select(each => (JsonNode)new JsonObject
            {
                ["Region"] = each.Region,
                ["ContainerDistributionConfiguration"] = new JsonObject
                {
                    ["ContainerTags"] = List(each.ContainerDistributionConfiguration?.ContainerTags) ?? [],
                    ["TargetRepository"] = new JsonObject
                    {
                        ["RepositoryName"] = each.ContainerDistributionConfiguration?.TargetRepository?.RepositoryName,
                        ["Service"] = each.ContainerDistributionConfiguration?.TargetRepository?.Service?.Value,
                    },
                },
            })])).Defect,
        };
    }

    private static JsonArray? List(List<string>? items) => items is null ? null : new JsonArray([.. items.Select(item => JsonValue.Create(item))]);

    private async Task<T> ImageBuilderAsync<T>(Func<IAmazonImagebuilder, Task<T>> call)
    {
        try
        {
            return await call(imageBuilder(scope.Region));
        }
        catch (Amazon.Runtime.AmazonServiceException e)
        {
            throw new CallException(e.ErrorCode ?? SignedCalls.NoAnswer, e.Message);
        }
    }

    private Drift DriftOf(StackResource resource) => new(template, resource.LogicalId);
}
