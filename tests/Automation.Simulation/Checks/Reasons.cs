using System.Text.Json;

namespace Automation.Simulation.Checks;

/// <summary>Every result of a function explains its decisions.</summary>
internal static class Reasons
{
    /// <returns>Whether every decision in a function's result has a reason.</returns>
    public static bool AreGiven(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().All(member => member switch
        {
            // A phase of a promotion returns its steps, each with its own reason; a phase without a step does nothing.
            _ when member.NameEquals("reasons"u8) => member.Value.ValueKind == JsonValueKind.Array && member.Value.GetArrayLength() + Steps(value) > 0
                && member.Value.EnumerateArray().All(IsReason),
            _ when member.NameEquals("reason"u8) => IsReason(member.Value),
            _ => AreGiven(member.Value),
        }),
        JsonValueKind.Array => value.EnumerateArray().All(AreGiven),
        _ => true,
    };

    private static int Steps(JsonElement phase) =>
        phase.TryGetProperty("stopped"u8, out var stopped) && stopped.ValueKind == JsonValueKind.False ? phase.GetProperty("steps"u8).GetArrayLength() : 0;

    private static bool IsReason(JsonElement reason) => reason.ValueKind == JsonValueKind.Object
        && !string.IsNullOrWhiteSpace(reason.GetProperty("code"u8).GetString()) && !string.IsNullOrWhiteSpace(reason.GetProperty("text"u8).GetString());
}
