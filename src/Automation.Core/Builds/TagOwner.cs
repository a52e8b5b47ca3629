using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Builds;

/// <summary>The image of the catalog whose floating tag another image is built on or watches.</summary>
/// <param name="Builds">One build for each version.</param>
/// <param name="Version">The version in Image Builder's own tag (<c>1.0.0-3</c>) on the image under the floating tag; null if it has none.</param>
/// <param name="Unreadable">Why the builds could not be read; null if they were.</param>
public sealed record TagOwner(ImageSpec Image, IReadOnlyList<BuildRecord> Builds, ImageVersion? Version = null, string? Unreadable = null);
