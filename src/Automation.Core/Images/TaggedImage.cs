namespace Automation.Core.Images;

/// <param name="PushedAt">When its manifest was pushed. A later tag does not change this time.</param>
/// <param name="LastPulledAt">As ECR records it, up to a day late for an image that is pulled often; null if never.</param>
public sealed record TaggedImage(Digest Digest, DateTimeOffset PushedAt, IReadOnlyList<string> Tags, DateTimeOffset? LastPulledAt = null)
{
    /// <summary>Whether it has a matching tag, or has no tag and so may have lost one to a later push. An image with only other tags never had one.</summary>
    public bool MayHaveHad(TagPattern tag) => Tags.Count == 0 || Tags.Any(tag.Matches);
}
