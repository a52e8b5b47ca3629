using System.Text.Json.Nodes;
using Automation.Core.Catalog;
using Automation.Core.Promotion;

namespace Automation.Cli.Doctor;

/// <summary>What the doctor examines: the catalog, how it is deployed, and what it found in the account.</summary>
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

    /// <summary>By Region; the value is the version of the bootstrap stack, null where the Region is not bootstrapped.</summary>
    public required IReadOnlyDictionary<string, Reading<int?>> Bootstrap { get; init; }

    public required Reading<bool> HasServiceLinkedRole { get; init; }

    public required Reading<NetworkFacts> Network { get; init; }

    public required IReadOnlyDictionary<string, Reading<int>> Quotas { get; init; }

    public required Reading<int> Pipelines { get; init; }

    public required IReadOnlyList<RegistryFacts> Registries { get; init; }

    public required IReadOnlyList<BaseSource> Bases { get; init; }

    public required IReadOnlyList<AdoptedFacts> Adopted { get; init; }

    /// <summary>The value is null where the stack is not deployed.</summary>
    public required Reading<StackFacts?> Stack { get; init; }
}

/// <param name="DefaultVpc">Its id; null: the Region has none.</param>
/// <param name="HasDefaultSubnet">Whether that has a subnet.</param>
/// <param name="MissingSubnets">Subnets of the catalog that do not exist.</param>
internal sealed record NetworkFacts(string? DefaultVpc, bool HasDefaultSubnet, IReadOnlySet<string> MissingSubnets);

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
/// <param name="Filters">Wildcards of repository names; <c>*</c> stands for any text.</param>
internal sealed record ScanRule(string Frequency, IReadOnlyList<string> Filters);

/// <param name="Prefixes">Of repository names; empty: every repository.</param>
internal sealed record ReplicationRule(IReadOnlyList<(string Region, string Account)> Destinations, IReadOnlyList<string> Prefixes);

internal sealed record CacheRule(string Prefix, string Upstream);

/// <param name="Details">Null: there is no such repository.</param>
internal sealed record RepositoryState(string Name, Reading<RepositoryDetails?> Details);

/// <param name="Lifecycle">The lifecycle policy's document; null: it has none.</param>
/// <param name="Images">How many it holds.</param>
internal sealed record RepositoryDetails(TagMutability Mutability, bool ScanOnPush, JsonObject? Lifecycle, Reading<int> Images)
{
    /// <summary>Whether its policy has a statement that denies.</summary>
    public bool Denies { get; init; }
}

/// <summary>What an image of the catalog is made from, in the account's ECR or by the name of a parameter.</summary>
/// <param name="Name">As the catalog writes it.</param>
/// <param name="Users">The images that are made from it.</param>
internal sealed record BaseSource(string Name, IReadOnlyList<string> Users, Reading<BaseState> State);

internal enum BaseState
{
    Present,
    Missing,

    /// <summary>There is no repository: said by the checks of repositories.</summary>
    NoRepository,

    /// <summary>A placeholder of <c>automation seed</c> stands in.</summary>
    Placeholder,

    /// <summary>It is there, and so is the placeholder that stood in for it.</summary>
    SpentPlaceholder,

    /// <summary>An encrypted parameter: nobody but its key's users can read it.</summary>
    Encrypted,
}

/// <summary>A pipeline that the catalog adopts.</summary>
/// <param name="Facts">Null: there is no such pipeline.</param>
internal sealed record AdoptedFacts(ImageSpec Image, Reading<AdoptedPipeline?> Facts);

/// <param name="Recipe">Name of its container recipe; null: it builds an AMI.</param>
/// <param name="Schedule">Its own schedule; null: it has none.</param>
/// <param name="ContainerTags">What its distribution tags in ECR, besides the build's own tag.</param>
internal sealed record AdoptedPipeline(bool Enabled, string? Recipe, string? Schedule, IReadOnlyList<string> ContainerTags, IReadOnlyList<string> Regions)
{
    /// <summary>Where it pushes to.</summary>
    public IReadOnlyList<string> Repositories { get; init; } = [];

    /// <summary>The parent of its recipe where that is a parameter that Image Builder may not read for this pipeline; else null.</summary>
    public string? UnreadableParameter { get; init; }
}

internal sealed record StackFacts(string Status, string? StatusReason)
{
    public required IReadOnlyList<TopicFacts> Topics { get; init; }

    /// <summary>Messages that could not be processed.</summary>
    public required Reading<int> DeadLetters { get; init; }

    public required Reading<InvocationFacts> Reconcile { get; init; }

    /// <summary>How often each function failed within a day, by logical id; the reconcile is told apart.</summary>
    public required Reading<IReadOnlyDictionary<string, InvocationFacts>> Functions { get; init; }

    public required IReadOnlyList<ResourceFacts> Resources { get; init; }
}

/// <param name="LogicalId">In the stack; tells the topic of alerts from that of notifications.</param>
/// <param name="KeyPolicy">Of its KMS key; null: it has no key of its own.</param>
internal sealed record TopicFacts(string LogicalId, string Arn, Reading<IReadOnlyList<Subscription>> Subscriptions, Reading<JsonObject?> KeyPolicy)
{
    /// <summary>Null: it has none.</summary>
    public JsonObject? Policy { get; init; }

    public bool IsAlerts => LogicalId.StartsWith("Alerts", StringComparison.Ordinal);
}

internal sealed record Subscription(string Protocol, string Endpoint, bool IsPending);

/// <param name="Last">The last minute in which it ran, within the last two days; null: it did not.</param>
/// <param name="Errors">How often it failed in the last day.</param>
internal sealed record InvocationFacts(DateTimeOffset? Last, int Runs, int Errors);
