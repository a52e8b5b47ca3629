using System.Text;

namespace Automation.Cli.Tests;

/// <summary>Thirty wrong command lines: each says what is wrong in its last line, shows no full help, and touches nothing.</summary>
public sealed class UsageTests
{
    [Theory]
    [InlineData("stauts", "There is no command 'stauts'; did you mean 'status'? The commands are: status, plan,")]
    [InlineData("staus app", "There is no command 'staus'; did you mean 'status'?")]
    [InlineData("deploy", "There is no command 'deploy'. The commands are: status, plan,")]
    [InlineData("roll-back app 1.0.0/1", "There is no command 'roll-back'; did you mean 'rollback'?")]
    [InlineData("--ouput json status", "automation status has no option '--ouput'; did you mean '--output'?")]
    [InlineData("status --ouput json", "automation status has no option '--ouput'; did you mean '--output'?")]
    [InlineData("status --output yaml", "--output must be table, json or ndjson, not 'yaml'.")]
    [InlineData("status --output jsn", "--output must be table, json or ndjson, not 'jsn'; did you mean 'json'?")]
    [InlineData("status --output", "--output needs a value: table|json|ndjson.")]
    [InlineData("status --only problem", "--only must be problems, not 'problem'; did you mean 'problems'?")]
    [InlineData("status --only", "--only needs a value: problems.")]
    [InlineData("status --json", "automation status has no option '--json'")]
    [InlineData("status app app-web", "automation status takes no argument 'app-web' besides IMAGE.")]
    [InlineData("status --region", "--region needs a value.")]
    [InlineData("status --regoin eu-west-1", "automation status has no option '--regoin'; did you mean '--region'?")]
    [InlineData("status --region ", "--region is empty: leave it out, or give a Region.")]
    [InlineData("status --profile ", "--profile is empty: leave it out, or give a name.")]
    [InlineData("status --endpoint ", "--endpoint is empty: leave it out, or give a URL.")]
    [InlineData("status --stack ", "--stack is empty: leave it out, or give a name.")]
    [InlineData("-- status app app-web", "automation status takes no argument 'app-web' besides IMAGE.")]
    [InlineData("plan --only problems", "--only must be changes, not 'problems'")]
    [InlineData("why", "automation why needs IMAGE: An image of the catalog.")]
    [InlineData("why app extra", "automation why takes no argument 'extra' besides IMAGE.")]
    [InlineData("build", "automation build needs IMAGE or --all-from BASE, and not both.")]
    [InlineData("build app --all-from golden/base", "automation build needs IMAGE or --all-from BASE, and not both.")]
    [InlineData("build app --wacth", "automation build has no option '--wacth'; did you mean '--watch'?")]
    [InlineData("build --all-from", "--all-from needs a value: base.")]
    [InlineData("promote", "automation promote needs IMAGE: An image of the catalog.")]
    [InlineData("rollback app", "automation rollback needs VERSION: The build to move the tags back to, such as 1.0.0/3.")]
    [InlineData("rollback", "automation rollback needs VERSION")]
    [InlineData("approve", "automation approve needs EXECUTION: Name or ARN of the execution, from the mail about it.")]
    [InlineData("reject release-app_1 --resaon no", "automation reject has no option '--resaon'; did you mean '--reason'?")]
    [InlineData("hold app", "automation hold needs --reason TEXT: The reason, which status and why show.")]
    [InlineData("hold app --reason x --scope all", "--scope must be everything or promotion, not 'all'.")]
    [InlineData("hold app --reason x --scope promotions", "--scope must be everything or promotion, not 'promotions'; did you mean 'promotion'?")]
    [InlineData("unhold", "automation unhold needs IMAGE: An image of the catalog.")]
    [InlineData("status ", "IMAGE is empty: leave it out, or give one.")]
    [InlineData("why ", "IMAGE is empty.")]
    [InlineData("approve ", "EXECUTION is empty.")]
    [InlineData("init ", "FILE is empty: leave it out, or give one.")]
    [InlineData("clock advance ", "DURATION is empty.")]
    [InlineData("prune app --max-delete-percent 50", "--max-delete-percent is for --delete: a report deletes nothing.")]
    [InlineData("prune app --delete --max-delete-percent 0", "--max-delete-percent must be 1 to 100, not '0'.")]
    [InlineData("validate a.json b.json", "automation validate takes no argument 'b.json' besides FILE.")]
    [InlineData("completion bsh", "SHELL must be one of bash, zsh, fish, pwsh, not 'bsh'; did you mean 'bash'?")]
    [InlineData("completion", "automation completion needs SHELL: One of bash, zsh, fish, pwsh.")]
    [InlineData("clock advanec 1h", "There is no command 'advanec'; did you mean 'advance'?")]
    [InlineData("doctor now", "automation doctor takes no argument 'now'.")]
    [InlineData("help stauts", "There is no command 'stauts'; did you mean 'status'?")]
    public async Task Mistake_IsReportedLastAndBriefly(string line, string mistake)
    {
        var run = await RunAsync(line.Split(' '));

        var lines = run.Error.TrimEnd().Split('\n');
        Assert.StartsWith(mistake, lines[^1], StringComparison.Ordinal);
        Assert.InRange(lines.Length, 1, 3);
        Assert.Equal((lines.Length == 1 ? 1 : 2, ""), (run.ExitCode, run.Output));
        if (lines.Length == 1)
        {
            // Only a value is wrong, and the message says what it must be.
            return;
        }

        Assert.EndsWith("--help` explains the command" + (lines[0].Contains("`automation --help`", StringComparison.Ordinal) ? "s." : "."), lines[0],
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("help")]
    [InlineData("")]
    public async Task Help_ListsTheCommands(string line)
    {
        var run = await RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("status", run.Output, StringComparison.Ordinal);
        Assert.Contains("unhold <image>", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("help build")]
    [InlineData("build --help")]
    public async Task HelpOfACommand_ExplainsItsOptions(string line)
    {
        var run = await RunAsync(line.Split(' '));

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("--all-from <base>", run.Output, StringComparison.Ordinal);
    }

    /// <summary>A wrong value of an argument fails as that of an option does. An unknown or missing word is a usage error.</summary>
    [Theory]
    [InlineData("completion bsh", 1)]
    [InlineData("status --output yaml", 1)]
    [InlineData("completion", 2)]
    [InlineData("why ", 2)]
    public async Task ExitCode_TellsAWrongValueFromAWrongWord(string line, int code) => Assert.Equal(code, (await RunAsync(line.Split(' '))).ExitCode);

    /// <summary>As with <c>automation completion bash > /dev/full</c>.</summary>
    [Fact]
    public async Task OutputCannotBeWritten_IsReportedInOneLine()
    {
        await using var full = new FullDisk();
        await using var error = new StringWriter();
        var context = CommandContext.OfProcess() with { Output = full, Error = error, ErrorColumns = null, Variable = _ => null };

        var code = await CommandLine.RunAsync(context, ["completion", "bash"], TestContext.Current.CancellationToken);

        Assert.Equal((1, "The output cannot be written: No space left on device."), (code, error.ToString().TrimEnd()));
    }

    private static Task<CommandRun> RunAsync(string[] arguments) =>
        CommandRun.OfAsync(new DrivenTime(), arguments, AppContext.BaseDirectory, TestContext.Current.CancellationToken);

    private sealed class FullDisk : TextWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) => throw new IOException("No space left on device");
    }
}
