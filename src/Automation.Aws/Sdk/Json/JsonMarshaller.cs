using System.Buffers;
using System.Net;
using System.Text.Json;
using Amazon.Runtime;
using Amazon.Runtime.Internal;
using Amazon.Runtime.Internal.Transform;
using Amazon.Runtime.Internal.Util;

namespace Automation.Aws.Sdk.Json;

/// <summary>Writes a <see cref="JsonCall"/> and reads its answer, as the service's protocol says.</summary>
internal sealed class JsonMarshaller(JsonApi api) : JsonResponseUnmarshaller, IMarshaller<IRequest, AmazonWebServiceRequest>
{
    public IRequest Marshall(AmazonWebServiceRequest input)
    {
        var call = (JsonCall)input;
        var request = new DefaultRequest(call, api.ServiceId) { HttpMethod = call.Method, ResourcePath = call.Path };
        if (api.TargetPrefix is { } prefix)
        {
            request.Headers["X-Amz-Target"] = $"{prefix}.{call.Operation}";
        }

        foreach (var values in call.Query.Where(each => each.Value is not null).GroupBy(each => each.Name, each => each.Value!))
        {
            request.ParameterCollection.Add(values.Key, values.ToList());
            request.UseQueryString = true;
        }

        if (call.Method == "POST")
        {
            request.Headers["Content-Type"] = api.TargetPrefix is null ? "application/json" : api.ContentType;
            request.Content = Body(call);
        }

        return request;
    }

    /// <exception cref="JsonException">The body is not valid JSON. The pipeline turns it into an <see cref="AmazonUnmarshallingException"/>.</exception>
    public override AmazonWebServiceResponse Unmarshall(JsonUnmarshallerContext input) => new JsonAnswer(JsonDocument.Parse(input.Stream));

    public override AmazonServiceException UnmarshallException(JsonUnmarshallerContext input, Exception innerException, HttpStatusCode statusCode)
    {
        var reader = new StreamingUtf8JsonReader(input.Stream);
        var error = JsonErrorResponseUnmarshaller.GetInstance().Unmarshall(input, ref reader);
        return new AmazonServiceException(error.Message, innerException, error.Type, error.Code, error.RequestId, statusCode);
    }

    private static byte[] Body(JsonCall call)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartObject();
            call.Body?.Invoke(writer);
            writer.WriteEndObject();
        }

        return body.WrittenSpan.ToArray();
    }
}
