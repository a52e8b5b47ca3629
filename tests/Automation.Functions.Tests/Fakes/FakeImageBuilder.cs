using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.Core.Ports;
using Automation.Core.Retention;

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
            [.. Outputs().Where(build => build.Arn.Split(':')[3] == region && build.Version.Recipe == version)
                .Select(build => PipelineBuilds.RecipeOf(build.Arn)!).Distinct()]);

    public Task<IReadOnlyList<BuildOutput>> ListBuildsOfVersionAsync(
        string region, string recipe, RecipeVersion version, CancellationToken cancellationToken) =>
        Call<IReadOnlyList<BuildOutput>>(($"outputs {region} {recipe} {version}", cancellationToken), () =>
            [.. Outputs()
                .Where(build => build.Arn.Split(':')[3] == region && build.Version.Recipe == version && PipelineBuilds.RecipeOf(build.Arn) == recipe)]);

    public Task<BuildOrigin?> FindBuildAsync(string buildArn, CancellationToken cancellationToken) => Call(($"build {buildArn}", cancellationToken), () =>
        Origins.GetValueOrDefault(buildArn) ?? Builds.Where(build => build.Record.Arn == buildArn)
            .Select(build => new BuildOrigin(buildArn, true, FunctionHarness.PipelineArn(build.Pipeline), build.Record.Version, Status(build.Record.State)))
            .FirstOrDefault());

    public Task<BuildRecord?> FindRecordAsync(string buildArn, CancellationToken cancellationToken) =>
        Call(($"record {buildArn}", cancellationToken),
            () => Builds.Where(build => build.Record.Arn == buildArn).Select(build => build.Record).FirstOrDefault());

    /// <summary>Images of Image Builder by requested ARN.</summary>
    public Dictionary<string, BuiltImage> Images { get; } = new(StringComparer.Ordinal);

    public Task<BuiltImage?> FindImageAsync(string arn, CancellationToken cancellationToken) =>
        Call(($"image {arn}", cancellationToken), () => Images.GetValueOrDefault(arn));

    public Task<string> StartBuildAsync(
        string pipelineArn, string clientToken, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken) =>
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

    public Task TagAsync(string arn, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken) =>
        Call(($"tag {arn}", cancellationToken), () =>
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
        Call<IReadOnlyList<OwnRecipe>>(
            ($"recipes of {name}", cancellationToken), () => [.. OwnRecipes.Where(recipe => recipe.Name == name).Select(recipe => recipe.Recipe)]);

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
