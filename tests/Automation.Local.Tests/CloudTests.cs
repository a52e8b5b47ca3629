using System.Net;
using System.Net.Sockets;
using System.Reflection;
using Automation.LocalCloud.Storage;

namespace Automation.Local.Tests;

/// <summary><c>automation cloud</c> refuses invalid options in one line before it builds anything. The workspace of these tests has nothing to build.</summary>
public sealed class CloudTests : IDisposable
{
    private readonly DirectoryInfo _workspace = Directory.CreateTempSubdirectory("automation-cloud-");

    public CloudTests() => File.WriteAllText(Path.Combine(_workspace.FullName, "cdk.json"), "{}");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _workspace.Delete(recursive: true);

    [Theory]
    [InlineData("--port", "99999", "--port must be 0 to 65535, not '99999'.")]
    [InlineData("--port", "abc", "--port must be 0 to 65535, not 'abc'.")]
    [InlineData("--port", "-1", "--port must be 0 to 65535, not '-1'.")]
    [InlineData("--address", "nowhere", "--address nowhere is not a valid IP address.")]
    [InlineData("--address", "127.0.1", "--address 127.0.1 is not a valid IP address.")]
    [InlineData("--address", "localhost", "--address localhost is not a valid IP address; did you mean 127.0.0.1?")]
    [InlineData("--address", "192.0.2.1", "Port 0 of 192.0.2.1 cannot be used: Cannot assign requested address. --address must be one of this machine's.")]
    [InlineData("--region", "", "--region is empty: leave it out, or give a Region.")]
    [InlineData("--region", "Frankfurt", "'Frankfurt'")]
    [InlineData("--region", "eu-centrl-1", "'eu-centrl-1'")]
    [InlineData("--state", "/dev/null/x", "--state /dev/null/x cannot be used: ")]
    [InlineData("--state", "/dev/null", "--state /dev/null is a file; name a folder.")]
    public async Task Cloud_InvalidOption_IsRefusedInOneLine(string option, string value, string error)
    {
        var line = await RefusalAsync(option == "--port" ? [option, value] : [option, value, "--port", "0"]);

        Assert.StartsWith(error, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cloud_PortIsInUse_IsRefusedInOneLine()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        Assert.StartsWith($"Port {port} of 127.0.0.1 cannot be used: ", await RefusalAsync("--port", $"{port}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cloud_StateIsUsedByAnotherCloud_IsRefusedInOneLine()
    {
        using var other = new SqliteStore(Path.Combine(_workspace.FullName, "state"));

        Assert.Contains("another process may be using it", await RefusalAsync("--state", "state", "--port", "0"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("There is no catalog ", "--catalog", "nowhere.json")]
    [InlineData("The catalog cannot be read: /tmp is a folder.", "--catalog", "/tmp")]
    [InlineData("--catalog is for a stack", "--catalog", "cdk.json", "--no-stack")]
    [InlineData("--catalog is for a stack", "--catalog", "cdk.json", "--check-parent-images")]
    [InlineData("The catalog ", "--catalog", "cdk.json")]
    public async Task Cloud_CatalogThatCannotBeDeployed_IsRefusedBeforeTheBuild(string error, params string[] options)
    {
        var run = await CommandRun.OfAsync(LocalCommands.Create, TimeProvider.System, ["cloud", "--port", "0", .. options], _workspace.FullName, Token);

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.StartsWith(error, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("# Automation", "line 1: is not JSON at '# Automation': a comment begins with //")]
    [InlineData("""{ "images": [ { "name": "app", "from": "docker.io/library/alpine:3", "repository": "App", "build": { "schedule": "rate(7 days)" } } ] }""",
        "line 1: repository 'App' is not a repository name")]
    public async Task Cloud_CatalogWithOneFault_IsRefusedInOneLine(string catalog, string fault)
    {
        await File.WriteAllTextAsync(Path.Combine(_workspace.FullName, "mine.json"), catalog, Token);

        var line = await RefusalAsync("--catalog", "mine.json", "--port", "0");

        Assert.Contains($"mine.json cannot be deployed: {fault}", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Version_IsTheSameInBothTools() => Assert.Equal(
        typeof(Cli.CommandLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion,
        typeof(LocalCommands).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion);

    private async Task<string> RefusalAsync(params string[] options)
    {
        var run = await CommandRun.OfAsync(LocalCommands.Create, TimeProvider.System, ["cloud", .. options], _workspace.FullName, Token);

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        return Assert.Single(run.Error.Trim().Split('\n'));
    }
}
