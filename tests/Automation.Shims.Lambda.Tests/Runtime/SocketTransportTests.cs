using System.Net;
using System.Net.Sockets;
using System.Text;
using Amazon.Lambda.RuntimeSupport;
using Xunit;

namespace Automation.Shims.Lambda.Tests.Runtime;

/// <summary>The runtime client's own HTTP, byte by byte against a server that follows a script.</summary>
public sealed class SocketTransportTests : IDisposable
{
    private const string Accepted = "HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nOK";
    private static readonly RuntimeApiCall Next = new("GET", "/runtime/invocation/next");

    private readonly ScriptedServer _server = new();
    private readonly SocketTransport _transport = new("agent/1");

    public void Dispose()
    {
        _transport.Dispose();
        _server.Dispose();
    }

    [Fact(Timeout = 30_000)]
    public async Task Call_SendsExactlyItsHeaders()
    {
        _server.Answers(Accepted);

        await SendAsync(Next, TestContext.Current.CancellationToken);

        Assert.Equal(
            $"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: {_server.Address}\r\nUser-Agent: agent/1\r\nAccept: application/json\r\n\r\n",
            _server.Requests.Single());
    }

    [Fact(Timeout = 30_000)]
    public async Task Call_WithABody_SendsTheRestOfItWithTypeAndLengthAndLeavesItOpen()
    {
        _server.Answers(Accepted);
        using var body = new MemoryStream(Encoding.UTF8.GetBytes("--{\"ä\":1}")) { Position = 2 };

        await SendAsync(new("POST", "/runtime/init/error") { ContentType = "application/json", Body = body, Headers = [("X-Cause", "ä\r\nb")] },
            TestContext.Current.CancellationToken);

        Assert.EndsWith("Content-Type: application/json\r\nContent-Length: 8\r\nX-Cause: ä b\r\n\r\n{\"ä\":1}", _server.Requests.Single(),
            StringComparison.Ordinal);
        Assert.True(body.CanRead);
    }

    [Theory(Timeout = 30_000)]
    [InlineData(100_000)]
    [InlineData(6_000_000)]
    public async Task Call_WithALargeBody_SendsAllOfIt(int length)
    {
        _server.Answers(Accepted);
        using var body = new MemoryStream(Encoding.ASCII.GetBytes(new string('x', length)));

        await SendAsync(new("POST", "/runtime/init/error") { ContentType = "application/json", Body = body }, TestContext.Current.CancellationToken);

        Assert.Equal(length, _server.Requests.Single().Split("\r\n\r\n")[1].Length);
    }

    [Fact(Timeout = 30_000)]
    public async Task Endpoint_MayBeANameAndCarryAPath()
    {
        _server.Answers(Accepted);

        await _transport.SendAsync($"localhost:{_server.Address.Split(':')[1]}/_runtime/w1", Next, TestContext.Current.CancellationToken);

        Assert.StartsWith("GET /_runtime/w1/2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: localhost:", _server.Requests.Single(),
            StringComparison.Ordinal);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nLambda-Runtime-Trace-Id:  Root=1 \r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nlambda-runtime-trace-id: Root=1\r\n\r\n2\r\nhe\r\n3;a=b\r\nllo\r\n0\r\nTrailer: 1\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nLambda-Runtime-Trace-Id: Root=1\r\n\r\nhello")]
    [InlineData("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\nLambda-Runtime-Trace-Id: Root=1\r\n\r\nhello")]
    public async Task Answer_InEveryFraming_IsReadWhole(string answer)
    {
        _server.Answers(answer, close: true);

        var read = await SendAsync(Next, TestContext.Current.CancellationToken);

        Assert.Equal((200, "Root=1", "hello"), (read.Status, read.Headers["Lambda-Runtime-Trace-Id"], Encoding.UTF8.GetString(read.Body)));
    }

    [Fact(Timeout = 30_000)]
    public async Task Answer_ThatArrivesByteByByte_IsReadWhole()
    {
        _server.AnswersSlowly("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");

        Assert.Equal("hello", Encoding.UTF8.GetString((await SendAsync(Next, TestContext.Current.CancellationToken)).Body));
    }

    [Fact(Timeout = 30_000)]
    public async Task Answer_WithoutContent_HasAnEmptyBodyAndKeepsTheConnection()
    {
        _server.Answers("HTTP/1.1 204 No Content\r\n\r\n").Answers(Accepted);

        Assert.Empty((await SendAsync(Next, TestContext.Current.CancellationToken)).Body);
        Assert.Equal(202, (await SendAsync(Next, TestContext.Current.CancellationToken)).Status);
        Assert.Equal(1, _server.Connections);
    }

    [Theory(Timeout = 30_000)]
    [InlineData(Accepted)]
    [InlineData("HTTP/1.1 202 Accepted\r\nConnection: close\r\nContent-Length: 2\r\n\r\nOK")]
    public async Task Connection_ClosedAfterAnAnswer_IsMadeAgain(string first)
    {
        _server.Answers(first, close: true).Answers(Accepted);
        await SendAsync(Next, TestContext.Current.CancellationToken);

        Assert.Equal(202, (await SendAsync(Next, TestContext.Current.CancellationToken)).Status);
        Assert.Equal(2, _server.Connections);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Le")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel")]
    public async Task Connection_LostBeforeTheAnswerIsComplete_IsAnErrorAndNotTriedAgain(string part)
    {
        _server.Answers(part, close: true).Answers(Accepted);

        var failure = await Assert.ThrowsAsync<IOException>(() => SendAsync(Next, TestContext.Current.CancellationToken));

        Assert.Contains(_server.Address, failure.Message, StringComparison.Ordinal);
        Assert.Single(_server.Requests);
    }

    [Theory(Timeout = 30_000)]
    [InlineData("SSH-2.0-OpenSSH_9.6\r\n", "\"SSH-2.0-OpenSSH_9.6\", which is not HTTP/1.1")]
    [InlineData("HTTP/1.1 2oo OK\r\n\r\n", "\"2oo\" where a number belongs")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", "\"many\" where a number belongs")]
    public async Task Answer_ThatIsNotHttp_IsReported(string answer, string expected)
    {
        _server.Answers(answer, close: true);

        Assert.Contains(expected, (await Assert.ThrowsAsync<IOException>(() => SendAsync(Next, TestContext.Current.CancellationToken))).Message,
            StringComparison.Ordinal);
    }

    [Fact(Timeout = 30_000)]
    public async Task Server_Unreachable_IsNamed()
    {
        _server.Dispose();

        var failure = await Assert.ThrowsAsync<IOException>(() => SendAsync(Next, TestContext.Current.CancellationToken));

        Assert.StartsWith($"The Runtime API at {_server.Address} cannot be reached: ", failure.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = 30_000)]
    public async Task Poll_Cancelled_EndsAtOnceAndTheNextCallWorks()
    {
        _server.AnswersNothing().Answers(Accepted);
        using var stop = new CancellationTokenSource();
        var poll = Task.Run(() => _transport.SendAsync(_server.Address, Next, stop.Token).AsTask(), TestContext.Current.CancellationToken);
        await _server.Received;

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => poll);
        Assert.Equal(202, (await SendAsync(Next, TestContext.Current.CancellationToken)).Status);
    }

    private Task<RuntimeApiAnswer> SendAsync(RuntimeApiCall call, CancellationToken cancellationToken) =>
        Task.Run(() => _transport.SendAsync(_server.Address, call, cancellationToken).AsTask(), cancellationToken);

    /// <summary>Answers each request by the next line of its script.</summary>
    private sealed class ScriptedServer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly Queue<(byte[] Answer, bool Slowly, bool Close, bool Silent)> _script = new();
        private readonly TaskCompletionSource _received = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ScriptedServer()
        {
            _listener.Start();
            Address = _listener.LocalEndpoint.ToString()!;
            _ = ServeAsync();
        }

        public string Address { get; }

        public List<string> Requests { get; } = [];

        public int Connections { get; private set; }

        /// <summary>Completes with the first request.</summary>
        public Task Received => _received.Task;

        public ScriptedServer Answers(string answer, bool close = false)
        {
            _script.Enqueue((Encoding.UTF8.GetBytes(answer), false, close, false));
            return this;
        }

        public void AnswersSlowly(string answer) => _script.Enqueue((Encoding.UTF8.GetBytes(answer), true, false, false));

        public ScriptedServer AnswersNothing()
        {
            _script.Enqueue(([], false, false, true));
            return this;
        }

        public void Dispose() => _listener.Dispose();

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    using var client = await _listener.AcceptTcpClientAsync();
                    client.NoDelay = true;
                    Connections++;
                    await ServeAsync(client.GetStream());
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
            {
                // The test is over.
            }
        }

        private async Task ServeAsync(NetworkStream stream)
        {
            while (await RequestAsync(stream) is { } request)
            {
                Requests.Add(request);
                var (answer, slowly, close, silent) = _script.Dequeue();
                foreach (var piece in answer.Chunk(slowly ? 1 : Math.Max(1, answer.Length)))
                {
                    await stream.WriteAsync(piece);
                }

                _received.TrySetResult();
                if (close)
                {
                    return;
                }

                if (silent)
                {
                    _ = await stream.ReadAsync(new byte[1]);
                    return;
                }
            }
        }

        /// <returns>Null when the client has ended the connection.</returns>
        private static async Task<string?> RequestAsync(NetworkStream stream)
        {
            using var all = new MemoryStream();
            var buffer = new byte[65536];
            while (true)
            {
                var read = await stream.ReadAsync(buffer);
                if (read == 0)
                {
                    return null;
                }

                await all.WriteAsync(buffer.AsMemory(0, read));
                var text = Encoding.UTF8.GetString(all.GetBuffer(), 0, (int)all.Length);
                var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
                if (end >= 0)
                {
                    var length = text[..end].Split("Content-Length: ") is [_, var after]
                        ? int.Parse(after.Split('\r')[0], System.Globalization.CultureInfo.InvariantCulture)
                        : 0;
                    if (Encoding.UTF8.GetByteCount(text.AsSpan(end + 4)) >= length)
                    {
                        return text;
                    }
                }
            }
        }
    }
}
