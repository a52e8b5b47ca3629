using Automation.Core.Builds;
using Automation.Core.Images;

namespace Automation.Core.Tests.Builds;

public sealed class FailureGuidanceTests
{
    private static readonly PipelineFacts Pipeline = new("arn:pipeline/app", "app", true, new RecipeVersion(1, 0, 0), "images/runtime:latest");

    [Theory]
    [InlineData(1, "Automation retries it after 15 minutes: attempt 2 of 3.")]
    [InlineData(2, "Automation retries it after 30 minutes: attempt 3 of 3.")]
    [InlineData(3, "It was the last of 3 attempts. Fix the failure, then run `automation build app`.")]
    [InlineData(4, "It was the last of 3 attempts. ")]
    public void After_Failure_SaysWhetherAnotherAttemptFollows(int failures, string text) =>
        Assert.StartsWith(text, After(Pipeline, [.. Enumerable.Range(1, failures).Select(Failed)]), StringComparison.Ordinal);

    [Fact]
    public void After_RecipeOrBaseChangedMeanwhile_SaysThatTheOtherCauseIsDue()
    {
        Assert.Equal("Causes that became due since then trigger a build.",
            After(Pipeline with { RecipeVersion = new RecipeVersion(1, 1, 0) }, [Failed(1), Failed(2), Failed(3)]));
        Assert.Equal("Causes that became due since then trigger a build.",
            FailureGuidance.After(Failed(1), Sample.App(), Pipeline, [Failed(1), Failed(2) with { State = BuildState.InProgress }]).Text);
    }

    [Fact]
    public void After_NothingMayBeBuilt_PromisesNothing()
    {
        Assert.Equal("No build starts while a hold stops everything: frozen",
            After(Pipeline with { Hold = new Hold("frozen", HoldScope.Everything) }, [Failed(1)]));
        Assert.StartsWith("No build starts while pipeline app is disabled.", After(Pipeline with { Enabled = false }, [Failed(1)]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("slot:2026-03-01T00:00:00Z")]
    [InlineData("recipe:1.0.0")]
    [InlineData("first")]
    [InlineData("watched:sha256:0000000000000000000000000000000000000000000000000000000000000001")]
    public void After_AnyCause_CountsItsAttempts(string cause)
    {
        var builds = Enumerable.Range(1, 3)
            .Select(number =>
                Failed(number) with { Cause = cause, BaseDigest = Sample.Digest(number), Slot = Sample.Noon.AddDays(-3), Watched = Watched(cause) }).ToArray();

        Assert.StartsWith("It was the last of 3 attempts.", After(Pipeline, builds), StringComparison.Ordinal);
        Assert.EndsWith("attempt 2 of 3.", After(Pipeline, builds[..1]), StringComparison.Ordinal);
    }

    private static Dictionary<string, Digest> Watched(string cause) =>
        cause.StartsWith("watched:", StringComparison.Ordinal) ? new() { ["tools"] = Digest.Parse(cause["watched:".Length..]) } : [];

    private static string After(PipelineFacts pipeline, BuildRecord[] builds) => FailureGuidance.After(builds[^1], Sample.App(), pipeline, builds).Text;

    private static BuildRecord Failed(int number) => Sample.Build($"1.0.0/{number}", Sample.Noon.AddHours(number), BuildState.Failed) with
    {
        Cause = "base:" + Sample.Digest("base").Value,
        BaseDigest = Sample.Digest("base"),
        FailureReason = "No capacity.",
    };
}
