using System.Text.Json;
using System.Text.Json.Serialization;

namespace Automation.LocalCloud.ImageBuilder;

// The state of the service. Members have the names of the API's structures, so a record also has the wire format.
// Structures that do not affect a container build are stored and returned unchanged (JsonElement).
// Tags are in a separate table, by ARN, because TagResource works the same way for all kinds of resources.

internal sealed record ComponentParameter(string Name, IReadOnlyList<string> Value);

internal sealed record ComponentConfiguration(string ComponentArn, IReadOnlyList<ComponentParameter>? Parameters);

internal sealed record TargetRepository(string RepositoryName, string Service);

/// <summary>https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_ContainerRecipe.html</summary>
internal sealed record ContainerRecipe
{
    public string Arn { get; set; } = "";

    public string Name { get; set; } = "";

    public string Version { get; set; } = "";

    public string? Description { get; init; }

    public string ContainerType { get; set; } = "DOCKER";

    public string Platform { get; set; } = "Linux";

    public string Owner { get; set; } = "";

    public IReadOnlyList<ComponentConfiguration>? Components { get; init; }

    public JsonElement? InstanceConfiguration { get; init; }

    public string? DockerfileTemplateData { get; init; }

    public string? KmsKeyId { get; init; }

    public bool Encrypted { get; init; }

    public string ParentImage { get; set; } = "";

    public string? DateCreated { get; init; }

    public string? WorkingDirectory { get; init; }

    public TargetRepository TargetRepository { get; set; } = new("", "ECR");
}

/// <summary>https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_ImageRecipe.html : stored and listed, but its AMI is not built here.</summary>
internal sealed record ImageRecipe
{
    public string Arn { get; set; } = "";

    public string Type { get; set; } = "AMI";

    public string Name { get; set; } = "";

    public string Version { get; set; } = "";

    public string? Description { get; init; }

    public string Platform { get; set; } = "Linux";

    public string Owner { get; set; } = "";

    public IReadOnlyList<ComponentConfiguration>? Components { get; init; }

    public string ParentImage { get; set; } = "";

    public JsonElement? BlockDeviceMappings { get; init; }

    public JsonElement? AdditionalInstanceConfiguration { get; init; }

    public IReadOnlyDictionary<string, string>? AmiTags { get; init; }

    public string? DateCreated { get; init; }

    public string? WorkingDirectory { get; init; }
}

internal sealed record ContainerDistribution(string? Description, IReadOnlyList<string>? ContainerTags, TargetRepository TargetRepository);

internal sealed record Distribution
{
    public string Region { get; set; } = "";

    public ContainerDistribution? ContainerDistributionConfiguration { get; init; }

    public JsonElement? AmiDistributionConfiguration { get; init; }

    public JsonElement? FastLaunchConfigurations { get; init; }

    public JsonElement? LaunchTemplateConfigurations { get; init; }

    public JsonElement? LicenseConfigurationArns { get; init; }

    public JsonElement? S3ExportConfiguration { get; init; }

    public JsonElement? SsmParameterConfigurations { get; init; }

    [JsonIgnore]
    public bool HasOutput => ContainerDistributionConfiguration is not null || AmiDistributionConfiguration is not null
        || FastLaunchConfigurations is not null || LaunchTemplateConfigurations is not null || LicenseConfigurationArns is not null
        || S3ExportConfiguration is not null || SsmParameterConfigurations is not null;
}

internal sealed record DistributionConfiguration
{
    public string Arn { get; set; } = "";

    public string Name { get; set; } = "";

    public string? Description { get; init; }

    public IReadOnlyList<Distribution> Distributions { get; set; } = [];

    public int TimeoutMinutes { get; set; } = 720;

    public string? DateCreated { get; init; }

    public string? DateUpdated { get; init; }
}

internal sealed record InfrastructureConfiguration
{
    public string Arn { get; set; } = "";

    public string Name { get; set; } = "";

    public string? Description { get; init; }

    public IReadOnlyList<string>? InstanceTypes { get; init; }

    public string InstanceProfileName { get; set; } = "";

    public IReadOnlyList<string>? SecurityGroupIds { get; init; }

    public string? SubnetId { get; init; }

    public JsonElement? Logging { get; init; }

    public string? KeyPair { get; init; }

    public bool TerminateInstanceOnFailure { get; set; } = true;

    public string? SnsTopicArn { get; init; }

    public string? DateCreated { get; init; }

    public string? DateUpdated { get; init; }

    public IReadOnlyDictionary<string, string>? ResourceTags { get; init; }

    public JsonElement? InstanceMetadataOptions { get; init; }

    public JsonElement? Placement { get; init; }
}

internal sealed record AutoDisablePolicy(int FailureCount);

internal sealed record Schedule(string? ScheduleExpression, string? Timezone, string? PipelineExecutionStartCondition, AutoDisablePolicy? AutoDisablePolicy);

internal sealed record ImageTests(bool? ImageTestsEnabled, int? TimeoutMinutes);

internal sealed record ImagePipeline
{
    public string Arn { get; set; } = "";

    public string Name { get; set; } = "";

    public string? Description { get; init; }

    public string? Platform { get; init; }

    public bool EnhancedImageMetadataEnabled { get; set; } = true;

    public string? ImageRecipeArn { get; init; }

    public string? ContainerRecipeArn { get; init; }

    public string InfrastructureConfigurationArn { get; set; } = "";

    public string? DistributionConfigurationArn { get; init; }

    public ImageTests? ImageTestsConfiguration { get; init; }

    public Schedule? Schedule { get; init; }

    public string Status { get; set; } = "ENABLED";

    public string? DateCreated { get; init; }

    public string? DateUpdated { get; init; }

    public string? DateNextRun { get; init; }

    public string? LastRunStatus { get; init; }

    public int ConsecutiveFailures { get; init; }

    public JsonElement? ImageScanningConfiguration { get; init; }

    public IReadOnlyDictionary<string, string>? ImageTags { get; init; }

    public string? ExecutionRole { get; init; }

    public JsonElement? Workflows { get; init; }

    public JsonElement? LoggingConfiguration { get; init; }
}

internal sealed record ComponentParameterDetail(string Name, string Type, IReadOnlyList<string>? DefaultValue, string? Description);

internal sealed record Component
{
    public string Arn { get; set; } = "";

    public string Name { get; set; } = "";

    public string Version { get; set; } = "";

    public string? Description { get; init; }

    public string? ChangeDescription { get; init; }

    public string Type { get; set; } = "BUILD";

    public string Platform { get; set; } = "Linux";

    public IReadOnlyList<string>? SupportedOsVersions { get; init; }

    public IReadOnlyList<ComponentParameterDetail>? Parameters { get; init; }

    public string Owner { get; set; } = "";

    public string Data { get; set; } = "";

    public string? KmsKeyId { get; init; }

    public bool Encrypted { get; init; }

    public string? DateCreated { get; init; }
}

internal sealed record ComponentFailure(string? Action, string? ComponentArn, string? ErrorMessage, string? PhaseName, string? StepName);

internal sealed record RegionFailure(string Region, string Status, string ErrorMessage, string TargetAccountId);

internal sealed record DistributionFailure(string ErrorMessage, IReadOnlyList<RegionFailure> RegionFailures);

/// <summary>https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_ImageFailureContext.html</summary>
internal sealed record ImageFailure
{
    public string? ImageStatus { get; init; }

    public string? FailedStep { get; init; }

    public string? StepExecutionId { get; init; }

    public string? WorkflowArn { get; init; }

    public string? WorkflowExecutionId { get; init; }

    public ComponentFailure? ComponentFailure { get; init; }

    public DistributionFailure? DistributionFailure { get; init; }
}

internal sealed record ContainerOutput(string Region, IReadOnlyList<string> ImageUris);

internal sealed record PendingStateUpdate(string Status, DateTimeOffset At, bool IncludeContainers);

/// <summary>One image build version, running or completed, with the configuration at the start of the build.</summary>
internal sealed record ImageBuild
{
    private string? _sortKey;

    public string Arn { get; set; } = "";

    public string Name { get; set; } = "";

    public string Version { get; set; } = "";

    public int Build { get; init; }

    public string Status { get; set; } = ImageStatus.Pending;

    public string? Reason { get; init; }

    public ImageFailure? Failure { get; init; }

    public string BuildType { get; set; } = "USER_INITIATED";

    public ContainerRecipe ContainerRecipe { get; set; } = new();

    public DistributionConfiguration? DistributionConfiguration { get; init; }

    public InfrastructureConfiguration InfrastructureConfiguration { get; set; } = new();

    public string? SourcePipelineArn { get; init; }

    public string? SourcePipelineName { get; init; }

    public bool TestsEnabled { get; set; } = true;

    public int TestTimeoutMinutes { get; set; } = 720;

    public bool EnhancedImageMetadataEnabled { get; set; } = true;

    public string? ExecutionRole { get; init; }

    public JsonElement? ImageScanningConfiguration { get; init; }

    public JsonElement? LoggingConfiguration { get; init; }

    public JsonElement? Workflows { get; init; }

    public DateTimeOffset Created { get; init; }

    /// <summary>When the current state ends, or its next part; null in a final state.</summary>
    public DateTimeOffset? StateEnds { get; init; }

    /// <summary>How long the current state takes without steps that wait.</summary>
    public TimeSpan StageLength { get; init; }

    /// <summary>Whether a workflow step waits for an action, until <see cref="StateEnds"/>.</summary>
    public bool IsWaiting { get; init; }

    /// <summary>The image whose bytes this one distributes again; null for a build.</summary>
    public string? SourceImage { get; init; }

    public DateTimeOffset? DeprecationTime { get; init; }

    public string? LifecycleExecutionId { get; init; }

    public PendingStateUpdate? PendingUpdate { get; init; }

    /// <summary>The parent as resolved when BUILDING began.</summary>
    public ResolvedParent? Parent { get; init; }

    /// <summary>What the recipe's wildcards resolved to, to detect whether a dependency has changed since.</summary>
    public IReadOnlyList<string> Dependencies { get; set; } = [];

    public string? Dockerfile { get; init; }

    public IReadOnlyList<ContainerOutput> Containers { get; set; } = [];

    [JsonIgnore]
    public string Region => ResourceArn.TryParse(Arn)!.Region;

    /// <summary>The sort key in lists. It is computed once, because lists are read far more often than images are created.</summary>
    [JsonIgnore]
    public string SortKey => _sortKey ??= RecipeOperations.SortKey(Arn);
}

/// <param name="Reference">The reference in the Dockerfile's FROM.</param>
/// <param name="Digest">The digest of the reference (an index for a multi-arch parent); null if it is not known.</param>
/// <param name="ManifestDigest">The manifest that provides the layers; null for a parent that is not in the local registry.</param>
internal sealed record ResolvedParent(string Reference, string? Digest, string? ManifestDigest, string? Region, string? Repository);

internal static class ImageStatus
{
    public const string Pending = "PENDING";
    public const string Creating = "CREATING";
    public const string Building = "BUILDING";
    public const string Testing = "TESTING";
    public const string Distributing = "DISTRIBUTING";
    public const string Integrating = "INTEGRATING";
    public const string Available = "AVAILABLE";
    public const string Cancelled = "CANCELLED";
    public const string Failed = "FAILED";
    public const string Deprecated = "DEPRECATED";
    public const string Deleted = "DELETED";
    public const string Disabled = "DISABLED";

    public static bool InProgress(string status) => status is Pending or Creating or Building or Testing or Distributing or Integrating;
}

/// <summary>The tags of one resource.</summary>
internal sealed record TagSet(IReadOnlyDictionary<string, string> Tags);

/// <summary>The packages of one build.</summary>
internal sealed record PackageList(IReadOnlyList<InstalledPackage> Packages);

/// <summary>The highest build number of a recipe version; it survives the deletion of the images.</summary>
internal sealed record BuildCounter(int Last);

internal sealed record ResourcePolicy(string Policy);
