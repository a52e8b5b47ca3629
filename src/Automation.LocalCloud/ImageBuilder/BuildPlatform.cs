using System.Text.RegularExpressions;

namespace Automation.LocalCloud.ImageBuilder;

/// <summary>
/// The platform for which a build pulls its parent image, in the terms of image indexes: the operating system of the recipe and the
/// architecture of the instance on which the build runs.
/// </summary>
internal sealed partial record BuildPlatform(string Os, string Architecture)
{
    public static BuildPlatform Default { get; } = new("linux", "amd64");

    public static BuildPlatform Of(ContainerRecipe recipe, InfrastructureConfiguration? infrastructure) => new(
        recipe.Platform.ToLowerInvariant(),
        infrastructure?.InstanceTypes is [var type, ..] && IsArm(type) ? "arm64" : Default.Architecture);

    public override string ToString() => $"{Os}/{Architecture}";

    // Families with a g after the generation have Graviton processors, and so does a1: m7g, c7gn, is4gen.
    // https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
    private static bool IsArm(string instanceType) =>
        Family().Match(instanceType) is { Success: true } family
            && (family.Groups["attributes"].Value.Contains('g', StringComparison.Ordinal) || family.Groups["family"].Value == "a");

    [GeneratedRegex(@"^(?<family>[a-z]+)[0-9]+(?<attributes>[a-z-]*)\.")]
    private static partial Regex Family();
}
