using System.Globalization;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.CloudFormation;

/// <summary>What AWS refuses in the outline of a template, in AWS's own words.</summary>
internal static class TemplateShape
{
    /// <summary>Known sections, also those that the embedded cloud does not serve.</summary>
    private static readonly string[] Sections =
        ["AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Mappings", "Conditions", "Rules", "Hooks", "Transform", "Resources", "Outputs"];

    /// <summary>Sections in which AWS accepts no null at any depth.</summary>
    private static readonly string[] WithoutNull = ["Parameters", "Mappings", "Conditions", "Resources", "Outputs"];

    private static readonly string[] ResourceMembers =
        ["Type", "Properties", "Condition", "DependsOn", "DeletionPolicy", "UpdateReplacePolicy", "UpdatePolicy", "CreationPolicy", "Metadata"];

    /// <exception cref="AwsException">ValidationError: the first fault.</exception>
    public static void Check(JsonObject template)
    {
        if (Faults(template).FirstOrDefault() is { } fault)
        {
            throw new AwsException("ValidationError", fault);
        }
    }

    public static IEnumerable<string> Faults(JsonObject template)
    {
        var unknown = template.Select(section => section.Key).Except(Sections).ToList();
        if (unknown.Count > 0)
        {
            yield return $"Invalid template property or properties [{string.Join(", ", unknown)}]";
        }

        foreach (var path in WithoutNull.Where(template.ContainsKey).SelectMany(section => Nulls($"/{section}", template[section])))
        {
            yield return $"[{path}] 'null' values are not allowed in templates";
        }

        if (template["Resources"] is not JsonObject { Count: > 0 } resources)
        {
            yield return "Template format error: At least one Resources member must be defined.";
            yield break;
        }

        foreach (var fault in resources.SelectMany(resource => Resource(resource.Key, resource.Value)))
        {
            yield return fault;
        }

        if ((template["Outputs"] as JsonObject ?? []).Any(output => output.Value is not JsonObject value || !value.ContainsKey("Value")))
        {
            yield return "Template format error: Every Outputs member must contain a Value object";
        }
    }

    private static IEnumerable<string> Resource(string logicalId, JsonNode? node)
    {
        if (node is not JsonObject resource)
        {
            yield return "Template format error: Any Resources member must be an object.";
            yield break;
        }

        if (!resource.ContainsKey("Type"))
        {
            yield return $"Template format error: [/Resources/{logicalId}] Every Resources object must contain a Type member.";
        }

        foreach (var member in resource.Select(each => each.Key).Except(ResourceMembers))
        {
            yield return $"Invalid template resource property '{member}'";
        }
    }

    private static IEnumerable<string> Nulls(string path, JsonNode? node) => node switch
    {
        null => [path],
        JsonObject members => members.SelectMany(member => Nulls($"{path}/{member.Key}", member.Value)),
        JsonArray items => items.SelectMany((item, index) => Nulls($"{path}/{index.ToString(CultureInfo.InvariantCulture)}", item)),
        _ => [],
    };
}
