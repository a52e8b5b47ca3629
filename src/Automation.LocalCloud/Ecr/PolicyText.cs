using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Ecr;

/// <summary>The form of repository and registry policies.</summary>
internal static class PolicyText
{
    /// <summary>Whether the text is a policy document.</summary>
    /// <param name="text">The document.</param>
    /// <param name="isFit">What else each statement must meet.</param>
    public static bool IsValid(string text, Func<JsonObject, bool>? isFit = null)
    {
        try
        {
            return JsonNode.Parse(text, documentOptions: ClientJson.Deep) is JsonObject document && document["Statement"] is { } statement
                && (statement is JsonArray list ? list : [statement.DeepClone()]).All(
                    item => item is JsonObject fields && IsStatement(fields) && (isFit is null || isFit(fields)));
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            // ArgumentException: an object has a key twice.
            return false;
        }
    }

    /// <summary>The actions that a statement names.</summary>
    public static IEnumerable<string> Actions(JsonObject statement) =>
        (statement["Action"] ?? statement["NotAction"]) is JsonArray list
            ? list.Select(action => $"{action}")
            : [$"{statement["Action"] ?? statement["NotAction"]}"];

    private static bool IsStatement(JsonObject statement) =>
        statement["Effect"] is JsonValue effect && effect.GetValueKind() == JsonValueKind.String && effect.GetValue<string>() is "Allow" or "Deny"
            && (statement.ContainsKey("Action") || statement.ContainsKey("NotAction"));
}
