using System.Reflection;

namespace Automation.LocalCloud.Tests.CloudFormation;

/// <summary>
/// Templates with container pipelines in the shapes of public ones: their resources, references and defaults, in words of our own. Each file continues
/// <c>common.yaml</c>.
/// </summary>
internal static class ContainerPipelineTemplates
{
    private const string Common = "common";

    public static IEnumerable<string> Names => Assembly.GetExecutingAssembly().GetManifestResourceNames()
        .Where(name => name.EndsWith(".yaml", StringComparison.Ordinal))
        .Select(name => name.Split('.')[^2])
        .Where(name => name != Common)
        .Order(StringComparer.Ordinal);

    public static string Whole(string name) => Read(Common) + Read(name);

    private static string Read(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Templates.{name}.yaml")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
