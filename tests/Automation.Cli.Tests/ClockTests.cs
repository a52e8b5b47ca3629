using Automation.LocalCloud;

namespace Automation.Cli.Tests;

/// <summary><c>automation clock</c> against an embedded cloud.</summary>
public sealed class ClockTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Advance_LetsTimePassAndShowsWhatHappened()
    {
        await using var fleet = await CommandFixture.StartAsync(null);
        fleet.Host.Cloud.Run(
            () => fleet.Host.Cloud.Clock.After(
                TimeSpan.FromHours(35), TimerKind.Patient, "the weekly rebuild", () => fleet.Host.Cloud.Journal.Write("test", "happened", "rebuilt")));

        var shown = await RunAsync(fleet, "show");
        Assert.Equal(["Mon 2026-01-05 08:00:00 UTC, the clock runs", "Tue 2026-01-06 19:00:00 the weekly rebuild"], shown);

        Assert.Equal(["Tue 2026-01-06 19:00:00 test              rebuilt", "Tue 2026-01-06 20:00:00 UTC, the clock runs"],
            await RunAsync(fleet, "advance", "1d12h"));
        Assert.Equal(["Sun 2026-01-11 03:00:00 UTC, the clock runs"], await RunAsync(fleet, "to", "2026-01-11T03:00Z"));
    }

    [Fact]
    public async Task Clock_AsJson_HasWhatHappenedAndWhatIsDue()
    {
        await using var fleet = await CommandFixture.StartAsync(null);
        fleet.Host.Cloud.Run(
            () => fleet.Host.Cloud.Clock.After(
                TimeSpan.FromHours(1), TimerKind.Patient, "a rebuild", () => fleet.Host.Cloud.Journal.Write("test", "happened", "rebuilt")));

        Assert.Equal(["""{"now":"2026-01-05T08:00:00+00:00","mode":"auto","due":[{"at":"2026-01-05T09:00:00+00:00","text":"a rebuild"}]}"""],
            await RunAsync(fleet, "show", "-o", "ndjson", "--profile", "any"));
        Assert.Equal(
            ["""{"now":"2026-01-05T10:00:00+00:00","mode":"auto","happened":[{"at":"2026-01-05T09:00:00+00:00","source":"test","text":"rebuilt"}],"due":[]}"""],
            await RunAsync(fleet, "advance", "2h", "-o", "ndjson", "--region", "eu-west-1"));
    }

    [Fact]
    public async Task HoldAndRun_ChangeTheMode()
    {
        await using var fleet = await CommandFixture.StartAsync(null);

        Assert.Equal(["Mon 2026-01-05 08:00:00 UTC, the clock is held"], await RunAsync(fleet, "hold"));
        Assert.Equal(ClockMode.Held, fleet.Host.Cloud.Mode);
        Assert.Equal(["Mon 2026-01-05 08:00:00 UTC, the clock runs"], await RunAsync(fleet, "run"));
        Assert.Equal(ClockMode.Auto, fleet.Host.Cloud.Mode);
    }

    [Theory]
    [InlineData("advance", "soon", "'soon' is not a duration: write 36h, 90m, 1d12h or PT36H.")]
    [InlineData("advance", "99999999999d", "'99999999999d' is not a duration: write 36h, 90m, 1d12h or PT36H.")]
    [InlineData("to", "tomorrow", "'tomorrow' is not a time: write 2026-01-11T03:00Z.")]
    [InlineData("to", "03:00", "'03:00' is not a time: write 2026-01-11T03:00Z.")]
    [InlineData("to", "1/2/2026", "'1/2/2026' is not a time: write 2026-01-11T03:00Z.")]
    [InlineData("to", "2020-01-01", "2020-01-01T00:00:00Z is past; it is 2026-01-05T08:00:00Z now.")]
    public async Task Request_Invalid_IsOneLine(string order, string value, string error)
    {
        await using var fleet = await CommandFixture.StartAsync(null);
        var run =
            await CommandRun.OfAsync(TimeProvider.System, ["clock", order, value, "--endpoint", fleet.Host.Endpoint.ToString()], Path.GetTempPath(), Token);

        Assert.Equal((1, "", error), (run.ExitCode, run.Output, run.Error.Trim()));
    }

    [Fact]
    public async Task Cloud_NotRunning_IsOneLine()
    {
        var run = await CommandRun.OfAsync(
            TimeProvider.System, ["clock", "show"], Path.GetTempPath(), Token, name => name == "AWS_ENDPOINT_URL" ? "http://127.0.0.1:9" : null);

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("http://127.0.0.1:9 cannot be reached: ", Assert.Single(run.Error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    private static async Task<string[]> RunAsync(CommandFixture fleet, params string[] arguments)
    {
        var run =
            await CommandRun.OfAsync(TimeProvider.System, ["clock", .. arguments, "--endpoint", fleet.Host.Endpoint.ToString()], Path.GetTempPath(), Token);

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        return run.Output.TrimEnd().Split('\n');
    }
}
