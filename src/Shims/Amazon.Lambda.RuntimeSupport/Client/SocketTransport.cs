using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Amazon.Lambda.RuntimeSupport;

/// <summary>
/// Calls the Runtime API over one plain socket that it keeps, on the calling thread. A function makes one call at a time, so a general client
/// with its pool and threads would only cost start-up time and memory.
/// </summary>
/// <remarks>HTTP/1.1 as far as a server may use it here: content lengths, chunks, and interim answers, which are skipped.
/// https://www.rfc-editor.org/rfc/rfc9112</remarks>
internal sealed class SocketTransport : IRuntimeApiTransport
{
    /// <summary>A larger body is sent after the headers instead of being copied behind them.</summary>
    private const int CopiedBody = 64 * 1024;

    private readonly byte[] _received = new byte[16 * 1024];
    private readonly string _userAgent;
    private readonly ArrayBufferWriter<byte> _sending = new(4 * 1024);
    private Socket _socket;
    private string _connectedTo;
    private int _start;
    private int _end;

    public SocketTransport(string userAgent)
    {
        _userAgent = userAgent;
    }

    public bool IsBlocking => true;

    /// <exception cref="OperationCanceledException">The call was cancelled; its answer is lost.</exception>
    /// <exception cref="IOException">The connection ended, or the answer is not HTTP.</exception>
    public ValueTask<RuntimeApiAnswer> SendAsync(string endpoint, RuntimeApiCall call, CancellationToken cancellationToken)
    {
        try
        {
            return new(Send(endpoint, call, cancellationToken));
        }
        catch (Exception failure)
        {
            return ValueTask.FromException<RuntimeApiAnswer>(failure);
        }
    }

    public void Dispose() => Disconnect();

    private RuntimeApiAnswer Send(string endpoint, RuntimeApiCall call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var address = endpoint.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash ? endpoint[..slash] : endpoint;
        var body = Body(call);
        while (true)
        {
            Write(address, endpoint[address.Length..], call, body.Length);
            var isReused = _socket is not null && _connectedTo == address;
            if (!isReused)
            {
                Connect(address);
            }

            try
            {
                using var ending = cancellationToken.UnsafeRegister(static socket => End((Socket)socket), _socket);
                return Exchange(body.Span);
            }
            catch (Exception failure) when (failure is SocketException or IOException or ObjectDisposedException)
            {
                var isUnanswered = _end == 0;
                Disconnect();
                cancellationToken.ThrowIfCancellationRequested();
                if (!isReused || !isUnanswered)
                {
                    throw failure is IOException
                        ? failure
                        : new IOException($"The connection to the Runtime API at {address} failed: {failure.Message}", failure);
                }

                // The server closed a connection that was idle. It has not seen this call.
            }
        }
    }

    private static void End(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            // The connection has ended already.
        }
    }

    private void Connect(string address)
    {
        Disconnect();

        // 127.0.0.1:9001, [::1]:9001, localhost:9001, localhost
        var colon = address.EndsWith(']') ? -1 : address.LastIndexOf(':');
        var host = (colon < 0 ? address : address[..colon]).Trim('[', ']');
        var port = colon < 0 ? 80 : int.Parse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture);
        var candidates = IPAddress.TryParse(host, out var literal) ? new[] { literal } : Dns.GetHostAddresses(host);
        for (var i = 0; _socket is null; i++)
        {
#pragma warning disable CA2000 // kept, or disposed where the connection fails
            var socket = new Socket(candidates[i].AddressFamily, SocketType.Stream, ProtocolType.Tcp);
#pragma warning restore CA2000
            try
            {
                socket.NoDelay = true;
                socket.Connect(new IPEndPoint(candidates[i], port));
                (_socket, _connectedTo) = (socket, address);
            }
            catch (SocketException) when (i < candidates.Length - 1)
            {
                socket.Dispose();
            }
            catch (SocketException failure)
            {
                socket.Dispose();
                throw new IOException($"The Runtime API at {address} cannot be reached: {failure.Message}", failure);
            }
        }
    }

    private void Disconnect()
    {
        _socket?.Dispose();
        _socket = null;
    }

    private static ReadOnlyMemory<byte> Body(RuntimeApiCall call)
    {
        switch (call.Body)
        {
            case null:
                return default;
            case MemoryStream memory when memory.TryGetBuffer(out var buffer):
                return buffer.AsMemory((int)memory.Position);
            default:
                using (var copy = new MemoryStream())
                {
                    call.Body.CopyTo(copy);
                    return copy.ToArray();
                }
        }
    }

    private void Write(string address, string folder, RuntimeApiCall call, int length)
    {
        _sending.ResetWrittenCount();
        Write(
            $"{call.Method} {folder}{RuntimeApiClient.Version}{call.Path} HTTP/1.1\r\nHost: {address}\r\nUser-Agent: {_userAgent}\r\nAccept: application/json\r\n");
        if (call.ContentType is not null)
        {
            Write(string.Create(CultureInfo.InvariantCulture, $"Content-Type: {call.ContentType}\r\nContent-Length: {length}\r\n"));
        }

        foreach (var (name, value) in call.Headers)
        {
            Write($"{name}: {value.ReplaceLineEndings(" ")}\r\n");
        }

        Write("\r\n");
    }

    private void Write(string text) => Encoding.UTF8.GetBytes(text, _sending);

    private RuntimeApiAnswer Exchange(ReadOnlySpan<byte> body)
    {
        _start = _end = 0;
        if (body.Length <= CopiedBody)
        {
            _sending.Write(body);
            Send(_sending.WrittenSpan);
        }
        else
        {
            Send(_sending.WrittenSpan);
            Send(body);
        }

        return Answer();
    }

    private void Send(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[_socket.Send(bytes)..];
        }
    }

    private RuntimeApiAnswer Answer()
    {
        while (true)
        {
            var (status, headers) = Head();
            if (status is >= 100 and < 200)
            {
                continue;
            }

            var body = status is 204 or 304 ? []
                : headers.TryGetValue("Transfer-Encoding", out var coding) && coding.EndsWith("chunked", StringComparison.OrdinalIgnoreCase) ? Chunks()
                : headers.TryGetValue("Content-Length", out var text) ? Bytes(Number(text, NumberStyles.None))
                : Rest();
            if (headers.TryGetValue("Connection", out var connection) && connection.Equals("close", StringComparison.OrdinalIgnoreCase))
            {
                Disconnect();
            }

            return new RuntimeApiAnswer(status, headers, body);
        }
    }

    // HTTP/1.1 200 OK
    private (int Status, Dictionary<string, string> Headers) Head()
    {
        var line = Line();
        if (!line.StartsWith("HTTP/1.", StringComparison.Ordinal) || line.Split(' ') is not [_, { Length: 3 } status, ..])
        {
            throw new IOException($"The Runtime API at {_connectedTo} answered \"{line}\", which is not HTTP/1.1.");
        }

        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (Line() is { Length: > 0 } header)
        {
            if (header.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
            {
                headers.TryAdd(header[..colon], header[(colon + 1)..].Trim());
            }
        }

        return (Number(status, NumberStyles.None), headers);
    }

    private string Line()
    {
        var searched = 0;
        while (true)
        {
            var unread = _received.AsSpan(_start.._end);
            var at = unread[searched..].IndexOf((byte)'\n');
            if (at >= 0)
            {
                var line = unread[..(searched + at)];
                _start += line.Length + 1;
                return Encoding.UTF8.GetString(line is [.. var text, (byte)'\r'] ? text : line);
            }

            searched = unread.Length;
            if (unread.Length == _received.Length)
            {
                throw new IOException($"A header of the Runtime API at {_connectedTo} is longer than {_received.Length} bytes.");
            }

            unread.CopyTo(_received);
            (_start, _end) = (0, unread.Length);
            _end += Receive(_received.AsSpan(_end));
        }
    }

    private byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        var buffered = Math.Min(length, _end - _start);
        _received.AsSpan(_start, buffered).CopyTo(bytes);
        _start += buffered;
        for (var read = buffered; read < length;)
        {
            read += Receive(bytes.AsSpan(read));
        }

        return bytes;
    }

    // 1a;extension\r\n…\r\n0\r\n\r\n
    private byte[] Chunks()
    {
        using var all = new MemoryStream();
        while (Number(Line().Split(';')[0].Trim(), NumberStyles.AllowHexSpecifier) is > 0 and var length)
        {
            all.Write(Bytes(length));
            _ = Line();
        }

        while (Line().Length > 0)
        {
            // Trailers are skipped.
        }

        return all.ToArray();
    }

    private byte[] Rest()
    {
        using var all = new MemoryStream();
        all.Write(_received.AsSpan(_start.._end));
        Span<byte> more = stackalloc byte[4096];
        while (_socket.Receive(more) is > 0 and var read)
        {
            all.Write(more[..read]);
        }

        Disconnect();
        return all.ToArray();
    }

    private int Receive(Span<byte> into) => _socket.Receive(into) is > 0 and var read
        ? read
        : throw new IOException($"The Runtime API at {_connectedTo} closed the connection before its answer was complete.");

    private int Number(string text, NumberStyles style) => int.TryParse(text, style, CultureInfo.InvariantCulture, out var number)
        ? number
        : throw new IOException($"The Runtime API at {_connectedTo} sent \"{text}\" where a number belongs.");
}
