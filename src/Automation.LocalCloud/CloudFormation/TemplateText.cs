using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;
using static System.FormattableString;

namespace Automation.LocalCloud.CloudFormation;

/// <summary>Reads a template, JSON or YAML, into JSON. YAML's short forms (<c>!Ref X</c>, <c>!GetAtt A.B</c>) become the long ones. Aliases are refused:
/// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html</summary>
internal static class TemplateText
{
    /// <exception cref="AwsException">ValidationError: the text is not a template.</exception>
    public static JsonObject Parse(string text)
    {
        try
        {
            var root = text.AsSpan().TrimStart().StartsWith("{") ? ClientJson.Parse(text) : Convert(ClientYaml.Parse(text, allowAliases: false));
            return root as JsonObject ?? throw Malformed("a template must be a mapping");
        }
        catch (JsonException e) when (e.LineNumber is not null)
        {
            // Counted as AWS counts: from one, and behind the character that cannot stand there.
            throw Malformed(Invariant($"JSON not well-formed. (line {e.LineNumber + 1}, column {e.BytePositionInLine + 2})"));
        }
        catch (Exception e) when (e is JsonException or YamlException)
        {
            throw Malformed(e.Message);
        }
    }

    private static JsonNode? Convert(YamlNode node)
    {
        JsonNode? value = node switch
        {
            YamlMappingNode map => new JsonObject(map.Select(pair => KeyValuePair.Create(((YamlScalarNode)pair.Key).Value!, Convert(pair.Value)))),
            YamlSequenceNode list => new JsonArray([.. list.Select(Convert)]),
            YamlScalarNode scalar => Scalar(scalar),
            _ => throw Malformed($"unexpected YAML at {node.Start}"),
        };
        return ShortForm(node) is { } name ? LongForm(name, value) : value;
    }

    private static string? ShortForm(YamlNode node) =>
        node.Tag is { IsEmpty: false, Value: ['!', not '!', ..] tag } ? tag[1..] : null;

    private static JsonObject LongForm(string name, JsonNode? value) => name switch
    {
        "Ref" or "Condition" => new JsonObject { [name] = value },
        "GetAtt" when value is JsonValue =>
            new JsonObject { ["Fn::GetAtt"] = new JsonArray([.. value.ToString().Split('.', 2).Select(part => JsonValue.Create(part))]) },
        _ => new JsonObject { [$"Fn::{name}"] = value },
    };

    private static JsonValue? Scalar(YamlScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        if (scalar.Style != ScalarStyle.Plain || ShortForm(scalar) is not null)
        {
            return JsonValue.Create(text);
        }

        return text switch
        {
            "" or "~" or "null" => null,
            "true" => JsonValue.Create(true),
            "false" => JsonValue.Create(false),
            _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                && number.ToString(CultureInfo.InvariantCulture) == text => JsonValue.Create(number),
            _ => JsonValue.Create(text),
        };
    }

    private static AwsException Malformed(string why) => new("ValidationError", $"Template format error: {why}");
}
