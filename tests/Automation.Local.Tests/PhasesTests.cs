using Automation.Cli;

namespace Automation.Local.Tests;

/// <summary>A pipe gets the same phases as a terminal, as lines.</summary>
public sealed class PhasesTests : IDisposable
{
    private readonly StringWriter _output = new();
    private readonly SteppedTime _time = new();

    public void Dispose() => _output.Dispose();

    [Fact]
    public async Task Phase_InAPipe_ShowsActivityAndDuration()
    {
        var result = await Phases.On(_output, _time).RunAsync("functions", "looking", phase =>
        {
            phase.Say("compiling");
            phase.Show("12 of 14");
            _time.Advance(TimeSpan.FromMilliseconds(2340));
            phase.Result = "compiled";
            phase.Warn("an old component");
            return Task.FromResult(7);
        });

        Assert.Equal(7, result);
        Assert.Equal(
            ["functions         …  compiling", "functions     2.3 s  compiled", "warning              an old component"],
            _output.ToString().TrimEnd().Split('\n').Select(line => line.TrimEnd()));
    }

    [Fact]
    public async Task Phase_ThatTakesLong_SaysInAPipeWhatItDoes()
    {
        var work = new TaskCompletionSource<int>();
        var running = Phases.On(_output, _time).RunAsync("deploy", "starting", phase =>
        {
            phase.Say("deploying");
            phase.Show("Automation 12/140");
            return work.Task;
        });

        _time.Advance(TimeSpan.FromSeconds(9));
        _time.Advance(TimeSpan.FromSeconds(1));
        work.SetResult(1);
        await running;

        Assert.Equal(
            ["deploy            …  deploying", "deploy       10.0 s  … Automation 12/140", "deploy       10.0 s  Automation 12/140"],
            _output.ToString().TrimEnd().Split('\n').Select(line => line.TrimEnd()));
    }

    [Fact]
    public async Task Phase_Fails_IsShownAndTheErrorIsThrown()
    {
        var error = await Assert.ThrowsAsync<CommandException>(
            () => Phases.On(_output, _time).RunAsync<int>("deploy", "deploying", _ => throw new CommandException("node is missing")));

        Assert.Equal("node is missing", error.Message);
        Assert.Equal("deploy        0.0 s  failed", _output.ToString().TrimEnd());
    }
}
