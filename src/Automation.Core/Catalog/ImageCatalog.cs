using System.Text.RegularExpressions;
using Automation.Core.Images;

namespace Automation.Core.Catalog;

/// <summary>The images that Automation manages, as listed in <c>infra/catalog.json</c>. Valid as a whole: the lineage has no cycle, and no two
/// images share a pipeline or a repository.</summary>
public sealed partial class ImageCatalog
{
    /// <summary>Image Builder's quota of concurrent builds per Region, unless AWS has raised it
    /// (https://docs.aws.amazon.com/general/latest/gr/imagebuilder.html).</summary>
    public const int DefaultMaxConcurrentBuilds = 100;

    /// <summary>How long an execution may wait in total: one day less than the workflow's own limit.</summary>
    public static readonly TimeSpan MaxExecution = TimeSpan.FromDays(29);

    internal ImageCatalog(IReadOnlyList<ImageSpec> images, IReadOnlyList<RepositorySpec> repositories, int maxConcurrentBuilds, IReadOnlyList<UsageSpec> usage)
    {
        Images = images;
        Repositories = repositories;
        MaxConcurrentBuilds = maxConcurrentBuilds;
        Usage = usage;
        Lanes = new BuildLanes(images, maxConcurrentBuilds);
    }

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<ImageSpec> Images { get; }

    /// <summary>Repositories of base images, such as <c>golden/base</c>.</summary>
    public IReadOnlyList<RepositorySpec> Repositories { get; }

    /// <summary>How many images may build at once, 1 to 10000. A value below the account's quota leaves room for other builds.</summary>
    public int MaxConcurrentBuilds { get; }

    public BuildLanes Lanes { get; }

    /// <summary>Where to look for workloads that run the images, before retention deletes any.</summary>
    public IReadOnlyList<UsageSpec> Usage { get; }

    /// <param name="prefix">
    /// Separates copies of one catalog in one account: with <c>dev</c>, pipeline <c>app</c> becomes <c>dev-app</c> and repository
    /// <c>images/app</c> becomes <c>dev/images/app</c>. Adopted pipelines, existing repositories and image names keep their names.
    /// </param>
    /// <param name="timeZonesMustExist">False for a catalog that has been checked before. A time zone that this machine does not know then stops only
    /// the schedules that name it.</param>
    /// <exception cref="CatalogException">Lists every fault with its JSON path.</exception>
    public static ImageCatalog Parse(string json, string prefix = "", bool timeZonesMustExist = true)
    {
        var catalog = CatalogParser.Parse(json, timeZonesMustExist);
        return prefix.Length == 0 ? catalog
            : PrefixPattern().IsMatch(prefix) ? catalog.WithPrefix(prefix)
            : throw new CatalogException(
                [new CatalogFault(
                    "prefix", $"'{prefix}' must be 1 to 16 lower-case letters, digits and single '-', beginning and ending with a letter or digit")]);
    }

    private ImageCatalog WithPrefix(string prefix)
    {
        var created = Repositories.Where(repository => !repository.Existing).Select(repository => repository.Name)
            .Concat(Images.Where(image => image.Pipeline is PipelineSpec.Defined).Select(image => image.Repository))
            .ToHashSet(StringComparer.Ordinal);
        string Named(string repository) => created.Contains(repository) ? $"{prefix}/{repository}" : repository;
        return new ImageCatalog(
            [.. Images.Select(image => image with
            {
                Prefix = $"{prefix}-",
                Repository = Named(image.Repository),
                Build = image.Build with { Watch = [.. image.Build.Watch.Select(watched => watched with { Repository = Named(watched.Repository) })] },
                From = image.From is { Registry: null } from ? ImageReference.Local(Named(from.Repository), from.Tag, from.Digest) : image.From,
            })],
            [.. Repositories.Select(repository => repository with { Name = Named(repository.Name) })],
            MaxConcurrentBuilds,
            Usage);
    }

    [GeneratedRegex("^(?=.{1,16}$)[a-z0-9]+(?:-[a-z0-9]+)*$")]
    private static partial Regex PrefixPattern();

    /// <summary>The image with that name, or null.</summary>
    public ImageSpec? Find(string name) => Images.FirstOrDefault(image => string.Equals(image.Name, name, StringComparison.Ordinal));

    /// <summary>The image of a pipeline (name or ARN), or null. An image adopted by ARN matches only that full ARN, because a pipeline in another
    /// account or Region may have the same name.</summary>
    public ImageSpec? FindByPipeline(string nameOrArn)
    {
        var name = nameOrArn[(nameOrArn.LastIndexOf('/') + 1)..];
        var isArn = nameOrArn.StartsWith("arn:", StringComparison.Ordinal);
        return Images.FirstOrDefault(image => image.Pipeline is PipelineSpec.Adopted { Arn: { } arn } && isArn
            ? string.Equals(arn, nameOrArn, StringComparison.Ordinal)
            : string.Equals(image.PipelineName, name, StringComparison.Ordinal));
    }

    /// <summary>The image that publishes to the reference's repository (<see cref="ImageSpec.PublishesTo"/>), or null.</summary>
    public ImageSpec? BuilderOf(ImageReference reference, string account, string region) =>
        Images.FirstOrDefault(image => image.PublishesTo(reference, account, region));

    /// <summary>The dependants of exactly this repository and tag: the images that a push of it may make due. A reference without a tag means
    /// <c>latest</c>; images pinned to a digest depend on no push. An adopted pipeline without <c>from</c> is not included: the reconcile
    /// finds its base in its recipe.</summary>
    public IReadOnlyList<ImageSpec> DependantsOf(ImageReference pushed) =>
        [.. Images.Where(image => image.From?.IsMovedBy(pushed) == true || image.Build.Watch.Any(watched => watched.Match(pushed)))];
}
