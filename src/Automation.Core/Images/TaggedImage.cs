namespace Automation.Core.Images;

/// <param name="PushedAt">When its manifest was pushed; a tag that it gets later does not change that.</param>
/// <param name="LastPulledAt">As ECR records it, which may be up to a day late for an image that is pulled often; null: never.</param>
public sealed record TaggedImage(Digest Digest, DateTimeOffset PushedAt, IReadOnlyList<string> Tags, DateTimeOffset? LastPulledAt = null)
{
    /// <summary>Whether it has such a tag, or none and so may have lost it to a later push. Images under other tags only were never under it.</summary>
    public bool MayHaveHad(TagPattern tag) => Tags.Count == 0 || Tags.Any(tag.Matches);
}
