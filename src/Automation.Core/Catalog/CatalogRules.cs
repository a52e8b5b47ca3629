using Automation.Core.Images;

namespace Automation.Core.Catalog;

/// <summary>Rules between the images of a catalog, checked after each image has been read on its own.</summary>
internal static class CatalogRules
{
    /// <param name="listed">The names of all repositories of the catalog, also those of images that cannot be read; null if some cannot be known.</param>
    public static void Check(
        IReadOnlyList<(ImageSpec Spec, JsonLayers At)> images, IReadOnlyList<(RepositorySpec Spec, JsonLayers At)> repositories, IReadOnlySet<string>? listed)
    {
        CheckNames(images, repositories);
        if (images.Any(image => image.At.HasFault("repository")))
        {
            // The repository that a reference misses may be the one that this image should have.
            listed = null;
        }

        foreach (var (image, at) in images)
        {
            CheckBase(image, at, images, repositories, listed);
            CheckWatched(image, at, images, repositories, listed);
            CheckTags(image, at);
            CheckDuration(image, at);
        }

        // If two images share a name or a repository, their lineage is ambiguous, so it is not checked.
        CheckLineage([.. images.DistinctBy(image => image.Spec.Name).Where(image => !image.At.HasFault("repository"))]);
    }

    private static void CheckNames(
        IReadOnlyList<(ImageSpec Spec, JsonLayers At)> images, IReadOnlyList<(RepositorySpec Spec, JsonLayers At)> repositories)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var targets = new Dictionary<string, string>(StringComparer.Ordinal);
        var pipelines = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (repository, at) in repositories)
        {
            if (!targets.TryAdd(repository.Name, "a repository that people push to"))
            {
                at.Fault("name", $"'{repository.Name}' is listed twice");
            }
        }

        foreach (var (image, at) in images)
        {
            var isNew = names.Add(image.Name);
            if (!isNew)
            {
                at.Fault("name", $"'{image.Name}' is also the name of another image");
            }

            if (!targets.TryAdd(image.Repository, $"image '{image.Name}'"))
            {
                // Image Builder tags the builds of every image 1.0.0-1, 1.0.0-2, and so on. Two images in one repository would overwrite each
                // other's tags, and retention could not tell which image a build belongs to.
                at.Fault("repository", $"'{image.Repository}' already belongs to {targets[image.Repository]}; a repository holds the builds of one image");
            }

            if (!pipelines.TryAdd(image.PipelineName, image.Name) && (isNew || image.Pipeline is PipelineSpec.Adopted))
            {
                at.Fault("pipeline", $"'{image.PipelineName}' is also the pipeline of image '{pipelines[image.PipelineName]}'");
            }
        }
    }

    private static void CheckBase(
        ImageSpec image,
        JsonLayers at,
        IReadOnlyList<(ImageSpec Spec, JsonLayers At)> images,
        IReadOnlyList<(RepositorySpec Spec, JsonLayers At)> repositories,
        IReadOnlySet<string>? listed)
    {
        // A version pattern selects the newest build before it has passed a gate. In a cycle it selects the image's own build.
        if (image.Parent is ParentImage.ImageBuilderImage { IsManaged: false } built
            && images.FirstOrDefault(other => other.Spec.RecipeName == built.Name).Spec is { } source)
        {
            at.Fault("from", $"'{built}' selects builds of image '{source.Name}' before their promotion: write {source.Repository} and a floating tag");
        }

        // A reference with a host may name another account's registry, which the catalog does not describe.
        if (image.From is not { Registry: null } from || from.Repository == image.Repository)
        {
            return;
        }

        if (repositories.FirstOrDefault(repository => repository.Spec.Name == from.Repository) is { Spec: { } pushed, At: var place })
        {
            if (!place.HasFault("watchTags") && from is { Digest: null, EffectiveTag: { } tag } && !pushed.WatchTags.Any(pattern => pattern.Matches(tag)))
            {
                at.Fault("from",
                    $"the tag '{tag}'{(from.Tag is null ? ", which a reference without a tag means," : "")} is not among the watchTags of repository '{pushed.Name}', so its pushes would go unnoticed{DidYouMean(tag, pushed.WatchTags.Select(pattern => pattern.Text))}");
            }
        }
        else if (images.FirstOrDefault(other => other.Spec.Repository == from.Repository) is { Spec: { } parent, At: var itsPlace })
        {
            if (!itsPlace.HasFault("promote") && from is { Digest: null, EffectiveTag: { } tag } && !CanCarry(parent, tag))
            {
                at.Fault("from",
                    $"no tag template of image '{parent.Name}' renders the tag '{tag}'{DidYouMean(tag, parent.AllTags.Select(template => template.Text))}");
            }
        }
        else if (listed?.Contains(from.Repository) == false)
        {
            var meant = DidYouMean(from.Repository, listed);
            at.Fault("from",
                $"'{from.Repository}' is neither in repositories nor the repository of an image{(meant.Length > 0 ? meant : $"; for the image on Docker Hub, write {OnDockerHub(from)}")}");
        }
    }

    private static string DidYouMean(string text, IEnumerable<string> known) => Suggestion.Find(text, known) is { } meant ? $"; did you mean '{meant}'?" : "";

    // Docker Hub keeps images without an owner in library/.
    private static string OnDockerHub(ImageReference from) =>
        $"{ImageReference.DockerHub}/{(from.Repository.Contains('/', StringComparison.Ordinal) ? "" : "library/")}{from}";

    private static void CheckWatched(
        ImageSpec image,
        JsonLayers at,
        IReadOnlyList<(ImageSpec Spec, JsonLayers At)> images,
        IReadOnlyList<(RepositorySpec Spec, JsonLayers At)> repositories,
        IReadOnlySet<string>? listed)
    {
        foreach (var watched in image.Build.Watch)
        {
            if (watched.Repository == image.Repository)
            {
                at.Fault("build.watch", $"'{watched}' watches the image's own repository, so each promotion would start the next build");
            }
            else if (image.From is { Registry: null, Digest: null } from && watched.Match(from))
            {
                at.Fault("build.watch", $"'{watched}' includes the base {from}, and pushes of the base start a build anyway");
            }
            else if (repositories.FirstOrDefault(repository => repository.Spec.Name == watched.Repository) is { Spec: { } pushed, At: var place })
            {
                if (!place.HasFault("watchTags") && !pushed.WatchTags.Any(watched.Tags.Overlaps))
                {
                    at.Fault("build.watch", $"'{watched}' overlaps none of the watchTags of repository '{pushed.Name}', so its pushes would go unnoticed");
                }
            }
            else if (images.FirstOrDefault(other => other.Spec.Repository == watched.Repository).Spec is { } parent)
            {
                // Version tags, Image Builder's own tags and container tags exist before any gate has passed.
                if (!watched.Tags.IsExact || !parent.Promote.FloatingTags.Any(template => template.Matches(watched.Tags.Text)))
                {
                    at.Fault("build.watch",
                        $"'{watched}' must be exactly one floating tag of image '{parent.Name}': images with its other tags may not have passed a gate");
                }
            }
            else if (listed?.Contains(watched.Repository) == false)
            {
                at.Fault(
                    "build.watch", $"'{watched.Repository}' is neither in repositories nor the repository of an image{DidYouMean(watched.Repository, listed)}");
            }
        }
    }

    private static bool CanCarry(ImageSpec parent, string tag) =>
        ImageVersion.TryParse(tag, out _)
        || parent.AllTags.Any(template => template.Matches(tag))
        || parent.Pipeline is PipelineSpec.Adopted
        || (parent.Pipeline is PipelineSpec.Defined defined && defined.ContainerTags.Contains(tag));

    private static void CheckTags(ImageSpec image, JsonLayers at)
    {
        foreach (var template in image.Promote.FloatingTags.Where(image.Promote.VersionTags.Contains))
        {
            at.Fault("promote", $"'{template}' is both a version tag and a floating tag");
        }

        if (image.Pipeline is PipelineSpec.Defined defined)
        {
            foreach (var tag in defined.ContainerTags)
            {
                if (image.Promote.FloatingTags.FirstOrDefault(template => template.Matches(tag)) is { } template)
                {
                    at.Fault("pipeline", $"the container tag '{tag}' is the floating tag '{template}': Image Builder would move it before any gate");
                }
            }
        }
    }

    // The workflow would cut off a release that waits longer than an execution may last, and reconcile would start it again without end.
    private static void CheckDuration(ImageSpec image, JsonLayers at)
    {
        if (image.Promote.MaxDuration > ImageCatalog.MaxExecution)
        {
            at.Fault("promote",
                $"gate.waitMinutes, approvalHours and soakHours add up to more than the {ImageCatalog.MaxExecution.TotalDays} days that a release may last, which include two hours for its own work");
        }
    }

    private static void CheckLineage(IReadOnlyList<(ImageSpec Spec, JsonLayers At)> images)
    {
        // CheckWatched has reported images that watch their own repository.
        var parents = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var (image, _) in images)
        {
            parents.TryAdd(image.Name, [.. image.MadeFrom
                .Where(from => from == image.From || from.Repository != image.Repository)
                .SelectMany(from => images.Where(other => other.Spec.PublishesTo(from, null, null)).Take(1))
                .Select(parent => parent.Spec.Name)]);
        }

        foreach (var cycle in new ImageLineage(parents).Cycles())
        {
            var (last, at) = images.First(image => image.Spec.Name == cycle[0]);
            var isBase = last.From is { } from && images.Any(image => image.Spec.Name == cycle[^2] && image.Spec.PublishesTo(from, null, null));
            at.Fault(isBase ? "from" : "build.watch", cycle.Count == 2
                ? $"image '{cycle[0]}' is built on its own repository, so each promotion would start the next build"
                : $"the lineage has a cycle: {string.Join(" -> ", cycle)}");
        }
    }
}
