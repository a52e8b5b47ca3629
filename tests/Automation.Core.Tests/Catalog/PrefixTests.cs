using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Tests.Catalog;

/// <summary>A prefix changes the names of what the stack creates, and no other names.</summary>
public sealed class PrefixTests
{
    private const string Json = """
        { "repositories": [ { "name": "golden/base" }, { "name": "shared/base", "existing": true } ],
          "images": [ { "name": "app", "from": "golden/base:stable", "repository": "images/app" },
                      { "name": "web", "from": "images/app:1.0.0-1", "repository": "images/web",
                        "build": { "watch": [ "golden/base:edge", "shared/base:v*" ] } },
                      { "name": "job", "from": "shared/base:stable", "repository": "images/job" },
                      { "name": "old", "from": "public.ecr.aws/golden/base:stable", "repository": "images/old", "pipeline": "their-pipeline" } ] }
        """;

    [Fact]
    public void CreatedResources_HaveThePrefixAndKeepTheImageName()
    {
        var catalog = ImageCatalog.Parse(Json, "dev");

        Assert.Equal(["app", "web", "job", "old"], catalog.Images.Select(image => image.Name));
        Assert.Equal(["dev-app", "dev-web", "dev-job", "their-pipeline"], catalog.Images.Select(image => image.PipelineName));
        Assert.Equal(["dev/images/app", "dev/images/web", "dev/images/job", "images/old"], catalog.Images.Select(image => image.Repository));
        Assert.Equal(["dev/golden/base", "shared/base"], catalog.Repositories.Select(repository => repository.Name));
        Assert.Equal(
            ["dev/golden/base:stable", "dev/images/app:1.0.0-1", "shared/base:stable", "public.ecr.aws/golden/base:stable"],
            catalog.Images.Select(image => image.From!.ToString()));
        Assert.Equal(["dev/golden/base:edge", "shared/base:v*"], catalog.Images[1].Build.Watch.Select(watched => watched.ToString()));
    }

    [Fact]
    public void LookUps_UseThePrefixedNames()
    {
        var catalog = ImageCatalog.Parse(Json, "dev");

        Assert.Equal("app", catalog.FindByPipeline("arn:aws:imagebuilder:eu-west-1:123456789012:image-pipeline/dev-app")!.Name);
        Assert.Null(catalog.FindByPipeline("app"));
        Assert.Equal(["app"], catalog.DependantsOf(ImageReference.Local("dev/golden/base", "stable")).Select(image => image.Name));
        Assert.Equal(["web"], catalog.DependantsOf(ImageReference.Local("dev/golden/base", "edge")).Select(image => image.Name));
        Assert.Empty(catalog.DependantsOf(ImageReference.Local("golden/base", "stable")));
    }

    [Theory]
    [InlineData("Dev")]
    [InlineData("-dev")]
    [InlineData("dev-")]
    [InlineData("a--b")]
    [InlineData("dev/x")]
    [InlineData("seventeen-letters")]
    public void FaultyPrefix_IsRefused(string prefix) =>
        Assert.Contains("prefix: ", Assert.Throws<CatalogException>(() => ImageCatalog.Parse(Json, prefix)).Message, StringComparison.Ordinal);
}
