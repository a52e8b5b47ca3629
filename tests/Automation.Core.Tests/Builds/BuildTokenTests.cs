using Automation.Core.Builds;
using static Automation.Core.Tests.Builds.BuildSample;

namespace Automation.Core.Tests.Builds;

/// <summary>The client token, by which several executions that decide on the same builds start only one.</summary>
public sealed class BuildTokenTests
{
    /// <summary>Image Builder remembers a token for longer than a record exists. The newest build changes with every build.</summary>
    [Fact]
    public void Token_PreviousBaseReturnsAfterItsRecordWasPruned_IsDifferent()
    {
        var first = Start(Facts()).Order;
        var again = Start(Facts() with { Builds = [Done("1.0.0/2", -600, B)] }).Order;

        Assert.Equal((first.Cause, first.Attempt), (again.Cause, again.Attempt));
        Assert.NotEqual(first.ClientToken, again.ClientToken);
    }

    /// <summary>A request and a push in the same second must not become two builds: only one of them gets the token.</summary>
    [Fact]
    public void Token_AnyCauseWithTheSameBuilds_IsTheSame()
    {
        var facts = Facts() with { Builds = [Done("1.0.0/1", -600, B)] };

        var pushed = Start(facts).Order;
        var asked = Start(facts with { Manual = new ManualRequest("r1", "ann"), Now = Now.AddMinutes(1) }).Order;

        Assert.NotEqual(pushed.Cause, asked.Cause);
        Assert.Equal(pushed.ClientToken, asked.ClientToken);
    }

    /// <summary>Two executions that decide on the same builds just before and just after midnight start one build.</summary>
    [Fact]
    public void Token_OnAnotherDay_IsTheSame() =>
        Assert.Equal(Start(Facts()).Order.ClientToken, Start(Facts() with { Now = Now.AddDays(1) }).Order.ClientToken);

    /// <summary>The newest record was deleted by hand: its token is used up, and every execution finds the same next one.</summary>
    [Fact]
    public void TokenAfter_UsedToken_IsDifferentAndTheSameForEveryExecution()
    {
        var first = Start(Facts()).Order;
        var next = BuildRequests.TokenAfter(first.ClientToken);

        Assert.Equal(36, next.Length);
        Assert.Equal(next, BuildRequests.TokenAfter(first.ClientToken));
        Assert.Equal(3, new[] { first.ClientToken, next, BuildRequests.TokenAfter(next) }.Distinct().Count());
    }
}
