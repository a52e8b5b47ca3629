using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Amazon;
using Amazon.Runtime;

namespace Automation.Shims.Sdk;

/// <summary>
/// Writes the members of AWS JSON bodies. A null member is omitted; an empty list or map is sent. Numbers, times and
/// blobs have the SDK's format: whole seconds since 1970, base64.
/// </summary>
internal static class JsonWriting
{
    public static void WriteMember(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }

    public static void WriteMember(Utf8JsonWriter writer, ReadOnlySpan<byte> name, ConstantClass? value) =>
        WriteMember(writer, name, value?.Value);

    public static void WriteMember(Utf8JsonWriter writer, ReadOnlySpan<byte> name, bool? value)
    {
        if (value is not null)
        {
            writer.WriteBoolean(name, value.Value);
        }
    }

    // Also accepts int?.
    public static void WriteMember(Utf8JsonWriter writer, ReadOnlySpan<byte> name, long? value)
    {
        if (value is not null)
        {
            writer.WriteNumber(name, value.Value);
        }
    }

    public static void WriteMember(Utf8JsonWriter writer, ReadOnlySpan<byte> name, DateTime? value)
    {
        if (value is not null)
        {
            writer.WriteNumber(name, Convert.ToInt64((value.Value.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds));
        }
    }

    /// <summary>Writes the whole stream from its first byte, whatever its position is.</summary>
    public static void WriteMember(Utf8JsonWriter writer, ReadOnlySpan<byte> name, MemoryStream? value)
    {
        if (value is not null)
        {
            writer.WriteBase64String(name, value.TryGetBuffer(out var buffer) ? buffer : value.ToArray());
        }
    }

    public static void WriteMember<T>(
        Utf8JsonWriter writer,
        ReadOnlySpan<byte> name,
        T? value,
        Action<Utf8JsonWriter, T> write)
        where T : class
    {
        if (value is not null)
        {
            writer.WritePropertyName(name);
            write(writer, value);
        }
    }

    public static void WriteMember<T>(
        Utf8JsonWriter writer,
        ReadOnlySpan<byte> name,
        List<T>? value,
        Action<Utf8JsonWriter, T> write)
    {
        if (value is not null && IsMeant(value.Count))
        {
            writer.WriteStartArray(name);
            foreach (var element in value)
            {
                write(writer, element);
            }

            writer.WriteEndArray();
        }
    }

    public static void WriteMember<T>(
        Utf8JsonWriter writer,
        ReadOnlySpan<byte> name,
        Dictionary<string, T>? value,
        Action<Utf8JsonWriter, T> write)
    {
        if (value is not null && IsMeant(value.Count))
        {
            writer.WriteStartObject(name);
            foreach (var (key, element) in value)
            {
                writer.WritePropertyName(key);
                write(writer, element);
            }

            writer.WriteEndObject();
        }
    }

    /// <summary>Writes a random token if the caller gave none; the request object does not change.</summary>
    [SuppressMessage(
        "ApiDesign",
        "RS0030:Do not use banned APIs",
        Justification = "The SDK's contract: a null token becomes a random one. Our own callers pass tokens made from facts.")]
    public static void WriteToken(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value) =>
        writer.WriteString(name, value ?? Guid.NewGuid().ToString());

    public static void WriteString(Utf8JsonWriter writer, string? value) => writer.WriteStringValue(value);

    // With AWSConfigs.InitializeCollections (the v3 behaviour) every collection starts empty, so that empty means "not set".
    private static bool IsMeant(int count) => count > 0 || !AWSConfigs.InitializeCollections;
}
