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
    [InlineData("--vers", 6, "--version")]
    public async Task Suggest_AtAPosition_ListsTheMatches(string line, int position, params string[] expected)
    {
        var run = await CommandRun.OfAsync(TimeProvider.System, [$"[suggest:{position}]", line], _folder.FullName, Token);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Subset(run.Output.Split(Environment.NewLine).ToHashSet(), expected.ToHashSet());
    }

    [Theory]
    [InlineData("status --output ", "json", "ndjson", "table")]
    [InlineData("why a", "app")]
    [InlineData("completion z", "zsh")]
    public async Task Suggest_ValuesOfAnOptionOrArgument_AreThoseThatTheToolTakes(string line, params string[] expected)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "cdk.json"), """{ "context": { "catalog": "catalog.json" } }""", Token);
        File.Copy(CommandFixture.PathOf("catalog.json"), Path.Combine(_folder.FullName, "catalog.json"));

        var run = await CommandRun.OfAsync(TimeProvider.System, [$"[suggest:{line.Length}]", line], _folder.FullName, Token);

        Assert.Subset(run.Output.Split(Environment.NewLine).ToHashSet(), expected.ToHashSet());
        Assert.DoesNotContain("Json", run.Output, StringComparison.Ordinal);
    }

    // The shell itself completes: the script, the words that it splits, and the response of the tool.
    [Theory]
    [InlineData("automation roll", "rollback")]
    [InlineData("automation clock ad", "advance")]
    [InlineData("automation status --end", "--endpoint")]
    public async Task Bash_WithTheScript_Completes(string line, string expected)
    {
        var words = line.Split(' ');

        var found = await CompleteAsync("bash", "automation() { dotnet '{tool}' \"$@\"; }", $"""
            COMP_LINE='{line}' COMP_POINT={line.Length} COMP_WORDS=({string.Join(' ', words)}) COMP_CWORD={words.Length - 1}
            _automation
            printf '%s\n' "{'$'}{'{'}COMPREPLY[@]{'}'}"
            """);

        Assert.Equal([expected], found);
    }

    // Outside its editor zsh has no compadd; this one prints what it is given, as the real one would offer it.
    [Theory]
    [InlineData("automation roll", "rollback")]
    [InlineData("automation clock ad", "advance")]
    [InlineData("automation status --end", "--endpoint")]
    public async Task Zsh_WithTheScript_Completes(string line, string expected)
    {
        var found = await CompleteAsync("zsh", "compdef() { }; compadd() { shift; print -l -- \"$@\"; }; automation() { dotnet '{tool}' \"$@\"; }", $"""
            words=({line})
            CURRENT=$#words
            _automation
            """);

        Assert.Equal([expected], found);
    }

    [Theory]
    [InlineData("automation roll", "rollback")]
    [InlineData("automation clock ad", "advance")]
    [InlineData("automation status --end", "--endpoint")]
    public async Task Fish_WithTheScript_Completes(string line, string expected)
    {
        var found = await CompleteAsync("fish", "function automation; dotnet '{tool}' $argv; end", $"complete -C '{line}'");

        Assert.Equal([expected], found);
    }

    [Theory]
    [InlineData("automation roll", "rollback")]
    [InlineData("automation clock ad", "advance")]
    [InlineData("automation status --end", "--endpoint")]
    public async Task PowerShell_WithTheScript_Completes(string line, string expected)
    {
        var found = await CompleteAsync(
            "pwsh", "function automation { dotnet '{tool}' @args }", $"(TabExpansion2 '{line}' {line.Length}).CompletionMatches.CompletionText");

        Assert.Equal([expected], found);
    }

    /// <summary>Runs a shell with the tool, its completion script, and a completion.</summary>
    /// <param name="tool">Defines <c>automation</c>; <c>{tool}</c> is the file of this build.</param>
    private async Task<IReadOnlyList<string>> CompleteAsync(string shell, string tool, string complete)
    {
        var program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, shell))
            .FirstOrDefault(File.Exists);
        Assert.SkipWhen(program is null, $"{shell} is not installed");
        var script = (await CommandRun.OfAsync(TimeProvider.System, ["completion", shell], _folder.FullName, Token)).Output;
        var assembly = Path.ChangeExtension(typeof(CommandLine).Assembly.Location, ".dll");
        var start = new ProcessStartInfo(program!, ["-c", string.Join('\n', tool.Replace("{tool}", assembly, StringComparison.Ordinal), script, complete)])
        {
            RedirectStandardOutput = true,
        };

        // The settings of the person who runs the tests must not take part.
        start.Environment["HOME"] = start.Environment["XDG_CONFIG_HOME"] = start.Environment["ZDOTDIR"] = _folder.FullName;
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }
}
