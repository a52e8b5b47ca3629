using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.Core.Promotion;

namespace Automation.Functions.Tests.Steps;

/// <summary>The phases of PromoteImage on an image with some builds.</summary>
internal static class PromotionSteps
{
    public const string Repository = "images/app";

    public static FunctionHarness WithBuild(params string[] versions)
    {
        var harness = new FunctionHarness();
        foreach (var version in versions)
        {
            harness.Built("app", version);
        }

        return harness;
    }

    public static void Hold(FunctionHarness harness)
    {
        var at = harness.Builder.Pipelines.FindIndex(pipeline => pipeline.Name == "app");
        harness.Builder.Pipelines[at] = harness.Builder.Pipelines[at] with { Hold = new Hold("incident 7", HoldScope.Promotion) };
    }

    // What InspectImage writes for a rollback, or marks for a release.
    public static void RollBack(FunctionHarness harness, string version)
    {
        var at = harness.Builder.Pipelines.FindIndex(pipeline => pipeline.Name == "app");
        var hold = Rollback.CreateHold(ImageVersion.Parse(version), harness.Builder.Pipelines[at].Hold, "execution-1", FunctionHarness.Now);
        harness.Builder.Pipelines[at] = harness.Builder.Pipelines[at] with { Hold = hold };
        harness.Change(FunctionHarness.BuildArn("app", version), build => build with { Digest = FunctionHarness.Digest($"app {version}") });
    }

    public static Task<PromoteImageResult> PhaseAsync(FunctionHarness harness, string phase, string version, string action = "release") =>
        harness.PromoteImage(FunctionHarness.Step(FunctionHarness.Released("app", version) with { Action = action, Phase = phase }));
}
