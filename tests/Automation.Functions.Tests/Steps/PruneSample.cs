using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;

namespace Automation.Functions.Tests.Steps;

/// <summary>Image <c>app</c> with five old builds, of which a prune deletes some.</summary>
internal static class PruneSample
{
    public static readonly LifecycleState App = new() { Action = "prune", Image = "app" };

    // Five old builds; the two newest and the one with latest stay.
    public static FunctionHarness Aged(string mode, int maxDeletePercent = 50, string[]? regions = null)
    {
        var places = regions ?? [FunctionHarness.Region];
        var harness = new FunctionHarness(CatalogOf(mode, maxDeletePercent, places));
        for (var build = 1; build <= 5; build++)
        {
            Promoted(harness, $"1.0.0/{build}", FunctionHarness.Now.AddDays(-100 + build));
            if (!places.Contains(FunctionHarness.Region))
            {
                harness.Registry.Drop("images/app", FunctionHarness.Region, FunctionHarness.Digest($"app 1.0.0/{build}"));
            }

            foreach (var region in places.Where(region => region != FunctionHarness.Region))
            {
                harness.Registry.Push("images/app", $"app 1.0.0/{build}", FunctionHarness.Now.AddDays(-100 + build), [$"1.0.0-{build}"], region);
            }
        }

        foreach (var region in places)
        {
            harness.Registry.Move(region, "images/app", FunctionHarness.Digest("app 1.0.0/3"), "latest");
        }

        return harness;
    }

    public static void KeepInEurope(FunctionHarness harness, string how)
    {
        switch (how)
        {
            case "kept":
                harness.Registry.Move("eu-west-1", "images/app", FunctionHarness.Digest("app 1.0.0/1"), "latest");
                break;
            case "refused":
                harness.Registry.StuckIn["eu-west-1"] = "tags changed";
                break;
            case "limited":
                harness.Registry.Drop("images/app", "eu-west-1", FunctionHarness.Digest("app 1.0.0/5"));
                break;
            default:
                var asked = 0;
                harness.Builder.Fault = call => call == "recipes" && asked++ == 0 ? new PermanentException("denied") : null;
                break;
        }
    }

    public static IEnumerable<string> RemainingTags(FunctionHarness harness, string region) => Enumerable.Range(1, 5)
        .Select(build => $"1.0.0-{build}").Where(tag => harness.Registry.On("images/app", tag, region) is not null);

    public static void Promoted(FunctionHarness harness, string version, DateTimeOffset at)
    {
        var build = harness.Built("app", version, at);
        harness.Change(build.Arn, record => record with { Release = new ReleaseMark(ReleaseState.Promoted, 1, at), PromotedAt = at });
    }

    public static FunctionHarness Superseded(string mode, int maxDeletePercent = 50, string[]? regions = null)
    {
        var harness = Aged(mode, maxDeletePercent, regions);
        foreach (var arn in (string[])[FunctionHarness.BuildArn("app", "1.0.0/1"), FunctionHarness.BuildArn("app", "1.0.0/2")])
        {
            harness.Change(arn, build => build with { SupersededAt = FunctionHarness.Now.AddDays(-10) });
        }

        return harness;
    }

    public static ImageCatalog CatalogOf(string mode, int maxDeletePercent, string[] regions) => ImageCatalog.Parse($$"""
        {"repositories":[{"name":"golden/base","watchTags":["stable"]}],"images":[
         {"name":"app","from":"golden/base:stable","repository":"images/app","pipeline":{"recipeVersion":"1.0.0"},
          "regions":[{{string.Join(',', regions.Select(region => $"\"{region}\""))}}],
          "promote":{"floatingTags":["latest"]},
          "retain":{"mode":"{{mode}}","keepLast":2,"keepDays":7,"keepPulledDays":0,"graceDays":3,"maxDeletePercent":{{maxDeletePercent}},"formerTags":["t{build}"] } }]}
        """);
}
