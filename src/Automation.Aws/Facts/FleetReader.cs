using Automation.Core;
using Automation.Core.Catalog;
using Automation.Core.Ports;

namespace Automation.Aws.Facts;

/// <summary>
/// The readers of one catalog's facts. Each makes a few calls through the ports and puts the answers into one record for a planner.
/// A reader decides nothing.
/// </summary>
public sealed class FleetReader
{
    /// <summary>The maximum number of names in the message about an unknown image.</summary>
    private const int MaxNames = 12;

    private readonly ImageCatalog _catalog;
    private readonly IRegistry _registry;
    private readonly AwsScope _scope;

    public FleetReader(ImageCatalog catalog, IImageBuilder imageBuilder, IRegistry registry, AwsScope scope, IParameters? parameters = null,
        IWorkloads? workloads = null)
    {
        (_catalog, _registry, _scope) = (catalog, registry, scope);
        Pipelines = new PipelineReader(imageBuilder, scope);
        Bases = new BaseReader(catalog, imageBuilder, registry, parameters, Pipelines, scope);
        Builds = new BuildFactsReader(catalog, imageBuilder, Pipelines, Bases, scope);
        Findings = new PromotedFindingsReader(registry, scope);
        Releases = new ReleaseFactsReader(registry, scope);
        Retention = new RetentionFactsReader(imageBuilder, registry, parameters, workloads, scope);
    }

    public PipelineReader Pipelines { get; }

    public BaseReader Bases { get; }

    public BuildFactsReader Builds { get; }

    public PromotedFindingsReader Findings { get; }

    public ReleaseFactsReader Releases { get; }

    public RetentionFactsReader Retention { get; }

    /// <exception cref="ImageNotInCatalogException">The catalog has no such image.</exception>
    public ImageSpec Image(string? name)
    {
        if (_catalog.Find(name ?? "") is { } image)
        {
            return image;
        }

        var names = _catalog.Images.Select(each => each.Name).ToList();
        var more = names.Count > MaxNames ? $" and {names.Count - MaxNames} more" : "";
        throw new ImageNotInCatalogException(
            $"The catalog has no image '{name}'{Suggestion.End(name ?? "", names)} It has: {string.Join(", ", names.Take(MaxNames))}{more}.");
    }

    /// <summary>The Regions that an image is promoted to.</summary>
    public IReadOnlyList<string> RegionsOf(ImageSpec image) => _scope.RegionsOf(image);

    /// <summary>Pulls cached bases, for one run.</summary>
    public BaseRenewal Renewal() => new(_catalog, _registry, _scope);
}
