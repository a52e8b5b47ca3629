using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Automation.LocalCloud.Storage;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>The tables of the service and the common code of all operations.</summary>
internal sealed class ImageBuilderState(Engine engine)
{
    private const string ArnPrefix = "arn:aws:imagebuilder:";

    /// <summary>The wire format: lower-case first letters, absent members omitted.</summary>
    public static readonly ImageBuilderJson Wire = new(
        new JsonSerializerOptions(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull });

    private const string PipelinePart = ":image-pipeline/";
    private const string RecipePart = ":container-recipe/";

    private readonly Revisions _revisions = new();

    public Engine Engine => engine;

    public Table<ContainerRecipe> ContainerRecipes { get; } =
        new("imagebuilder.container-recipes", engine.Store, () => ImageBuilderJson.Default.ContainerRecipe);

    public ManagedImages Managed { get; } = new(engine);

    public Table<ResourcePolicy> Policies { get; } = new("imagebuilder.policies", engine.Store, () => ImageBuilderJson.Default.ResourcePolicy);

    public Table<ImageRecipe> ImageRecipes { get; } = new("imagebuilder.image-recipes", engine.Store, () => ImageBuilderJson.Default.ImageRecipe);

    public Table<Component> Components { get; } = new("imagebuilder.components", engine.Store, () => ImageBuilderJson.Default.Component);

    public Table<DistributionConfiguration> Distributions { get; } =
        new("imagebuilder.distribution-configurations", engine.Store, () => ImageBuilderJson.Default.DistributionConfiguration);

    public Table<InfrastructureConfiguration> Infrastructures { get; } =
        new("imagebuilder.infrastructure-configurations", engine.Store, () => ImageBuilderJson.Default.InfrastructureConfiguration);

    public Table<ImagePipeline> Pipelines { get; } = new("imagebuilder.image-pipelines", engine.Store, () => ImageBuilderJson.Default.ImagePipeline);

    public Table<ImageBuild> Images { get; } = new("imagebuilder.images", engine.Store, () => ImageBuilderJson.Default.ImageBuild);

    public Table<LifecyclePolicy> LifecyclePolicies { get; } =
        new("imagebuilder.lifecycle-policies", engine.Store, () => ImageBuilderJson.Default.LifecyclePolicy);

    public Table<LifecycleExecution> LifecycleExecutions { get; } =
        new("imagebuilder.lifecycle-executions", engine.Store, () => ImageBuilderJson.Default.LifecycleExecution);

    public Table<PackageList> Packages { get; } = new("imagebuilder.packages", engine.Store, () => ImageBuilderJson.Default.PackageList);

    public Table<Workflow> Workflows { get; } = new("imagebuilder.workflows", engine.Store, () => ImageBuilderJson.Default.Workflow);

    public Table<WorkflowRun> WorkflowRuns { get; } = new("imagebuilder.workflow-runs", engine.Store, () => ImageBuilderJson.Default.WorkflowRun);

    public Table<WorkflowRunList> WorkflowRunsOf { get; } =
        new("imagebuilder.workflow-runs-of-images", engine.Store, () => ImageBuilderJson.Default.WorkflowRunList);

    public Table<BuildCounter> BuildCounters { get; } = new("imagebuilder.build-counters", engine.Store, () => ImageBuilderJson.Default.BuildCounter);

    public Table<TagSet> Tags { get; } = new("imagebuilder.tags", engine.Store, () => ImageBuilderJson.Default.TagSet);

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
        where T : class => input.Deserialize((JsonTypeInfo<T>)Wire.GetTypeInfo(typeof(T))!)!;

    /// <summary>A record in the wire format.</summary>
    public static JsonNode Write<T>(T record)
        where T : class => JsonSerializer.SerializeToNode(record, (JsonTypeInfo<T>)Wire.GetTypeInfo(typeof(T))!)!;

    /// <summary>A record in the wire format, with its tags.</summary>
    public JsonObject Show<T>(string arn, T record)
        where T : class
    {
        var node = Write(record).AsObject();
        AddTags(node, arn);
        return node;
    }

    public void AddTags(JsonObject node, string arn)
    {
        if (TagsOf(arn) is { Count: > 0 } tags)
        {
            node["tags"] = Write(tags);
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
        input[member]?.Deserialize(ImageBuilderJson.Default.DictionaryStringString);

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
