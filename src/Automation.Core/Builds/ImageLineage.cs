using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Builds;

/// <summary>Who builds on whom: an edge from each image to the images made from its repository.</summary>
public sealed class ImageLineage
{
    public ImageLineage(IEnumerable<ImageSpec> images, IReadOnlyDictionary<string, ImageReference>? parents = null) =>
        throw new NotImplementedException();

    /// <summary>The images built on this one, by name.</summary>
    public IReadOnlyList<string> ChildrenOf(string image) => throw new NotImplementedException();

    /// <summary>The names on a cycle through the image, itself first and last (<c>app, runtime, app</c>); empty: none.</summary>
    public IReadOnlyList<string> CycleThrough(string image) => throw new NotImplementedException();

    /// <summary>One cycle of each knot, or none.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Cycles => throw new NotImplementedException();

    /// <summary>Bases before what is built on them.</summary>
    public IReadOnlyList<string> Order => throw new NotImplementedException();
}
