using System.Text.Json.Nodes;

namespace Automation.Cli.Doctor;

/// <summary>Reads policy documents as far as doctor needs them: who is allowed, and whether something is denied.</summary>
internal static class Policies
{
    /// <summary>A single statement may occur without a list.</summary>
    public static IEnumerable<JsonObject> Statements(JsonObject? policy) =>
        (policy?["Statement"] is JsonArray list ? list : [policy?["Statement"]?.DeepClone()]).OfType<JsonObject>();

    /// <param name="who">A part of the principal, or of a condition on it.</param>
    /// <param name="actions">Any of these; a statement's action may continue after it.</param>
    public static bool Allow(JsonObject? policy, string who, params string[] actions) =>
        Statements(policy).Any(statement => statement["Effect"]?.ToString() == "Allow" && Names(statement, actions)
            && $"{statement["Principal"]?.ToJsonString()}{statement["Condition"]?.ToJsonString()}".Contains(who, StringComparison.Ordinal));

    /// <summary>Whether it is denied to everyone or to this principal; conditions are not evaluated.</summary>
    public static bool Deny(JsonObject? policy, string who, params string[] actions) =>
        Statements(policy).Any(statement => statement["Effect"]?.ToString() == "Deny" && statement["Condition"] is null && Names(statement, actions)
            && statement["Principal"]?.ToJsonString() is { } principal
            && (principal.Contains("\"*\"", StringComparison.Ordinal) || principal.Contains(who, StringComparison.Ordinal)));

    private static bool Names(JsonObject statement, string[] actions) =>
        statement["Action"]?.ToJsonString() is { } named
            && (named.Contains("\"*\"", StringComparison.Ordinal) || actions.Any(action => named.Contains(action, StringComparison.OrdinalIgnoreCase)));
}
