using System.Text.Json.Nodes;
using Automation.LocalCloud.Ports;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Sqs;

/// <summary>The attributes of messages in requests and responses.
/// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html</summary>
internal static class MessageAttributes
{
    /// <summary>Reads <c>{"name":{"DataType":"String","StringValue":"…"}}</c>, Binary values in base64.</summary>
    public static Dictionary<string, MessageAttribute> Read(JsonObject entry, string member)
    {
        var attributes = new Dictionary<string, MessageAttribute>(StringComparer.Ordinal);
        foreach (var (name, node) in entry.Object(member) ?? [])
        {
            var value = node as JsonObject ?? throw new AwsException("InvalidParameterValue", $"The message attribute '{name}' is not valid.");
            CheckName(name);
            var type = value.Required("DataType");
            var binary = type.StartsWith("Binary", StringComparison.Ordinal);
            var text = value.Text(binary ? "BinaryValue" : "StringValue");
            if (string.IsNullOrEmpty(text)
                || !(binary || type.StartsWith("String", StringComparison.Ordinal) || type.StartsWith("Number", StringComparison.Ordinal)))
            {
                throw new AwsException(
                    "InvalidParameterValue", $"The message attribute '{name}' must contain a non-empty message attribute value of a supported type.");
            }

            attributes[name] = binary ? new MessageAttribute(type, null, Base64(name, text)) : new MessageAttribute(type, text);
        }

        return attributes;
    }

    public static JsonObject Write(Dictionary<string, MessageAttribute> attributes)
    {
        var json = new JsonObject();
        foreach (var (name, attribute) in attributes)
        {
            json[name] = attribute.Binary is null
                ? new JsonObject { ["DataType"] = attribute.DataType, ["StringValue"] = attribute.Text }
                : new JsonObject { ["DataType"] = attribute.DataType, ["BinaryValue"] = Convert.ToBase64String(attribute.Binary) };
        }

        return json;
    }

    private static void CheckName(string name)
    {
        if (name.Length is 0 or > 256
            || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.')
            || name[0] == '.'
            || name[^1] == '.'
            || name.Contains("..", StringComparison.Ordinal)
            || name.StartsWith("AWS.", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("Amazon.", StringComparison.OrdinalIgnoreCase))
        {
            throw new AwsException(
                "InvalidParameterValue",
                $"Message (user) attribute name '{name}' is invalid. A name must have 1 to 256 characters A-Z, a-z, 0-9, '_', '-' and '.', must not begin or end with '.' or contain '..', and must not begin with 'AWS.' or 'Amazon.'.");
        }
    }

    private static byte[] Base64(string name, string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length)
            ? bytes[..length]
            : throw new AwsException("InvalidParameterValue", $"The message attribute '{name}' is not valid base64.");
    }
}
