using Automation.Core.Builds;
using Automation.Core.Catalog;

namespace Automation.Core.Tests.Builds;

public sealed class PipelineBuildsTests
{
    private static readonly ImageSpec Any = Sample.App() with { Pipeline = new PipelineSpec.Adopted("theirs") };
    private static readonly ImageSpec Named = Sample.App() with { Pipeline = new PipelineSpec.Adopted("theirs", "app") };

    private static readonly BuildRecord Old = Sample.Build("1.0.0/1", Sample.Noon.AddDays(-9));
    private static readonly BuildRecord New = Of("other", "1.0.0/1", Sample.Noon);

    [Fact]
    public void Of_TwoRecipesWithOneVersion_UsesTheOneStartedLastInAnyOrder()
    {
        var second = Sample.Build("1.0.0/2", Sample.Noon.AddDays(-8));

        Assert.Equal([New, second], PipelineBuilds.Of(Any, [Old, New, second]).OrderBy(build => build.Version));
        Assert.Equal([New, second], PipelineBuilds.Of(Any, [second, New, Old]).OrderBy(build => build.Version));
    }

    /// <summary>Otherwise its failures would not count while builds of the previous recipe have the same versions.</summary>
    [Fact]
    public void Of_NewerRecipeFailed_StillUsesTheNewer() =>
        Assert.Equal(BuildState.Failed, Assert.Single(PipelineBuilds.Of(Any, [Old, New with { State = BuildState.Failed }])).State);

    [Fact]
    public void Of_RecipeIsNamed_UsesOnlyItsBuilds() => Assert.Equal([Old], PipelineBuilds.Of(Named, [Old, New, Of("other", "2.0.0/1", Sample.Noon)]));

    [Fact]
    public void Of_AnotherVersionOfAnotherRecipe_CanBeRolledBackTo() =>
        Assert.Equal(2, PipelineBuilds.Of(Any, [Old, Of("other", "2.0.0/1", Sample.Noon)]).Count);

    [Fact]
    public void Indistinct_TwoBuildsOfOneVersionWithoutDigest()
    {
        Assert.Equal(2, PipelineBuilds.Ambiguous([Old, New, Of("other", "1.0.0/2", Sample.Noon)]).Count);
        Assert.Empty(PipelineBuilds.Ambiguous([Old, Old, Of("other", "1.0.0/2", Sample.Noon)]));
        Assert.Empty(PipelineBuilds.Ambiguous([Old with { Digest = Sample.Digest("a") }, New]));
        Assert.Empty(PipelineBuilds.Ambiguous([Old, New with { State = BuildState.Failed }]));
    }

    internal static BuildRecord Of(string recipe, string version, DateTimeOffset at) =>
        Sample.Build(version, at) with { Arn = Sample.Arn(version).Replace("image/app/", $"image/{recipe}/", StringComparison.Ordinal) };
}
