using System.Globalization;
using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.Core.Incidents;
using Automation.Simulation.Machine;
using Automation.Simulation.World;

namespace Automation.Simulation.Checks;

/// <summary>The promises about odd values in tags, missing repositories and pipelines, new recipes, and holds that end by themselves.</summary>
internal sealed partial class Invariants
{
    /// <summary>The keys under which the automation reads a digest, a number, a time or a state: it must report what it cannot read.</summary>
    private static readonly HashSet<string> Typed =
    [
        BuildTags.BaseDigest, BuildTags.Digest, BuildTags.ClearedDigest, BuildTags.Slot, BuildTags.Attempt, BuildTags.Release, BuildTags.VersionTagsAt,
        BuildTags.PromotedAt, BuildTags.SupersededAt, BuildTags.ClearedAt,
    ];

    private readonly HashSet<(string Image, int Build)> _hiddenMarks = [];
    private readonly Dictionary<string, string> _reconciled = new(StringComparer.Ordinal);

    private void TouchedResource(ResourceMove move)
    {
        switch (move)
        {
            case WriteOddTag { Build: 0 } odd:
                Change($"hold {odd.Image}");
                break;
            case WriteOddTag odd:
                Change($"build {odd.Image} {odd.Build}");
                if (odd is { Key: BuildTags.Release or BuildTags.Digest, Value: not OddValue.OfAnotherBuild } && world.Builder.Of(odd.Image).Any(
                    build => build.Number == odd.Build && build.Tags.GetValueOrDefault(BuildTags.Release) == "promoted"))
                {
                    _hiddenMarks.Add((odd.Image, odd.Build));
                }

                break;
            case PutTagsRight { Image: var image }:
                // A plan that read an odd value is out of date now.
                _recordDeletedAt[image] = Turn;
                AllChange(image);
                break;
            case RenameRepository rename:
                RepositoryChanged(rename.Region, ResourceActions.Name(rename.Repository));
                break;
            case DeleteRepository delete:
                RepositoryChanged(delete.Region, ResourceActions.Name(delete.Repository));
                break;
            case DeletePipeline { Image: var image }:
                AllChange(image);
                break;
            case DeployPipeline { Image: var image }:
                AllChange(image);
                break;
            case SetHoldUntil { Image: var image }:
                Change($"hold {image}");
                break;
            case PutTagAgain put:
                Change($"tag {put.Region} {put.Image} {put.Tag}");
                Change($"image {put.Region} {put.Image}");
                break;
        }
    }

    private void AllChange(string image)
    {
        Change($"hold {image}");
        foreach (var build in world.Builder.Of(image))
        {
            Change($"build {image} {build.Number}");
        }
    }

    public void RepositoryChanged(string region, string repository)
    {
        if (Setup.Images.FirstOrDefault(image => Setup.RepositoryOf(image) == repository) is not { } image)
        {
            return;
        }

        foreach (var what in new[] { "repository", "image", "mutability", "pulls" })
        {
            Change($"{what} {region} {image}");
        }

        foreach (var tag in world.Builder.Of(image).SelectMany(build => new[] { build.Version.Tag, VersionTagOf(build) }).Concat(Floating))
        {
            Change($"tag {region} {image} {tag}");
        }
    }

    /// <summary>The release mark of a build, as it was before a person hid it under an odd value.</summary>
    private string? MarkOf(Built build) =>
        world.Resources.AnyWritten && world.Resources.Odd.LastOrDefault(odd => odd.Build == build && odd.Key == BuildTags.Release) is { } odd
            ? odd.Before
            : build.Tags.GetValueOrDefault(BuildTags.Release);

    /// <summary>An odd value may hide what a build was made from.</summary>
    private bool IsOdd(Built build) => world.Resources.AnyWritten && world.Resources.Odd.Any(odd => odd.Build == build);

    internal static string VersionTagOf(Built build) => $"v{build.Version.Tag.Replace('-', '.')}";

    /// <summary>An odd value over the mark of a promotion moves no floating tag: nothing shows that a person wants an older build. If a person promotes the
    /// build again, the new mark replaces the odd value and decides.</summary>
    private void CheckHiddenMarks(string image, Built build, string what)
    {
        foreach (var (_, number) in _hiddenMarks.Where(hidden => hidden.Image == image && hidden.Build > build.Number))
        {
            if (world.Builder.Of(image).First(each => each.Number == number) is { Deleted: false, State: BuildState.Available } hidden
                && IsOdd(hidden) && KnowsBuild(image, number) && KnowsHold(image) && BuildTags.ReadHold(world.Builder.PipelineOf(image).Tags)?.Target is null)
            {
                Broken("backwards", $"{what} ({build.Version}), and an odd value hides that {hidden.Version} is promoted");
            }
        }
    }

    /// <summary>A hold is taken away: by the reconcile only when its time is over.</summary>
    public void Untagged(string arn, IReadOnlyList<string> keys)
    {
        if (world.Calls.Current is not { Function: "Reconcile" } reconcile || !keys.Contains(BuildTags.Hold)
            || world.Builder.Pipelines.Find(pipeline => pipeline.Arn == arn) is not { HeldByHand: true } pipeline)
        {
            return;
        }

        var image = Setup.Images.First(image => Setup.PipelineOf(image) == pipeline.Name);
        if (BuildTags.ReadHold(pipeline.Tags) is { } hold && !(hold.Until <= reconcile.Now) && KnowsHold(image))
        {
            var end = hold.Until is { } until ? $"until {until:u}" : "without an end";
            Broken("hold-ended-early", $"the hold of {image} was taken away, and it lasts {end}");
        }
    }

    /// <summary>Keeps the reasons that the reconcile gives for images with odd values.</summary>
    private void Reconciled(Value result)
    {
        if (!world.Resources.AnyWritten || !result.TryGetProperty("decisions", out var decisions))
        {
            return;
        }

        _reconciled.Clear();
        foreach (var decision in decisions.EnumerateArray())
        {
            if (decision.TryGetProperty("subject", out var image) && image.GetString() is { } name)
            {
                _reconciled[name] = _reconciled.GetValueOrDefault(name) + decision.GetRawText();
            }
        }
    }

    /// <summary>At rest, odd values are reported, so are missing pipelines, and holds whose time is over have ended.</summary>
    public IEnumerable<Violation> ResourceProblems(Picture picture)
    {
        foreach (var problem in Rest.Holds(picture, _reconciledAt))
        {
            yield return problem;
        }

        foreach (var image in picture.Images)
        {
            var missing = world.Incidents.Open.Exists(open => open.Id.Image == image.Image && open.Id.Kind == IncidentKind.PipelineMissing);
            if (missing == image.Exists)
            {
                yield return new Violation(
                    missing ? "pipeline-outdated" : "pipeline-unreported",
                    $"the pipeline of {image.Image} {(missing ? "exists, and an incident says that it does not" : "is missing, and no incident is open")}",
                    picture.Now);
            }

            if (NewRecipe(image) is { } due)
            {
                yield return new Violation("recipe-not-built", due, picture.Now);
            }
        }

        // The list of builds has one record of each version, and a missing pipeline has none.
        foreach (var odd in world.Resources.Odd.Where(odd => odd is { IsValid: false, Value.Length: > 0, Build: not null } && Typed.Contains(odd.Key)))
        {
            if (odd.Build is { Deleted: false, Pipeline.Exists: true }
                && _reconciled.GetValueOrDefault(odd.Image)?.Contains($"the tag {odd.Key} is ", StringComparison.Ordinal) != true)
            {
                yield return new Violation("odd-unreported",
                    string.Create(CultureInfo.InvariantCulture,
                        $"{odd.Key} of {odd.Image} {odd.Build.Version} is '{odd.Value}', and the reconcile does not say so"), picture.Now);
            }
        }
    }

    /// <summary>The newest recipe of a pipeline is built, or a build of it has failed.</summary>
    private string? NewRecipe(ImagePicture image)
    {
        var recipe = world.Builder.PipelineOf(image.Image).RecipeVersion;
        var mayBuild = image is { Image: "app", Exists: true, Enabled: true, Odd: false, BaseRefused: false, Base: not null }
            && image.Hold?.Scope != HoldScope.Everything;
        var builds = image.Builds.Where(build => ImageVersion.Parse(build.Version).Recipe == recipe).ToList();
        return mayBuild && image.Builds.Any(build => build.State.Succeeded()) && !builds.Exists(build => build.State.Succeeded() || build.State.WentWrong())
            ? $"the recipe of {image.Image} is {recipe}, and it was never built"
            : null;
    }
}
