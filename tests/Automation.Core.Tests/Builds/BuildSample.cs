using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Tests.Builds;

/// <summary>Facts for build planning, and the three kinds of decisions.</summary>
internal static class BuildSample
{
    public static readonly DateTimeOffset Now = Sample.Noon;
    public static readonly Digest A = Sample.Digest("a");
    public static readonly Digest B = Sample.Digest("b");

    public static PipelineFacts Pipeline() => new("arn:aws:imagebuilder:eu-west-1:111122223333:image-pipeline/app", "app", true,
        new RecipeVersion(1, 0, 0), "111122223333.dkr.ecr.eu-west-1.amazonaws.com/images/runtime:latest");

    /// <summary>There is no build yet; the base was pushed 100 minutes ago.</summary>
    public static BuildFacts Facts(BuildRules? rules = null) => new()
    {
        Image = Sample.App(rules),
        Pipeline = Pipeline(),
        Base = new BaseFacts(ImageReference.Parse("images/runtime:latest"), A, Now.AddMinutes(-100)),
        Now = Now,
    };

    public static BuildRecord Done(string version, int minutes, Digest? from) => Sample.Build(version, Now.AddMinutes(minutes)) with
    {
        BaseDigest = from,
        Cause = from is null ? null : "base:" + from.Value,
    };

    public static BuildRecord Failed(string version, int minutes, Digest? from = null) =>
        Done(version, minutes, from ?? A) with { State = BuildState.Failed, FailureReason = "exit code 1" };

    public static BuildRecord Cancelled(string version, int minutes) => Failed(version, minutes) with { State = BuildState.Cancelled, FailureReason = null };

    public static BuildDecision.Start Start(BuildFacts facts) => Assert.IsType<BuildDecision.Start>(BuildPlanner.Decide(facts));

    public static BuildDecision.NotYet NotYet(BuildFacts facts) => Assert.IsType<BuildDecision.NotYet>(BuildPlanner.Decide(facts));

    public static void AssertNo(string code, BuildFacts facts) =>
        Assert.Equal(code, Assert.IsType<BuildDecision.No>(BuildPlanner.Decide(facts)).Reasons[0].Code);
}
