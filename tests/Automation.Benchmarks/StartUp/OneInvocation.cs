using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Automation.Benchmarks.StartUp;

/// <summary>A Lambda Runtime API with one invocation for each process. The time from its start to its response is the cost of a cold start.</summary>
internal sealed class OneInvocation : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly byte[] _payload;
    private TaskCompletionSource<string> _response = Next();
    private bool _given;

    public OneInvocation(byte[] payload)
    {
        _payload = payload;
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}");
        }

        _listener.Prefixes.Add($"http://{Address}/");
        _listener.Start();
        _ = ServeAsync();
    }

    /// <summary>The value of <c>AWS_LAMBDA_RUNTIME_API</c>.</summary>
    public string Address { get; }

    /// <summary>The response of the process, or the error that it reports.</summary>
    public Task<string> Response => _response.Task;

    public void Reset()
    {
        _given = false;
        _response = Next();
    }

    public void Dispose() => _listener.Close();

    private static TaskCompletionSource<string> Next() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            if (context.Request.HttpMethod == "GET")
            {
                // The second poll of a process gets no response, as in an idle environment.
                if (!_given)
                {
                    _given = true;
                    context.Response.Headers["Lambda-Runtime-Aws-Request-Id"] = "1";
                    context.Response.Headers["Lambda-Runtime-Deadline-Ms"] = "9999999999999";
                    context.Response.Headers["Lambda-Runtime-Invoked-Function-Arn"] = "arn:aws:lambda:us-east-1:123456789012:function:benchmark";
                    context.Response.Close(_payload, willBlock: false);
                }

                continue;
            }

            using var reader = new StreamReader(context.Request.InputStream);
            var body = await reader.ReadToEndAsync();
            context.Response.StatusCode = 202;
            context.Response.Close("{\"status\":\"OK\"}"u8.ToArray(), willBlock: false);
            _response.TrySetResult(body);
        }
    }
}
