using Automation.Core.Images;

namespace Automation.Core.Retention;

/// <summary>Who made the build that a tag such as <c>1.0.0-3</c> names, according to Image Builder.</summary>
public abstract record BuildOwner
{
    private BuildOwner()
    {
    }

    /// <summary>Image Builder has a record of it that is not among the pipeline's: another pipeline made it, or nobody's pipeline
    /// (<c>CreateImage</c>).</summary>
    public sealed record Others(string BuildArn) : BuildOwner;

    /// <summary>Image Builder says that there is no such build besides those of the pipeline.</summary>
    public sealed record Nobody : BuildOwner;

    /// <summary>It was not looked up, or the answer could not be read.</summary>
    /// <param name="Why">Completes "it is not known whose build this is: …".</param>
    public sealed record Unknown(string Why) : BuildOwner;
}

/// <summary>What Image Builder said about the builds that <see cref="BuildLookups"/> asked for.</summary>
/// <param name="builds">Builds that are others', or unknown, one by one.</param>
/// <param name="versions">By recipe version, what holds for every other build of it.</param>
public sealed class BuildOwners(IReadOnlyDictionary<ImageVersion, BuildOwner> builds, IReadOnlyDictionary<RecipeVersion, BuildOwner> versions)
{
    private static readonly BuildOwner NotLookedUp = new BuildOwner.Unknown("it was not looked up");

    /// <summary>Nothing was looked up, so nothing is known.</summary>
    public static BuildOwners NotAsked { get; } = new(new Dictionary<ImageVersion, BuildOwner>(), new Dictionary<RecipeVersion, BuildOwner>());

    public BuildOwner Of(ImageVersion version) =>
        builds.GetValueOrDefault(version) ?? versions.GetValueOrDefault(version.Recipe) ?? NotLookedUp;
}
