namespace Automation.Cli.Tests;

public sealed class InvokeTests : IDisposable
{
    private readonly DirectoryInfo _workspace = Directory.CreateTempSubdirectory("automation-invoke-");

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
    public async Task Invoke_EventFileMissing_IsRefused()
    {
        var run = await InvokeAsync("PlanBuild", "nowhere.json");

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("The event cannot be read:", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invoke_EventThatIsNoJson_IsRefusedWithThePlace()
    {
        Write("event.json", "{\n  \"a\": nope }");

        var run = await InvokeAsync("PlanBuild", "event.json");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("is no JSON", run.Error, StringComparison.Ordinal);
        Assert.Contains("LineNumber: 1", run.Error, StringComparison.Ordinal);
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
        await using var fleet = await TestFleet.StartAsync();
        var endpoint = fleet.Host.Endpoint.ToString().TrimEnd('/');

        var run = await InvokeAsync("PlanBuild", "event.json", "--endpoint", endpoint);

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith($"{endpoint} in us-east-1 has no function 'PlanBuild'.", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invoke_OutsideOfTheRepository_SaysSo()
    {
        var run = await CommandRun.Of(new DrivenTime(), ["invoke", "PlanBuild", "--event", Path.Combine(_workspace.FullName, "event.json")], Path.GetTempPath());

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("no cdk.json", run.Error, StringComparison.Ordinal);
    }

    private Task<CommandRun> InvokeAsync(string name, string file, params string[] more) =>
        CommandRun.Of(new DrivenTime(), ["invoke", name, "--event", file, .. more], _workspace.FullName);

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_workspace.FullName, name), text);
}
