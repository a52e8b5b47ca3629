using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Promotion;
using CsCheck;

namespace Automation.Core.Tests.Promotion;

/// <summary>Builds in any state, with any mark, listed in any order.</summary>
public sealed class ReleaseProperties
{
    private static readonly Gen<BuildRecord[]> Builds = Gen.Select(Gen.Enum<BuildState>(), Gen.Int[-1, 8], Gen.Int[0, 60], Gen.Int[1, 4], Gen.Bool)
        .Array[1, 12].Select(items => items.Select((item, i) => Sample.Build($"1.0.0/{i + 1}", Sample.Noon.AddDays(-9), item.Item1) with
        {
            Cause = item.Item5 ? "first" : null,
            Digest = Sample.Digest(i),
            Release = item.Item2 < 0 ? null : new ReleaseMark((ReleaseState)item.Item2, item.Item4, Sample.Noon.AddHours(-item.Item3)),
        }).ToArray());

    [Fact]
    public void EveryAvailableBuild_GetsOneAnswerWithAReasonInAnyOrder() => Gen.Select(Builds, Gen.Int[0, 1000], Gen.Bool).Sample((builds, seed, gone) =>
    {
        var plan = Plan(builds, gone);

        Assert.Equal(Text(plan), Text(Plan(Sample.Shuffle(builds, seed), gone)));
        Assert.Equal(
            builds.Where(build => build.State == BuildState.Available).Select(build => build.Version),
            plan.Items.Select(item => item.Build).Where(build => build.State == BuildState.Available).Select(build => build.Version));
        Assert.All(plan.Items.Where(item => item.Build.State != BuildState.Available), item => Assert.Equal("not-announced", item.Order!.Reason.Code));
        Assert.All(plan.Items, item => Assert.True(item.Reason is { Code.Length: > 0, Text.Length: > 0 }));
        Assert.Equal(plan.Due.Count(), plan.Due.Select(order => order.ExecutionName).Distinct().Count());
    });

    [Fact]
    public void DueRelease_OnceBegun_IsNoLongerDue() => Gen.Select(Builds, Gen.Bool).Sample((builds, gone) =>
    {
        var due = Plan(builds, gone).Due.ToDictionary(order => order.Build.Version);
        var begun = builds.Select(build => due.TryGetValue(build.Version, out var order)
            ? build with { Release = new ReleaseMark(ReleaseState.Running, order.Attempt, Sample.Noon, order.ExecutionName) }
            : build).ToArray();

        // Whether or not the list of running executions already contains it.
        Assert.DoesNotContain(Plan(begun, false).Due, order => due.ContainsKey(order.Build.Version));
        Assert.DoesNotContain(Plan(begun, false, [.. due.Values.Select(order => order.ExecutionName)]).Due, order => due.ContainsKey(order.Build.Version));
    });

    private static ReleasePlan Plan(BuildRecord[] builds, bool gone, params string[] running)
    {
        var image = Sample.App(promote: new PromotionRules { Gate = new GateRules(), FloatingTags = [TagTemplate.Parse("latest")] });
        PromotionFacts Facts(BuildRecord build) => new()
        {
            Image = image,
            Candidate = new Candidate(build.Version, build.Digest!, build.CreatedAt),
            Region = "eu-west-1",
            Repository = new RepositoryFacts(true, TagMutability.Mutable, new Dictionary<string, Digest>()),
            Builds = builds,
            Now = Sample.Noon,
        };
        return ReleasePlanner.Due(new ReleaseFacts(image, builds, null, running.ToHashSet(), Sample.Noon)
        {
            Regions = gone
                ? builds.ToDictionary(build => build.Version, build => (IReadOnlyList<PromotionFacts>)[Facts(build)])
                : new Dictionary<ImageVersion, IReadOnlyList<PromotionFacts>>(),
        });
    }

    private static string Text(ReleasePlan plan) =>
        string.Join('\n', plan.Items.Select(item => $"{item.Build.Version} {item.Order?.ExecutionName} {item.Until} {item.Reason}"));
}
