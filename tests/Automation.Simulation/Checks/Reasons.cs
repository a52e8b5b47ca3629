using System.Text.Json;

namespace Automation.Simulation.Checks;

/// <summary>Every result of a function explains its decisions.</summary>
internal static class Reasons
{
    /// <returns>Whether every decision in a function's result has a reason.</returns>
    public static bool AreGiven(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in value.EnumerateObject())
            {
                // A phase of a promotion returns its steps, each with its own reason; a phase without a step does nothing.
                if (!(member.NameEquals("reasons"u8)
                        ? member.Value.ValueKind == JsonValueKind.Array && member.Value.GetArrayLength() + Steps(value) > 0 && AreReasons(member.Value)
                    : member.NameEquals("reason"u8) ? IsReason(member.Value)
                    : AreGiven(member.Value)))
                {
                    return false;
                }
            }
        }
        else if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray())
            {
                if (!AreGiven(item))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static bool AreReasons(JsonElement items)
    {
        foreach (var item in items.EnumerateArray())
        {
            if (!IsReason(item))
            {
                return false;
            }
        }

        return true;
    }

    private static int Steps(JsonElement phase) =>
        phase.TryGetProperty("stopped"u8, out var stopped) && stopped.ValueKind == JsonValueKind.False ? phase.GetProperty("steps"u8).GetArrayLength() : 0;

    private static bool IsReason(JsonElement reason) => reason.ValueKind == JsonValueKind.Object
        && !string.IsNullOrWhiteSpace(reason.GetProperty("code"u8).GetString()) && !string.IsNullOrWhiteSpace(reason.GetProperty("text"u8).GetString());
}
