using Amazon.Lambda.RuntimeSupport;
using Xunit;

namespace Automation.Shims.Lambda.Tests.Runtime;

/// <summary>The calls of the runtime client outside its main loop.</summary>
public sealed class RuntimeApiClientTests : IDisposable
{
    private readonly RuntimeHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public void HttpClient_NamesRuntimeAndClient()
    {
        using var client = LambdaBootstrap.ConstructHttpClient();

        Assert.Equal($"aws-lambda-dotnet/{Environment.Version}-2.1.2.0", client.DefaultRequestHeaders.GetValues("User-Agent").Single());
    }

    [Fact]
    public async Task ClientCalls_WithoutRequiredArguments_AreRefused()
    {
        var client = _host.Client();
        var none = TestContext.Current.CancellationToken;

        await Assert.ThrowsAsync<ArgumentNullException>(() => client.ReportInitializationErrorAsync((Exception)null!, none));
        await Assert.ThrowsAsync<ArgumentNullException>(() => client.ReportInitializationErrorAsync((string)null!, none));
        await Assert.ThrowsAsync<ArgumentNullException>(() => client.ReportInvocationErrorAsync(null!, new InvalidOperationException(), none));
        await Assert.ThrowsAsync<ArgumentNullException>(() => client.ReportInvocationErrorAsync("id", null!, none));
        await Assert.ThrowsAsync<ArgumentNullException>(() => client.SendResponseAsync(null!, Stream.Null, none));
    }

    [Fact]
    public async Task InitializationError_ByTypeName_SendsOnlyTheHeader()
    {
        await _host.Client().ReportInitializationErrorAsync("Catalog.Invalid", TestContext.Current.CancellationToken);

        var report = Assert.Single(_host.Api.Posts);
        Assert.Equal("Catalog.Invalid", report.Headers["Lambda-Runtime-Function-Error-Type"]);
        Assert.Empty(report.Body);
    }
}
