using System.Text.Json.Nodes;

namespace Automation.LocalCloud.CloudFormation;

/// <summary>Compares resolved properties as CloudFormation does: the order of members and the type of scalars (7 or "7") do not matter.</summary>
internal static class PropertyChanges
{
    /// <summary>The names of the top-level properties that differ, in the order of the new ones.</summary>
    public static IReadOnlyList<string> Between(JsonObject before, JsonObject after) =>
    [
        .. after.Select(property => property.Key).Where(name => !Same(before[name], after[name])),
        .. before.Select(property => property.Key).Where(name => !after.ContainsKey(name) && before[name] is not null),
    ];

    public static bool Same(JsonNode? left, JsonNode? right) => (left, right) switch
    {
        (null, null) => true,
        (JsonObject first, JsonObject second) =>
            first.Count == second.Count && first.All(member => second.TryGetPropertyValue(member.Key, out var other) && Same(member.Value, other)),
        (JsonArray first, JsonArray second) => first.Count == second.Count && first.Zip(second).All(pair => Same(pair.First, pair.Second)),
        (JsonValue first, JsonValue second) => first.ToString() == second.ToString(),
        _ => false,
    };
}
