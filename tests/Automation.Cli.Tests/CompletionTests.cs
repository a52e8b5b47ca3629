using System.Diagnostics;

namespace Automation.Cli.Tests;

/// <summary>Completion in shells.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("automation-completion-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("bash", "complete -o default -F _automation automation")]
    [InlineData("zsh", "#compdef automation")]
    [InlineData("fish", "complete -c automation")]
    [InlineData("pwsh", "Register-ArgumentCompleter -Native -CommandName automation")]
    public async Task Completion_OfAShell_IsItsScript(string shell, string line)
    {
        var run = await CommandRun.OfAsync(TimeProvider.System, ["completion", shell], _folder.FullName, Token);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains(line, run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Completion_AsJson_HasTheScript()
    {
        var run = await CommandRun.OfAsync(TimeProvider.System, ["completion", "fish", "--output", "ndjson", "--region", "eu-west-1"], _folder.FullName, Token);

        var script = System.Text.Json.Nodes.JsonNode.Parse(run.Output)!;
        Assert.Equal("fish", script["shell"]!.ToString());
        Assert.StartsWith("# automation completion fish", script["script"]!.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 0, "status", "rollback", "cloud")]
    [InlineData("ro", 2, "rollback")]
    [InlineData("clock ", 6, "advance", "show")]
    [InlineData("status --end", 12, "--endpoint")]
    public async Task Suggest_AtAPosition_ListsTheMatches(string line, int position, params string[] expected)
    {
        var run = await CommandRun.OfAsync(TimeProvider.System, [$"[suggest:{position}]", line], _folder.FullName, Token);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Subset(run.Output.Split(Environment.NewLine).ToHashSet(), expected.ToHashSet());
    }

    // The shell itself completes: the script, the words that it splits, and the response of the tool.
    [Theory]
    [InlineData("automation roll", "rollback")]
    [InlineData("automation clock ad", "advance")]
    [InlineData("automation status --end", "--endpoint")]
    public async Task Bash_WithTheScript_Completes(string line, string expected)
    {
        Assert.SkipUnless(File.Exists("/bin/bash"), "bash is not installed");
        var script = (await CommandRun.OfAsync(TimeProvider.System, ["completion", "bash"], _folder.FullName, Token)).Output;
        var words = line.Split(' ');
        var tool = Path.ChangeExtension(typeof(CommandLine).Assembly.Location, ".dll");
        var ask = $"""
            automation() {'{'} dotnet '{tool}' "$@"; {'}'}
            {script}
            COMP_LINE='{line}' COMP_POINT={line.Length} COMP_WORDS=({string.Join(' ', words)}) COMP_CWORD={words.Length - 1}
            _automation
            printf '%s\n' "{'$'}{'{'}COMPREPLY[@]{'}'}"
            """;
        var start = new ProcessStartInfo("/bin/bash", ["-c", ask]) { RedirectStandardOutput = true };
        using var bash = Process.Start(start)!;
        var output = await bash.StandardOutput.ReadToEndAsync(Token);
        await bash.WaitForExitAsync(Token);

        Assert.Equal(expected, output.Trim());
    }
}
