using System.Text.Json.Nodes;

namespace Automation.Infra.Tests;

/// <summary>A synthesised template with the queries of the tests.</summary>
internal sealed class Template(JsonObject root)
{
    public IEnumerable<(string Id, string Type, JsonObject Properties)> Entries =>
        root["Resources"]!.AsObject().Select(resource => (
            resource.Key,
            resource.Value!["Type"]!.ToString(),
            resource.Value["Properties"] as JsonObject ?? []));

    public IEnumerable<(string Id, JsonObject Properties)> Of(string type) =>
        Entries.Where(resource => resource.Type == type).Select(resource => (resource.Id, resource.Properties));

    /// <summary>The permissions of roles, except reading builds: only the build itself shows its owner, so some functions may read every build.</summary>
    public IEnumerable<JsonNode> GrantsOfMoreThanReadingBuilds => Entries
        .Where(resource => resource.Type is "AWS::IAM::Policy" or "AWS::IAM::ManagedPolicy")
        .SelectMany(policy => policy.Properties["PolicyDocument"]!["Statement"]!.AsArray())
        .Where(statement => Texts(statement!["Action"]).Except(["imagebuilder:GetImage", "imagebuilder:ListImageBuildVersions"]).Any())!;

    public string? DeletionPolicyOf(string id) => root["Resources"]![id]?["DeletionPolicy"]?.ToString();

    /// <summary>The resources that must exist before a resource, according to <c>DependsOn</c>.</summary>
    public IReadOnlyList<string> DependenciesOf(string id) => root["Resources"]![id]!["DependsOn"] is { } dependencies ? Texts(dependencies) : [];

    public override string ToString() => root.ToJsonString();

    public string? TypeOf(string id) => root["Resources"]![id]?["Type"]?.ToString();

    /// <summary>
    /// A value as text, with references in it as <c>${Id}</c> and <c>${Id.Attribute}</c>:
    /// <code>{"Fn::Join":["",["arn:",{"Ref":"AWS::Partition"},":x"]]}  ->  arn:${AWS::Partition}:x</code>
    /// </summary>
    public static string Text(JsonNode? node) => node switch
    {
        null => "",
        JsonValue value => value.ToString(),
        JsonObject o when o["Ref"] is { } id => $"${{{id}}}",
        JsonObject o when o["Fn::GetAtt"] is JsonArray attribute => $"${{{attribute[0]}.{attribute[1]}}}",
        JsonObject o when o["Fn::Sub"] is JsonValue text => text.ToString(),
        JsonObject o when o["Fn::Join"] is JsonArray join => string.Join(Text(join[0]), join[1]!.AsArray().Select(Text)),
        JsonObject o when o["Fn::Select"] is JsonArray { Count: 2 } part && part[1]?["Fn::Split"] is JsonArray split =>
            $"${{{Text(split[1])[2..^1]}[{part[0]}]}}",
        _ => throw new ArgumentException($"Not a text: {node.ToJsonString()}", nameof(node)),
    };

    /// <summary>The resource that a value refers to with <c>Ref</c> or <c>Fn::GetAtt</c>; null if there is none.</summary>
    public static string? Target(JsonNode? node) =>
        (node as JsonObject)?["Ref"]?.ToString() ?? (node as JsonObject)?["Fn::GetAtt"]?[0]?.ToString();

    /// <summary>A member with one value or a list of values.</summary>
    public static IReadOnlyList<string> Texts(JsonNode? node) => node is JsonArray list ? [.. list.Select(Text)] : [Text(node)];
}
