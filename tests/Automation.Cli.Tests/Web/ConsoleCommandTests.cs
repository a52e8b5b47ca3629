using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace Automation.Cli.Tests.Web;

/// <summary><c>automation console</c> as a command: its options, its address, its end.</summary>
public sealed class ConsoleCommandTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("99999", "--port must be 0 to 65535, not '99999'.")]
    [InlineData("abc", "--port must be 0 to 65535, not 'abc'.")]
    public async Task Console_InvalidPort_IsRefused(string port, string error)
    {
        await using var fleet = await CommandFixture.StartAsync();

        var run = await fleet.RunAsync("console", "--port", port);

        Assert.Equal((1, error), (run.ExitCode, run.Error.Trim()));
    }

    [Fact]
    public async Task Console_PortInUse_IsRefused()
    {
        await using var fleet = await CommandFixture.StartAsync();
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        var run = await fleet.RunAsync("console", "--port", $"{port}");

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith($"Port {port} of 127.0.0.1 cannot be used: ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Console_WithoutStack_IsRefusedBeforeItServes()
    {
        await using var fleet = await CommandFixture.StartAsync(stack: null);

        var run = await fleet.RunAsync("console");

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.StartsWith("The automation's workflow was not found", run.Error, StringComparison.Ordinal);
    }

    /// <summary>The address with the token is the command's result. Nothing else that it writes has the token, whatever is requested.</summary>
    [Fact]
    public async Task Console_PrintsItsAddressOnceAndLogsNoRequest()
    {
        await using var fleet = await CommandFixture.StartAsync();
        var journal = new System.Collections.Concurrent.ConcurrentQueue<string>();
        fleet.Host.Cloud.Run(() => fleet.Host.Cloud.Journal.Written += entry => journal.Enqueue($"{entry} {string.Join(' ', entry.Data.Values)}"));
        await fleet.PushBaseAsync("one");
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await using var output = new SignallingWriter();
        await using var error = new StringWriter();
        var quiet = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(error) });
        var context = new CommandContext(quiet, output, error, TimeProvider.System, "anna", _ => null, AppContext.BaseDirectory);
        string[] arguments =
            ["console", "--output", "ndjson", "--endpoint", fleet.Host.Endpoint.ToString(), "--catalog", CommandFixture.PathOf("catalog.json")];

        var running = CommandLine.RunAsync(context, arguments, end.Token);
        var ready = JsonNode.Parse(await output.FirstLine.WaitAsync(Token))!;
        var address = new Uri(ready["address"]!.ToString());
        using var http = new HttpClient(new SocketsHttpHandler { CookieContainer = new CookieContainer() });
        using var page = await http.GetAsync(address, Token);
        using var wrong = await http.GetAsync(new Uri(address, "/?token=wrong"), Token);
        using var view = await http.GetAsync(new Uri(address, "/api/view/fleet"), Token);
        await end.CancelAsync();

        Assert.Equal(0, await running);
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (wrong.StatusCode, view.StatusCode));
        Assert.Equal("127.0.0.1", address.Host);
        var token = address.Query["?token=".Length..];
        Assert.Equal(2, output.Text.Split(token).Length);
        Assert.Equal("", error.ToString());
        Assert.NotEmpty(journal);
        Assert.DoesNotContain(journal, entry => entry.Contains(token, StringComparison.Ordinal));
    }

    private sealed class SignallingWriter : StringWriter
    {
        private readonly TaskCompletionSource<string> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> FirstLine => _first.Task;

        public string Text => ToString();

        public override Task WriteLineAsync(string? value)
        {
            base.WriteLine(value);
            _first.TrySetResult(value ?? "");
            return Task.CompletedTask;
        }
    }
}
