using Automation.Cli;

namespace Automation.Local.Tests;

/// <summary>The options that every command of both tools takes, so that a script can pass the same ones everywhere.</summary>
public sealed class CommonOptionsTests
{
    private static readonly string[] Common = ["--output", "--profile", "--region"];

    [Fact]
    public void EveryCommand_TakesOutputProfileAndRegion()
    {
        var context = Context();
        var commands = CommandLine.Create(context).Subcommands.Where(command => !LocalTool.Takes([command.Name]))
            .Concat(LocalCommands.Create(context).Subcommands.Where(command => !command.Hidden)).ToList();

        Assert.Equal(24, commands.Count);
        foreach (var command in commands)
        {
            Assert.Empty(Common.Except(command.Options.Select(option => option.Name)));
        }
    }

    [Theory]
    [InlineData("demo --region eu-central-1",
        "--region eu-central-1: the demo plays in us-east-1 on this machine. automation cloud --region eu-central-1 deploys your catalog there.")]
    [InlineData("cloud --output json", "--output json is one array at the end, and the cloud does not end: use ndjson.")]
    [InlineData("cloud --output xml", "--output must be table, json or ndjson, not 'xml'.")]
    [InlineData("cloud --region Frankfurt --no-stack", "'Frankfurt' is not a valid Region; did you mean eu-central-1?")]
    [InlineData("cloud --region eu-central-1",
        "--region eu-central-1 needs the CDK app: run this in a clone of the repository. The stack that this tool carries is for us-east-1.")]
    public async Task Value_WithoutUse_IsRefusedByName(string line, string error)
    {
        var folder = Directory.CreateTempSubdirectory("automation-options-");
        try
        {
            var context = Context() with { Folder = folder.FullName, Error = new StringWriter() };

            var code = await CommandLine.RunAsync(LocalCommands.Create(context), context, line.Split(' '), TestContext.Current.CancellationToken);

            Assert.Equal((1, error), (code, context.Error.ToString()!.Trim()));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static CommandContext Context() => CommandContext.OfProcess() with { Variable = _ => null };
}
