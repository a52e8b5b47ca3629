using System.Text.RegularExpressions;

namespace Automation.Core.Catalog;

/// <summary>A base needs instances of its own architecture. Otherwise the first RUN of a build fails with "exec format error".</summary>
internal static partial class InstanceRules
{
    public const string X86 = "x86_64";
    public const string Arm = "arm64";

    /// <summary>The architecture of an instance type such as <c>m7g.large</c>: the letter <c>g</c> after the generation means Graviton.
    /// https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html</summary>
    public static string ArchitectureOf(string instanceType) => GravitonPattern().IsMatch(instanceType) ? Arm : X86;

    /// <summary>Reports instance types of the wrong architecture, arm64 without instance types, and a base with an arm64 name on x86_64.</summary>
    /// <param name="pipeline">The section to report faults on.</param>
    /// <param name="from">The base as written in the catalog; null if the catalog does not name one.</param>
    public static void Check(JsonLayers pipeline, string? from, string architecture, IReadOnlyList<string> instanceTypes)
    {
        if (architecture == X86 && from is not null && ArmNamePattern().IsMatch(from))
        {
            pipeline.Fault(
                $"'{from}' names an image for arm64: set architecture to arm64, and instanceTypes to types with Graviton processors such as m7g.large");
            return;
        }

        if (architecture == Arm && instanceTypes.Count == 0)
        {
            pipeline.Fault("instanceTypes",
                "architecture arm64 needs instanceTypes with Graviton processors, such as m7g.large: Image Builder chooses x86_64 instances, which cannot run the base");
        }

        foreach (var type in instanceTypes.Where(type => ArchitectureOf(type) != architecture))
        {
            pipeline.Fault("instanceTypes", $"{type} is {ArchitectureOf(type)}, but architecture is {architecture}");
        }
    }

    // a1.large, m7g.large, c7gn.xlarge, im4gn.large, hpc7g.4xlarge; not g4dn.xlarge, m7i-flex.large, p4d.24xlarge
    [GeneratedRegex(@"^(?:a1|[a-z]+[0-9]+[a-z]*g[a-z]*)\.", RegexOptions.CultureInvariant)]
    private static partial Regex GravitonPattern();

    [GeneratedRegex(@"(?:^|[-_./:])(?:arm64(?:v8)?|aarch64)(?:$|[-_./:@])", RegexOptions.CultureInvariant)]
    private static partial Regex ArmNamePattern();
}
