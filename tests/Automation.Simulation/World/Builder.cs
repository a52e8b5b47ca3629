using System.Globalization;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.Core.Ports;
using Automation.Core.Retention;

namespace Automation.Simulation.World;

internal sealed class Pipeline(string arn, string name, string recipe, string parentImage)
{
    public string Arn => arn;

    public string Name => name;

    public string Recipe => recipe;

    public string ParentImage { get; set; } = parentImage;

    public bool Enabled { get; set; } = true;

    /// <summary>Whether no person has deleted it.</summary>
    public bool Exists { get; set; } = true;

    /// <summary>The last part of the version of its recipe.</summary>
    public int Patch { get; set; }

    public RecipeVersion RecipeVersion => new(1, 0, Patch);

    public Dictionary<string, string> Tags { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether a person set the current hold, not a rollback.</summary>
    public bool HeldByHand { get; set; }
}

/// <summary>A record of Image Builder, with further knowledge of the simulation.</summary>
/// <param name="pipeline">Null for an image that was built without a pipeline.</param>
/// <param name="image">The image in the catalog that owns the target repository.</param>
internal sealed class Built(string arn, ImageVersion version, Pipeline? pipeline, string image, int number, DateTimeOffset createdAt)
{
    public string Arn => arn;

    public ImageVersion Version => version;

    public Pipeline? Pipeline => pipeline;

    public string Image => image;

    /// <summary>Counts from 1: the n-th build of the image, whoever started it.</summary>
    public int Number => number;

    public DateTimeOffset CreatedAt => createdAt;

    private readonly Dictionary<string, string> _tags = new(StringComparer.Ordinal);
    private BuildRecord? _record;

    public BuildState State { get; private set; } = BuildState.InProgress;

    public bool Deleted { get; set; }

    public bool DeletedByHand { get; set; }

    public FailureKind FailureKind { get; private set; }

    public string? Reason { get; private set; }

    public IReadOnlyDictionary<string, string> Tags => _tags;

    /// <summary>The digest of its image, however tags change afterwards.</summary>
    public Digest? Digest { get; set; }

    /// <summary>The record as Image Builder lists it. It is read many times between two changes.</summary>
    public BuildRecord Record => _record ??= BuildTags.Read(
        new BuildRecord { Version = Version, Arn = Arn, State = State, CreatedAt = CreatedAt, FailureKind = FailureKind, FailureReason = Reason }, _tags);

    public void Become(BuildState state) => (State, _record) = (state, null);

    public void Fail(FailureKind kind, string reason) => (State, FailureKind, Reason, _record) = (BuildState.Failed, kind, reason, null);

    public void Tag(string key, string value) => (_tags[key], _record) = (value, null);

    public void Untag(string key) => _record = _tags.Remove(key) ? null : _record;
}

/// <summary>Image Builder in memory.</summary>
internal sealed class Builder(SimulatedWorld world) : IImageBuilder
{
    private readonly Dictionary<string, (string Arn, string Tags)> _tokens = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

    public List<Pipeline> Pipelines { get; } = [];

    /// <summary>All records that ever existed.</summary>
    public List<Built> Builds { get; } = [];

    /// <summary>Foreign recipes that are built on our images.</summary>
    public List<RecipeBase> ForeignRecipes { get; } = [];

    public Pipeline PipelineOf(string image) => Pipelines.First(pipeline => world.Setup.PipelineOf(image) == pipeline.Name);

    public IEnumerable<Built> Of(string image) => Builds.Where(build => build.Image == image);

    public Task<PipelineFacts?> FindPipelineAsync(string nameOrArn, string? recipe, CancellationToken cancellationToken) => Call("FindPipeline", () =>
    {
        var pipeline = Pipelines.Find(pipeline => pipeline.Exists && (pipeline.Name == nameOrArn || pipeline.Arn == nameOrArn));
        Read($"hold {ImageOf(pipeline)}");
        return pipeline is null ? null : new PipelineFacts(
            pipeline.Arn, pipeline.Name, pipeline.Enabled, pipeline.RecipeVersion,
            recipe is not null && recipe != pipeline.Recipe ? "" : pipeline.ParentImage,
            BuildTags.ReadHold(pipeline.Tags), null, pipeline.Recipe);
    }, cancellationToken);

    public Task<IReadOnlyList<string>> ListContainerTagsAsync(string distributionArn, string repository, CancellationToken cancellationToken) =>
        Call<IReadOnlyList<string>>("ReadDistribution", () => [], cancellationToken);

    // No recipe of the simulation names its base by an ARN.
    public Task<BuiltImage?> FindImageAsync(string arn, CancellationToken cancellationToken) => Call<BuiltImage?>("FindImage", () => null, cancellationToken);

    public Task<IReadOnlyList<BuildRecord>> ListBuildsAsync(string pipelineArn, CancellationToken cancellationToken) => Call<IReadOnlyList<BuildRecord>>(
        "ListBuilds", () =>
        {
            Read($"builds {ImageOf(Existing(pipelineArn))}");
            var records = new List<BuildRecord>();
            foreach (var build in Builds)
            {
                if (!build.Deleted && build.Pipeline?.Arn == pipelineArn)
                {
                    records.Add(build.Record);
                }
            }

            return records;
        }, cancellationToken);

    public Task<BuildOrigin?> FindBuildAsync(string buildArn, CancellationToken cancellationToken) => Call("FindBuild", () =>
        Find(buildArn) is { } build
            ? new BuildOrigin(build.Arn, true, build.Pipeline?.Arn, build.Version, Status(build.State), [Setup.RepositoryOf(build.Image)])
            : null, cancellationToken);

    public Task<IReadOnlyList<string>> ListImageNamesAsync(string region, RecipeVersion version, CancellationToken cancellationToken) =>
        Call<IReadOnlyList<string>>("ListImages", () =>
        region != Setup.Home
            ? []
            : [.. Builds.Where(build => !build.Deleted).Select(build => world.Setup.RecipeOf(build.Image)).Distinct().Order(StringComparer.Ordinal)],
            cancellationToken);

    public Task<IReadOnlyList<BuildOutput>> ListBuildsOfVersionAsync(
        string region, string recipe, RecipeVersion version, CancellationToken cancellationToken) => Call<IReadOnlyList<BuildOutput>>("ListBuildVersions", () =>
        region != Setup.Home ? [] : [.. Builds.Where(build => !build.Deleted && world.Setup.RecipeOf(build.Image) == recipe && build.Version.Recipe == version)
            .Select(build => new BuildOutput(build.Arn, build.Version, build.State.Succeeded() ? [Setup.RepositoryOf(build.Image)] : null))],
            cancellationToken);

    public Task<BuildRecord?> FindRecordAsync(string buildArn, CancellationToken cancellationToken) =>
        Call("FindRecord", () => Find(buildArn)?.Record, cancellationToken);

    public Task<string> StartBuildAsync(
        string pipelineArn, string clientToken, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken) => Call("StartBuild", () =>
    {
        var text = string.Join('\n', tags.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => $"{tag.Key}={tag.Value}"));
        if (_tokens.TryGetValue(clientToken, out var known))
        {
            return known.Tags == text
                ? known.Arn
                : throw new BuildConflictException($"Pipeline {pipelineArn} was started for another reason at the same moment.");
        }

        var pipeline = Existing(pipelineArn);
        var image = world.Setup.Images.First(image => world.Setup.PipelineOf(image) == pipeline.Name);
        world.Watch.BuildStarted(image, tags);
        var build = Start(image, pipeline);
        foreach (var (key, value) in tags)
        {
            build.Tag(key, value);
        }

        _tokens[clientToken] = (build.Arn, text);
        return build.Arn;
    }, cancellationToken);

    public Task TagAsync(string arn, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken) => Call("Tag", () =>
    {
        var (build, pipeline) = Tagged(arn);
        world.Watch.Tagged(arn, tags);
        foreach (var (key, value) in tags)
        {
            build?.Tag(key, value);
            pipeline?.Tags[key] = value;
        }

        if (pipeline is not null && tags.ContainsKey(BuildTags.Hold))
        {
            pipeline.HeldByHand = false;
        }

        return true;
    }, cancellationToken);

    public Task UntagAsync(string arn, IReadOnlyList<string> keys, CancellationToken cancellationToken) => Call("Untag", () =>
    {
        var (build, pipeline) = Tagged(arn);
        world.Watch.Untagged(arn, keys);
        foreach (var key in keys)
        {
            build?.Untag(key);
            pipeline?.Tags.Remove(key);
        }

        return true;
    }, cancellationToken);

    public Task<string?> DeleteBuildAsync(string buildArn, CancellationToken cancellationToken) => Call<string?>("DeleteBuild", () =>
    {
        if (Find(buildArn) is { } build)
        {
            world.Watch.RecordDeleted(build);
            build.Deleted = true;
        }

        return null;
    }, cancellationToken);

    public Task<IReadOnlyList<RecipeBase>> ListRecipeBasesAsync(string region, CancellationToken cancellationToken) =>
        Call<IReadOnlyList<RecipeBase>>("ListRecipes", () =>
        region != Setup.Home || !Read("recipes") ? []
        : [.. ForeignRecipes,
            .. Pipelines.Select(
                pipeline => new RecipeBase(
                    $"arn:aws:imagebuilder:{Setup.Home}:{Setup.Account}:container-recipe/{pipeline.Recipe}/{pipeline.RecipeVersion}",
                    pipeline.ParentImage))],
        cancellationToken);

    // Recipes do not change here, so no update leaves an old one.
    public Task<IReadOnlyList<OwnRecipe>> ListOwnRecipesAsync(string name, CancellationToken cancellationToken) =>
        Call<IReadOnlyList<OwnRecipe>>("ListOwnRecipes", () => [], cancellationToken);

    public Task<string?> DeleteRecipeAsync(string recipeArn, CancellationToken cancellationToken) =>
        throw new InvalidOperationException($"Nothing lists the recipe {recipeArn}, so nothing deletes it.");

    /// <summary>Starts a build, for a person or the automation. It ends automatically.</summary>
    public Built Start(string image, Pipeline? pipeline)
    {
        // Build numbers belong to recipe and version, whoever starts the build.
        var recipe = world.Setup.RecipeOf(image);
        var built = $"{recipe}/{PipelineOf(image).RecipeVersion}";
        _numbers[built] = _numbers.GetValueOrDefault(built) + 1;
        var version = ImageVersion.Parse(string.Create(CultureInfo.InvariantCulture, $"{PipelineOf(image).RecipeVersion}/{_numbers[built]}"));
        var build = new Built($"arn:aws:imagebuilder:{Setup.Home}:{Setup.Account}:image/{recipe}/{version}", version, pipeline, image, Of(image).Count() + 1,
            world.Timers.Now);
        Builds.Add(build);
        world.Timers.Add(world.Timers.Now.AddMinutes(20), Machine.TimerKind.Work, () => world.BuildEnds(build));
        return build;
    }

    public Built? Find(string arn) => Builds.Find(build => build.Arn == arn && !build.Deleted);

    // https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_ListImagePipelineImages.html#API_ListImagePipelineImages_Errors
    private Pipeline Existing(string arn) => Pipelines.Find(pipeline => pipeline.Arn == arn && pipeline.Exists)
        ?? throw new PermanentException($"There is no pipeline {arn}: ResourceNotFoundException.");

    private string? ImageOf(Pipeline? pipeline) => world.Setup.Images.FirstOrDefault(image => world.Setup.PipelineOf(image) == pipeline?.Name);

    private bool Read(string what)
    {
        world.Watch.Read(what);
        return true;
    }

    private (Built? Build, Pipeline? Pipeline) Tagged(string arn) =>
        (Find(arn), Pipelines.Find(pipeline => pipeline.Arn == arn && pipeline.Exists)) is var found and not (null, null)
        ? found
        : throw new PermanentException($"Could not tag {arn}: ResourceNotFoundException.");

    private Task<T> Call<T>(string operation, Func<T> work, CancellationToken cancellationToken) =>
        world.Calls.Make("imagebuilder", operation, Setup.Home, work, cancellationToken);

    private static readonly string[] Statuses =
        [.. Enum.GetValues<BuildState>().Select(state => state == BuildState.InProgress ? "BUILDING" : state.ToString().ToUpperInvariant())];

    internal static string Status(BuildState state) => Statuses[(int)state];
}
