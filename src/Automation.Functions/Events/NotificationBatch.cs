using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Automation.Core;
using Automation.Functions.Triggers;

namespace Automation.Functions.Events;

/// <summary>
/// The event that SNS, or the rule for cancelled builds, sends to BuildNotification:
/// <code>
/// {"Records":[{"EventSource":"aws:sns","Sns":{"Timestamp":"2026-01-05T08:21:00.000Z","Message":"{\"arn\":\"arn:aws:imagebuilder:…\"}",…}}]}
/// </code>
/// The records are not bound to a type. Otherwise one malformed record would make the serializer fail, and the others would be lost too.
/// https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
/// </summary>
public sealed record NotificationBatch
{
    [JsonPropertyName("Records")]
    public JsonElement Records { get; init; }
}

/// <summary>One record of a <see cref="NotificationBatch"/>.</summary>
/// <param name="Arn">The ARN of the build that ended.</param>
/// <param name="Time">When SNS accepted the message; null if it does not say.</param>
internal sealed record Notification(string Arn, DateTimeOffset? Time)
{
    /// <summary>Messages cannot be older or newer than this.</summary>
    private static readonly (int First, int Last) Years = (1970, 2199);

    /// <exception cref="InvalidEventException">The record has another shape. The message names the wrong member.</exception>
    public static Notification Read(JsonElement record)
    {
        if (record.ValueKind != JsonValueKind.Object || !record.TryGetProperty("Sns", out var sns))
        {
            throw new InvalidEventException($"It lacks \"Sns\": expected an SNS record, not {Shape(record)}.");
        }

        if (sns.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidEventException($"Its \"Sns\" is {Shape(sns)}, not an object.");
        }

        var message = sns.TryGetProperty("Message", out var given) ? given : default;
        if (message.ValueKind is not (JsonValueKind.String or JsonValueKind.Undefined or JsonValueKind.Null))
        {
            throw new InvalidEventException($"Its \"Sns.Message\" is {Shape(message)}, not a text.");
        }

        return new Notification(BuildMessage.ReadArn(Text(message)), TimeOf(sns));
    }

    private static DateTimeOffset? TimeOf(JsonElement sns)
    {
        if (!sns.TryGetProperty("Timestamp", out var given) || given.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return given.ValueKind == JsonValueKind.String
            && DateTimeOffset.TryParse(
                Text(given), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            && time.Year >= Years.First && time.Year <= Years.Last
            ? time
            : throw new InvalidEventException("Its \"Sns.Timestamp\" is not a time: expected one such as 2026-01-05T08:21:00.000Z.");
    }

    private static string? Text(JsonElement element)
    {
        try
        {
            return element.ValueKind == JsonValueKind.String ? element.GetString() : null;
        }
        catch (InvalidOperationException e)
        {
            // Text that is not valid Unicode, such as "\ud800".
            throw new InvalidEventException($"A text in it cannot be read: {e.Message}", e);
        }
    }

    private static string Shape(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object without it",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "true or false",
        JsonValueKind.Null => "null",
        _ => "nothing",
    };
}
