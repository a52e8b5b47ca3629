using System.Text.RegularExpressions;

namespace Automation.Core.Catalog;

/// <summary>A base runs on instances of its own architecture: on another one the first RUN of a build fails with "exec format error".</summary>
internal static partial class InstanceRules
{
    public const string X86 = "x86_64";
    public const string Arm = "arm64";

    /// <summary>Of an instance type such as <c>m7g.large</c>: the processor is a letter behind the generation, and <c>g</c> is Graviton.
    /// https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html</summary>
    public static string ArchitectureOf(string instanceType) => Graviton().IsMatch(instanceType) ? Arm : X86;

    /// <summary>Reports instance types of the other architecture, arm64 without any, and a base whose name says that it is for arm64.</summary>
    /// <param name="pipeline">The section, for faults.</param>
    /// <param name="from">The base as the catalog spells it; null: it does not.</param>
    public static void Check(JsonLayers pipeline, string? from, string architecture, IReadOnlyList<string> instanceTypes)
    {
        if (architecture == X86 && from is not null && ArmName().IsMatch(from))
        {
            pipeline.Fault($"'{from}' names an image for arm64: set architecture to arm64, and instanceTypes to types with Graviton processors such as m7g.large");
            return;
        }

        if (architecture == Arm && instanceTypes.Count == 0)
        {
            pipeline.Fault("instanceTypes", "architecture arm64 needs instanceTypes with Graviton processors, such as m7g.large: Image Builder chooses x86_64 instances, which cannot run the base");
        }

        foreach (var type in instanceTypes.Where(type => ArchitectureOf(type) != architecture))
        {
            pipeline.Fault("instanceTypes", $"{type} is {ArchitectureOf(type)}, and the image is built for {architecture} (architecture)");
        }
    }

    // a1.large, m7g.large, c7gn.xlarge, im4gn.large, hpc7g.4xlarge; not g4dn.xlarge, m7i-flex.large, p4d.24xlarge
    [GeneratedRegex(@"^(?:a1|[a-z]+[0-9]+[a-z]*g[a-z]*)\.", RegexOptions.CultureInvariant)]
    private static partial Regex Graviton();

    [GeneratedRegex(@"(?:^|[-_./:])(?:arm64(?:v8)?|aarch64)(?:$|[-_./:@])", RegexOptions.CultureInvariant)]
    private static partial Regex ArmName();
}
