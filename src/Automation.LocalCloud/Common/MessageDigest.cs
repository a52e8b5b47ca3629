using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Automation.LocalCloud.Ports;

namespace Automation.LocalCloud.Common;

/// <summary>
/// The MD5 sums in SQS's responses, which clients verify.
/// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
/// </summary>
[SuppressMessage("Security", "CA5351", Justification = "The wire format prescribes MD5; it does not secure anything")]
internal static class MessageDigest
{
    private const byte StringTransport = 1;
    private const byte BinaryTransport = 2;

    public static string OfBody(string body) => Hex(MD5.HashData(Encoding.UTF8.GetBytes(body)));

    /// <summary>In byte order of the names, each attribute adds the length and the name, the length and the data type, one byte for the kind of value, and the
    /// length and the value.</summary>
    public static string? OfAttributes(IReadOnlyDictionary<string, MessageAttribute> attributes)
    {
        if (attributes.Count == 0)
        {
            return null;
        }

        using var stream = new MemoryStream();
        foreach (var (name, attribute) in attributes.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            Write(stream, Encoding.UTF8.GetBytes(name));
            Write(stream, Encoding.UTF8.GetBytes(attribute.DataType));
            stream.WriteByte(attribute.Binary is null ? StringTransport : BinaryTransport);
            Write(stream, attribute.Binary ?? Encoding.UTF8.GetBytes(attribute.Text ?? ""));
        }

        return Hex(MD5.HashData(stream.ToArray()));
    }

    private static void Write(MemoryStream stream, byte[] bytes)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
        stream.Write(length);
        stream.Write(bytes);
    }

    private static string Hex(byte[] hash) => Convert.ToHexStringLower(hash);
}
