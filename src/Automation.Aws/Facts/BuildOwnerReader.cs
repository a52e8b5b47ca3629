using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.Core.Ports;
using Automation.Core.Retention;

namespace Automation.Aws.Facts;

/// <summary>
/// Asks Image Builder who made the builds that tags in a repository name and the pipeline's records do not explain. A reader serves one run:
/// what it has read for one Region's repository it does not read again for the next.
/// </summary>
/// <remarks>
/// A build has its record in the Region that it was started in, under its recipe's name:
/// <code>arn:aws:imagebuilder:eu-west-1:123456789012:image/app/1.0.0/3</code>
/// Build numbers are counted for each recipe version, whatever pipeline starts the builds, so a record under the name of our own recipe is
/// that of the tag. Of recipes with other names there may be many with the same version; theirs are those that push to the repository. Records
/// are asked for in the Regions of the stack and of the image; other accounts and further Regions are not known here.
/// <para>
/// Lists answer for thousands of tags at once, but an empty list is weak evidence, and a new image shows in it late. So of each recipe
/// version one of the builds that no list has is asked for by itself: only when Image Builder says that this one does not exist, the
/// lists are believed.
/// </para>
/// </remarks>
public sealed class BuildOwnerReader(IImageBuilder imageBuilder, AwsScope scope)
{
    /// <summary>Recipe versions that one run looks up, at a few calls each; what is under further ones is kept until a later run.</summary>
    private const int MaxVersions = 1000;

    private static readonly BuildOwner Nobody = new BuildOwner.Nobody();
    private readonly Dictionary<ImageVersion, BuildOwner> _builds = [];
    private readonly Dictionary<RecipeVersion, BuildOwner> _versions = [];
    private BuildOwner? _stopped;

    /// <summary>What is known of the builds of <see cref="BuildLookups"/>. What Image Builder does not answer is unknown, and not an error.</summary>
    public async Task<BuildOwners> ReadAsync(RetentionFacts facts, PipelineFacts pipeline, CancellationToken cancellationToken)
    {
        var own = new Own(
            facts.Builds.Select(build => PipelineBuilds.RecipeOf(build.Arn)).Append(facts.Image.RecipeName).Append(pipeline.Recipe).OfType<string>().ToHashSet(StringComparer.Ordinal),
            facts.Builds.Select(build => build.Arn).ToHashSet(StringComparer.Ordinal),
            facts.Builds.Select(build => build.Version).ToHashSet());
        foreach (var (version, builds) in BuildLookups.Of(facts))
        {
            if (!_versions.ContainsKey(version))
            {
                _versions[version] = _versions.Count < MaxVersions
                    ? _stopped ?? await TryReadAsync(facts, own, version, builds, cancellationToken)
                    : new BuildOwner.Unknown($"more than {MaxVersions} recipe versions are to be looked up, the rest another time");
            }
        }

        return new BuildOwners(_builds, _versions);
    }

    private async Task<BuildOwner> TryReadAsync(
        RetentionFacts facts, Own own, RecipeVersion version, IReadOnlyList<ImageVersion> asked, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(facts, own, version, asked, cancellationToken);
        }
        catch (PermanentException e)
        {
            return new BuildOwner.Unknown(e.Message);
        }
        catch (AutomationException e)
        {
            // Throttled after all the repetitions of the SDK: more questions would only make it worse.
            return _stopped = new BuildOwner.Unknown(e.Message);
        }
    }

    private async Task<BuildOwner> ReadAsync(
        RetentionFacts facts, Own own, RecipeVersion version, IReadOnlyList<ImageVersion> asked, CancellationToken cancellationToken)
    {
        foreach (var region in facts.Image.Regions.Append(scope.Region).Distinct(StringComparer.Ordinal))
        {
            var others = await imageBuilder.ListImageNamesAsync(region, version, cancellationToken);
            foreach (var name in others.Concat(own.Names).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
            {
                var isOwn = region == scope.Region && own.Names.Contains(name);
                foreach (var build in await imageBuilder.ListBuildsOfVersionAsync(region, name, version, cancellationToken))
                {
                    if (!own.Arns.Contains(build.Arn) && (isOwn || await PushesToAsync(facts.Image.Repository, build, cancellationToken)))
                    {
                        _builds.TryAdd(build.Version, new BuildOwner.Others(build.Arn));
                    }
                }
            }
        }

        return asked.Where(build => !_builds.ContainsKey(build) && !own.Versions.Contains(build)).Max() is { } missing
            ? await ConfirmAsync(own, missing, cancellationToken)
            : Nobody;
    }

    private async Task<BuildOwner> ConfirmAsync(Own own, ImageVersion missing, CancellationToken cancellationToken)
    {
        if (own.Names.Count == 0)
        {
            return new BuildOwner.Unknown("the name of the pipeline's recipe is not known");
        }

        foreach (var name in own.Names.Order(StringComparer.Ordinal))
        {
            if (await imageBuilder.FindBuildAsync(scope.BuildArn(name, missing), cancellationToken) is { } found)
            {
                _builds[missing] = new BuildOwner.Others(found.Arn);
                return new BuildOwner.Unknown($"Image Builder has {found.Arn}, and its list does not show it");
            }
        }

        return Nobody;
    }

    // A build that runs or failed has no outputs, or not all of them: then its recipe and its distribution say where it pushes to.
    private async Task<bool> PushesToAsync(string repository, BuildOutput build, CancellationToken cancellationToken) =>
        (build.Repositories ?? (await imageBuilder.FindBuildAsync(build.Arn, cancellationToken))?.Repositories)?.Contains(repository) == true;

    /// <param name="Names">Of the recipes that the pipeline builds or has built.</param>
    /// <param name="Arns">Of the pipeline's records.</param>
    private sealed record Own(HashSet<string> Names, HashSet<string> Arns, HashSet<ImageVersion> Versions);
}
