using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Common;

/// <summary>The operations that add one statement to the policy of a queue, topic or event bus, and remove it by its label.</summary>
internal static class LabelledStatements
{
    /// <param name="policy">A valid policy, with or without statements.</param>
    /// <param name="actions">With the service's prefix, such as <c>SQS:SendMessage</c>.</param>
    /// <returns>The new policy; null if the label is taken.</returns>
    public static string? Add(JsonObject policy, string label, IEnumerable<string> accounts, IEnumerable<string> actions, string resource)
    {
        var statements = Of(policy);
        if (statements.Exists(statement => LabelOf(statement) == label))
        {
            return null;
        }

        return With(policy, statements.Append(new JsonObject
        {
            ["Sid"] = label,
            ["Effect"] = "Allow",
            ["Principal"] = new JsonObject { ["AWS"] = OneOrMany([.. accounts.Select(account => new Arn("iam", "", account, "root").ToString())]) },
            ["Action"] = OneOrMany([.. actions]),
            ["Resource"] = resource,
        }));
    }

    /// <returns>The new policy, empty if no statement remains; null if there is no such label.</returns>
    public static string? Remove(JsonObject policy, string label)
    {
        var statements = Of(policy);
        var left = statements.Where(statement => LabelOf(statement) != label).ToArray();
        return left.Length == statements.Count ? null : left.Length == 0 ? "" : With(policy, left);
    }

    private static List<JsonNode?> Of(JsonObject policy) => policy["Statement"] switch
    {
        JsonArray list => [.. list.Select(statement => statement?.DeepClone())],
        JsonObject one => [one.DeepClone()],
        _ => [],
    };

    private static string? LabelOf(JsonNode? statement) => (statement as JsonObject)?["Sid"]?.ToString();

    private static JsonNode OneOrMany(string[] texts) => texts is [var one] ? JsonValue.Create(one) : JsonMembers.ToList(texts);

    private static string With(JsonObject policy, IEnumerable<JsonNode?> statements)
    {
        policy["Statement"] = new JsonArray([.. statements]);
        return policy.ToJsonString(WireJson.Compact);
    }
}
