using Automation.LocalCloud.Hosting;

namespace Automation.Local.Tests;

public sealed class InvokeTests : IDisposable
{
    private readonly DirectoryInfo _workspace = Directory.CreateTempSubdirectory("automation-invoke-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public InvokeTests()
    {
        Write("cdk.json", "{}");
        Write("template.yaml", "ANNOTATIONS_HANDLER: PlanBuild\nANNOTATIONS_HANDLER: Announce\n");
        Write("event.json", "{}");
    }

    public void Dispose() => _workspace.Delete(recursive: true);

    [Fact]
    public async Task Invoke_UnknownFunction_ListsTheKnownOnes()
    {
        var run = await InvokeAsync("Nope", "event.json");

        Assert.Equal((1, "The automation has no function 'Nope'. It has: Announce, PlanBuild."), (run.ExitCode, run.Error.Trim()));
    }

    [Fact]
    public async Task Invoke_MisspeltFunction_NamesTheOneThatIsMeant()
    {
        var run = await InvokeAsync("planbuild", "event.json");

        Assert.Equal(
            (1, "The automation has no function 'planbuild'; did you mean 'PlanBuild'? It has: Announce, PlanBuild."), (run.ExitCode, run.Error.Trim()));
    }

    [Fact]
    public async Task Invoke_EventIsAFolder_IsRefused()
    {
        var run = await InvokeAsync("PlanBuild", ".");

        Assert.Equal(1, run.ExitCode);
        Assert.EndsWith("is a folder.", run.Error.Trim(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invoke_MissingEventFile_IsRefused()
    {
        var run = await InvokeAsync("PlanBuild", "nowhere.json");

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("The event cannot be read:", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invoke_EventIsNotJson_IsRefusedWithThePosition()
    {
        Write("event.json", "{\n  \"a\": nope }");

        var run = await InvokeAsync("PlanBuild", "event.json");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("event.json:2 is not valid JSON, so Lambda would reject it.", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("BytePosition", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invoke_EndpointNotReachable_SaysSo()
    {
        var run = await InvokeAsync("PlanBuild", "event.json", "--endpoint", "http://127.0.0.1:9");

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("http://127.0.0.1:9 cannot be reached:", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invoke_EndpointWithoutTheFunction_SaysSo()
    {
        await using var host = await CloudHost.StartAsync(new CloudHostOptions { Drive = false }, Token);
        var endpoint = host.Endpoint.ToString().TrimEnd('/');

        var run = await InvokeAsync("PlanBuild", "event.json", "--endpoint", endpoint);

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith($"{endpoint} in us-east-1 has no function 'PlanBuild'.", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--catalog", "nowhere.json", "The catalog ")]
    [InlineData("--stack", "Other", "--stack requires --endpoint")]
    public async Task Invoke_InvalidOption_IsRefusedBeforeTheBuild(string option, string value, string error)
    {
        var run = await InvokeAsync("PlanBuild", "event.json", option, value);

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith(error, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invoke_OutsideTheRepository_SaysSo()
    {
        var run = await CommandRun.OfAsync(LocalCommands.Create, TimeProvider.System,
            ["invoke", "PlanBuild", "--event", Path.Combine(_workspace.FullName, "event.json")], Path.GetTempPath(), Token);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("no cdk.json", run.Error, StringComparison.Ordinal);
    }

    private Task<CommandRun> InvokeAsync(string name, string file, params string[] more) =>
        CommandRun.OfAsync(LocalCommands.Create, TimeProvider.System, ["invoke", name, "--event", file, .. more], _workspace.FullName, Token);

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_workspace.FullName, name), text);
}
