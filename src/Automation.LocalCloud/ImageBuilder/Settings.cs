namespace Automation.LocalCloud.ImageBuilder;

/// <summary>How long a build stays in each state, in virtual time.</summary>
public sealed record BuildTimings
{
    public TimeSpan Pending { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan Creating { get; init; } = TimeSpan.FromMinutes(1);

    public TimeSpan Building { get; init; } = TimeSpan.FromMinutes(8);

    /// <summary>A test phase longer than the image's test time-out fails the build.</summary>
    public TimeSpan Testing { get; init; } = TimeSpan.FromMinutes(4);

    public TimeSpan Distributing { get; init; } = TimeSpan.FromMinutes(2);

    public TimeSpan Integrating { get; init; } = TimeSpan.FromMinutes(1);

    internal TimeSpan In(string status) => status switch
    {
        ImageStatus.Pending => Pending,
        ImageStatus.Creating => Creating,
        ImageStatus.Building => Building,
        ImageStatus.Testing => Testing,
        ImageStatus.Distributing => Distributing,
        _ => Integrating,
    };
}

/// <summary>Per Region; https://docs.aws.amazon.com/general/latest/gr/imagebuilder.html</summary>
public sealed record ImageBuilderQuotas
{
    public int ConcurrentBuilds { get; init; } = 100;

    public int Pipelines { get; init; } = 75;

    public int ContainerRecipes { get; init; } = 1000;

    public int ImageRecipes { get; init; } = 1000;

    public int Components { get; init; } = 1000;

    public int DistributionConfigurations { get; init; } = 1000;

    public int InfrastructureConfigurations { get; init; } = 1000;
}

/// <summary>What goes wrong in an ordered failure; decides what the failure context says.</summary>
public enum BuildFailureKind
{
    /// <summary>A step of a build component fails.</summary>
    Component,

    /// <summary>A test component fails.</summary>
    Test,

    /// <summary>The tests run into their time-out.</summary>
    TestTimeout,

    /// <summary>An image cannot be written to a target Region.</summary>
    Distribution,

    /// <summary>The build instance dies or cannot be reached.</summary>
    Infrastructure,
}

/// <summary>An order that builds fail.</summary>
/// <param name="Pattern">Name of a pipeline or of an image (its recipe's name); <c>*</c> stands for any text.</param>
/// <param name="Reason">What <c>state.reason</c> says.</param>
/// <param name="AtStatus">The state at whose end the build fails: CREATING, BUILDING, TESTING, DISTRIBUTING or INTEGRATING.</param>
/// <param name="Builds">How many builds it still hits; null for all.</param>
public sealed record BuildOutcome(
    string Pattern,
    string Reason,
    string AtStatus = "BUILDING",
    BuildFailureKind Kind = BuildFailureKind.Component,
    int? Builds = null);
