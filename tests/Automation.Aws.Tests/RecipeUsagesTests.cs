using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Ports;
using Automation.Core.Retention;

namespace Automation.Aws.Tests;

public sealed class RecipeUsagesTests
{
    private const string Home = Sample.Region;
    private const string Account = "123456789012";
    private const string Ecr = $"{Account}.dkr.ecr.{Home}.amazonaws.com/";

    private static readonly ImageCatalog Catalog = ImageCatalog.Parse("""
        {"repositories":[{"name":"golden/base","watchTags":["stable"]}],
         "images":[{"name":"app","from":"golden/base:stable","repository":"images/app","pipeline":{"recipeVersion":"1.0.0"},"regions":["eu-central-1","eu-west-1"]}]}
        """);

    [Theory]
    [InlineData(Ecr + "images/app:latest", "latest")]
    [InlineData(Ecr + "images/app", "latest")]
    [InlineData("123456789012.dkr.ecr.eu-central-1.amazonaws.com/images/app:1.0.0-1", "1.0.0-1")]
    [InlineData("123456789012.dkr-ecr.eu-central-1.on.aws/images/app:1.0.0-1", "1.0.0-1")]
    [InlineData("123456789012.dkr.ecr.eu-central-1.amazonaws.com/images/app:moved@{1.0.0-1}", "1.0.0-1")]
    [InlineData(Ecr + "images/app@{1.0.0-2}", "1.0.0-2")]
    [InlineData("123456789012.dkr.ecr-fips.eu-central-1.amazonaws.com/images/app:latest", "latest")]
    public async Task Base_OfARecipeInThisAccount_IsInUse(string parent, string tag)
    {
        var wire = new Wire().Answer(Recipes(Written(parent))).Answer(Recipes());

        var usage = Assert.Single((await AskAsync(wire)).Usages);

        Assert.Equal(Sample.Digest(tag), usage.Image);
        Assert.Equal($"is the base of recipe child/1.0.0 ({Written(parent)})", usage.Why);
    }

    [Theory]
    [InlineData("image/app/1.0.0/1", "1.0.0/1")]
    [InlineData("image/app/1.0.0", "1.0.0/3")]
    [InlineData("image/app/1.0.x", "1.0.0/3")]
    [InlineData("image/app/1.0.0/x", "1.0.0/3")]
    [InlineData("image/app/x.x.x/x", "1.1.0/1")]
    [InlineData("image/app/1.0.0/3", "1.0.0/3")]
    [InlineData("image/app/1.0.0/4", "1.0.0/4")]
    public async Task Base_NamedByBuildArn_IsThatBuildEvenWithoutDigest(string path, string version)
    {
        var parent = $"arn:aws:imagebuilder:{Home}:{Account}:{path}";

        var usage = Assert.Single((await AskAsync(new Wire().Answer(Recipes(parent)).Answer(Recipes()))).Usages);

        Assert.Equal((null, $"arn:aws:imagebuilder:{Home}:{Account}:image/app/{version}"), (usage.Image, usage.BuildArn));
        Assert.Contains(parent, usage.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("arn:aws:imagebuilder:eu-central-1:123456789012:image/app")]
    [InlineData("arn:aws:imagebuilder:eu-central-1:123456789012:image/app/1.0")]
    [InlineData("arn:aws:imagebuilder:eu-central-1:123456789012:image/app/1.0.newest")]
    [InlineData("arn:aws:imagebuilder:eu-central-1:123456789012:image/app/1.0.0/last")]
    [InlineData("arn:aws:imagebuilder:eu-central-1:123456789012:image/app/1.0.0/1/2")]
    [InlineData("arn:aws:imagebuilder:eu-central-1:123456789012:container-recipe/app/1.0.0")]
    [InlineData("arn:aws:ecr:eu-central-1:123456789012:repository/images/app")]
    public async Task Base_NamedByUnreadableArn_IsUnknown(string parent) => Assert.Equal(
        $"the container recipes could not be read: recipe child/1.0.0 names its base '{parent}', which cannot be read: it is an ARN, but not the ARN of an Image Builder image.",
        (await AskAsync(new Wire().Answer(Recipes(parent)))).Unknown);

    [Theory]
    [InlineData(Ecr + "images/other:latest")]
    [InlineData(Ecr + "images/app:nowhere")]
    [InlineData("images/app:latest")] // Docker Hub's
    [InlineData("docker.io/images/app:latest")]
    [InlineData("public.ecr.aws/images/app:latest")]
    [InlineData("999999999999.dkr.ecr.eu-central-1.amazonaws.com/images/app:latest")]
    [InlineData("123456789012.dkr.ecr.eu-west-1.amazonaws.com/images/app:latest")]
    [InlineData("123456789012.dkr.ecr.eu-west-1.amazonaws.com/images/app@{1.0.0-1}")]
    [InlineData("arn:aws:imagebuilder:eu-central-1:aws:image/app/x.x.x")]
    [InlineData("arn:aws:imagebuilder:eu-central-1:123456789012:image/other/x.x.x")]
    [InlineData("arn:aws:imagebuilder:eu-central-1:123456789012:image/app/2.0.0/1")]
    [InlineData("arn:aws:imagebuilder:eu-central-1:123456789012:image/app/1.0.0/7")]
    public async Task Base_Elsewhere_IsNotOurs(string parent)
    {
        var answer = await AskAsync(new Wire().Answer(Recipes(Written(parent))).Answer(Recipes()));

        Assert.Empty(answer.Usages);
        Assert.Null(answer.Unknown);
    }

    [Fact]
    public async Task Base_OfARecipeInAnotherRegion_IsInUse()
    {
        const string Parent = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/images/app:latest";
        var there = await AskAsync(new Wire().Answer(Recipes()).Answer(Recipes(Parent)), "eu-west-1");
        var here = await AskAsync(new Wire().Answer(Recipes()).Answer(Recipes(Parent)));

        Assert.Equal(Sample.Digest("latest"), Assert.Single(there.Usages).Image);
        Assert.Empty(here.Usages);
    }

    [Fact]
    public async Task Region_IsReadOnce_ForAnyNumberOfTargetRegions()
    {
        var wire = new Wire().Answer(Recipes()).Answer(Recipes());
        var source = Source(wire);

        await source.AskAsync(Facts(Home), Sample.Cancel);
        await source.AskAsync(Facts("eu-west-1"), Sample.Cancel);

        Assert.Equal(["imagebuilder.eu-central-1.amazonaws.com", "imagebuilder.eu-west-1.amazonaws.com"], wire.Sent.Select(sent => sent.Host));
    }

    [Fact]
    public async Task Recipes_AccessDenied_IsUnknownAndSaysWhy() => Assert.Equal(
        "the container recipes could not be read: Could not list the container recipes in eu-central-1: ForbiddenException: because",
        (await AskAsync(new Wire().Refuse("ForbiddenException", 403))).Unknown);

    [Fact]
    public async Task Recipes_SecondRegionCannotBeRead_IsUnknown() =>
        Assert.NotNull((await AskAsync(new Wire().Answer(Recipes(Ecr + "images/app:latest")).Refuse("ForbiddenException", 403))).Unknown);

    [Theory]
    [InlineData("IMAGES/app:latest", "cannot be read: 'IMAGES/app' is not a repository name")]
    [InlineData("images/app:{{tag}}", "cannot be read: '{{tag}}' is not a tag")]
    [InlineData("ssm:/images/base", "is named by a Systems Manager parameter")]
    public async Task Base_Unreadable_IsUnknown(string parent, string why) => Assert.Equal(
        $"the container recipes could not be read: recipe child/1.0.0 names its base '{parent}', which {why}.",
        (await AskAsync(new Wire().Answer(Recipes(parent)))).Unknown);

    [Fact]
    public async Task Recipes_Throttled_IsTransientInsteadOfKeepingEverything() =>
        await Assert.ThrowsAsync<TransientException>(() => AskAsync(new Wire().Refuse("CallRateLimitExceededException", 429)));

    private static Task<UsageAnswer> AskAsync(Wire wire, string region = Home) => Source(wire).AskAsync(Facts(region), Sample.Cancel);

    private static IUsageSource Source(Wire wire) =>
        new FleetReader(Catalog, wire.ImageBuilder, wire.Registry, new AwsScope("aws", Home, Account)).Retention.Sources().Usages.Single();

    private static RetentionFacts Facts(string region) => new()
    {
        Image = Catalog.Images[0],
        Region = region,
        Images = [.. new[] { "1.0.0-1", "1.0.0-2", "latest" }.Select(tag => new StoredImage(Sample.Digest(tag), [tag], DateTimeOffset.UnixEpoch))],
        Builds =
        [
            Build("1.0.0/1", "1.0.0-1"), Build("1.0.0/2", "1.0.0-2"), Build("1.1.0/1", "latest"),
            Build("1.0.0/3", "") with { Digest = null },
            Build("1.0.0/4", "") with { Digest = null, State = BuildState.Failed },
        ],
        Now = DateTimeOffset.UnixEpoch,
    };

    private static BuildRecord Build(string version, string digest) => new()
    {
        Version = ImageVersion.Parse(version),
        Arn = $"arn:aws:imagebuilder:{Home}:{Account}:image/app/{version}",
        State = BuildState.Available,
        CreatedAt = DateTimeOffset.UnixEpoch,
        Digest = Sample.Digest(digest),
    };

    // {1.0.0-1} is replaced by the digest of that image.
    private static string Written(string parent) => parent.Replace("{1.0.0-1}", Sample.DigestText("1.0.0-1"), StringComparison.Ordinal)
        .Replace("{1.0.0-2}", Sample.DigestText("1.0.0-2"), StringComparison.Ordinal);

    private static string Recipes(params string[] parents) => "{\"containerRecipeSummaryList\":[" + string.Join(',', parents.Select(parent =>
        $$"""{"arn":"arn:aws:imagebuilder:{{Home}}:{{Account}}:container-recipe/child/1.0.0","parentImage":"{{parent}}"}""")) + "]}";
}
