using System.Text.Json.Nodes;

namespace Automation.Local.Deployment;

/// <summary>The Regions of the stacks in a cloud assembly. Each is bootstrapped before a deployment.</summary>
internal static class AssemblyRegions
{
    /// <returns>Excludes stacks without a Region, which the CLI deploys to its own.</returns>
    public static IEnumerable<string> Of(string assembly)
    {
        // {"artifacts":{"Automation-eu-west-1":{"type":"aws:cloudformation:stack","environment":"aws://unknown-account/eu-west-1"}}}
        var artifacts = JsonNode.Parse(File.ReadAllText(Path.Combine(assembly, "manifest.json")))?["artifacts"] as JsonObject ?? [];
        return artifacts
            .Select(artifact => artifact.Value?["environment"]?.ToString().Split('/'))
            .Where(parts => parts is { Length: 4 } && parts[3] != "unknown-region")
            .Select(parts => parts![3])
            .Distinct(StringComparer.Ordinal);
    }
}
