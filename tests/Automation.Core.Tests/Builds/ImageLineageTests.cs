using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Tests.Builds;

public sealed class ImageLineageTests
{
    [Fact]
    public void Lineage_SaysWhoBuildsOnWhom_AndInWhichOrder()
    {
        var lineage = new ImageLineage([Image("app", "images/runtime:latest"), Image("tool", "images/runtime:1.0"), Image("runtime", "golden/base:stable")]);

        Assert.Equal(["app", "tool"], lineage.ChildrenOf("runtime"));
        Assert.Equal(["runtime", "app", "tool"], lineage.Order);
        Assert.Empty(lineage.Cycles);
        Assert.Empty(lineage.CycleThrough("app"));
        Assert.Empty(lineage.ChildrenOf("nobody"));
    }

    [Fact]
    public void Lineage_OfRecipesThatHaveChanged_FindsTheCycleAtRunTime()
    {
        var parents = new Dictionary<string, ImageReference>
        {
            ["runtime"] = ImageReference.Parse("111122223333.dkr.ecr.eu-west-1.amazonaws.com/images/app:latest"),
        };

        var lineage = new ImageLineage([Image("app", "images/runtime:latest"), Image("runtime", "golden/base:stable"), Image("leaf", "images/app:1")], parents);

        Assert.Equal(["app", "runtime", "app"], lineage.CycleThrough("app"));
        Assert.Equal(["runtime", "app", "runtime"], lineage.CycleThrough("runtime"));
        Assert.Empty(lineage.CycleThrough("leaf"));
        Assert.Equal("app -> runtime -> app", string.Join(" -> ", Assert.Single(lineage.Cycles)));
    }

    [Fact]
    public void Lineage_ImageOnItself_IsACycle() => Assert.Equal(["app", "app"], new ImageLineage([Image("app", "images/app:latest")]).CycleThrough("app"));

    [Fact]
    public void Lineage_PublicImageOfTheSameName_IsNobodysParent() =>
        Assert.Empty(new ImageLineage([Image("app", "public.ecr.aws/images/app:latest")]).Cycles);

    private static ImageSpec Image(string name, string from) =>
        Some.App() with { Name = name, Repository = "images/" + name, From = ImageReference.Parse(from) };
}
