using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.Core.Retention;

namespace Automation.Core.Tests.Retention;

public sealed class RecipePlanTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void OlderVersionsWithoutBuilds_Go_WhenTheNewestIsOldEnough() =>
        Assert.Equal(["1.0.0 recipe-superseded", "1.0.1 has-builds", "1.0.2 current-recipe"], Plan("1.0.2", [Recipe("1.0.0", 60), Recipe("1.0.1", 30), Recipe("1.0.2", 10)], "1.0.1/1"));

    // Whoever rolls the deployment back wants the recipe before.
    [Fact]
    public void JustReplaced_Stays() => Assert.Equal(["1.0.0 recipe-grace", "1.0.1 current-recipe"], Plan("1.0.1", [Recipe("1.0.0", 60), Recipe("1.0.1", 1)]));

    // CloudFormation creates a recipe before the pipeline changes over to it.
    [Fact]
    public void NewerThanThePipelines_Stays() => Assert.Equal(["1.0.0 current-recipe", "1.0.1 newer-recipe"], Plan("1.0.0", [Recipe("1.0.0", 60), Recipe("1.0.1", 0)]));

    [Theory]
    [InlineData(BuildState.InProgress)]
    [InlineData(BuildState.Available)]
    [InlineData(BuildState.Failed)]
    public void WithABuild_WhateverItsState_Stays(BuildState state) =>
        Assert.Equal(["1.0.0 has-builds", "1.0.1 current-recipe"], Plan("1.0.1", [Recipe("1.0.0", 60), Recipe("1.0.1", 30)], state, "1.0.0/3"));

    [Fact]
    public void WithoutThePipelinesOwnRecipe_NothingGoes() => Assert.Equal(["1.0.0 current-unknown"], Plan("1.0.1", [Recipe("1.0.0", 60)]));

    private static IEnumerable<string> Plan(string current, OwnRecipe[] recipes, params string[] builds) => Plan(current, recipes, BuildState.Available, builds);

    private static IEnumerable<string> Plan(string current, OwnRecipe[] recipes, BuildState state, params string[] builds) => RecipePlan
        .Of(
            new PipelineFacts("arn", "app", true, RecipeVersion.Parse(current), ""),
            recipes,
            [.. builds.Select(version => new BuildRecord { Version = ImageVersion.Parse(version), Arn = version, State = state, CreatedAt = Now })],
            7,
            Now)
        .Select(verdict =>
        {
            Assert.Equal(verdict.Reason.Code == "recipe-superseded", verdict.Delete);
            return $"{verdict.Recipe.Version} {verdict.Reason.Code}";
        });

    private static OwnRecipe Recipe(string version, int daysOld) => new($"arn:{version}", RecipeVersion.Parse(version), Now.AddDays(-daysOld));
}
