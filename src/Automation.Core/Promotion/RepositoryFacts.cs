using Automation.Core.Images;

namespace Automation.Core.Promotion;

/// <summary>A repository's tags and which of them can be moved.</summary>
/// <param name="Exists">False if the Region has no such repository.</param>
/// <param name="Tags">The existing tags among those that the promotion may write, with their digests.</param>
public sealed record RepositoryFacts(bool Exists, TagMutability Mutability, IReadOnlyDictionary<string, Digest> Tags);
