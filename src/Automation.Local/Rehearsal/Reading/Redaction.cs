using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.Core.Catalog;

namespace Automation.Local.Rehearsal.Reading;

/// <summary>
/// Leaves out what a rehearsal does not need and what may be secret or personal: Dockerfiles, component documents, addresses, variables of functions
/// that are not the automation's, and tags that are not the automation's. Both the deployed and the changed stack lose the same parts, so their
/// difference stays.
/// </summary>
internal static class Redaction
{
    /// <summary>A document that does nothing. https://docs.aws.amazon.com/imagebuilder/latest/userguide/toe-use-documents.html</summary>
    public const string Component = """
        {"name":"left-out","schemaVersion":1.0,"phases":[{"name":"build","steps":[{"name":"none","action":"ExecuteBash","inputs":{"commands":["true"]}}]}]}
        """;

    private const string Address = "left-out@example.com";
    private const string OwnTags = "automation:";
    private static readonly string[] OwnVariables = ["AUTOMATION_", "ANNOTATIONS_", "DOTNET_"];

    public static string Template(string text)
    {
        if (JsonNode.Parse(text) is not JsonObject template)
        {
            return text;
        }

        foreach (var (_, resource) in template["Resources"] as JsonObject ?? [])
        {
            if (resource?["Properties"] is JsonObject properties)
            {
                Resource(resource["Type"]?.ToString() ?? "", properties);
            }
        }

        return template.ToJsonString();
    }

    /// <summary>The catalog with every Dockerfile replaced by the default one.</summary>
    public static string Catalog(string text)
    {
        var options = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
        var catalog = JsonNode.Parse(text, documentOptions: options);
        Replace(catalog);
        return catalog?.ToJsonString() ?? text;

        static void Replace(JsonNode? node)
        {
            if (node is JsonArray list)
            {
                foreach (var item in list)
                {
                    Replace(item);
                }
            }
            else if (node is JsonObject members)
            {
                foreach (var (name, value) in members.ToList())
                {
                    if (name == "dockerfile")
                    {
                        members[name] = PipelineSpec.Defined.DefaultDockerfile;
                    }
                    else
                    {
                        Replace(value);
                    }
                }
            }
        }
    }

    /// <summary>Keeps the given members, and of the tags the automation's own.</summary>
    public static JsonObject Keep(JsonNode document, params string[] members)
    {
        var kept = new JsonObject();
        foreach (var name in members)
        {
            if (document[name] is { } value)
            {
                kept[name] = value.DeepClone();
            }
        }

        if (document["tags"] is JsonObject tags)
        {
            kept["tags"] = new JsonObject(tags.Where(tag => tag.Key.StartsWith(OwnTags, StringComparison.Ordinal))
                .Select(tag => KeyValuePair.Create(tag.Key, tag.Value?.DeepClone())));
        }

        return kept;
    }

    private static void Resource(string type, JsonObject properties)
    {
        switch (type)
        {
            case "AWS::ImageBuilder::ContainerRecipe" when properties.ContainsKey("DockerfileTemplateData"):
                properties["DockerfileTemplateData"] = PipelineSpec.Defined.DefaultDockerfile;
                break;
            case "AWS::ImageBuilder::Component" when properties.ContainsKey("Data"):
                properties["Data"] = Component;
                break;
            case "AWS::SNS::Subscription" when properties["Protocol"]?.ToString() is "email" or "email-json" or "http" or "https" or "sms":
                properties["Protocol"] = "email";
                properties["Endpoint"] = Address;
                break;
            case "AWS::Lambda::Function":
                Function(properties);
                break;
        }
    }

    private static void Function(JsonObject properties)
    {
        var variables = (properties["Environment"] as JsonObject)?["Variables"] as JsonObject ?? [];
        foreach (var name in variables.Select(variable => variable.Key).ToList())
        {
            if (!OwnVariables.Any(own => name.StartsWith(own, StringComparison.Ordinal)))
            {
                variables.Remove(name);
            }
        }
    }
}
