namespace Automation.Cli.Tests;

public sealed class LocalToolTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("automation-local-tool-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Help_ListsTheCommandsOfBothTools()
    {
        var run = await CommandRun.OfAsync(TimeProvider.System, ["--help"], _folder.FullName, Token);

        Assert.Equal(0, run.ExitCode);
        Assert.All((string[])["status", "doctor", "demo", "cloud", "invoke"], name => Assert.Matches($@"(?m)^  {name}\b", run.Output));
    }

    [Fact]
    public async Task LocalCommand_WithoutLocalTool_SaysWhereToGetIt()
    {
        var run = await CommandRun.OfAsync(TimeProvider.System, ["cloud", "--port", "0"], _folder.FullName, Token);

        Assert.Equal(1, run.ExitCode);
        Assert.Equal(
            "'cloud' needs automation-local, which is not installed. Run it in a clone of the repository, or install the tool Automation.Local.",
            run.Error.Trim());
    }

    [Fact]
    public async Task LocalCommand_InstalledTool_ReceivesArgumentsAndReturnsExitCode()
    {
        await InstallAsync();

        var run = await RunAsync("cloud", "--state", "two words", "--help");

        Assert.Equal((7, ""), (run.ExitCode, run.Error));
        Assert.Equal(["cloud", "--state", "two words", "--help"], await File.ReadAllLinesAsync(Path.Combine(_folder.FullName, "arguments"), Token));
    }

    [Fact]
    public async Task Completion_OfALocalCommand_ComesFromTheInstalledTool()
    {
        await InstallAsync();

        Assert.Equal(7, (await RunAsync("[suggest:10]", "cloud --po")).ExitCode);
        Assert.Equal(["[suggest:10]", "cloud --po"], await File.ReadAllLinesAsync(Path.Combine(_folder.FullName, "arguments"), Token));
        Assert.Equal(0, (await RunAsync("[suggest:3]", "clo")).ExitCode);
    }

    private Task<CommandRun> RunAsync(params string[] arguments) =>
        CommandRun.OfAsync(TimeProvider.System, arguments, _folder.FullName, Token, name => name == "PATH" ? $"/nowhere:{_folder.FullName}" : null);

    private async Task InstallAsync()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The tool of this test is a shell script.");
        var tool = Path.Combine(_folder.FullName, "automation-local");
        await File.WriteAllTextAsync(tool, "#!/bin/sh\nprintf '%s\\n' \"$@\" > arguments\nexit 7\n", Token);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(tool, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
