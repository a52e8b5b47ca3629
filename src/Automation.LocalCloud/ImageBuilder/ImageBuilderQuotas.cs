namespace Automation.LocalCloud.ImageBuilder;

/// <summary>The quotas per Region; https://docs.aws.amazon.com/general/latest/gr/imagebuilder.html</summary>
public sealed record ImageBuilderQuotas
{
    public int ConcurrentBuilds { get; init; } = 100;

    public int Pipelines { get; init; } = 75;

    public int ContainerRecipes { get; init; } = 1000;

    public int ImageRecipes { get; init; } = 1000;

    public int Components { get; init; } = 1000;

    public int DistributionConfigurations { get; init; } = 1000;

    public int InfrastructureConfigurations { get; init; } = 1000;

    public int Workflows { get; init; } = 1000;
}
