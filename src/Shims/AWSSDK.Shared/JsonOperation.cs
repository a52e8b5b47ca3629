using System.Buffers;
using System.Net;
using System.Text.Json;
using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;
using Amazon.Runtime.Internal.Util;

namespace Automation.Shims.Sdk;

/// <summary>
/// One operation of a JSON service for AWSSDK.Core's pipeline: the request marshaller and the response unmarshaller in one
/// object. It has no state. Each operation has one instance, created at its first call.
/// </summary>
/// <remarks>
/// The official packages have two public classes per operation in <c>Model.Internal.MarshallTransformations</c>. Those are an
/// implementation detail of the SDK's generator, so one internal class replaces them here.
/// </remarks>
internal abstract class JsonOperation : JsonResponseUnmarshaller, IMarshaller<IRequest, AmazonWebServiceRequest>
{
    // The buffer for a response without Content-Length starts at this size and doubles.
    private const int FirstBuffer = 16 * 1024;

    public abstract IRequest Marshall(AmazonWebServiceRequest input);

    /// <exception cref="JsonException">
    /// The body is empty, truncated or not JSON. Core wraps the exception in an <see cref="AmazonUnmarshallingException"/> and retries.
    /// </exception>
    public sealed override AmazonWebServiceResponse Unmarshall(JsonUnmarshallerContext input)
    {
        if (!HasResponseBody)
        {
            return NewEmptyResponse();
        }

        var buffer = ReadBody(input, out var length);
        try
        {
            var reader = new Utf8JsonReader(
                buffer.AsSpan(0, length),
                new JsonReaderOptions { MaxDepth = input.JsonMaxDepth });
            reader.Read();
            return ReadResponse(ref reader) ?? NewEmptyResponse();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // HTTP/1.1 400   x-amzn-ErrorType: KmsException   {"message":"…","kmsError":"…"}
    public sealed override AmazonServiceException UnmarshallException(
        JsonUnmarshallerContext input,
        Exception innerException,
        HttpStatusCode statusCode)
    {
        var reader = new StreamingUtf8JsonReader(
            input.Stream,
            AWSConfigs.StreamingUtf8JsonReaderBufferSize ?? 4096,
            input.JsonMaxDepth);
        var error = JsonErrorResponseUnmarshaller.GetInstance().Unmarshall(input, ref reader);
        error.InnerException = innerException;
        error.StatusCode = statusCode;
        return Declares(error.Code) ? NewException(error, input.GetResponseBodyBytes()) : NewServiceException(error);
    }

    protected virtual bool HasResponseBody => true;

    protected abstract AmazonWebServiceResponse NewEmptyResponse();

    /// <summary>Reads the body's value; null for a JSON null.</summary>
    protected virtual AmazonWebServiceResponse? ReadResponse(ref Utf8JsonReader reader) => null;

    /// <summary>Whether the service's model lists the code for this operation. All other codes give the base exception.</summary>
    protected abstract bool Declares(string? errorCode);

    protected abstract AmazonServiceException NewException(ErrorResponse error, byte[] body);

    protected abstract AmazonServiceException NewServiceException(ErrorResponse error);

    /// <summary>Writes <paramref name="value"/> into the body; the request owns the pooled memory.</summary>
    protected static void SetBody<T>(IRequest request, T value, Action<Utf8JsonWriter, T> write)
    {
        var body = new PooledContentStream();
        request.ContentStream = body;
        using var writer = new Utf8JsonWriter(body.BufferWriter);
        write(writer, value);
    }

    private static byte[] ReadBody(JsonUnmarshallerContext context, out int length)
    {
        var announced = context.ResponseData.ContentLength;
        var buffer = ArrayPool<byte>.Shared.Rent(announced is > 0 and < int.MaxValue ? (int)announced + 1 : FirstBuffer);
        length = 0;
        try
        {
            for (; ; )
            {
                var read = context.Stream.Read(buffer, length, buffer.Length - length);
                if (read == 0)
                {
                    return buffer;
                }

                length += read;
                if (length == buffer.Length)
                {
                    var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
                    buffer.AsSpan(0, length).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }
            }
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }
}
