using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.Core.Retention;

namespace Automation.Core.Tests.Retention;

public sealed class RecipePlanTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void OlderVersionsWithoutBuilds_AreDeletedIfTheNewestIsOldEnough() =>
        Assert.Equal(["1.0.0 recipe-superseded", "1.0.1 has-builds", "1.0.2 current-recipe"],
            Plan("1.0.2", [Recipe("1.0.0", 60), Recipe("1.0.1", 30), Recipe("1.0.2", 10)], "1.0.1/1"));

    // A rollback of the deployment needs the previous recipe.
    [Fact]
    public void RecentlyReplaced_Stays() =>
        Assert.Equal(["1.0.0 recipe-grace", "1.0.1 current-recipe"], Plan("1.0.1", [Recipe("1.0.0", 60), Recipe("1.0.1", 1)]));

    // CloudFormation creates a recipe before the pipeline switches to it.
    [Fact]
    public void NewerThanThePipelines_Stays() =>
        Assert.Equal(["1.0.0 current-recipe", "1.0.1 newer-recipe"], Plan("1.0.0", [Recipe("1.0.0", 60), Recipe("1.0.1", 0)]));

    [Theory]
    [InlineData(BuildState.InProgress)]
    [InlineData(BuildState.Available)]
    [InlineData(BuildState.Failed)]
    public void WithABuildInAnyState_Stays(BuildState state) =>
        Assert.Equal(["1.0.0 has-builds", "1.0.1 current-recipe"], Plan("1.0.1", [Recipe("1.0.0", 60), Recipe("1.0.1", 30)], state, "1.0.0/3"));

    [Fact]
    public void WithoutThePipelinesOwnRecipe_NothingIsDeleted() => Assert.Equal(["1.0.0 current-unknown"], Plan("1.0.1", [Recipe("1.0.0", 60)]));

    private static IEnumerable<string> Plan(string current, OwnRecipe[] recipes, params string[] builds) =>
        Plan(current, recipes, BuildState.Available, builds);

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
