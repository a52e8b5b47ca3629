using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.CloudFormation;

/// <summary>
/// <c>{{resolve:ssm:name}}</c> and <c>{{resolve:ssm:name:version}}</c> in a template's strings. References to other services are refused.
/// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
/// </summary>
internal static partial class DynamicReferences
{
    /// <exception cref="TemplateException">A reference in the text is not supported.</exception>
    public static void Check(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject fields:
                foreach (var (_, value) in fields)
                {
                    Check(value);
                }

                break;
            case JsonArray items:
                foreach (var item in items)
                {
                    Check(item);
                }

                break;
            case JsonValue value when value.TryGetValue<string>(out var text):
                foreach (Match reference in Reference().Matches(text))
                {
                    Check(reference);
                }

                break;
        }
    }

    /// <param name="ssm">Returns the value of a parameter, or null.</param>
    /// <exception cref="TemplateException">The parameter does not exist, or the reference is not supported.</exception>
    public static JsonNode Resolve(JsonNode node, Func<string, string?> ssm) => node switch
    {
        JsonObject fields when Has(node) =>
            new JsonObject(fields.Select(field => KeyValuePair.Create(field.Key, field.Value is null ? null : Own(Resolve(field.Value, ssm))))),
        JsonArray items when Has(node) => new JsonArray([.. items.Select(item => item is null ? null : Own(Resolve(item, ssm)))]),
        JsonValue value when value.TryGetValue<string>(out var text) && Reference().IsMatch(text) =>
            JsonValue.Create(Reference().Replace(text, reference => Value(reference, ssm))),
        _ => node,
    };

    private static bool Has(JsonNode node) => node.ToJsonString(WireJson.Compact).Contains("{{resolve:", StringComparison.Ordinal);

    private static JsonNode Own(JsonNode node) => node.Parent is null ? node : node.DeepClone();

    private static string Value(Match reference, Func<string, string?> ssm)
    {
        Check(reference);
        var name = reference.Groups["rest"].Value;
        return ssm(name) ?? throw new TemplateException($"Parameters: [ssm:{name}] cannot be found.");
    }

    private static void Check(Match reference)
    {
        if (reference.Groups["service"].Value != "ssm")
        {
            throw new TemplateException($"the embedded cloud does not support the dynamic reference {reference.Value}, only {{{{resolve:ssm:…}}}}");
        }
    }

    [GeneratedRegex(@"\{\{resolve:(?<service>[a-z-]+):(?<rest>[^}]+)\}\}")]
    private static partial Regex Reference();
}
