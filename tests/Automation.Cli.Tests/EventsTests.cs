namespace Automation.Cli.Tests;

/// <summary>The command <c>events</c>: its refusals. Its reader is tested with the functions, whose logs it reads.</summary>
public sealed class EventsTests
{
    [Fact]
    public async Task StackWithoutLogs_IsRefusedWithOneLine()
    {
        await using var fleet = await CommandFixture.StartAsync();

        var run = await fleet.RunAsync("events");

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Equal("The events cannot be read: Automation has no log groups of ImagePushed, BuildNotification, ScanCompleted", run.Error.Trim());
    }

    [Theory]
    [InlineData("0")]
    [InlineData("2161")]
    [InlineData("one")]
    public async Task WrongHours_AreRefused(string hours)
    {
        await using var fleet = await CommandFixture.StartAsync(stack: null);

        var run = await fleet.RunAsync("events", "--hours", hours);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"--hours must be 1 to 2160, not '{hours}'.", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NothingDeployed_IsRefused()
    {
        await using var fleet = await CommandFixture.StartAsync(stack: null);

        var run = await fleet.RunAsync("events");

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("The automation's workflow was not found in us-east-1", run.Error, StringComparison.Ordinal);
    }
}
