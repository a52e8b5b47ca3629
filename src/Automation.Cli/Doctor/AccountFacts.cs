using System.Text.Json.Nodes;
using Automation.Core.Catalog;
using Automation.Core.Promotion;

namespace Automation.Cli.Doctor;

/// <summary>The input of doctor: the catalog, its deployment, and what was read from the account.</summary>
/// <param name="Regions">The stack's own Region first, then the other Regions of the catalog.</param>
/// <param name="Reconcile">The schedule of the reconcile, from cdk.json.</param>
internal sealed record DoctorScope(ImageCatalog Catalog, string Stack, IReadOnlyList<string> Regions, string Reconcile, DateTimeOffset Now)
{
    public string Region => Regions[0];

    public IEnumerable<ImageSpec> Defined => Catalog.Images.Where(image => image.Pipeline is PipelineSpec.Defined);

    public IReadOnlyList<string> RegionsOf(ImageSpec image) => image.Regions.Count == 0 ? [Region] : image.Regions;
}

internal sealed record AccountFacts
{
    public required string Account { get; init; }

    public required string Caller { get; init; }

    /// <summary>How far this machine's clock is ahead of the service's.</summary>
    public required TimeSpan ClockSkew { get; init; }

    /// <summary>The version of the bootstrap stack in each Region; null if the Region is not bootstrapped.</summary>
    public required IReadOnlyDictionary<string, Reading<int?>> Bootstrap { get; init; }

    public required Reading<bool> HasServiceLinkedRole { get; init; }

    public required Reading<NetworkFacts> Network { get; init; }

    public required IReadOnlyDictionary<string, Reading<int>> Quotas { get; init; }

    /// <summary>All image pipelines of the Region.</summary>
    public required Reading<IReadOnlyList<PipelineState>> Pipelines { get; init; }

    public required IReadOnlyList<RegistryFacts> Registries { get; init; }

    public required IReadOnlyList<BaseSource> Bases { get; init; }

    public required IReadOnlyList<AdoptedFacts> Adopted { get; init; }

    /// <summary>The value is null if the stack is not deployed.</summary>
    public required Reading<StackFacts?> Stack { get; init; }
}

/// <param name="DefaultVpc">The id of the default VPC; null if the Region has none.</param>
/// <param name="HasDefaultSubnet">Whether the default VPC has a subnet.</param>
/// <param name="Subnets">The subnets of the catalog and the VPC of each; null if a subnet does not exist.</param>
/// <param name="SecurityGroups">The same of the security groups.</param>
internal sealed record NetworkFacts(
    string? DefaultVpc, bool HasDefaultSubnet, IReadOnlyDictionary<string, string?> Subnets, IReadOnlyDictionary<string, string?> SecurityGroups);

/// <summary>ECR in one Region.</summary>
/// <param name="Scanning">Basic or enhanced, with the rules of the registry.</param>
internal sealed record RegistryFacts(
    string Region,
    Reading<ScanningFacts> Scanning,
    Reading<IReadOnlyList<ReplicationRule>> Replication,
    Reading<IReadOnlyList<CacheRule>> PullThrough,
    IReadOnlyList<RepositoryState> Repositories);

/// <param name="Type"><c>BASIC</c> or <c>ENHANCED</c>.</param>
internal sealed record ScanningFacts(string Type, IReadOnlyList<ScanRule> Rules);

/// <param name="Frequency"><c>SCAN_ON_PUSH</c>, <c>CONTINUOUS_SCAN</c> or <c>MANUAL</c>.</param>
/// <param name="Filters">Wildcards of repository names; <c>*</c> matches any text.</param>
internal sealed record ScanRule(string Frequency, IReadOnlyList<string> Filters);

/// <param name="Prefixes">Prefixes of repository names; empty means every repository.</param>
internal sealed record ReplicationRule(IReadOnlyList<(string Region, string Account)> Destinations, IReadOnlyList<string> Prefixes);

internal sealed record CacheRule(string Prefix, string Upstream);

/// <param name="Details">Null if the repository does not exist.</param>
internal sealed record RepositoryState(string Name, Reading<RepositoryDetails?> Details);

/// <param name="Lifecycle">The document of the lifecycle policy; null if it has none.</param>
/// <param name="Images">The number of images in it.</param>
internal sealed record RepositoryDetails(TagMutability Mutability, bool ScanOnPush, JsonObject? Lifecycle, Reading<int> Images)
{
    /// <summary>Whether its policy has a Deny statement.</summary>
    public bool Denies { get; init; }
}

/// <summary>A base image of the catalog, in the account's ECR or by the name of a parameter.</summary>
/// <param name="Name">The name in the catalog.</param>
/// <param name="Users">The images that are built on it.</param>
internal sealed record BaseSource(string Name, IReadOnlyList<string> Users, Reading<BaseState> State);

internal enum BaseState
{
    Present,
    Missing,

    /// <summary>Its repository does not exist, which the checks of repositories report.</summary>
    NoRepository,

    /// <summary>A placeholder of <c>automation seed</c> replaces it.</summary>
    Placeholder,

    /// <summary>It exists, and so does its placeholder.</summary>
    SpentPlaceholder,

    /// <summary>An encrypted parameter, which only users of its key can read.</summary>
    Encrypted,
}

/// <summary>A pipeline that the catalog adopts.</summary>
/// <param name="Facts">Null if the pipeline does not exist.</param>
internal sealed record AdoptedFacts(ImageSpec Image, Reading<AdoptedPipeline?> Facts);

/// <param name="Recipe">The name of its container recipe; null if it builds an AMI.</param>
/// <param name="Schedule">Its own schedule; null if it has none.</param>
/// <param name="ContainerTags">The tags that its distribution writes in ECR, in addition to the build's own tag.</param>
internal sealed record AdoptedPipeline(bool Enabled, string? Recipe, string? Schedule, IReadOnlyList<string> ContainerTags, IReadOnlyList<string> Regions)
{
    /// <summary>The repositories that it pushes to.</summary>
    public IReadOnlyList<string> Repositories { get; init; } = [];

    /// <summary>The parameter that names its base, if Image Builder may not read it for this pipeline; else null.</summary>
    public string? UnreadableParameter { get; init; }
}

/// <param name="Tags">The tags of the pipeline, which include those of a hold.</param>
internal sealed record PipelineState(string Name, IReadOnlyDictionary<string, string> Tags);

internal sealed record StackFacts(string Status, string? StatusReason)
{
    /// <summary>Null if CloudFormation does not return it.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    public required IReadOnlyList<TopicFacts> Topics { get; init; }

    /// <summary>Messages that could not be processed.</summary>
    public required Reading<int> DeadLetters { get; init; }

    public required Reading<InvocationFacts> Reconcile { get; init; }

    /// <summary>How often each function failed within a day, by logical id, except the reconcile.</summary>
    public required Reading<IReadOnlyDictionary<string, InvocationFacts>> Functions { get; init; }

    public required IReadOnlyList<ResourceFacts> Resources { get; init; }

    /// <summary>Why the template cannot be read; null if it was read and the resources were compared with it.</summary>
    public CallException? Template { get; init; }
}

/// <param name="LogicalId">The logical id in the stack; it distinguishes the topic of alerts from that of notifications.</param>
/// <param name="KeyPolicy">The policy of its KMS key; null if it has no key of its own.</param>
internal sealed record TopicFacts(string LogicalId, string Arn, Reading<IReadOnlyList<Subscription>> Subscriptions, Reading<JsonObject?> KeyPolicy)
{
    /// <summary>Null if it has none.</summary>
    public JsonObject? Policy { get; init; }

    public bool IsAlerts => LogicalId.StartsWith("Alerts", StringComparison.Ordinal);
}

internal sealed record Subscription(string Protocol, string Endpoint, bool IsPending);

/// <param name="Last">The last minute in which it ran within the last two days; null if it did not run.</param>
/// <param name="Errors">The number of failures in the last day.</param>
internal sealed record InvocationFacts(DateTimeOffset? Last, int Runs, int Errors);
