using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using static Automation.Functions.Tests.Steps.PromotionSteps;

namespace Automation.Functions.Tests.Steps;

/// <summary>The phases that write version tags and floating tags.</summary>
public sealed class PromoteImageTests
{
    [Fact]
    public async Task Version_NewBuild_WritesItsTagAndNoFloatingTag()
    {
        var harness = WithBuild("1.0.0/1");

        var result = await PhaseAsync(harness, "version", "1.0.0/1");

        Assert.Equal(["put us-east-1 images/app:1.0.0-20260105.1"], harness.Registry.Changes);
        Assert.Equal((FunctionHarness.Now, false), (result.At, result.Stopped));
    }

    [Fact]
    public async Task Phases_Repeated_WriteEverythingOnce()
    {
        var harness = WithBuild("1.0.0/1");
        foreach (var phase in (string[])["version", "version", "floating", "floating", "verify", "verify"])
        {
            await PhaseAsync(harness, phase, "1.0.0/1");
        }

        Assert.Equal(
            ["put us-east-1 images/app:1.0.0-20260105.1", "put us-east-1 images/app:1", "put us-east-1 images/app:latest"],
            harness.Registry.Changes);
    }

    [Fact]
    public async Task Version_TagIsOnAnotherDigest_IsAConflictAndNothingMoves()
    {
        var harness = WithBuild("1.0.0/1");
        harness.Registry.Push(Repository, "pushed by hand", FunctionHarness.Now, ["1.0.0-20260105.1"]);

        var fault = await Assert.ThrowsAsync<TagConflictException>(() => PhaseAsync(harness, "version", "1.0.0/1"));

        Assert.Contains("images/app:1.0.0-20260105.1 in us-east-1", fault.Message, StringComparison.Ordinal);
        Assert.Empty(harness.Registry.Changes);
    }

    [Fact]
    public async Task Floating_OneTagIsImmutableOnAnotherDigest_MovesNoTag()
    {
        var harness = WithBuild("1.0.0/1");
        harness.Registry.Push(Repository, "other", FunctionHarness.Now, ["latest"]);
        harness.Registry.Immutable.Add(Repository);

        await Assert.ThrowsAsync<TagConflictException>(() => PhaseAsync(harness, "floating", "1.0.0/1"));

        Assert.Empty(harness.Registry.Changes);
        Assert.Equal(FunctionHarness.Digest("other"), harness.Registry.On(Repository, "latest"));
    }

    /// <summary>A release announces that no tag was moved, so none may be when the verification finds the conflict.</summary>
    [Fact]
    public async Task Floating_VersionTagIsOnAnotherImageByNow_MovesNothing()
    {
        var harness = WithBuild("1.0.0/1");
        await PhaseAsync(harness, "version", "1.0.0/1");
        harness.Registry.Push(Repository, "pushed by hand", FunctionHarness.Now, ["1.0.0-20260105.1"]);

        await Assert.ThrowsAsync<TagConflictException>(() => PhaseAsync(harness, "floating", "1.0.0/1"));

        Assert.Null(harness.Registry.On(Repository, "latest"));
    }

    [Fact]
    public async Task Floating_TagIsOnANewerBuild_IsOvertakenAndStays()
    {
        var harness = WithBuild("1.0.0/1", "1.0.0/2");
        harness.Registry.Move(FunctionHarness.Region, Repository, FunctionHarness.Digest("app 1.0.0/2"), "latest");
        harness.Registry.Move(FunctionHarness.Region, Repository, FunctionHarness.Digest("app 1.0.0/2"), "1");

        var result = await PhaseAsync(harness, "floating", "1.0.0/1");

        Assert.Equal("overtaken", result.Outcome);
        Assert.All(result.Steps, step => Assert.Equal("not-forward", step.Action));
        Assert.Empty(harness.Registry.Changes);
    }

    [Fact]
    public async Task Floating_Held_Stays()
    {
        var harness = WithBuild("1.0.0/1");
        Hold(harness);

        var result = await PhaseAsync(harness, "floating", "1.0.0/1");

        Assert.Equal("held", result.Outcome);
        Assert.Empty(harness.Registry.Changes);
    }

    [Fact]
    public async Task Soak_CountsFromTheVersionTagsAndNotForAnExplicitPromotion()
    {
        var harness = new FunctionHarness(ImageCatalog.Parse("""
            {"repositories":[{"name":"golden/base","watchTags":["stable"]}],"images":[
             {"name":"app","from":"golden/base:stable","repository":"images/app","pipeline":{"recipeVersion":"1.0.0"},
              "promote":{"versionTags":["{version}-r{build}"],"floatingTags":["latest"],"soakHours":4}}]}
            """));
        harness.Built("app", "1.0.0/1");
        var state = FunctionHarness.Released("app", "1.0.0/1") with { Phase = "version" };

        var first = await harness.PromoteImage(FunctionHarness.Step(state));
        var again = await harness.PromoteImage(FunctionHarness.Step(state, FunctionHarness.Now.AddHours(3)));
        var floating = await harness.PromoteImage(FunctionHarness.Step(state with { Phase = "floating" }, FunctionHarness.Now.AddHours(3)));
        var explicitly =
            await harness.PromoteImage(FunctionHarness.Step(state with { Release = state.Release! with { Explicit = true } }, FunctionHarness.Now.AddHours(3)));
        var over = await harness.PromoteImage(FunctionHarness.Step(state, FunctionHarness.Now.AddHours(4)));
        var done = await harness.PromoteImage(FunctionHarness.Step(state with { Phase = "floating" }, FunctionHarness.Now.AddHours(4)));

        Assert.Equal([FunctionHarness.Now.AddHours(4), FunctionHarness.Now.AddHours(4), null, null],
            new[] { first, again, explicitly, over }.Select(step => step.WaitUntil));
        Assert.Single(harness.Builder.Changes, "tag app/1.0.0/1 version-tags-at=2026-01-05T08:30:00Z");
        Assert.Equal(("soaking", "put"), (Assert.Single(floating.Steps).Action, Assert.Single(done.Steps).Action));
    }

    [Fact]
    public async Task Version_BeforeTheFirstTagMoves_WritesTheClearance()
    {
        var harness = WithBuild("1.0.0/1");
        harness.Registry.Fault = call => call.StartsWith("put", StringComparison.Ordinal) ? new TransientException("throttled") : null;

        await Assert.ThrowsAsync<TransientException>(() => PhaseAsync(harness, "version", "1.0.0/1"));

        Assert.Equal(["tag app/1.0.0/1 cleared-at=2026-01-05T08:30:00Z", $"tag app/1.0.0/1 cleared-digest={FunctionHarness.Digest("app 1.0.0/1")}"],
            harness.Builder.Changes);
    }

    [Theory]
    [InlineData("VERSION")]
    [InlineData("")]
    [InlineData(null)]
    public async Task Phase_Unknown_IsInvalid(string? phase) => await Assert.ThrowsAsync<InvalidEventException>(() =>
        WithBuild("1.0.0/1").PromoteImage(FunctionHarness.Step(FunctionHarness.Released("app", "1.0.0/1") with { Phase = phase })));

    /// <summary>Read again before every phase, because the build may have changed.</summary>
    [Theory]
    [InlineData("version")]
    [InlineData("floating")]
    [InlineData("verify")]
    public async Task AnyPhase_BuildIsDeprecatedMissingOrAnotherImage_StopsWithTheReasonAndMovesNothing(string phase)
    {
        var harness = WithBuild("1.0.0/1");
        async Task<string> CodeAsync()
        {
            var result = await PhaseAsync(harness, phase, "1.0.0/1");
            Assert.True(result.Stopped);
            return result.Reasons[0].Code;
        }

        harness.Change(FunctionHarness.BuildArn("app", "1.0.0/1"), build => build with { State = BuildState.Deprecated });
        Assert.Equal("build-deprecated", await CodeAsync());
        harness.Change(FunctionHarness.BuildArn("app", "1.0.0/1"), build => build with { State = BuildState.Disabled });
        Assert.Equal("build-disabled", await CodeAsync());
        harness.Change(
            FunctionHarness.BuildArn("app", "1.0.0/1"), build => build with { State = BuildState.Available, Digest = FunctionHarness.Digest("other") });
        Assert.Equal("digest-changed", await CodeAsync());
        harness.Builder.Builds.Clear();
        Assert.Equal("build-gone", await CodeAsync());
        Assert.Empty(harness.Registry.Changes);
        Assert.Empty(harness.Builder.Changes);
    }

    [Fact]
    public async Task Repository_MissingInTheRegion_IsAConflictThatSaysSo()
    {
        var harness = WithBuild("1.0.0/1");
        harness.Registry.Drop(Repository);

        var fault = await Assert.ThrowsAsync<TagConflictException>(() => PhaseAsync(harness, "version", "1.0.0/1"));

        Assert.Contains("there is no repository images/app", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Put_IsThrottledInTheMiddle_TheNextRunFinishes()
    {
        var harness = WithBuild("1.0.0/1");
        harness.Registry.Fault = call =>
            call.EndsWith("put us-east-1 images/app:latest", StringComparison.Ordinal) ? new TransientException("throttled") : null;
        await Assert.ThrowsAsync<TransientException>(() => PhaseAsync(harness, "floating", "1.0.0/1"));

        harness.Registry.Fault = null;
        var result = await PhaseAsync(harness, "floating", "1.0.0/1");

        Assert.Equal([("1", "present"), ("latest", "put")], result.Steps.Select(step => (step.Tag, step.Action)));
    }
}
