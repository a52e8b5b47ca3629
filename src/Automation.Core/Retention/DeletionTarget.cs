using Automation.Core.Images;

namespace Automation.Core.Retention;

/// <summary>One image to delete.</summary>
/// <param name="Tags">The tags at the time of the decision. With other tags the image stays.</param>
/// <param name="Owners">Earlier images of the group that need it. It is deleted only after all of them.</param>
public sealed record DeletionTarget(Digest Digest, IReadOnlyList<string> Tags, IReadOnlyList<Digest> Owners)
{
    /// <summary>An image that nothing needs.</summary>
    public DeletionTarget(Digest digest, IReadOnlyList<string> tags)
        : this(digest, tags, [])
    {
    }
}
