using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.Core.Ports;
using Automation.Core.Retention;

namespace Automation.Aws.Facts;

/// <summary>
/// Finds out from Image Builder who owns a build if a tag in a repository names it but no record of the pipeline explains it. An instance serves one run
/// and does not read the same facts again for the next Region.
/// </summary>
/// <remarks>
/// A build has its record in the Region that it was started in, under its recipe's name:
/// <code>arn:aws:imagebuilder:eu-west-1:123456789012:image/app/1.0.0/3</code>
/// Build numbers count per recipe version, whatever pipeline starts the builds. So if our own recipe has the record, that is the build of the tag.
/// Many recipes with other names may have the same version; only those that push to the repository matter. Records are read in the Regions of
/// the stack and of the image; other accounts and Regions are unknown.
/// <para>
/// Lists cover thousands of tags at once, but an empty list is weak evidence, and a new image appears in it late. So for each recipe version one of
/// the missing builds is requested individually. The lists are trusted only if Image Builder says that this build does not exist.
/// </para>
/// </remarks>
public sealed class BuildOwnerReader(IImageBuilder imageBuilder, AwsScope scope)
{
    /// <summary>The number of recipe versions that one run looks up, at a few calls each. Images under further ones are kept until a later run.</summary>
    private const int MaxVersions = 1000;

    private static readonly BuildOwner NoOwner = new BuildOwner.None();
    private readonly Dictionary<ImageVersion, BuildOwner> _builds = [];
    private readonly Dictionary<RecipeVersion, BuildOwner> _versions = [];
    private BuildOwner? _stopped;

    /// <summary>The owners of the builds of <see cref="BuildLookups"/>. An unanswered question gives an unknown owner, not an error.</summary>
    public async Task<BuildOwners> ReadAsync(RetentionFacts facts, PipelineFacts pipeline, CancellationToken cancellationToken)
    {
        var own = new Own(
            facts.Builds.Select(build => PipelineBuilds.RecipeOf(build.Arn)).Append(facts.Image.RecipeName).Append(pipeline.Recipe).OfType<string>()
                .ToHashSet(StringComparer.Ordinal),
            facts.Builds.Select(build => build.Arn).ToHashSet(StringComparer.Ordinal),
            facts.Builds.Select(build => build.Version).ToHashSet());
        foreach (var (version, numbers) in BuildLookups.Of(facts))
        {
            if (!_versions.ContainsKey(version))
            {
                _versions[version] = _versions.Count < MaxVersions
                    ? _stopped ?? await TryReadAsync(facts, own, version, numbers, cancellationToken)
                    : new BuildOwner.Unknown($"more than {MaxVersions} recipe versions need a lookup, and a later run continues");
            }
        }

        return new BuildOwners(_builds, _versions);
    }

    private async Task<BuildOwner> TryReadAsync(
        RetentionFacts facts, Own own, RecipeVersion version, IReadOnlyList<int> numbers, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(facts, own, version, numbers, cancellationToken);
        }
        catch (PermanentException e)
        {
            return new BuildOwner.Unknown(e.Message);
        }
        catch (AutomationException e)
        {
            // Throttled despite the retries of the SDK. More calls would only make it worse.
            return _stopped = new BuildOwner.Unknown(e.Message);
        }
    }

    private async Task<BuildOwner> ReadAsync(
        RetentionFacts facts, Own own, RecipeVersion version, IReadOnlyList<int> numbers, CancellationToken cancellationToken)
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

        return NewestMissing(own, version, numbers) is { } missing ? await ConfirmAsync(own, missing, cancellationToken) : NoOwner;
    }

    private ImageVersion? NewestMissing(Own own, RecipeVersion version, IReadOnlyList<int> numbers)
    {
        ImageVersion? newest = null;
        foreach (var number in numbers)
        {
            if (number <= (newest?.Build ?? -1))
            {
                continue;
            }

            var build = new ImageVersion(version, number);
            newest = _builds.ContainsKey(build) || own.Versions.Contains(build) ? newest : build;
        }

        return newest;
    }

    private async Task<BuildOwner> ConfirmAsync(Own own, ImageVersion missing, CancellationToken cancellationToken)
    {
        if (own.Names.Count == 0)
        {
            return new BuildOwner.Unknown("the name of the pipeline's recipe is unknown");
        }

        foreach (var name in own.Names.Order(StringComparer.Ordinal))
        {
            if (await imageBuilder.FindBuildAsync(scope.BuildArn(name, missing), cancellationToken) is { } found)
            {
                _builds[missing] = new BuildOwner.Others(found.Arn);
                return new BuildOwner.Unknown($"Image Builder has {found.Arn}, but its list does not show it");
            }
        }

        return NoOwner;
    }

    // A running or failed build has no outputs, or not all of them. Its recipe and its distribution then say where it pushes to.
    private async Task<bool> PushesToAsync(string repository, BuildOutput build, CancellationToken cancellationToken) =>
        (build.Repositories ?? (await imageBuilder.FindBuildAsync(build.Arn, cancellationToken))?.Repositories)?.Contains(repository) == true;

    /// <param name="Names">The names of the recipes that the pipeline builds or has built.</param>
    /// <param name="Arns">The ARNs of the pipeline's records.</param>
    private sealed record Own(HashSet<string> Names, HashSet<string> Arns, HashSet<ImageVersion> Versions);
}
