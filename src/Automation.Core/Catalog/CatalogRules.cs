using Automation.Core.Images;

namespace Automation.Core.Catalog;

/// <summary>What must hold between the images of a catalog, after each has been read by itself.</summary>
internal static class CatalogRules
{
    public static void Check(IReadOnlyList<(ImageSpec Spec, JsonLayers At)> images, IReadOnlyList<(RepositorySpec Spec, JsonLayers At)> repositories)
    {
        NamesAreUnique(images, repositories);
        foreach (var (image, at) in images)
        {
            BaseIsKnown(image, at, images, repositories);
            WatchedIsKnown(image, at, images, repositories);
            TagsDoNotMeet(image, at);
            FitsOneExecution(image, at);
        }

        LineageHasNoCycle(images);
    }

    private static void NamesAreUnique(
        IReadOnlyList<(ImageSpec Spec, JsonLayers At)> images, IReadOnlyList<(RepositorySpec Spec, JsonLayers At)> repositories)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var targets = new Dictionary<string, string>(StringComparer.Ordinal);
        var pipelines = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (repository, at) in repositories)
        {
            if (!targets.TryAdd(repository.Name, at.Path))
            {
                at.Fault("name", $"'{repository.Name}' is listed twice, first at {targets[repository.Name]}");
            }
        }

        foreach (var (image, at) in images)
        {
            if (!names.TryAdd(image.Name, at.Path))
            {
                at.Fault("name", $"'{image.Name}' is also the name of {names[image.Name]}");
            }

            if (!targets.TryAdd(image.Repository, at.Path))
            {
                // Image Builder tags every build 1.0.0-1, 1.0.0-2 ...: two images would overwrite each other, and retention could not
                // tell whose an image is.
                at.Fault("repository", $"'{image.Repository}' already belongs to {targets[image.Repository]}; a repository holds the builds of one image");
            }

            if (!pipelines.TryAdd(image.PipelineName, at.Path))
            {
                at.Fault("pipeline", $"'{image.PipelineName}' is also the pipeline of {pipelines[image.PipelineName]}");
            }
        }
    }

    private static void BaseIsKnown(
        ImageSpec image,
        JsonLayers at,
        IReadOnlyList<(ImageSpec Spec, JsonLayers At)> images,
        IReadOnlyList<(RepositorySpec Spec, JsonLayers At)> repositories)
    {
        // A version pattern names the newest build, which no gate has passed yet; in a cycle, its own.
        if (image.Parent is ParentImage.ImageBuilderImage { IsManaged: false } built && images.FirstOrDefault(other => other.Spec.RecipeName == built.Name).Spec is { } source)
        {
            at.Fault("from", $"'{built}' names builds of image '{source.Name}' before their promotion: write {source.Repository} and a floating tag");
        }

        // A reference with a host may lead to another account; there is nothing to check it against.
        if (image.From is not { Registry: null } from || from.Repository == image.Repository)
        {
            return;
        }

        if (repositories.FirstOrDefault(repository => repository.Spec.Name == from.Repository).Spec is { } pushed)
        {
            if (from is { Digest: null, EffectiveTag: { } tag } && !pushed.WatchTags.Any(pattern => pattern.Matches(tag)))
            {
                at.Fault("from", $"the tag '{tag}' is not among the watchTags of repository '{pushed.Name}', so no push of it would be seen");
            }
        }
        else if (images.FirstOrDefault(other => other.Spec.Repository == from.Repository).Spec is { } parent)
        {
            if (from is { Digest: null, EffectiveTag: { } tag } && !CanCarry(parent, tag))
            {
                at.Fault("from", $"no tag template of image '{parent.Name}' makes the tag '{tag}'");
            }
        }
        else
        {
            at.Fault("from", $"'{from.Repository}' is neither in repositories nor the repository of an image; if you mean Docker Hub's, write {OnDockerHub(from)}");
        }
    }

    // Docker Hub's images without an owner are in library/.
    private static string OnDockerHub(ImageReference from) =>
        $"{ImageReference.DockerHub}/{(from.Repository.Contains('/', StringComparison.Ordinal) ? "" : "library/")}{from}";

    private static void WatchedIsKnown(
        ImageSpec image,
        JsonLayers at,
        IReadOnlyList<(ImageSpec Spec, JsonLayers At)> images,
        IReadOnlyList<(RepositorySpec Spec, JsonLayers At)> repositories)
    {
        foreach (var watched in image.Build.Watch)
        {
            if (watched.Repository == image.Repository)
            {
                at.Fault("build.watch", $"'{watched}' is in the image's own repository, so each promotion would start the next build");
            }
            else if (image.From is { Registry: null, Digest: null } from && watched.Match(from))
            {
                at.Fault("build.watch", $"'{watched}' takes in the base {from}, whose pushes count anyway");
            }
            else if (repositories.FirstOrDefault(repository => repository.Spec.Name == watched.Repository).Spec is { } pushed)
            {
                if (!pushed.WatchTags.Any(watched.Tags.Overlaps))
                {
                    at.Fault("build.watch", $"'{watched}' meets none of the watchTags of repository '{pushed.Name}', so no push of it would be seen");
                }
            }
            else if (images.FirstOrDefault(other => other.Spec.Repository == watched.Repository).Spec is { } parent)
            {
                // Version tags, Image Builder's own and container tags are pushed before any gate.
                if (!watched.Tags.IsExact || !parent.Promote.FloatingTags.Any(template => template.Matches(watched.Tags.Text)))
                {
                    at.Fault("build.watch", $"'{watched}' is not exactly one of the floating tags of image '{parent.Name}', and what is under its other tags has passed no gate");
                }
            }
            else
            {
                at.Fault("build.watch", $"'{watched.Repository}' is neither in repositories nor the repository of an image");
            }
        }
    }

    private static bool CanCarry(ImageSpec parent, string tag) =>
        ImageVersion.TryParse(tag, out _)
        || parent.AllTags.Any(template => template.Matches(tag))
        || parent.Pipeline is PipelineSpec.Adopted
        || (parent.Pipeline is PipelineSpec.Defined defined && defined.ContainerTags.Contains(tag));

    private static void TagsDoNotMeet(ImageSpec image, JsonLayers at)
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

    // What waits longer than an execution may last is cut off without an answer, and begun again for ever.
    private static void FitsOneExecution(ImageSpec image, JsonLayers at)
    {
        if (image.Promote.MaxDuration > ImageCatalog.MaxExecution)
        {
            at.Fault("promote", $"gate.waitMinutes, approvalHours and soakHours come to more than the {ImageCatalog.MaxExecution.TotalDays} days that a release may last, of which two hours are its own");
        }
    }

    private static void LineageHasNoCycle(IReadOnlyList<(ImageSpec Spec, JsonLayers At)> images)
    {
        // An image that watches its own repository has been told so.
        var parents = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var (image, _) in images)
        {
            parents.TryAdd(image.Name, [.. image.MadeFrom
                .Where(from => from == image.From || from.Repository != image.Repository)
                .SelectMany(from => images.Where(other => other.Spec.Fills(from, null, null)).Take(1))
                .Select(parent => parent.Spec.Name)]);
        }

        foreach (var cycle in new ImageLineage(parents).Cycles())
        {
            var (last, at) = images.First(image => image.Spec.Name == cycle[0]);
            var isBase = last.From is { } from && images.Any(image => image.Spec.Name == cycle[^2] && image.Spec.Fills(from, null, null));
            at.Fault(isBase ? "from" : "build.watch", cycle.Count == 2
                ? $"image '{cycle[0]}' is built on its own repository, so each promotion would start the next build"
                : $"the lineage has a cycle: {string.Join(" -> ", cycle)}");
        }
    }
}
