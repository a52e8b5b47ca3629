using System.Text.Json.Nodes;

namespace Automation.Cli.Doctor;

/// <summary>Reads policy documents as far as the doctor judges them: who is let in, and whether something is denied.</summary>
internal static class Policies
{
    /// <summary>One statement may stand without a list.</summary>
    public static IEnumerable<JsonObject> Statements(JsonObject? policy) =>
        (policy?["Statement"] is JsonArray list ? list : [policy?["Statement"]?.DeepClone()]).OfType<JsonObject>();

    /// <param name="who">A part of the principal, or of a condition on it.</param>
    /// <param name="actions">Any of them; a statement's action may go on after it.</param>
    public static bool Allow(JsonObject? policy, string who, params string[] actions) =>
        Statements(policy).Any(statement => statement["Effect"]?.ToString() == "Allow" && Names(statement, actions)
            && $"{statement["Principal"]?.ToJsonString()}{statement["Condition"]?.ToJsonString()}".Contains(who, StringComparison.Ordinal));

    /// <summary>Denied to everybody, or to this one; conditions are not judged.</summary>
    public static bool Deny(JsonObject? policy, string who, params string[] actions) =>
        Statements(policy).Any(statement => statement["Effect"]?.ToString() == "Deny" && statement["Condition"] is null && Names(statement, actions)
            && statement["Principal"]?.ToJsonString() is { } principal && (principal.Contains("\"*\"", StringComparison.Ordinal) || principal.Contains(who, StringComparison.Ordinal)));

    private static bool Names(JsonObject statement, string[] actions) =>
        statement["Action"]?.ToJsonString() is { } named && (named.Contains("\"*\"", StringComparison.Ordinal) || actions.Any(action => named.Contains(action, StringComparison.OrdinalIgnoreCase)));
}
