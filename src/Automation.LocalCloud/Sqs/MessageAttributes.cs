using System.Globalization;
using System.Text;
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
            var value = node as JsonObject ?? throw Invalid($"The message attribute '{name}' is not valid.");
            if (!IsName(name))
            {
                throw Invalid(
                    $"Message (user) attribute name '{name}' is invalid. A name must have 1 to 256 characters A-Z, a-z, 0-9, '_', '-' and '.', must not begin or end with '.' or contain '..', and must not begin with 'AWS.' or 'Amazon.'.");
            }

            var type = value.Required("DataType");
            if (type.Split('.')[0] is not ("Binary" or "Number" or "String"))
            {
                throw Invalid(
                    $"The type of message (user) attribute '{name}' is invalid. You must use only the following supported type prefixes: Binary, Number, String.");
            }

            var binary = type.StartsWith("Binary", StringComparison.Ordinal);
            if (value.Text(binary ? "BinaryValue" : "StringValue") is not { Length: > 0 } text)
            {
                throw Invalid($"Message (user) attribute '{name}' must contain a non-empty value of type '{(binary ? "Binary" : "String")}'.");
            }

            if (type.StartsWith("Number", StringComparison.Ordinal) && !decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _))
            {
                throw Invalid($"Can't cast the value of message (user) attribute '{name}' to a number.");
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

    /// <summary>How many bytes the attributes of a message count to its size, whether they are valid or not.</summary>
    public static int Bytes(JsonObject entry) => (entry["MessageAttributes"] as JsonObject ?? []).Sum(attribute => Encoding.UTF8.GetByteCount(attribute.Key)
        + (attribute.Value as JsonObject ?? []).Sum(member => member.Value is JsonValue value
            ? member.Key == "BinaryValue" ? value.ToString().Length * 3 / 4 : Encoding.UTF8.GetByteCount(value.ToString())
            : 0));

    public static bool IsName(string name) =>
        name.Length is > 0 and <= 256
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.')
        && name[0] != '.'
        && name[^1] != '.'
        && !name.Contains("..", StringComparison.Ordinal)
        && !name.StartsWith("AWS.", StringComparison.OrdinalIgnoreCase)
        && !name.StartsWith("Amazon.", StringComparison.OrdinalIgnoreCase);

    private static AwsException Invalid(string message) => new("InvalidParameterValue", message);

    private static byte[] Base64(string name, string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length)
            ? bytes[..length]
            : throw Invalid($"The message attribute '{name}' is not valid base64.");
    }
}
