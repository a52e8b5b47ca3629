using Automation.Core.Images;

namespace Automation.Core.Retention;

/// <summary>Image Builder's answers about the builds that <see cref="BuildLookups"/> selects.</summary>
/// <param name="builds">Builds with a foreign or unknown owner.</param>
/// <param name="versions">For each recipe version, the owner of its other builds.</param>
public sealed class BuildOwners(IReadOnlyDictionary<ImageVersion, BuildOwner> builds, IReadOnlyDictionary<RecipeVersion, BuildOwner> versions)
{
    private static readonly BuildOwner NotLookedUp = new BuildOwner.Unknown("it was not looked up");

    /// <summary>Nothing was looked up, so nothing is known.</summary>
    public static BuildOwners NotAsked { get; } = new(new Dictionary<ImageVersion, BuildOwner>(), new Dictionary<RecipeVersion, BuildOwner>());

    public BuildOwner Of(ImageVersion version) =>
        builds.GetValueOrDefault(version) ?? versions.GetValueOrDefault(version.Recipe) ?? NotLookedUp;
}
