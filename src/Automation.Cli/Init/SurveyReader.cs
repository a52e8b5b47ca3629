using Amazon.ECR.Model;
using Amazon.Imagebuilder;
using Amazon.Imagebuilder.Model;
using Automation.Cli.Deployment;

namespace Automation.Cli.Init;

/// <summary>Reads the account's container pipelines with their recipes, distributions and repositories. Changes nothing.</summary>
internal sealed class SurveyReader(AwsClients clients, string account, string region)
{
    public async Task<AccountSurvey> ReadAsync(Action<string> progress, CancellationToken cancellationToken)
    {
        var client = clients.ImageBuilder(region);
        var found = new List<FoundPipeline>();
        var skipped = new List<(string, string)>();
        string? next = null;
        do
        {
            var page = await client.ListImagePipelinesAsync(new ListImagePipelinesRequest { NextToken = next }, cancellationToken);
            foreach (var pipeline in page.ImagePipelineList ?? [])
            {
                progress($"reading {pipeline.Name}");
                if (pipeline.ContainerRecipeArn is not { } recipe)
                {
                    skipped.Add((pipeline.Name, "it builds an AMI"));
                }
                else if (await ReadAsync(client, pipeline, recipe, cancellationToken) is { } read)
                {
                    found.Add(read);
                }
                else
                {
                    skipped.Add((pipeline.Name, "its recipe names no ECR repository"));
                }
            }

            next = page.NextToken;
        }
        while (!string.IsNullOrEmpty(next));

        progress("reading repositories");
        return new AccountSurvey(account, region, found, await RepositoriesAsync(cancellationToken), skipped);
    }

    private async Task<FoundPipeline?> ReadAsync(IAmazonImagebuilder client, ImagePipeline pipeline, string recipeArn, CancellationToken cancellationToken)
    {
        var recipe =
            (await client.GetContainerRecipeAsync(new GetContainerRecipeRequest { ContainerRecipeArn = recipeArn }, cancellationToken)).ContainerRecipe;
        var distributions = pipeline.DistributionConfigurationArn is { } distribution
            ? (await client.GetDistributionConfigurationAsync(
                new GetDistributionConfigurationRequest { DistributionConfigurationArn = distribution }, cancellationToken))
                .DistributionConfiguration?.Distributions ?? []
            : [];
        var repository = distributions.FirstOrDefault(each => each.Region == region)?.ContainerDistributionConfiguration?.TargetRepository?.RepositoryName
            ?? recipe.TargetRepository?.RepositoryName;
        return repository is null ? null : new FoundPipeline(
            pipeline.Name,
            recipeArn.Split('/')[^2],
            recipe.ParentImage,
            repository,
            pipeline.Schedule?.ScheduleExpression,
            pipeline.Schedule?.Timezone,
            pipeline.Status == PipelineStatus.ENABLED,
            [.. distributions.Select(each => each.Region).Order(StringComparer.Ordinal)],
            [.. distributions.SelectMany(each => each.ContainerDistributionConfiguration?.ContainerTags ?? []).Distinct(StringComparer.Ordinal)],
            await ImagesAsync(repository, cancellationToken));
    }

    private async Task<IReadOnlyList<FoundImage>> ImagesAsync(string repository, CancellationToken cancellationToken)
    {
        var images = new List<FoundImage>();
        try
        {
            var request = new DescribeImagesRequest
            {
                RepositoryName = repository,
                MaxResults = 1000,
                Filter = new DescribeImagesFilter { TagStatus = Amazon.ECR.TagStatus.TAGGED }
            };
            await foreach (var image in clients.Ecr(region).Paginators.DescribeImages(request).ImageDetails.WithCancellation(cancellationToken))
            {
                images.Add(new FoundImage(
                    image.ImageDigest, new DateTimeOffset((image.ImagePushedAt ?? default).ToUniversalTime(), TimeSpan.Zero), image.ImageTags ?? []));
            }
        }
        catch (RepositoryNotFoundException)
        {
            // Nothing was built yet.
        }

        return [.. images.OrderByDescending(image => image.PushedAt)];
    }

    private async Task<IReadOnlyList<string>> RepositoriesAsync(CancellationToken cancellationToken)
    {
        var names = new List<string>();
        await foreach (var repository in clients.Ecr(region).Paginators.DescribeRepositories(new DescribeRepositoriesRequest { MaxResults = 1000 }).Repositories
            .WithCancellation(cancellationToken))
        {
            names.Add(repository.RepositoryName);
        }

        return names;
    }
}
