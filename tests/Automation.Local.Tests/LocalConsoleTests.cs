using System.Net;
using Automation.Cli;
using Automation.LocalCloud.Hosting;

namespace Automation.Local.Tests;

/// <summary>The console on the port of an embedded cloud. Requests of AWS clients never reach it, not even those for a bucket named <c>console</c>.</summary>
public sealed class LocalConsoleTests : IAsyncLifetime
{
    private readonly LocalConsole _console = new(CommandContext.OfProcess() with { Variable = _ => null, Folder = Path.GetTempPath() }, allowActions: false);
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private CloudHost _host = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await CloudHost.StartAsync(new CloudHostOptions { Drive = false, Site = _console.TryAnswerAsync }, Token);
        _http.BaseAddress = _host.Endpoint;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _host.DisposeAsync();
        await _console.DisposeAsync();
    }

    [Fact]
    public async Task Address_LetsTheBrowserInAndShowsWhyThereIsNothing()
    {
        _console.Show(_host, Path.Combine(AppContext.BaseDirectory, "stacks", "Automation", "catalog.json"));

        using var entry = await _http.GetAsync(new Uri(_console.AddressOn(_host.Endpoint)), Token);

        Assert.Equal((HttpStatusCode.SeeOther, "/console/"), (entry.StatusCode, entry.Headers.Location!.ToString()));
        Assert.Contains("The automation's workflow was not found in us-east-1", await FleetAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Console_BeforeTheDeployment_SaysSo()
    {
        using var entry = await _http.GetAsync(new Uri(_console.AddressOn(_host.Endpoint)), Token);

        Assert.Contains("The stack is not deployed yet.", await FleetAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/console", HttpStatusCode.Redirect)]
    [InlineData("/console/", HttpStatusCode.Unauthorized)]
    [InlineData("/console/api/session", HttpStatusCode.Unauthorized)]
    public async Task Console_WithoutToken_IsRefused(string path, HttpStatusCode status)
    {
        using var answer = await _http.GetAsync(new Uri(path, UriKind.Relative), Token);

        Assert.Equal(status, answer.StatusCode);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/consoles")]
    [InlineData("/_automation/health")]
    public async Task OtherPaths_AreForTheCloud(string path)
    {
        using var answer = await _http.GetAsync(new Uri(path, UriKind.Relative), Token);

        Assert.False(answer.Headers.Contains("Content-Security-Policy"));
    }

    [Fact]
    public async Task SignedRequest_ForABucketNamedConsole_IsForTheCloud()
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/console");
        request.Headers.TryAddWithoutValidation(
            "Authorization", "AWS4-HMAC-SHA256 Credential=test/20260105/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0");

        using var answer = await _http.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.False(answer.Headers.Contains("Content-Security-Policy"));
    }

    /// <summary>The answer for the fleet when nothing is being read any more.</summary>
    private async Task<string> FleetAsync()
    {
        while (true)
        {
            var answer = await _http.GetStringAsync(new Uri("/console/api/view/fleet", UriKind.Relative), Token);
            if (!answer.Contains("\"reading\":true", StringComparison.Ordinal))
            {
                return answer;
            }
        }
    }
}
