using System.Globalization;
using System.Text;
using Automation.LocalCloud.Wire;

namespace Automation.LocalCloud.Sns;

/// <summary>The attributes of a message as a publisher sends them, and what the service allows of them, in its words.</summary>
internal static class PublishedAttributes
{
    private const int MaxNameLength = 256;

    /// <param name="prefix">The prefix of the entry's fields; empty for Publish.</param>
    /// <param name="member">How the service names the list of attributes in a request.</param>
    public static Dictionary<string, (string Type, string Value)> Read(QueryForm form, string prefix, string member)
    {
        var attributes = new Dictionary<string, (string Type, string Value)>(StringComparer.Ordinal);
        foreach (var item in form.Items(prefix + "MessageAttributes.entry"))
        {
            var name = form.Required(item + "Name");
            CheckName(name);
            var type = form.Text(item + "Value.DataType") ?? throw new AwsException("ValidationError",
                $"1 validation error detected: Value null at '{member}.{name}.member.dataType' failed to satisfy constraint: Member must not be null");
            CheckType(name, type);
            var (field, other) = IsBinary(type) ? ("Binary", "String") : ("String", "Binary");
            var value = form.Text($"{item}Value.{field}Value");
            if (value is null && form.Text($"{item}Value.{other}Value") is not null)
            {
                throw Invalid($"The message attribute '{name}' with type '{type}' must use field '{field}'.");
            }

            attributes[name] = (type, value ?? "");
            CheckValue(name, type, value ?? "");
        }

        return attributes;
    }

    public static void Check(IReadOnlyDictionary<string, (string Type, string Value)> attributes)
    {
        foreach (var (name, (type, value)) in attributes)
        {
            CheckName(name);
            CheckType(name, type);
            CheckValue(name, type, value);
        }
    }

    /// <summary>Names, types and values count to the size of their message.</summary>
    public static int Bytes(IReadOnlyDictionary<string, (string Type, string Value)> attributes) => attributes.Sum(
        pair => pair.Key.Length + pair.Value.Type.Length + Encoding.UTF8.GetByteCount(pair.Value.Value));

    public static bool IsBinary(string type) => type.StartsWith("Binary", StringComparison.Ordinal);

    private static void CheckName(string name)
    {
        if (name.Length > MaxNameLength)
        {
            throw Invalid("Length of message attribute name must be less than 256 bytes.");
        }

        if (name.FirstOrDefault(letter => !(char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.')) is var wrong and not '\0')
        {
            throw Invalid(
                $"Invalid non-alphanumeric character '#x{(int)wrong:X}' was found in the message attribute name. "
                + "Can only include alphanumeric characters, hyphens, underscores, or dots.");
        }

        if (name[0] == '.')
        {
            throw Invalid("Invalid message attribute name starting with character '.' was found.");
        }

        if (name[^1] == '.')
        {
            throw Invalid("Invalid message attribute name ending with character '.' was found.");
        }

        if (name.Contains("..", StringComparison.Ordinal))
        {
            throw Invalid("Message attribute name can not have successive '.' character.");
        }
    }

    private static void CheckType(string name, string type)
    {
        if (type.Split('.')[0] is not ("String" or "Number" or "Binary"))
        {
            throw Invalid(
                $"The message attribute '{name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.");
        }
    }

    private static void CheckValue(string name, string type, string value)
    {
        if (value.Length == 0)
        {
            throw Invalid($"The message attribute '{name}' must contain non-empty message attribute value for message attribute type '{type}'.");
        }

        if (type.StartsWith("Number", StringComparison.Ordinal) && !decimal.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _))
        {
            throw Invalid($"Could not cast message attribute '{name}' value to number.");
        }
    }

    private static AwsException Invalid(string message) => new("ParameterValueInvalid", message);
}
