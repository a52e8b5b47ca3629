using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Amazon.Lambda.Serialization.SystemTextJson.Converters;

namespace Amazon.Lambda.Serialization.SystemTextJson;

/// <summary>
/// The common part of the System.Text.Json serializers: the options, the payload log (<c>LAMBDA_NET_SERIALIZER_DEBUG=true</c>)
/// and <see cref="JsonSerializerException"/>, which wraps every failure.
/// </summary>
public abstract class AbstractLambdaJsonSerializer
{
    private const string DebugVariable = "LAMBDA_NET_SERIALIZER_DEBUG";

    /// <summary>Keeps its buffer from one response to the next.</summary>
    [ThreadStatic]
    private static Utf8JsonWriter _writer;

    private readonly bool _debug;

    /// <param name="jsonWriterCustomizer">
    /// Receives a copy of the writer options (a struct), so its changes have no effect; this is the official package's behaviour.
    /// </param>
    protected AbstractLambdaJsonSerializer(Action<JsonWriterOptions> jsonWriterCustomizer)
    {
        WriterOptions = new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        jsonWriterCustomizer?.Invoke(WriterOptions);
        _debug = string.Equals(Environment.GetEnvironmentVariable(DebugVariable), "true", StringComparison.OrdinalIgnoreCase);
    }

    protected JsonWriterOptions WriterOptions { get; }

    /// <exception cref="JsonSerializerException">The value cannot be written; the cause is the inner exception.</exception>
    public void Serialize<T>(T response, Stream responseStream)
    {
        try
        {
            if (_debug)
            {
                using var copy = new MemoryStream();
                Write(response, copy);
                Console.WriteLine($"Lambda Serialize {typeof(T).FullName}: {System.Text.Encoding.UTF8.GetString(copy.ToArray())}");
                copy.Position = 0;
                copy.CopyTo(responseStream);
            }
            else
            {
                Write(response, responseStream);
            }
        }
        catch (Exception cause)
        {
            throw new JsonSerializerException(
                $"Error converting the response object of type {typeof(T).FullName} from the Lambda function to JSON: {cause.Message}", cause);
        }
    }

    /// <exception cref="JsonSerializerException">The event does not fit the type; the cause is the inner exception.</exception>
    public T Deserialize<T>(Stream requestStream)
    {
        try
        {
            var utf8Json = ReadAll(requestStream);
            if (_debug)
            {
                Console.WriteLine($"Lambda Deserialize {typeof(T).FullName}: {System.Text.Encoding.UTF8.GetString(utf8Json)}");
            }

            return InternalDeserialize<T>(utf8Json);
        }
        catch (Exception cause)
        {
            throw new JsonSerializerException(
                $"Error converting the Lambda event JSON payload to type {typeof(T).FullName}: {cause.Message}", cause);
        }
    }

    /// <summary>
    /// Case-insensitive names, nulls omitted, names unchanged (<see cref="AwsNamingPolicy"/>), and converters for
    /// the values in AWS events: epoch times, base64, byte arrays and the SDK's constant classes.
    /// </summary>
    protected virtual JsonSerializerOptions CreateDefaultJsonSerializationOptions() => new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        PropertyNameCaseInsensitive = true,
        PropertyNamingPolicy = new AwsNamingPolicy(),
        Converters =
        {
            new DateTimeConverter(),
            new MemoryStreamConverter(),
            new ConstantClassConverter(),
            new ByteArrayConverter(),
        },
    };

    protected abstract void InternalSerialize<T>(Utf8JsonWriter writer, T response);

    protected abstract T InternalDeserialize<T>(byte[] utf8Json);

    private static byte[] ReadAll(Stream stream)
    {
        if (stream is MemoryStream memory)
        {
            return memory.TryGetBuffer(out var all) && all.Count == all.Array.Length ? all.Array : memory.ToArray();
        }

        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    private void Write<T>(T response, Stream stream)
    {
        var writer = _writer ??= new Utf8JsonWriter(stream, WriterOptions);
        writer.Reset(stream);
        InternalSerialize(writer, response);
        writer.Flush();
        writer.Reset(Stream.Null);
    }
}
