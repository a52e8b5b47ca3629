using Automation.Core.Images;

namespace Automation.Core.Retention;

/// <summary>What must stay together: an index with its children, a subject with its referrers.</summary>
public sealed class ReferenceGraph
{
    public ReferenceGraph(IReadOnlyList<StoredImage> images) => throw new NotImplementedException();

    /// <summary>Everything that the roots need, themselves included: children of children, referrers of any of them.</summary>
    public IReadOnlySet<Digest> Closure(IEnumerable<Digest> roots) => throw new NotImplementedException();
}
