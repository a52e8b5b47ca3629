using System.Runtime.CompilerServices;
using System.Text;
using Amazon.Lambda.RuntimeSupport.Bootstrap;
using Amazon.Lambda.RuntimeSupport.Helpers;

namespace Amazon.Lambda.RuntimeSupport;

/// <summary>
/// The main loop of a Lambda function's process: it initialises, then repeatedly polls the Runtime API, calls the handler and responds.
/// </summary>
/// <remarks>
/// <para>The loop ends on cancellation, on SIGTERM (it stops polling, finishes the current invocation, responds, and
/// <see cref="RunAsync"/> returns), with the run-once variable, or on an exception. An exception of the handler is
/// reported and does not end the loop; an exception of a Runtime API call (such as a response refused with 413) does.</para>
/// <para>Two features are refused with an error: SnapStart (<c>AWS_LAMBDA_INITIALIZATION_TYPE=snap-start</c>) and concurrent
/// invocations (<c>AWS_LAMBDA_MAX_CONCURRENCY</c>). Pre-JIT and response streaming are not implemented.</para>
/// <para>Source: AWS Lambda developer guide, "Using the Lambda runtime API for custom runtimes".</para>
/// </remarks>
public class LambdaBootstrap : IDisposable
{
    private const string RunOnceVariable = "AWS_LAMBDA_DOTNET_DEBUG_RUN_ONCE";

    /// <summary>A poll may hang while the environment is frozen.</summary>
    private static readonly TimeSpan HttpTimeout = TimeSpan.FromHours(12);

    private readonly IRuntimeApiTransport _transport;
    private readonly LambdaBootstrapHandler _handler;
    private readonly LambdaBootstrapInitializer _initializer;
    private readonly LambdaEnvironment _environment;
    private bool _disposed;

    public LambdaBootstrap(HttpClient httpClient, LambdaBootstrapHandler handler, LambdaBootstrapInitializer initializer = null)
        : this(Of(httpClient), handler, null, initializer)
    {
    }

    public LambdaBootstrap(
        HttpClient httpClient,
        LambdaBootstrapHandler handler,
        LambdaBootstrapOptions lambdaBootstrapOptions,
        LambdaBootstrapInitializer initializer = null)
        : this(Of(httpClient), handler, lambdaBootstrapOptions, initializer)
    {
    }

    public LambdaBootstrap(LambdaBootstrapHandler handler, LambdaBootstrapInitializer initializer = null)
        : this(new SocketTransport(UserAgent()), handler, null, initializer)
    {
    }

    public LambdaBootstrap(
        LambdaBootstrapHandler handler, LambdaBootstrapOptions lambdaBootstrapOptions, LambdaBootstrapInitializer initializer = null)
        : this(new SocketTransport(UserAgent()), handler, lambdaBootstrapOptions, initializer)
    {
    }

    public LambdaBootstrap(HandlerWrapper handlerWrapper, LambdaBootstrapInitializer initializer = null)
        : this(new SocketTransport(UserAgent()), handlerWrapper.Handler, null, initializer)
    {
    }

    public LambdaBootstrap(
        HandlerWrapper handlerWrapper, LambdaBootstrapOptions lambdaBootstrapOptions, LambdaBootstrapInitializer initializer = null)
        : this(new SocketTransport(UserAgent()), handlerWrapper.Handler, lambdaBootstrapOptions, initializer)
    {
    }

    public LambdaBootstrap(HttpClient httpClient, HandlerWrapper handlerWrapper, LambdaBootstrapInitializer initializer = null)
        : this(Of(httpClient), handlerWrapper.Handler, null, initializer)
    {
    }

    public LambdaBootstrap(
        HttpClient httpClient,
        HandlerWrapper handlerWrapper,
        LambdaBootstrapOptions lambdaBootstrapOptions,
        LambdaBootstrapInitializer initializer = null)
        : this(Of(httpClient), handlerWrapper.Handler, lambdaBootstrapOptions, initializer)
    {
    }

    /// <summary>For tests: every external dependency is an argument.</summary>
    internal LambdaBootstrap(
        RuntimeApiClient client, LambdaEnvironment environment, LambdaBootstrapHandler handler, LambdaBootstrapInitializer initializer)
    {
        Client = client;
        _environment = environment;
        _handler = handler;
        _initializer = initializer;
    }

    private LambdaBootstrap(
        IRuntimeApiTransport transport, LambdaBootstrapHandler handler, LambdaBootstrapOptions options, LambdaBootstrapInitializer initializer)
    {
        _transport = transport;
        _handler = handler ?? throw new ArgumentNullException(nameof(handler));
        _initializer = initializer;
        _environment = LambdaEnvironment.OfProcess();
        Client = new RuntimeApiClient(
            _environment, options?.RuntimeApiEndpoint, transport, LogLevelLoggerWriter.OfProcess(), TimeProvider.System);
    }

    internal RuntimeApiClient Client { get; }

    /// <summary>Runs until cancelled; see the remarks of the class. If the caller gave no client, it polls on the calling thread.</summary>
    /// <exception cref="RuntimeApiClientException">The Runtime API refused a report or a response.</exception>
    /// <exception cref="NotSupportedException">The environment asks for SnapStart or concurrent invocations.</exception>
    public async Task RunAsync(CancellationToken cancellationToken = default)
    {
        RefuseWhatIsNotSupported();
        HeapLimit.Apply(_environment);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var signal = TerminationSignal.Cancels(stopping);

        if (_initializer is not null && !await InitializeAsync())
        {
            return;
        }

        var runOnce = string.Equals(_environment.Get(RunOnceVariable), "true", StringComparison.OrdinalIgnoreCase);
        while (!stopping.IsCancellationRequested)
        {
            using var invocation = await NextAsync(stopping.Token);
            if (invocation is null)
            {
                continue;
            }

            await InvokeAsync(invocation);
            if (runOnce)
            {
                return;
            }
        }
    }

    /// <summary>The HTTP client for the Runtime API. Its user agent names the runtime and the client version; it sends header values as UTF-8.</summary>
    public static HttpClient ConstructHttpClient()
    {
#pragma warning disable CA2000 // the client disposes its handler
        var client = new HttpClient(new SocketsHttpHandler { RequestHeaderEncodingSelector = static (_, _) => Encoding.UTF8 });
#pragma warning restore CA2000
        client.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", UserAgent());
        return client;
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (!_disposed && disposing)
        {
            _transport?.Dispose();
        }

        _disposed = true;
    }

    private static HttpClientTransport Of(HttpClient httpClient)
    {
        (httpClient ?? throw new ArgumentNullException(nameof(httpClient))).Timeout = HttpTimeout;
        return new HttpClientTransport(httpClient);
    }

    private static string UserAgent()
    {
        var version = typeof(LambdaBootstrap).Assembly.GetName().Version;
        var aot = RuntimeFeature.IsDynamicCodeSupported ? string.Empty : "-aot";
        return $"aws-lambda-dotnet/{Environment.Version}-{version}{aot}";
    }

    private async Task<bool> InitializeAsync()
    {
        try
        {
            return await _initializer();
        }
        catch (Exception failure)
        {
            Client.LogUnhandled(failure);
            await Client.ReportInitializationErrorAsync(failure);
            throw;
        }
    }

    /// <returns>
    /// Null when the poll was cancelled. If we cancelled it, the loop ends. If the HTTP timeout did, because the environment was
    /// frozen for a long time, the loop polls again.
    /// </returns>
    private async Task<InvocationRequest> NextAsync(CancellationToken stopping)
    {
        try
        {
            return await Client.GetNextInvocationAsync(stopping);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private async Task InvokeAsync(InvocationRequest invocation)
    {
        var requestId = invocation.LambdaContext.AwsRequestId;
        InvocationResponse response;
        try
        {
            var handling = _handler(invocation);
            if (Client.IsBlocking && !handling.IsCompleted)
            {
                // Otherwise the next poll would block a thread of the pool, which would start others in its place.
                ((IAsyncResult)handling).AsyncWaitHandle.WaitOne();
            }

            response = await handling;
        }
        catch (Exception failure)
        {
            Client.LogUnhandled(failure);
            await Client.ReportInvocationErrorAsync(requestId, failure);
            return;
        }

        try
        {
            await Client.SendResponseAsync(requestId, response?.OutputStream);
        }
        finally
        {
            if (response is { DisposeOutputStream: true, OutputStream: not null })
            {
                await response.OutputStream.DisposeAsync();
            }
        }
    }

    private void RefuseWhatIsNotSupported()
    {
        if (_environment.Get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start")
        {
            throw new NotSupportedException(
                "SnapStart (AWS_LAMBDA_INITIALIZATION_TYPE=snap-start) is not supported by this Lambda runtime client.");
        }

        if (!string.IsNullOrEmpty(_environment.Get("AWS_LAMBDA_MAX_CONCURRENCY")))
        {
            throw new NotSupportedException(
                "Concurrent invocations (AWS_LAMBDA_MAX_CONCURRENCY) are not supported by this Lambda runtime client.");
        }
    }
}
