using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Amazon.Lambda.RuntimeSupport.ExceptionHandling;
using Amazon.Lambda.RuntimeSupport.Helpers;

namespace Amazon.Lambda.RuntimeSupport;

/// <summary>Client of the Lambda Runtime API, version 2018-06-01, over plain HTTP.</summary>
/// <remarks>The constructor redirects the process's console to the function's log.</remarks>
public class RuntimeApiClient : IRuntimeApiClient
{
    private const int HeaderLimitInBytes = 1024 * 1024;
    private const string EndpointVariable = "AWS_LAMBDA_RUNTIME_API";

    private readonly LambdaEnvironment _environment;
    private readonly string _endpoint;
    private readonly HttpClient _httpClient;
    private readonly LogLevelLoggerWriter _log;
    private readonly TimeProvider _time;

    public RuntimeApiClient(HttpClient httpClient)
        : this(LambdaEnvironment.OfProcess(), null, httpClient, LogLevelLoggerWriter.OfProcess(), TimeProvider.System)
    {
    }

    internal RuntimeApiClient(
        LambdaEnvironment environment, string endpoint, HttpClient httpClient, LogLevelLoggerWriter log, TimeProvider time)
    {
        _environment = environment;
        _endpoint = endpoint ?? environment.RuntimeServerHostAndPort;
        _httpClient = httpClient;
        _log = log;
        _time = time;
    }

    public Task ReportInitializationErrorAsync(Exception exception, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return ReportAsync("/runtime/init/error", null, ExceptionJson.Write(exception), null, cancellationToken);
    }

    public Task ReportInitializationErrorAsync(string errorType, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(errorType);
        return ReportAsync("/runtime/init/error", errorType, string.Empty, null, cancellationToken);
    }

    public async Task<InvocationRequest> GetNextInvocationAsync(CancellationToken cancellationToken = default)
    {
        using var request = Request(HttpMethod.Get, "/runtime/invocation/next");
        using var response = await _httpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        var headers = Headers(response);
        if (response.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.NoContent))
        {
            throw await RefusalAsync(response, headers, cancellationToken, HttpStatusCode.Forbidden);
        }

        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        var invocation = new InvocationHeaders(headers);
        _environment.SetTraceId(invocation.TraceId);
        _log.SetInvocation(invocation.AwsRequestId, invocation.TraceId, invocation.TenantId);
        return new InvocationRequest(
            new MemoryStream(body, 0, body.Length, writable: false, publiclyVisible: true),
            new LambdaContext(invocation, _environment, new LambdaConsoleLogger(_log), _time));
    }

    public Task ReportInvocationErrorAsync(
        string awsRequestId, Exception exception, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(awsRequestId);
        ArgumentNullException.ThrowIfNull(exception);
        return ReportAsync(
            $"/runtime/invocation/{Uri.EscapeDataString(awsRequestId)}/error",
            exception.GetType().Name,
            ExceptionJson.Write(exception),
            XRayCause.Write(exception),
            cancellationToken);
    }

    public async Task SendResponseAsync(string awsRequestId, Stream outputStream, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(awsRequestId);
        using var request = Request(HttpMethod.Post, $"/runtime/invocation/{Uri.EscapeDataString(awsRequestId)}/response");
        request.Content = outputStream is null ? new ByteArrayContent([]) : new BorrowedStreamContent(outputStream);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");

        using var response = await _httpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.StatusCode is not (HttpStatusCode.Accepted or HttpStatusCode.OK or HttpStatusCode.NoContent))
        {
            throw await RefusalAsync(
                response,
                Headers(response),
                cancellationToken,
                HttpStatusCode.BadRequest,
                HttpStatusCode.Forbidden,
                HttpStatusCode.RequestEntityTooLarge);
        }
    }

    /// <summary>Logs an exception as an error if nothing else reports it.</summary>
    internal void LogUnhandled(Exception exception) => _log.Write("Error", exception, "", []);

    private async Task ReportAsync(
        string path, string errorType, string body, string xrayCause, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Post, path);
        request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/vnd.aws.lambda.error+json");
        if (errorType is not null)
        {
            request.Headers.TryAddWithoutValidation("Lambda-Runtime-Function-Error-Type", errorType);
        }

        if (xrayCause is not null && Encoding.UTF8.GetByteCount(xrayCause) < HeaderLimitInBytes)
        {
            request.Headers.TryAddWithoutValidation("Lambda-Runtime-Function-XRay-Error-Cause", xrayCause);
        }

        using var response = await _httpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        var headers = Headers(response);
        if (response.StatusCode == HttpStatusCode.Accepted)
        {
            // The service answers {"status":"OK"}. Any other body does not come from the Runtime API.
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            _ = Parse(text, RuntimeApiJson.Default.StatusResponse, response.StatusCode, headers);
        }
        else if (response.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.NoContent))
        {
            throw await RefusalAsync(response, headers, cancellationToken, HttpStatusCode.BadRequest, HttpStatusCode.Forbidden);
        }
    }

    private HttpRequestMessage Request(HttpMethod method, string path)
    {
        if (string.IsNullOrEmpty(_endpoint))
        {
            throw new InvalidOperationException(
                $"{EndpointVariable} is not set: this executable is a Lambda function and must be started by a Lambda runtime.");
        }

        var request = new HttpRequestMessage(method, $"http://{_endpoint}/2018-06-01{path}");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        return request;
    }

    private static Dictionary<string, IEnumerable<string>> Headers(HttpResponseMessage response)
    {
        var headers = new Dictionary<string, IEnumerable<string>>();
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers))
        {
            headers[name] = values;
        }

        return headers;
    }

    private static async Task<RuntimeApiClientException> RefusalAsync(
        HttpResponseMessage response,
        Dictionary<string, IEnumerable<string>> headers,
        CancellationToken cancellationToken,
        params HttpStatusCode[] explained)
    {
        var status = response.StatusCode;
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        if (status == HttpStatusCode.InternalServerError)
        {
            return new RuntimeApiClientException(
                "Container error. Non-recoverable state. Runtime should exit promptly.", (int)status, text, headers, null);
        }

        if (!explained.Contains(status))
        {
            return new RuntimeApiClientException(
                $"The HTTP status code of the response was not expected ({(int)status}).", (int)status, text, headers, null);
        }

        var error = Parse(text, RuntimeApiJson.Default.ErrorResponse, status, headers);
        var message = status switch
        {
            HttpStatusCode.BadRequest => "Bad Request",
            HttpStatusCode.Forbidden => "Forbidden",
            _ => "Payload Too Large",
        };
        return new RuntimeApiClientException<ErrorResponse>(message, (int)status, text, headers, error, null);
    }

    private static T Parse<T>(
        string text, JsonTypeInfo<T> type, HttpStatusCode status, Dictionary<string, IEnumerable<string>> headers)
    {
        try
        {
            return JsonSerializer.Deserialize(text, type);
        }
        catch (JsonException cause)
        {
            throw new RuntimeApiClientException("Could not deserialize the response body.", (int)status, text, headers, cause);
        }
    }

    /// <summary>Sends a stream that belongs to the handler, from its current position and with its length, and does not dispose it.</summary>
    private sealed class BorrowedStreamContent(Stream stream) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream target, TransportContext context) => stream.CopyToAsync(target);

        protected override bool TryComputeLength(out long length)
        {
            length = stream.CanSeek ? stream.Length - stream.Position : 0;
            return stream.CanSeek;
        }
    }
}
