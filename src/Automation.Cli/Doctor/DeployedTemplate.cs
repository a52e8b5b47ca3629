using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Automation.Cli.Doctor;

/// <summary>
/// The template that a stack was deployed from, with its references resolved from the list of the stack's resources. A part that only
/// CloudFormation knows stays unresolved and matches any value.
/// </summary>
internal sealed class DeployedTemplate
{
    /// <summary>The placeholder for an unknown part of a resolved text. It is a private-use character, which no template contains.</summary>
    private const char Unknown = '\uE000';

    private readonly JsonObject _resources;
    private readonly Dictionary<string, StackResource> _physical;
    private readonly Dictionary<string, string> _pseudo;
    private readonly JsonObject _parameters;

    /// <param name="caller">The account and the Region of the stack.</param>
    public DeployedTemplate(JsonObject template, IReadOnlyList<StackResource> resources, string stack, (string Account, string Region) caller)
    {
        var endpoint = Amazon.RegionEndpoint.GetBySystemName(caller.Region);
        _resources = template["Resources"] as JsonObject ?? [];
        _parameters = template["Parameters"] as JsonObject ?? [];
        _physical = resources.ToDictionary(resource => resource.LogicalId, StringComparer.Ordinal);
        _pseudo = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["AWS::AccountId"] = caller.Account,
            ["AWS::Region"] = caller.Region,
            ["AWS::Partition"] = endpoint.PartitionName,
            ["AWS::URLSuffix"] = endpoint.PartitionDnsSuffix,
            ["AWS::StackName"] = stack,
        };
    }

    /// <summary>A property of a resource, resolved; null where the template does not set it.</summary>
    /// <param name="path">Such as <c>Target.RetryPolicy</c>.</param>
    public JsonNode? Property(string logicalId, string path)
    {
        var node = Resolve(_resources[logicalId]?["Properties"]);
        foreach (var name in path.Split('.'))
        {
            node = (node as JsonObject)?[name];
        }

        return node;
    }

    /// <summary>Whether a live value equals that of the template. Lists of texts agree in any order.</summary>
    public static bool Agree(JsonNode? expected, JsonNode? actual) => (expected, actual) switch
    {
        (JsonObject left, JsonObject right) =>
            left.Count == right.Count && left.All(member => right.TryGetPropertyValue(member.Key, out var value) && Agree(member.Value, value)),
        (JsonArray left, JsonArray right) => left.Count == right.Count && Ordered(left).Zip(Ordered(right)).All(pair => Agree(pair.First, pair.Second)),
        (JsonValue left, JsonValue right) => Matches(left.ToString(), right.ToString()),
        (JsonValue left, _) when left.ToString() == Unknown.ToString() => true,
        _ => expected is null && actual is null,
    };

    /// <summary>The value for people, with an ellipsis for each unresolved part.</summary>
    public static string Text(JsonNode? value) =>
        (value is null ? "nothing" : value is JsonValue ? value.ToString() : value.ToJsonString()).Replace(Unknown, '…');

    private static IEnumerable<JsonNode?> Ordered(JsonArray list) =>
        list.All(item => item is JsonValue value && value.GetValueKind() == JsonValueKind.String)
            ? list.OrderBy(item => item!.ToString(), StringComparer.Ordinal)
            : list;

    private static bool Matches(string expected, string actual) => expected == actual
        || (expected.Contains(Unknown, StringComparison.Ordinal)
            && Regex.IsMatch(
                actual, $@"\A{string.Join(".*", expected.Split(Unknown).Select(Regex.Escape))}\z",
                RegexOptions.Singleline | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking));

    private JsonNode? Resolve(JsonNode? node) => node switch
    {
        JsonObject { Count: 1 } map when map.First() is { Key: var name } && (name == "Ref" || name.StartsWith("Fn::", StringComparison.Ordinal)) =>
            Intrinsic(name, map.First().Value),
        JsonObject map =>
            new JsonObject(map.Select(member => KeyValuePair.Create(member.Key, Resolve(member.Value))).Where(member => member.Value is not null)),
        JsonArray list => new JsonArray([.. list.Select(Resolve).Where(item => item is not null)]),
        null => null,
        _ => node.DeepClone(),
    };

    // {"Ref":"Topic"}, {"Fn::GetAtt":["Function","Arn"]}, {"Fn::Join":["",["arn:",{"Ref":"AWS::Partition"}]]}, {"Fn::Sub":"${AWS::Region}-x"}
    private JsonNode? Intrinsic(string name, JsonNode? argument) => (name, argument) switch
    {
        ("Ref", JsonValue target) when target.ToString() == "AWS::NoValue" => null,
        ("Ref", JsonValue target) => Reference(target.ToString()),
        ("Fn::GetAtt", JsonArray { Count: 2 } pair) => Attribute(pair[0]!.ToString(), pair[1]!.ToString()),
        ("Fn::GetAtt", JsonValue dotted) when dotted.ToString().Split('.', 2) is [var id, var attribute] => Attribute(id, attribute),
        ("Fn::Join", JsonArray { Count: 2 } join) when join[1] is JsonArray parts =>
            string.Join(join[0]!.ToString(), parts.Select(part => Resolve(part)?.ToString() ?? "")),
        ("Fn::Sub", JsonValue text) => Substitute(text.ToString(), []),
        ("Fn::Sub", JsonArray { Count: 2 } pair) when pair[1] is JsonObject variables => Substitute(pair[0]!.ToString(), variables),
        ("Fn::Select", JsonArray { Count: 2 } select)
            when Resolve(select[1]) is JsonArray list && int.TryParse(select[0]?.ToString(), CultureInfo.InvariantCulture, out var index)
                && index < list.Count =>
            list[index]?.DeepClone(),
        ("Fn::Split", JsonArray { Count: 2 } split) when Resolve(split[1])?.ToString() is { } text && !text.Contains(Unknown, StringComparison.Ordinal) =>
            new JsonArray([.. text.Split(split[0]!.ToString()).Select(part => JsonValue.Create(part))]),
        _ => Unknown.ToString(),
    };

    private string Reference(string name) =>
        _pseudo.TryGetValue(name, out var value) ? value
        : _physical.TryGetValue(name, out var resource) ? resource.PhysicalId
        : _parameters[name]?["Default"]?.ToString() ?? Unknown.ToString();

    // The ARN of a queue follows from its URL: https://sqs.eu-west-1.amazonaws.com/123456789012/dead
    private string Attribute(string id, string attribute)
    {
        var resource = _physical.GetValueOrDefault(id);
        string Arn(string service, string rest) => $"arn:{_pseudo["AWS::Partition"]}:{service}:{_pseudo["AWS::Region"]}:{_pseudo["AWS::AccountId"]}:{rest}";
        return (attribute, resource?.Type) switch
        {
            ("Arn", not null) when resource!.PhysicalId.StartsWith("arn:", StringComparison.Ordinal) => resource.PhysicalId,
            ("Arn", "AWS::Lambda::Function") => Arn("lambda", $"function:{resource!.PhysicalId}"),
            ("Arn", "AWS::KMS::Key") => Arn("kms", $"key/{resource!.PhysicalId}"),

            // A role may have a path before its name.
            ("Arn", "AWS::IAM::Role") => $"arn:{_pseudo["AWS::Partition"]}:iam::{_pseudo["AWS::AccountId"]}:role/{Unknown}{resource!.PhysicalId}",
            ("Arn", "AWS::SQS::Queue") => Arn("sqs", resource!.PhysicalId.Split('/')[^1]),
            ("QueueName", "AWS::SQS::Queue") => resource!.PhysicalId.Split('/')[^1],
            _ => Unknown.ToString(),
        };
    }

    private string Substitute(string text, JsonObject variables)
    {
        var result = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '$' || i + 1 >= text.Length || text[i + 1] != '{' || text.IndexOf('}', i) is not (> 0 and var end))
            {
                result.Append(text[i]);
                continue;
            }

            var name = text[(i + 2)..end];
            result.Append(name.StartsWith('!') ? $"${{{name[1..]}}}"
                : variables.TryGetPropertyValue(name, out var value) ? Resolve(value)?.ToString()
                : name.Split('.', 2) is [var id, var attribute] ? Attribute(id, attribute)
                : Reference(name));
            i = end;
        }

        return result.ToString();
    }
}
