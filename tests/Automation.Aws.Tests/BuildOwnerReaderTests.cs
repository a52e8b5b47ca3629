using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Retention;

namespace Automation.Aws.Tests;

public sealed class BuildOwnerReaderTests
{
    private const string Account = "123456789012";
    private const string NoNames = """{"imageVersionList":[]}""";
    private const string NoBuilds = """{"imageSummaryList":[]}""";
    private static readonly AwsScope Scope = new("aws", Sample.Region, Account);
    private static readonly PipelineFacts Pipeline = new(
        Scope.PipelineArn("app"), "app", true, RecipeVersion.Parse("1.0.0"), "golden/base:stable", Recipe: "app");

    private static readonly ImageSpec App = ImageCatalog.Parse("""
        {"repositories":[{"name":"golden/base","watchTags":["stable"]}],"images":[
         {"name":"app","from":"golden/base:stable","repository":"images/app","pipeline":{"recipeVersion":"1.0.0"}}]}
        """).Images[0];

    [Fact]
    public async Task Owners_AllTagsExplained_MakesNoCall()
    {
        var wire = new Wire();

        await ReadAsync(wire, Facts("latest", "prod", "v1.0.0.1"));

        Assert.Empty(wire.Sent);
    }

    [Fact]
    public async Task Owners_BuildOfOurRecipeFromAnotherPipeline_BelongsToOthers()
    {
        var wire = new Wire().Answer(NoNames).Answer(Builds("app", "1.0.0/7"));

        var owners = await ReadAsync(wire, Facts("1.0.0-7"));

        Assert.Equal(new BuildOwner.Others(Arn("app", "1.0.0/7")), owners.Of(ImageVersion.Parse("1.0.0/7")));
        Assert.Equal(["POST /ListImages", "POST /ListImageBuildVersions"], wire.Operations);
        Assert.Equal("""[{"name":"version","values":["1.0.0"]}]""", wire.Sent[0].Text("filters"));
        Assert.Equal($"arn:aws:imagebuilder:{Sample.Region}:{Account}:image/app/1.0.0", wire.Sent[1].Text("imageVersionArn"));
    }

    /// <summary>Thousands of tags take three calls: only one of the builds is requested individually, and the lists answer for the others.</summary>
    [Fact]
    public async Task Owners_BuildsMissingInEveryList_HaveNoOwnerOnlyIfNewestDoesNotExist()
    {
        var wire = new Wire().Answer(NoNames).Answer(Builds("app", "1.0.0/3")).Refuse("ResourceNotFoundException", 404);

        var owners = await ReadAsync(wire, Facts([.. Enumerable.Range(1, 2000).Select(build => $"1.0.0-{build}")]));

        Assert.Equal(["POST /ListImages", "POST /ListImageBuildVersions", "GET /GetImage"], wire.Operations);
        Assert.Contains("image/app/1.0.0/2000", wire.Sent[2].Query, StringComparison.Ordinal);
        Assert.Equal(
            [3],
            Enumerable.Range(1, 2000).Where(build => owners.Of(new ImageVersion(1, 0, 0, build)) is not BuildOwner.None));
    }

    [Fact]
    public async Task Owners_ListLacksAnExistingBuild_BuildBelongsToOthersAndNeighboursAreUnknown()
    {
        var wire = new Wire().Answer(NoNames).Answer(NoBuilds).Answer(Image("app", "1.0.0/7"));

        var owners = await ReadAsync(wire, Facts("1.0.0-6", "1.0.0-7"));

        Assert.IsType<BuildOwner.Others>(owners.Of(ImageVersion.Parse("1.0.0/7")));
        Assert.Contains("its list does not show it", Assert.IsType<BuildOwner.Unknown>(owners.Of(ImageVersion.Parse("1.0.0/6"))).Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("images/app", true)]
    [InlineData("images/apple", false)]
    [InlineData("other/images/app", false)]
    public async Task Owners_BuildOfAnotherRecipe_BelongsToOthersIfPushedToTheRepository(string repository, bool theirs)
    {
        var wire = new Wire().Answer(Names("tools")).Answer(NoBuilds).Answer(Builds("tools", "1.0.0/7", repository)).Refuse("ResourceNotFoundException", 404);

        var owners = await ReadAsync(wire, Facts("1.0.0-7"));

        Assert.Equal(theirs, owners.Of(ImageVersion.Parse("1.0.0/7")) is BuildOwner.Others);
        Assert.Equal(theirs, owners.Of(ImageVersion.Parse("1.0.0/7")) is not BuildOwner.None);
    }

    /// <summary>It is running, or it failed half-way: it may still have pushed an image.</summary>
    [Theory]
    [InlineData("images/app", true)]
    [InlineData("images/tools", false)]
    public async Task Owners_BuildOfAnotherRecipeWithoutOutputs_BelongsToOthersIfItsRecipePushesThere(string repository, bool theirs)
    {
        var wire = new Wire().Answer(Names("tools")).Answer(NoBuilds).Answer(Builds("tools", "1.0.0/7"))
            .Answer(Image("tools", "1.0.0/7", $$""","containerRecipe":{"targetRepository":{"service":"ECR","repositoryName":"{{repository}}"} }"""))
            .Refuse("ResourceNotFoundException", 404);

        var owners = await ReadAsync(wire, Facts("1.0.0-7"));

        Assert.Equal(theirs, owners.Of(ImageVersion.Parse("1.0.0/7")) is BuildOwner.Others);
    }

    [Fact]
    public async Task Owners_ImageInSeveralRegions_IsReadInEachAndConfirmedInTheHomeRegion()
    {
        var wire = new Wire().Answer(NoNames).Answer(NoBuilds).Answer(NoNames).Answer(NoBuilds).Refuse("ResourceNotFoundException", 404);

        var owners = await ReadAsync(wire, Facts("1.0.0-7") with { Image = App with { Regions = ["eu-west-1"] } });

        Assert.IsType<BuildOwner.None>(owners.Of(ImageVersion.Parse("1.0.0/7")));
        Assert.Equal(
            ["imagebuilder.eu-west-1.amazonaws.com", "imagebuilder.eu-west-1.amazonaws.com",
                .. Enumerable.Repeat($"imagebuilder.{Sample.Region}.amazonaws.com", 3)],
            wire.Sent.Select(sent => sent.Host));
    }

    [Fact]
    public async Task Owners_AccessDenied_IsUnknownAndNextVersionIsStillRequested()
    {
        var wire = new Wire().Refuse("AccessDeniedException", 403).Answer(NoNames).Answer(NoBuilds).Refuse("ResourceNotFoundException", 404);

        var owners = await ReadAsync(wire, Facts("1.0.0-7", "2.0.0-7"));

        Assert.Contains("AccessDeniedException", Assert.IsType<BuildOwner.Unknown>(owners.Of(ImageVersion.Parse("1.0.0/7"))).Why, StringComparison.Ordinal);
        Assert.IsType<BuildOwner.None>(owners.Of(ImageVersion.Parse("2.0.0/7")));
    }

    [Fact]
    public async Task Owners_Throttled_IsUnknownAndStopsFurtherCallsInThisRun()
    {
        var wire = new Wire().Answer(NoNames).Refuse("ThrottlingException", 429);

        var owners = await ReadAsync(wire, Facts("1.0.0-7", "2.0.0-7"));

        Assert.IsType<BuildOwner.Unknown>(owners.Of(ImageVersion.Parse("1.0.0/7")));
        Assert.IsType<BuildOwner.Unknown>(owners.Of(ImageVersion.Parse("2.0.0/7")));
        Assert.Equal(2, wire.Sent.Count);
    }

    [Fact]
    public async Task Owners_SecondRegionOfOneRun_RepeatsNoCall()
    {
        var wire = new Wire().Answer(NoNames).Answer(NoBuilds).Refuse("ResourceNotFoundException", 404);
        var reader = new BuildOwnerReader(wire.ImageBuilder, Scope);
        await reader.ReadAsync(Facts("1.0.0-7"), Pipeline, Sample.Cancel);

        Assert.IsType<BuildOwner.None>((await reader.ReadAsync(Facts("1.0.0-7"), Pipeline, Sample.Cancel)).Of(ImageVersion.Parse("1.0.0/7")));
        Assert.Equal(3, wire.Sent.Count);
    }

    private static Task<BuildOwners> ReadAsync(Wire wire, RetentionFacts facts) =>
        new BuildOwnerReader(wire.ImageBuilder, Scope).ReadAsync(facts, Pipeline, Sample.Cancel);

    private static RetentionFacts Facts(params string[] tags) => new()
    {
        Image = App,
        Region = Sample.Region,
        Images = [.. tags.Select(tag => new StoredImage(Sample.Digest(tag), [tag], DateTimeOffset.UnixEpoch))],
        Now = DateTimeOffset.UnixEpoch,
    };

    private static string Arn(string recipe, string version) => $"arn:aws:imagebuilder:{Sample.Region}:{Account}:image/{recipe}/{version}";

    private static string Names(params string[] recipes) =>
        $$"""{"imageVersionList":[{{string.Join(',', recipes.Select(recipe => $$"""{"arn":"arn:aws:imagebuilder:{{Sample.Region}}:{{Account}}:image/{{recipe}}/1.0.0"}"""))}}]}""";

    private static string Builds(string recipe, string version, string? repository = null) =>
        $$"""{"imageSummaryList":[{"arn":"{{Arn(recipe, version)}}","outputResources":{"containers":[{{Container(repository, version)}}]} }]}""";

    private static string Container(string? repository, string version) => repository is null
        ? ""
        : $$"""{"region":"{{Sample.Region}}","imageUris":["{{Account}}.dkr.ecr.{{Sample.Region}}.amazonaws.com/{{repository}}:{{version.Replace('/', '-')}}"]}""";

    private static string Image(string recipe, string version, string more = "") =>
        $$"""{"image":{"arn":"{{Arn(recipe, version)}}","type":"DOCKER"{{more}}} }""";
}
