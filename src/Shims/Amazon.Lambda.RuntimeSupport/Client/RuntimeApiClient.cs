using System.Net;
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
    internal const string Version = "/2018-06-01";
    private const int HeaderLimitInBytes = 1024 * 1024;
    private const string EndpointVariable = "AWS_LAMBDA_RUNTIME_API";

    private readonly LambdaEnvironment _environment;
    private readonly string _endpoint;
    private readonly IRuntimeApiTransport _transport;
    private readonly LogLevelLoggerWriter _log;
    private readonly TimeProvider _time;

    public RuntimeApiClient(HttpClient httpClient)
        : this(LambdaEnvironment.OfProcess(), null, new HttpClientTransport(httpClient), LogLevelLoggerWriter.OfProcess(), TimeProvider.System)
    {
    }

    internal RuntimeApiClient(
        LambdaEnvironment environment, string endpoint, IRuntimeApiTransport transport, LogLevelLoggerWriter log, TimeProvider time)
    {
        _environment = environment;
        _endpoint = endpoint ?? environment.RuntimeServerHostAndPort;
        _transport = transport;
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
        var answer = await SendAsync(new RuntimeApiCall("GET", "/runtime/invocation/next"), cancellationToken);
        if (answer.Status is not ((int)HttpStatusCode.OK or (int)HttpStatusCode.NoContent))
        {
            throw Refusal(answer, HttpStatusCode.Forbidden);
        }

        var invocation = new InvocationHeaders(answer.Headers);
        _environment.SetTraceId(invocation.TraceId);
        _log.SetInvocation(invocation.AwsRequestId, invocation.TraceId, invocation.TenantId);
        return new InvocationRequest(
            new MemoryStream(answer.Body, 0, answer.Body.Length, writable: false, publiclyVisible: true),
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
        var answer = await SendAsync(
            new RuntimeApiCall("POST", $"/runtime/invocation/{Uri.EscapeDataString(awsRequestId)}/response")
            {
                ContentType = "application/json",
                Body = outputStream,
            },
            cancellationToken);
        if (answer.Status is not ((int)HttpStatusCode.Accepted or (int)HttpStatusCode.OK or (int)HttpStatusCode.NoContent))
        {
            throw Refusal(answer, HttpStatusCode.BadRequest, HttpStatusCode.Forbidden, HttpStatusCode.RequestEntityTooLarge);
        }
    }

    /// <summary>Logs an exception as an error if nothing else reports it.</summary>
    internal void LogUnhandled(Exception exception) => _log.Write("Error", exception, "", []);

    private async Task ReportAsync(
        string path, string errorType, string body, string xrayCause, CancellationToken cancellationToken)
    {
        var headers = new List<(string, string)>();
        if (errorType is not null)
        {
            headers.Add(("Lambda-Runtime-Function-Error-Type", errorType));
        }

        if (xrayCause is not null && Encoding.UTF8.GetByteCount(xrayCause) < HeaderLimitInBytes)
        {
            headers.Add(("Lambda-Runtime-Function-XRay-Error-Cause", xrayCause));
        }

        using var content = new MemoryStream(Encoding.UTF8.GetBytes(body));
        var answer = await SendAsync(
            new RuntimeApiCall("POST", path) { ContentType = "application/vnd.aws.lambda.error+json", Body = content, Headers = headers }, cancellationToken);
        if (answer.Status == (int)HttpStatusCode.Accepted)
        {
            // The service answers {"status":"OK"}. Any other body does not come from the Runtime API.
            _ = Parse(answer, RuntimeApiJson.Default.StatusResponse);
        }
        else if (answer.Status is not ((int)HttpStatusCode.OK or (int)HttpStatusCode.NoContent))
        {
            throw Refusal(answer, HttpStatusCode.BadRequest, HttpStatusCode.Forbidden);
        }
    }

    /// <summary>Whether calls block their thread; see <see cref="IRuntimeApiTransport.IsBlocking"/>.</summary>
    internal bool IsBlocking => _transport.IsBlocking;

    private ValueTask<RuntimeApiAnswer> SendAsync(RuntimeApiCall call, CancellationToken cancellationToken) =>
        string.IsNullOrEmpty(_endpoint)
            ? throw new InvalidOperationException(
                $"{EndpointVariable} is not set: this executable is a Lambda function and must be started by a Lambda runtime.")
            : _transport.SendAsync(_endpoint, call, cancellationToken);

    private static RuntimeApiClientException Refusal(RuntimeApiAnswer answer, params HttpStatusCode[] explained)
    {
        var status = (HttpStatusCode)answer.Status;
        if (status == HttpStatusCode.InternalServerError)
        {
            return Failure(answer, "Container error. Non-recoverable state. Runtime should exit promptly.");
        }

        if (!explained.Contains(status))
        {
            return Failure(answer, $"The HTTP status code of the response was not expected ({answer.Status}).");
        }

        var error = Parse(answer, RuntimeApiJson.Default.ErrorResponse);
        var message = status switch
        {
            HttpStatusCode.BadRequest => "Bad Request",
            HttpStatusCode.Forbidden => "Forbidden",
            _ => "Payload Too Large",
        };
        return new RuntimeApiClientException<ErrorResponse>(message, answer.Status, Text(answer), Headers(answer), error, null);
    }

    private static T Parse<T>(RuntimeApiAnswer answer, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(answer.Body, type);
        }
        catch (JsonException cause)
        {
            throw Failure(answer, "Could not deserialize the response body.", cause);
        }
    }

    private static RuntimeApiClientException Failure(RuntimeApiAnswer answer, string message, Exception cause = null) =>
        new(message, answer.Status, Text(answer), Headers(answer), cause);

    private static string Text(RuntimeApiAnswer answer) => Encoding.UTF8.GetString(answer.Body);

    private static Dictionary<string, IEnumerable<string>> Headers(RuntimeApiAnswer answer) =>
        answer.Headers.ToDictionary(header => header.Key, header => (IEnumerable<string>)[header.Value]);
}
