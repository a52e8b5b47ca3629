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
    [InlineData("--down us-east-1@day4..day2 is outside the rehearsal, which has the days 1 to 7.", "--down", "us-east-1@day4..day2")]
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
