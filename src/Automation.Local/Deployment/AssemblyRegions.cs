using System.Text.Json.Nodes;

namespace Automation.Local.Deployment;

/// <summary>The Regions that the stacks of a cloud assembly are for: each is bootstrapped before a deployment.</summary>
internal static class AssemblyRegions
{
    /// <returns>Without the stacks that go wherever the CLI is.</returns>
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
