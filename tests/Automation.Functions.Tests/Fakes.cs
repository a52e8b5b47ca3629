using System.Runtime.CompilerServices;
using Amazon.Lambda.Core;
using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.Core.Incidents;
using Automation.Core.Ports;
using Automation.Core.Promotion;
using Automation.Core.Retention;
using Microsoft.Extensions.Logging;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace Automation.Functions.Tests;

/// <summary>Image Builder in memory. It stores tags on the records like the real one, so that later steps read what a step wrote.</summary>
internal sealed class FakeImageBuilder : IImageBuilder
{
    public List<PipelineFacts> Pipelines { get; } = [];

    /// <summary>The builds, each with the name of its pipeline.</summary>
    public List<(string Pipeline, BuildRecord Record)> Builds { get; } = [];

    /// <summary>Results of FindBuild in addition to <see cref="Builds"/>, such as an AMI.</summary>
    public Dictionary<string, BuildOrigin> Origins { get; } = [];

    public List<RecipeBase> Recipes { get; } = [];

    /// <summary>Recipe versions of the stack, each with the name under which it was created.</summary>
    public List<(string Name, OwnRecipe Recipe)> OwnRecipes { get; } = [];

    /// <summary>The number of the build that each client token started.</summary>
    public Dictionary<string, int> Tokens { get; } = new(StringComparer.Ordinal);

    /// <summary>Builds whose records were deleted after they were started.</summary>
    public HashSet<string> Gone { get; } = new(StringComparer.Ordinal);

    /// <summary>Builds whose record cannot be deleted, with the reason.</summary>
    public Dictionary<string, string> Stuck { get; } = new(StringComparer.Ordinal);

    /// <summary>The changes, in order.</summary>
    public List<string> Changes { get; } = [];

    /// <summary>Called before each call with its text; a returned exception is thrown.</summary>
    public Func<string, Exception?>? Fault { get; set; }

    /// <summary>What cannot be read because a permission is missing.</summary>
    public string? Denied { get; set; }

    /// <summary>Whether every call lasts until the caller's time is over.</summary>
    public bool WaitForever { get; set; }

    /// <summary>Ends the caller's time.</summary>
    public required Action EndTime { get; init; }

    public Task<PipelineFacts?> FindPipelineAsync(string nameOrArn, string? recipe, CancellationToken cancellationToken) =>
        Call(($"pipeline {nameOrArn}", cancellationToken), () => Pipelines.Find(pipeline => pipeline.Name == nameOrArn || pipeline.Arn == nameOrArn));

    /// <summary>Container tags by the distribution configuration that writes them.</summary>
    public Dictionary<string, IReadOnlyList<string>> Distributions { get; } = new(StringComparer.Ordinal);

    public Task<IReadOnlyList<string>> ListContainerTagsAsync(string distributionArn, string repository, CancellationToken cancellationToken) =>
        Call<IReadOnlyList<string>>(($"distribution {distributionArn}", cancellationToken), () => Distributions[distributionArn]);

    public Task<IReadOnlyList<BuildRecord>> ListBuildsAsync(string pipelineArn, CancellationToken cancellationToken) =>
        Call<IReadOnlyList<BuildRecord>>(($"builds {pipelineArn}", cancellationToken), () =>
            [.. Builds.Where(build => FunctionHarness.PipelineArn(build.Pipeline) == pipelineArn).Select(build => build.Record)]);

    public Task<IReadOnlyList<string>> ListImageNamesAsync(string region, RecipeVersion version, CancellationToken cancellationToken) =>
        Call<IReadOnlyList<string>>(($"names {region} {version}", cancellationToken), () =>
            [.. Outputs().Where(build => build.Arn.Split(':')[3] == region && build.Version.Recipe == version).Select(build => PipelineBuilds.RecipeOf(build.Arn)!).Distinct()]);

    public Task<IReadOnlyList<BuildOutput>> ListBuildsOfVersionAsync(string region, string recipe, RecipeVersion version, CancellationToken cancellationToken) =>
        Call<IReadOnlyList<BuildOutput>>(($"outputs {region} {recipe} {version}", cancellationToken), () =>
            [.. Outputs().Where(build => build.Arn.Split(':')[3] == region && build.Version.Recipe == version && PipelineBuilds.RecipeOf(build.Arn) == recipe)]);

    public Task<BuildOrigin?> FindBuildAsync(string buildArn, CancellationToken cancellationToken) => Call(($"build {buildArn}", cancellationToken), () =>
        Origins.GetValueOrDefault(buildArn) ?? Builds.Where(build => build.Record.Arn == buildArn)
            .Select(build => new BuildOrigin(buildArn, true, FunctionHarness.PipelineArn(build.Pipeline), build.Record.Version, Status(build.Record.State)))
            .FirstOrDefault());

    public Task<BuildRecord?> FindRecordAsync(string buildArn, CancellationToken cancellationToken) =>
        Call(($"record {buildArn}", cancellationToken), () => Builds.Where(build => build.Record.Arn == buildArn).Select(build => build.Record).FirstOrDefault());

    /// <summary>Images of Image Builder by requested ARN.</summary>
    public Dictionary<string, BuiltImage> Images { get; } = new(StringComparer.Ordinal);

    public Task<BuiltImage?> FindImageAsync(string arn, CancellationToken cancellationToken) => Call(($"image {arn}", cancellationToken), () => Images.GetValueOrDefault(arn));

    public Task<string> StartBuildAsync(string pipelineArn, string clientToken, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken) =>
        Call(($"start {pipelineArn} {clientToken}", cancellationToken), () =>
        {
            Changes.Add($"start {pipelineArn.Split('/')[^1]}");
            var number = Tokens.TryAdd(clientToken, Tokens.Count + 1) ? Tokens.Count : Tokens[clientToken];
            var arn = FunctionHarness.BuildArn(pipelineArn.Split('/')[^1], $"1.0.0/{number}");
            if (!Gone.Contains(arn))
            {
                Origins[arn] = new BuildOrigin(arn, true, pipelineArn, ImageVersion.Parse($"1.0.0/{number}"), "PENDING");
            }

            return arn;
        });

    public Task TagAsync(string arn, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken) => Call(($"tag {arn}", cancellationToken), () =>
    {
        foreach (var (key, value) in tags.OrderBy(tag => tag.Key, StringComparer.Ordinal))
        {
            Changes.Add($"tag {Short(arn)} {key.Replace("automation:", "", StringComparison.Ordinal)}={value}");
        }

        var at = Builds.FindIndex(build => build.Record.Arn == arn);
        if (at >= 0)
        {
            Builds[at] = (Builds[at].Pipeline, BuildTags.Read(Builds[at].Record, tags));
        }

        var pipeline = Pipelines.FindIndex(pipeline => pipeline.Arn == arn);
        if (pipeline >= 0)
        {
            Pipelines[pipeline] = Pipelines[pipeline] with { Hold = BuildTags.ReadHold(tags) ?? Pipelines[pipeline].Hold };
        }

        return true;
    });

    public Task UntagAsync(string arn, IReadOnlyList<string> keys, CancellationToken cancellationToken) => Call(($"untag {arn}", cancellationToken), () =>
    {
        Changes.Add($"untag {Short(arn)} {string.Join(',', keys)}");
        var pipeline = Pipelines.FindIndex(pipeline => pipeline.Arn == arn);
        if (pipeline >= 0 && keys.Contains(BuildTags.Hold))
        {
            Pipelines[pipeline] = Pipelines[pipeline] with { Hold = null };
        }

        return true;
    });

    public Task<string?> DeleteBuildAsync(string buildArn, CancellationToken cancellationToken) => Call(($"delete {buildArn}", cancellationToken), () =>
    {
        if (Stuck.TryGetValue(buildArn, out var why))
        {
            return why;
        }

        Changes.Add($"delete record {Short(buildArn)}");
        Builds.RemoveAll(build => build.Record.Arn == buildArn);
        return null;
    });

    public Task<IReadOnlyList<OwnRecipe>> ListOwnRecipesAsync(string name, CancellationToken cancellationToken) =>
        Call<IReadOnlyList<OwnRecipe>>(($"recipes of {name}", cancellationToken), () => [.. OwnRecipes.Where(recipe => recipe.Name == name).Select(recipe => recipe.Recipe)]);

    public Task<string?> DeleteRecipeAsync(string recipeArn, CancellationToken cancellationToken) => Call(($"delete {recipeArn}", cancellationToken), () =>
    {
        if (Stuck.TryGetValue(recipeArn, out var why))
        {
            return why;
        }

        Changes.Add($"delete recipe {Short(recipeArn)}");
        OwnRecipes.RemoveAll(recipe => recipe.Recipe.Arn == recipeArn);
        return null;
    });

    public Task<IReadOnlyList<RecipeBase>> ListRecipeBasesAsync(string region, CancellationToken cancellationToken) =>
        Call<IReadOnlyList<RecipeBase>>(("recipes", cancellationToken), () => [.. Recipes.Where(recipe => recipe.RecipeArn.Split(':')[3] == region)]);

    private IEnumerable<BuildOutput> Outputs() => Builds.Select(build => new BuildOutput(build.Record.Arn, build.Record.Version, null))
        .Concat(Origins.Values.Select(origin => new BuildOutput(origin.Arn, origin.Version, null)));

    private async Task<T> Call<T>((string What, CancellationToken Token) call, Func<T> answer)
    {
        if (WaitForever)
        {
            EndTime();
        }

        call.Token.ThrowIfCancellationRequested();
        if (call.What == Denied)
        {
            throw new PermanentException($"Not allowed: {Denied}.");
        }

        return Fault?.Invoke(call.What) is { } fault ? throw fault : answer();
    }

    private static string Short(string arn) => arn[(arn.IndexOf('/', StringComparison.Ordinal) + 1)..];

    private static string Status(BuildState state) => state == BuildState.InProgress ? "BUILDING" : state.ToString().ToUpperInvariant();
}

/// <summary>ECR in memory: repositories of Regions with images and the tags that point to them.</summary>
internal sealed class FakeRegistry : IRegistry
{
    private readonly Dictionary<(string Region, string Repository), List<StoredImage>> _repositories = [];

    public Dictionary<Digest, ScanFacts> Scans { get; } = [];

    public List<PullThroughRule> CacheRules { get; } = [];

    /// <summary>The images of upstream registries.</summary>
    public Action? OnPull { get; set; }

    /// <summary>The scanning configuration of every Region's registry.</summary>
    public RegistryScanning Scanning { get; set; } = RegistryScanning.Default;

    /// <summary>The results of the next requests for a scan, in order; afterwards <see cref="ScanStart.Started"/>.</summary>
    public Queue<ScanStart> ScanStarts { get; } = [];

    /// <summary>Repositories with tags that cannot move.</summary>
    public HashSet<string> Immutable { get; } = [];

    /// <summary>Images that cannot be deleted, with the reason.</summary>
    public Dictionary<Digest, string> Stuck { get; } = [];

    /// <summary>Regions where no image can be deleted, with the reason.</summary>
    public Dictionary<string, string> StuckIn { get; } = new(StringComparer.Ordinal);

    /// <summary>The changes, in order.</summary>
    public List<string> Changes { get; } = [];

    /// <summary>Called before each call with its text; a returned exception is thrown.</summary>
    public Func<string, Exception?>? Fault { get; set; }

    /// <summary>After this many deletions, it stops responding until the caller's time is over.</summary>
    public int WaitBeforeDelete { get; set; } = int.MaxValue;

    /// <summary>Ends the caller's time.</summary>
    public required Action EndTime { get; init; }

    /// <summary>Runs once after the next tag was written, to simulate a race.</summary>
    public Action? AfterPut { get; set; }

    public void Create(string repository, string region = FunctionHarness.Region) => _repositories.TryAdd((region, repository), []);

    public void Drop(string repository, string region = FunctionHarness.Region) => _repositories.Remove((region, repository));

    public void Drop(string repository, string region, Digest digest) => _repositories[(region, repository)].RemoveAll(image => image.Digest == digest);

    /// <summary>Pushes an image with the digest of the given text and moves the tags to it.</summary>
    public Digest Push(string repository, string content, DateTimeOffset at, string[] tags, string region = FunctionHarness.Region) =>
        Push(repository, FunctionHarness.Digest(content), at, tags, region);

    public Digest Push(string repository, Digest digest, DateTimeOffset at, string[] tags, string region = FunctionHarness.Region)
    {
        Create(repository, region);
        var images = _repositories[(region, repository)];
        images.RemoveAll(image => image.Digest == digest);
        images.Add(new StoredImage(digest, [], at, MediaType: "application/vnd.oci.image.manifest.v1+json"));
        foreach (var tag in tags)
        {
            Move(region, repository, digest, tag);
        }

        return digest;
    }

    public Digest? On(string repository, string tag, string region = FunctionHarness.Region) =>
        _repositories.GetValueOrDefault((region, repository))?.Find(image => image.Tags.Contains(tag))?.Digest;

    public void Move(string region, string repository, Digest digest, string tag)
    {
        var images = _repositories[(region, repository)];
        for (var i = 0; i < images.Count; i++)
        {
            var others = images[i].Tags.Where(other => other != tag);
            images[i] = images[i] with { Tags = images[i].Digest == digest ? [.. others, tag] : [.. others] };
        }
    }

    public Task<TaggedImage?> FindAsync(string region, string repository, string tagOrDigest, CancellationToken cancellationToken) =>
        Call(($"find {region} {repository}:{tagOrDigest}", cancellationToken), () => _repositories.GetValueOrDefault((region, repository))
            ?.Where(image => image.Digest.Value == tagOrDigest || image.Tags.Contains(tagOrDigest))
            .Select(image => new TaggedImage(image.Digest, image.PushedAt, image.Tags)).FirstOrDefault());

    public Task<RepositoryFacts> ReadRepositoryAsync(string region, string repository, IReadOnlyList<string> tags, CancellationToken cancellationToken) =>
        Call(($"read {region} {repository}", cancellationToken), () => new RepositoryFacts(
            _repositories.ContainsKey((region, repository)),
            Immutable.Contains(repository) ? new TagMutability(true, []) : TagMutability.Mutable,
            tags.Where(tag => On(repository, tag, region) is not null).ToDictionary(tag => tag, tag => On(repository, tag, region)!)));

    public Task<IReadOnlyDictionary<Digest, IReadOnlyList<string>>> ReadTagsAsync(
        string region, string repository, IReadOnlyCollection<Digest> digests, CancellationToken cancellationToken) =>
        Call<IReadOnlyDictionary<Digest, IReadOnlyList<string>>>(
            ($"tags {region} {repository}", cancellationToken),
            () => _repositories.GetValueOrDefault((region, repository), []).Where(image => digests.Contains(image.Digest)).ToDictionary(image => image.Digest, image => image.Tags));

    public Task<IReadOnlyList<TaggedImage>> ListPushesAsync(string region, string repository, CancellationToken cancellationToken) =>
        Call<IReadOnlyList<TaggedImage>>(
            ($"pushes {region} {repository}", cancellationToken),
            () => [.. _repositories.GetValueOrDefault((region, repository), []).Select(image => new TaggedImage(image.Digest, image.PushedAt, image.Tags))]);

    public Task<IReadOnlyList<StoredImage>?> ListImagesAsync(string region, string repository, CancellationToken cancellationToken) =>
        Call<IReadOnlyList<StoredImage>?>(($"list {region} {repository}", cancellationToken), () => _repositories.GetValueOrDefault((region, repository))?.ToList());

    public Task PutTagAsync(string region, string repository, Digest digest, string tag, CancellationToken cancellationToken) =>
        Call(($"put {region} {repository}:{tag}", cancellationToken), () =>
        {
            if (Immutable.Contains(repository) && On(repository, tag, region) is { } current)
            {
                return current == digest ? true : throw new TagConflictException($"Tag {repository}:{tag} in {region} is on {current}.");
            }

            Changes.Add($"put {region} {repository}:{tag}");
            Move(region, repository, digest, tag);
            var race = AfterPut;
            AfterPut = null;
            race?.Invoke();
            return On(repository, tag, region) == digest ? true : throw new TransientException($"Tag {repository}:{tag} in {region} was moved meanwhile.");
        });

    public Task<ScanFacts?> ReadScanAsync(string region, string repository, Digest digest, CancellationToken cancellationToken) =>
        Call(($"scan {region} {repository}", cancellationToken), () => Scans.GetValueOrDefault(digest));

    public Task<IReadOnlyList<PullThroughRule>> ListCacheRulesAsync(string region, CancellationToken cancellationToken) =>
        Call<IReadOnlyList<PullThroughRule>>(($"cache rules {region}", cancellationToken), () => CacheRules);

    public Task<PulledImage> PullAsync(string region, string repository, string tag, CancellationToken cancellationToken) =>
        Call(($"pull {region} {repository}:{tag}", cancellationToken), () =>
        {
            Changes.Add($"pull {region} {repository}:{tag}");
            OnPull?.Invoke();
            return On(repository, tag, region) is { } digest ? new PulledImage(digest) : new PulledImage(null, "ImageNotFound: there is none");
        });

    public Task<RegistryScanning> ReadScanningAsync(string region, CancellationToken cancellationToken) =>
        Call(($"scanning {region}", cancellationToken), () => Scanning);

    public Task<ScanStart> StartScanAsync(string region, string repository, Digest digest, CancellationToken cancellationToken) =>
        Call(($"start scan {region} {repository}", cancellationToken), () =>
        {
            Changes.Add($"start scan {region} {repository}");
            return ScanStarts.TryDequeue(out var start) ? start : ScanStart.Started;
        });

    public async IAsyncEnumerable<Deletion> DeleteAsync(
        string region, string repository, IReadOnlyList<IReadOnlyList<DeletionTarget>> groups, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var group in groups)
        {
            var queue = new DeletionQueue(group, 1);
            var staying = new List<Deletion>();
            while (queue.Next(staying) is [var target])
            {
                if (WaitBeforeDelete-- == 0)
                {
                    EndTime();
                }

                var deletion = await Call(($"delete {region} {repository}", cancellationToken), () => Delete(region, repository, target));
                queue.Report(deletion);
                yield return deletion;
            }

            foreach (var deletion in staying)
            {
                yield return deletion;
            }
        }
    }

    private Deletion Delete(string region, string repository, DeletionTarget target)
    {
        if (!Stuck.TryGetValue(target.Digest, out var why) && !StuckIn.TryGetValue(region, out why))
        {
            Changes.Add($"delete image {region} {repository} {string.Join(',', target.Tags)}");
            _repositories[(region, repository)].RemoveAll(image => image.Digest == target.Digest);
        }

        return new Deletion(target.Digest, why);
    }

    private Task<T> Call<T>((string What, CancellationToken Token) call, Func<T> answer)
    {
        call.Token.ThrowIfCancellationRequested();
        return Fault?.Invoke(call.What) is { } fault ? Task.FromException<T>(fault) : Task.FromResult(answer());
    }
}

/// <summary>Records the started executions; a name that was started before is not new.</summary>
internal sealed class FakeWorkflow : IWorkflow
{
    public Dictionary<string, string> Started { get; } = new(StringComparer.Ordinal);

    public HashSet<string> Running { get; } = [];

    public Func<string, Exception?>? Fault { get; set; }

    public Task<StartedExecution> StartAsync(string name, string input, DateTimeOffset? again, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Fault?.Invoke(name) is { } fault
            ? Task.FromException<StartedExecution>(fault)
            : Task.FromResult(new StartedExecution(name, Started.TryAdd(name, input)));
    }

    public Task<IReadOnlySet<string>> ListRunningAsync(CancellationToken cancellationToken) => Fault?.Invoke("list") is { } fault
        ? Task.FromException<IReadOnlySet<string>>(fault)
        : Task.FromResult<IReadOnlySet<string>>(Running);

    /// <summary>The running executions that wait for an approval.</summary>
    public HashSet<string> AwaitingApproval { get; } = new(StringComparer.Ordinal);

    public Task<bool> EndApprovalAsync(string name, string why, CancellationToken cancellationToken) => Task.FromResult(AwaitingApproval.Remove(name));
}

/// <summary>Open incidents in memory, and the reports of them.</summary>
internal sealed class FakeIncidents : IIncidents
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    public List<OpenIncident> Open { get; } = [];

    /// <summary>Inputs and outputs in order, as written.</summary>
    public List<string> Told { get; } = [];

    public Func<string, Exception?>? Fault { get; set; }

    public Task<IReadOnlyList<OpenIncident>> ListOpenAsync(CancellationToken cancellationToken) => Fault?.Invoke("list") is { } fault
        ? Task.FromException<IReadOnlyList<OpenIncident>>(fault)
        : Task.FromResult<IReadOnlyList<OpenIncident>>([.. Open]);

    public Task<bool> BeginAsync(string name, string input, CancellationToken cancellationToken)
    {
        if (Fault?.Invoke($"begin {name}") is { } fault)
        {
            return Task.FromException<bool>(fault);
        }

        // A name can be used once, as with Step Functions.
        if (!_names.Add(name))
        {
            return Task.FromResult(false);
        }

        Add(input);
        Open.Add(new OpenIncident(IncidentId.Parse(name)!, name, FunctionHarness.Now));
        return Task.FromResult(true);
    }

    public Task<bool> EndAsync(OpenIncident incident, string output, CancellationToken cancellationToken)
    {
        Add(output);
        return Task.FromResult(Open.Remove(incident));
    }

    private void Add(string json)
    {
        using var document = System.Text.Json.JsonDocument.Parse(json);
        EventSchema.Check("Image Incident", document.RootElement.GetProperty("detail"));
        Told.Add(json);
    }
}

/// <summary>An invocation with this much time left. Time passes only when a test advances it.</summary>
internal sealed class Invocation(TimeSpan remaining) : TimeProvider, ILambdaContext
{
    private readonly List<Timer> _timers = [];

    /// <summary>Due time of the newest timer.</summary>
    public TimeSpan? Given { get; private set; }

    /// <summary>Ends the time.</summary>
    public void End()
    {
        foreach (var timer in _timers.ToArray())
        {
            timer.Fire();
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(callback, state);
        _timers.Add(timer);
        Given = dueTime;
        return timer;
    }

    public string AwsRequestId => "request-1";

    public IClientContext ClientContext => null!;

    public string FunctionName => "function";

    public string FunctionVersion => "1";

    public ICognitoIdentity Identity => null!;

    public string InvokedFunctionArn => "arn:aws:lambda:us-east-1:123456789012:function:function";

    public ILambdaLogger Logger => null!;

    public string LogGroupName => "group";

    public string LogStreamName => "stream";

    public int MemoryLimitInMB => 128;

    public TimeSpan RemainingTime => remaining;

    private sealed class Timer(TimerCallback callback, object? state) : ITimer
    {
        private bool _ended;

        public void Fire()
        {
            if (!_ended)
            {
                _ended = true;
                callback(state);
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => !_ended;

        public void Dispose() => _ended = true;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

/// <summary>Records log lines.</summary>
internal sealed class ListLogger<T>(List<string> lines) : ILogger<T>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        lines.Add($"{logLevel}: {formatter(state, exception)}");
}
