using Automation.Core.Images;

namespace Automation.Core.Catalog;

/// <summary>A repository of base images. Pushes to it start builds of its dependants.</summary>
/// <param name="WatchTags">The tags that images may build on, checked when the catalog is read. The <c>from</c> of an image says which pushes
/// start its builds.</param>
/// <param name="Existing">Whether the repository exists outside the stack. The stack then neither creates it nor adds a prefix to its name.</param>
public sealed record RepositorySpec(string Name, IReadOnlyList<TagPattern> WatchTags, bool Existing = false);
