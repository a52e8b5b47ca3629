using System.Text.Json;
using Automation.Simulation.Machine;

namespace Automation.Simulation.Checks;

/// <summary>Every result of a function explains its decisions.</summary>
internal static class Reasons
{
    /// <returns>Whether every decision in a function's result has a reason.</returns>
    public static bool AreGiven(Value result)
    {
        var reader = new Utf8JsonReader(result.Text.Span);
        _ = reader.Read();
        return AreGiven(ref reader);
    }

    private static bool AreGiven(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (!AreGiven(ref reader))
                {
                    return false;
                }
            }

            return true;
        }

        return reader.TokenType != JsonTokenType.StartObject || AreGivenInObject(ref reader);
    }

    // A phase of a promotion returns its steps, each with its own reason; a phase without a step does nothing.
    private static bool AreGivenInObject(ref Utf8JsonReader reader)
    {
        var (reasons, steps, goesOn) = (-1, 0, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("reasons"u8))
            {
                _ = reader.Read();
                reasons = CountReasons(ref reader);
                if (reasons < 0)
                {
                    return false;
                }
            }
            else if (reader.ValueTextEquals("reason"u8))
            {
                _ = reader.Read();
                if (!IsReason(ref reader))
                {
                    return false;
                }
            }
            else
            {
                var isSteps = reader.ValueTextEquals("steps"u8);
                var isStopped = reader.ValueTextEquals("stopped"u8);
                _ = reader.Read();
                goesOn |= isStopped && reader.TokenType == JsonTokenType.False;
                steps = isSteps && reader.TokenType == JsonTokenType.StartArray ? Count(reader) : steps;
                if (!AreGiven(ref reader))
                {
                    return false;
                }
            }
        }

        return reasons != 0 || (goesOn && steps > 0);
    }

    private static int Count(Utf8JsonReader array)
    {
        var count = 0;
        for (; array.Read() && array.TokenType != JsonTokenType.EndArray; count++)
        {
            array.Skip();
        }

        return count;
    }

    /// <returns>-1 if the value is not an array of reasons.</returns>
    private static int CountReasons(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return -1;
        }

        var count = 0;
        for (; reader.Read() && reader.TokenType != JsonTokenType.EndArray; count++)
        {
            if (!IsReason(ref reader))
            {
                return -1;
            }
        }

        return count;
    }

    private static bool IsReason(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        var (code, text) = (false, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isCode = reader.ValueTextEquals("code"u8);
            var isText = reader.ValueTextEquals("text"u8);
            _ = reader.Read();
            code |= isCode && IsSaid(ref reader);
            text |= isText && IsSaid(ref reader);
            reader.Skip();
        }

        return code && text;
    }

    // The first character decides for nearly all texts.
    private static bool IsSaid(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.String
        && ((reader.ValueSpan.Length > 0 && char.IsAsciiLetterOrDigit((char)reader.ValueSpan[0])) || !string.IsNullOrWhiteSpace(reader.GetString()));
}
