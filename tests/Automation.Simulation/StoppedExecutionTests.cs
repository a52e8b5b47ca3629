using Automation.Simulation.Embedded;

namespace Automation.Simulation;

/// <summary>A person may stop the executions of an image at any moment. The reconcile does again what they were to do.</summary>
public sealed class StoppedExecutionTests
{
    [Theory]
    [InlineData("PlanBuild", 1)]
    [InlineData("StartBuild", 3)]
    [InlineData("InspectImage", 2)]
    [InlineData("CheckScan", 1)]
    [InlineData("PromoteImage", 4)]
    [InlineData("PromoteImage", 12)]
    [InlineData("Announce", 2)]
    public async Task StoppedExecution_IsDoneAgain(string function, int call)
    {
        var history = new History(
            new Setup { Gate = true, TwoRegions = true }, [new During(function, call, new StopExecutions("app")), new PushBase(1), new Wait(45)]);

        var fast = Runner.Run(history);
        var (broken, picture) = await EmbeddedGear.RunAsync(history);

        Assert.Null(fast.Broken);
        Assert.Null(broken);
        Assert.Equal("promoted", fast.World.Picture.Images[0].Builds[0].Mark);
        Assert.Equal("promoted", picture.Images[0].Builds[0].Mark);
    }
}
