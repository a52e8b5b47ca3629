using System.Text.RegularExpressions;
using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.Core.Promotion;
using Automation.Core.Retention;

namespace Automation.Core.Tests.Builds;

public sealed partial class ExecutionNamesTests
{
    private static readonly Digest Base = Digest.Parse("sha256:" + new string('a', 64));

    /// <summary>Image names that look like another image's name followed by a cause or a version.</summary>
    private static readonly string[] Images = ["app", "app-watched", "app-manual-x", "app-v1-0-0", "app-1-0-0-1", "app-first", "app-again-2"];

    public static TheoryData<string> Names => [.. All().Select(each => each.Name)];

    /// <summary>An image watched by app, and the same digest as the base of app-watched, once gave the same name.</summary>
    [Fact]
    public void Of_DifferentWork_NeverSharesAName()
    {
        var twice = All().GroupBy(each => each.Name).Where(same => same.Skip(1).Any()).Select(same => string.Join(" = ", same.Select(each => each.What)));

        Assert.Empty(twice);
    }

    // With any other character the execution is not logged to CloudWatch Logs.
    // https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
    [Theory]
    [MemberData(nameof(Names))]
    public void Of_AnyWork_UsesOnlyCharactersThatCloudWatchLogsAccepts(string name) => Assert.Matches(Allowed(), name);

    [Fact]
    public void ImageIn_OwnName_ReturnsTheImage() => Assert.All(All(), each => Assert.Equal(each.What.Split(' ')[0], ExecutionNames.ImageIn(each.Name)));

    [Theory]
    [InlineData("")]
    [InlineData("redrive-20260105T080000")]
    [InlineData("by hand")]
    [InlineData("-app_1")]
    public void ImageIn_OtherName_IsNull(string name) => Assert.Null(ExecutionNames.ImageIn(name));

    private static IEnumerable<(string What, string Name)> All()
    {
        BuildCause[] causes =
        [
            new BuildCause.NewBase(Base), new BuildCause.NewWatched(Base), new BuildCause.ScheduledSlot(Sample.Noon),
            new BuildCause.NewRecipe(RecipeVersion.Parse("1.0.0")), new BuildCause.Requested("first"), new BuildCause.Requested("1"), new BuildCause.First(),
        ];
        foreach (var image in Images)
        {
            foreach (var cause in causes)
            {
                yield return ($"{image} {cause.Key}", ExecutionNames.Of("build", image, cause.Label, "1"));
                yield return ($"{image} {cause.Key} again", ExecutionNames.Again(ExecutionNames.Of("build", image, cause.Label, "1"), 2));
            }

            foreach (var version in new[] { "1.0.0/1", "1.0.0/11", "1.0.1/1" })
            {
                foreach (var attempt in new[] { 1, 2, 11 })
                {
                    yield return ($"{image} {version} attempt {attempt}", ReleaseName.For(image, ImageVersion.Parse(version), attempt));
                    yield return ($"{image} {version} attempt {attempt} again",
                        ExecutionNames.Again(ReleaseName.For(image, ImageVersion.Parse(version), attempt), 2));
                }

                yield return ($"{image} back to {version}", ReleaseName.ForRollback(image, ImageVersion.Parse(version), Sample.Noon));
            }

            yield return ($"{image} prune", PruneSchedule.Due(image, Sample.Noon).ExecutionName);
        }
    }

    [GeneratedRegex(@"^[0-9A-Za-z_-]{1,80}\z")]
    private static partial Regex Allowed();

    [Fact]
    public void Fit_LongOrOtherCharacters_FitsEightyCharactersAndStaysDistinct()
    {
        var one = ExecutionNames.Fit("build-" + new string('x', 90) + "1");
        var two = ExecutionNames.Fit("build-" + new string('x', 90) + "2");

        Assert.Equal((80, 80), (one.Length, two.Length));
        Assert.NotEqual(one, two);
        Assert.NotEqual(ExecutionNames.Fit("a b"), ExecutionNames.Fit("a/b"));
        Assert.Equal("release-app_1-0-0-3_again-2", ExecutionNames.Again("release-app_1-0-0-3", 2));
    }
}
