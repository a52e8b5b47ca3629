using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Automation.Benchmarks.Peers;

/// <summary>The empty embedded cloud as a process beside moto: to its first answer, and its memory when it is idle.</summary>
internal static class CloudStart
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static async Task MeasureAsync(PeerBuilds builds, PeerTable table, int rounds)
    {
        var ours = new CompetitorRuns("ours");
        var commands = new List<(CompetitorRuns Who, string[] Command)> { (ours, [builds.LocalTool, "cloud", "--no-stack", "--port"]) };
        if (builds.HasMoto)
        {
            commands.Add((new CompetitorRuns("moto"), [builds.Python!, "-m", "moto.server", "-H", "127.0.0.1", "-p"]));
        }

        for (var round = 0; round < rounds; round++)
        {
            foreach (var (who, command) in commands)
            {
                await MeasureAsync(who, command);
            }
        }

        var all = commands.Select(command => command.Who).ToList();
        table.AddLimit("embedded cloud, start to first answer", "answer", "ms", all, 75);
        table.Add("CPU of that start", "cpu", "ms", all);
        table.AddLimit("embedded cloud, idle memory", "idle", "MiB", all, 30);
    }

    private static async Task MeasureAsync(CompetitorRuns who, string[] command)
    {
        var port = FreePort();
        var start = new ProcessStartInfo(command[0], [.. command[1..], port.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            while (!await AnswersAsync(port))
            {
                if (process.HasExited || watch.Elapsed > Patience)
                {
                    throw new InvalidOperationException($"{string.Join(' ', command)} does not answer.");
                }
            }

            who.Add("answer", watch.Elapsed.TotalMilliseconds);
            who.Add("cpu", process.TotalProcessorTime.TotalMilliseconds);
            await Task.Delay(TimeSpan.FromSeconds(1));
            process.Refresh();
            who.Add("idle", process.WorkingSet64 / 1048576.0);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }
    }

    /// <summary>Sends one request over a socket of its own, because a client with a pool adds its own start to the first request.</summary>
    private static async Task<bool> AnswersAsync(int port)
    {
        const string Body = "{}";
        var request = Encoding.ASCII.GetBytes(
            "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/x-amz-json-1.1\r\nX-Amz-Date: 20260105T080000Z\r\n"
            + "X-Amz-Target: AmazonEC2ContainerRegistry_V20150921.DescribeRepositories\r\nAuthorization: AWS4-HMAC-SHA256 "
            + "Credential=AKIDBENCHMARK/20260105/us-east-1/ecr/aws4_request, SignedHeaders=host, Signature=0\r\n"
            + $"Content-Length: {Body.Length}\r\n\r\n{Body}");
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port);
        }
        catch (SocketException)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1));
            return false;
        }

        await socket.SendAsync(request);
        var answer = new byte[64];
        var length = await socket.ReceiveAsync(answer);
        var line = Encoding.ASCII.GetString(answer, 0, length).Split('\r')[0];
        return line.Contains(" 200 ", StringComparison.Ordinal) ? true : throw new InvalidOperationException($"The first answer is {line}.");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
