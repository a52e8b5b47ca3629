using System.Xml.Linq;

namespace Automation.Infra.Tests;

/// <summary>The allowed references between projects, compared with the project files.</summary>
public sealed class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Automation.Core"] = [],
        ["Automation.ApiTables"] = [],
        ["Automation.Aws"] = ["Automation.Core"],
        ["Automation.Functions"] = ["Automation.Aws", "Automation.Core"],
        ["Automation.LocalCloud"] = ["Automation.ApiTables"],
        ["Automation.Cli"] = ["Automation.Aws", "Automation.Core"],
        ["Automation.Local"] = ["Automation.Aws", "Automation.Cli", "Automation.Core", "Automation.Functions", "Automation.LocalCloud"],
        ["Automation.Infra"] = ["Automation.Core"],
    };

    // A rehearsal in Automation.Local runs the functions, as Lambda does.
    private static readonly string[] KnowTheSdk = ["Automation.Aws", "Automation.Functions", "Automation.Cli", "Automation.Local"];

    [Fact]
    public void Projects_AreAllListed() =>
        Assert.Equal(Allowed.Keys.Order(StringComparer.Ordinal), Projects().Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void Projects_ReferenceOnlyAllowedProjects() =>
        Assert.All(Projects(), project => Assert.Empty(References(project.Value).Except(Allowed[project.Key])));

    [Fact]
    public void AwsPackages_AreReferencedOnlyByTheShell() =>
        Assert.All(
            Projects().Where(project => !KnowTheSdk.Contains(project.Key)),
            project => Assert.DoesNotContain(Packages(project.Value),
                name => name.StartsWith("AWSSDK.", StringComparison.Ordinal) || name.StartsWith("Amazon.Lambda.", StringComparison.Ordinal)));

    [Fact]
    public void Shims_ReferenceOnlyShims()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Synthesis.Root, "src", "Shims"), "*.csproj", SearchOption.AllDirectories))
        {
            Assert.DoesNotContain(References(XDocument.Load(file)), name => name.StartsWith("Automation.", StringComparison.Ordinal));
        }
    }

    // MSBuild compiles a project again when a file that it imports is newer than its assembly.
    [Fact]
    public void BuildSettings_ImportNoFileThatABuildWrites() =>
        Assert.All(
            new[] { "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props" },
            name => Assert.DoesNotContain(
                XDocument.Load(Path.Combine(Synthesis.Root, name)).Descendants("Import"),
                import => import.Attribute("Project")!.Value.Contains("artifacts", StringComparison.Ordinal)));

    private static Dictionary<string, XDocument> Projects() => Directory
        .EnumerateFiles(Path.Combine(Synthesis.Root, "src"), "Automation.*.csproj", SearchOption.AllDirectories)
        .Append(Path.Combine(Synthesis.Root, "infra", "Automation.Infra.csproj"))
        .ToDictionary(file => Path.GetFileNameWithoutExtension(file), XDocument.Load, StringComparer.Ordinal);

    private static IEnumerable<string> References(XDocument project) =>
        Includes(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/')));

    private static IEnumerable<string> Packages(XDocument project) => Includes(project, "AwsPackage").Concat(Includes(project, "PackageReference"));

    private static IEnumerable<string> Includes(XDocument project, string item) =>
        project.Descendants(item).Select(element => element.Attribute("Include")?.Value).OfType<string>();
}
