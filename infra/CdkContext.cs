using System.Text.Json;

namespace Automation.Infra;

/// <summary>The <c>context</c> of cdk.json, for code that runs the app without the CDK CLI. Every caller must get the same template.</summary>
internal static class CdkContext
{
    /// <param name="root">The folder that has cdk.json.</param>
    public static Dictionary<string, object> Read(string root)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(root, "cdk.json")));
        var context = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            // The CLI derives these keys from pathMetadata and versionReporting of cdk.json.
            ["aws:cdk:enable-path-metadata"] = document.RootElement.GetProperty("pathMetadata").GetBoolean(),
            ["aws:cdk:disable-version-reporting"] = !document.RootElement.GetProperty("versionReporting").GetBoolean(),
        };
        foreach (var property in document.RootElement.GetProperty("context").EnumerateObject())
        {
            context[property.Name] = property.Value.ValueKind switch
            {
                JsonValueKind.True => true,
                JsonValueKind.False => false,
                JsonValueKind.Number => property.Value.GetDouble(),
                JsonValueKind.Object =>
                    property.Value.EnumerateObject()
                        .ToDictionary(member => member.Name,
                            object (member) => member.Value.ValueKind == JsonValueKind.Number ? member.Value.GetDouble() : member.Value.ToString()),
                JsonValueKind.Array => property.Value.EnumerateArray().Select(item => item.ToString()).ToArray<object>(),
                _ => property.Value.ToString(),
            };
        }

        return context;
    }
}
