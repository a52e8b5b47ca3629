using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>The tables of the service and the common code of all operations.</summary>
internal sealed class ImageBuilderState(Engine engine)
{
    private const string ArnPrefix = "arn:aws:imagebuilder:";

    /// <summary>The wire format: lower-case first letters, absent members omitted.</summary>
    public static readonly JsonSerializerOptions Wire = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };

    private const string PipelinePart = ":image-pipeline/";
    private const string RecipePart = ":container-recipe/";

    private readonly Revisions _revisions = new();

    public Engine Engine => engine;

    public Table<ContainerRecipe> ContainerRecipes { get; } = new("imagebuilder.container-recipes", engine.Store);

    public ManagedImages Managed { get; } = new(engine);

    public Table<ResourcePolicy> Policies { get; } = new("imagebuilder.policies", engine.Store);

    public Table<ImageRecipe> ImageRecipes { get; } = new("imagebuilder.image-recipes", engine.Store);

    public Table<Component> Components { get; } = new("imagebuilder.components", engine.Store);

    public Table<DistributionConfiguration> Distributions { get; } = new("imagebuilder.distribution-configurations", engine.Store);

    public Table<InfrastructureConfiguration> Infrastructures { get; } = new("imagebuilder.infrastructure-configurations", engine.Store);

    public Table<ImagePipeline> Pipelines { get; } = new("imagebuilder.image-pipelines", engine.Store);

    public Table<ImageBuild> Images { get; } = new("imagebuilder.images", engine.Store);

    public Table<LifecyclePolicy> LifecyclePolicies { get; } = new("imagebuilder.lifecycle-policies", engine.Store);

    public Table<LifecycleExecution> LifecycleExecutions { get; } = new("imagebuilder.lifecycle-executions", engine.Store);

    public Table<PackageList> Packages { get; } = new("imagebuilder.packages", engine.Store);

    public Table<Workflow> Workflows { get; } = new("imagebuilder.workflows", engine.Store);

    public Table<WorkflowRun> WorkflowRuns { get; } = new("imagebuilder.workflow-runs", engine.Store);

    public Table<WorkflowRunList> WorkflowRunsOf { get; } = new("imagebuilder.workflow-runs-of-images", engine.Store);

    public Table<BuildCounter> BuildCounters { get; } = new("imagebuilder.build-counters", engine.Store);

    public Table<TagSet> Tags { get; } = new("imagebuilder.tags", engine.Store);

    public ImageBuilderQuotas Quotas { get; set; } = new();

    /// <summary>A number that changes whenever a listed resource changes.</summary>
    public long Revision => ContainerRecipes.Revision + ImageRecipes.Revision + Components.Revision + Distributions.Revision
        + Infrastructures.Revision + Pipelines.Revision + Images.Revision + LifecyclePolicies.Revision + LifecycleExecutions.Revision + Packages.Revision
        + Workflows.Revision + WorkflowRuns.Revision;

    /// <summary>A number that changes whenever an answer about a pipeline, its builds, or any recipe may change.</summary>
    /// <param name="arn">Of a pipeline or a recipe.</param>
    public long RevisionOf(string arn) => arn.Contains(PipelinePart, StringComparison.Ordinal)
        ? _revisions.Of(arn)
        : ContainerRecipes.Revision + _revisions.Of(RecipePart);

    /// <summary>The API's dates are strings: ISO 8601 with milliseconds.</summary>
    public string Now => Text(engine.Clock.Now);

    public static string Text(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Counts changes from now on.</summary>
    public void CountChanges()
    {
        Pipelines.Changed = (arn, _) => _revisions.Changed(arn);
        Images.Changed = (_, build) => _revisions.Changed(build.SourcePipelineArn);
        Tags.Changed = (arn, _) =>
        {
            _revisions.Changed(arn.Contains(RecipePart, StringComparison.Ordinal) ? RecipePart : arn);
            _revisions.Changed(Images.Find(arn)?.SourcePipelineArn);
        };
    }

    /// <summary>Whether an ARN belongs to the Region of the request; a Region contains only its own resources.</summary>
    public static bool InRegion(string arn, string region) =>
        arn.StartsWith(ArnPrefix, StringComparison.Ordinal)
        && arn.Length > ArnPrefix.Length + region.Length
        && arn[ArnPrefix.Length + region.Length] == ':'
        && arn.AsSpan(ArnPrefix.Length).StartsWith(region, StringComparison.Ordinal);

    public static T Read<T>(JsonObject input)
        where T : class => input.Deserialize<T>(Wire)!;

    /// <summary>A record in the wire format, with its tags.</summary>
    public JsonObject Show<T>(string arn, T record)
    {
        var node = JsonSerializer.SerializeToNode(record, Wire)!.AsObject();
        AddTags(node, arn);
        return node;
    }

    public void AddTags(JsonObject node, string arn)
    {
        if (TagsOf(arn) is { Count: > 0 } tags)
        {
            node["tags"] = JsonSerializer.SerializeToNode(tags, Wire);
        }
    }

    public IReadOnlyDictionary<string, string> TagsOf(string arn) => Tags.Find(arn)?.Tags ?? new Dictionary<string, string>();

    public void SetTags(string arn, IReadOnlyDictionary<string, string>? tags)
    {
        if (tags is { Count: > 0 })
        {
            Tags.Set(arn, new TagSet(tags));
        }
        else
        {
            Tags.Remove(arn);
        }
    }

    public static IReadOnlyDictionary<string, string>? TagsIn(JsonObject input, string member = "tags") =>
        input[member]?.Deserialize<Dictionary<string, string>>();

    /// <summary>The record with exactly this ARN.</summary>
    /// <exception cref="AwsException">ResourceNotFoundException</exception>
    public static T Find<T>(Table<T> table, string arn, CallContext context)
        where T : class =>
        (InRegion(arn, context.Region) ? table.Find(arn) : null) ?? throw Errors.NotFound(arn);

    /// <summary>The newest record that an ARN with wildcards matches, or the one with exactly that ARN.</summary>
    /// <exception cref="AwsException">ResourceNotFoundException, or InvalidRequestException for a pattern such as <c>1.x.0</c>.</exception>
    public static T FindNewest<T>(Table<T> table, string arn, string region)
        where T : class
    {
        var wanted = ResourceArn.TryParse(arn);
        if (wanted is null || wanted.Region != region)
        {
            throw Errors.NotFound(arn);
        }

        if (table.Find(arn) is { } exact)
        {
            return exact;
        }

        var pattern = VersionPattern.TryParse(wanted.Version ?? "") ?? throw Errors.InvalidPattern(wanted.Version);
        return table
            .Select(row => (Arn: ResourceArn.TryParse(row.Key)!, row.Value))
            .Where(row => row.Arn.Account == wanted.Account && row.Arn.Kind == wanted.Kind && row.Arn.Name == wanted.Name && row.Arn.Region == region)
            .Select(row => (Version: VersionPattern.TryParse(row.Arn.Version!)!, row.Arn.Build, row.Value))
            .Where(row => pattern.Matches(row.Version))
            .OrderByDescending(row => row.Version.SortKey, StringComparer.Ordinal)
            .ThenByDescending(row => row.Build)
            .Select(row => row.Value)
            .FirstOrDefault() ?? throw Errors.NotFound(arn);
    }

    /// <summary>The version of a new resource; an <c>x</c> increments the newest existing version.</summary>
    /// <exception cref="AwsException">InvalidVersionNumberException</exception>
    public static string AssignVersion<T>(string requested, Table<T> table, ResourceArn resource)
        where T : class
    {
        var pattern = VersionPattern.TryParse(requested) ?? throw Errors.InvalidVersion(requested);
        if (!pattern.HasWildcard)
        {
            return pattern.ToString();
        }

        return pattern.Next(table
            .Select(row => ResourceArn.TryParse(row.Key)!)
            .Where(arn => arn.Region == resource.Region && arn.Name == resource.Name)
            .Select(arn => VersionPattern.TryParse(arn.Version!)!)).ToString();
    }

    /// <summary>ARNs with wildcards; https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_LatestVersionReferences.html</summary>
    public static JsonObject LatestVersions(string arn)
    {
        var parsed = ResourceArn.TryParse(arn)!;
        var version = VersionPattern.TryParse(parsed.Version!)!;
        string With(string text) => (parsed with { Version = text, Build = null }).ToString();
        return new JsonObject
        {
            ["latestVersionArn"] = With("x.x.x"),
            ["latestMajorVersionArn"] = With((version with { Minor = null, Patch = null }).ToString()),
            ["latestMinorVersionArn"] = With((version with { Patch = null }).ToString()),
            ["latestPatchVersionArn"] = With(version.ToString()),
        };
    }

    public static void CheckQuota<T>(Table<T> table, string region, string what, int limit)
        where T : class
    {
        if (table.Count >= limit && table.Count(row => InRegion(row.Key, region)) >= limit)
        {
            throw Errors.Quota(what, limit);
        }
    }
}
