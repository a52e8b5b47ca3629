namespace Automation.Local.Tests.Rehearsal;

/// <summary>Arguments that <c>rehearse</c> refuses before it connects to the account.</summary>
public sealed class RehearseArgumentsTests
{
    [Theory]
    [InlineData("--days must be 1 to 366, not '0'.", "--days", "0")]
    [InlineData("--push golden/base cannot be read: write it like --push golden/base@day2.", "--push", "golden/base")]
    [InlineData("--push golden/base@day8 is outside the rehearsal, which has the days 1 to 7.", "--push", "golden/base@day8")]
    [InlineData("--fail app@day0 is outside the rehearsal, which has the days 1 to 7.", "--fail", "app@day0")]
    [InlineData("--fail app@day1..day2 cannot be read: write it like --fail app@day3.", "--fail", "app@day1..day2")]
    [InlineData("--down us-east-1@day4..day2 ends before it begins.", "--down", "us-east-1@day4..day2")]
    [InlineData("--max-builds must be a whole number from 0, not '-1'.", "--max-builds", "-1")]
    [InlineData("--save /nowhere/state.json: there is no folder /nowhere.", "--save", "/nowhere/state.json")]
    [InlineData("--save / is a folder; name a file.", "--save", "/")]
    [InlineData("--from / is a folder; name a file that --save wrote.", "--from", "/")]
    [InlineData("--forbid build cannot be read: write delete, delete:IMAGE or move:IMAGE:TAG.", "--forbid", "build")]
    [InlineData("--down eu-central-1@day9 is outside the rehearsal, which has the days 1 to 7.", "--down", "eu-central-1@day9")]
    public async Task WrongForm_IsRefusedBeforeTheAccountIsRead(string said, params string[] arguments)
    {
        var run = await CommandRun.OfAsync(
            LocalCommands.Create, TimeProvider.System, ["rehearse", "--endpoint", "http://127.0.0.1:1", .. arguments],
            AppContext.BaseDirectory, TestContext.Current.CancellationToken);

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Equal(said, run.Error.Trim().Split('\n')[0]);
    }
}
