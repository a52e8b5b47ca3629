using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Aws.Tests;

/// <summary>Base images that a recipe names by a Systems Manager parameter or by the ARN of an Image Builder image.</summary>
public sealed class BaseFormTests
{
    private const string Account = "123456789012";
    private const string Ecr = $"{Account}.dkr.ecr.{Sample.Region}.amazonaws.com/";
    private const string Managed = $"arn:aws:imagebuilder:{Sample.Region}:aws:image/amazon-linux-x86-latest";
    private const string OwnImage = $"arn:aws:imagebuilder:{Sample.Region}:{Account}:image/runtime";
    private static readonly DateTimeOffset Now = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);
    private static readonly AwsScope Scope = new("aws", Sample.Region, Account);

    private static readonly ImageCatalog Catalog = ImageCatalog.Parse("""
        {"images":[{"name":"app","repository":"images/app","pipeline":"their-pipeline"}]}
        """);

    [Fact]
    public async Task Parameter_NamesImageOfTheAccount_GivesItsDigest()
    {
        var facts = await ReadAsync("ssm:/golden/base", Parameter($"{Ecr}golden/base:2026.1"), Image("one"));

        Assert.Equal((Sample.Digest("one"), null, "ssm:/golden/base"), (facts.Base!.Digest, facts.Base.ResolvedTo, facts.Base.Through));
        Assert.Equal($"ssm:/golden/base ({Ecr}golden/base:2026.1)", facts.Base.Name);
        Assert.IsType<BuildDecision.Start>(BuildPlanner.Decide(facts));
    }

    [Fact]
    public async Task Parameter_NamesImageElsewhere_ValueIsWatched()
    {
        var first = await ReadAsync("ssm:/golden/base", Parameter("public.ecr.aws/docker/library/alpine:3.20"));
        var second = await ReadAsync("ssm:/golden/base", Parameter("public.ecr.aws/docker/library/alpine:3.21"));

        Assert.Equal(Digest.OfText("public.ecr.aws/docker/library/alpine:3.20"), first.Base!.Digest);
        Assert.NotEqual(first.Base.Digest, second.Base!.Digest);
        Assert.Equal(new DateTimeOffset(2026, 1, 5, 8, 0, 0, TimeSpan.Zero), first.Base.PushedAt);
        var start = Assert.IsType<BuildDecision.Start>(BuildPlanner.Decide(first));
        Assert.Contains(start.Reasons, reason => reason.Code == "base-partly-watched");
        Assert.Equal(first.Base.Digest!.Value, start.Order.Tags[BuildTags.BaseDigest]);
        Assert.Equal("ssm:/golden/base (public.ecr.aws/docker/library/alpine:3.20)", TagText.Decode(start.Order.Tags[BuildTags.Base]));
    }

    [Theory]
    [InlineData("ssm:/other", "the value of parameter /golden/base is not an image")]
    [InlineData("not an image", "the value of parameter /golden/base is not an image")]
    public async Task Parameter_NamesNoImage_NothingIsBuiltAndReasonSaysWhy(string value, string why) =>
        AssertMissing(why, await ReadAsync("ssm:/golden/base", Parameter(value)));

    [Fact]
    public async Task Parameter_DoesNotExist_NothingIsBuiltAndReasonSaysWhy() =>
        AssertMissing($"there is no parameter /golden/base in {Sample.Region}", await ReadAsync("ssm:/golden/base", wire => wire.Refuse("ParameterNotFound")));

    [Fact]
    public async Task Parameter_MayNotBeRead_OnlyScheduleBuildsAndReasonSaysSo()
    {
        var facts = await ReadAsync("ssm:/golden/base", wire => wire.Refuse("AccessDeniedException"));

        Assert.Null(facts.Base);
        var built = facts with
        {
            Builds = [new BuildRecord { Version = new ImageVersion(1, 0, 0, 1), Arn = $"{OwnImage}/1.0.0/1", State = BuildState.Available, CreatedAt = Now }]
        };
        var no = Assert.IsType<BuildDecision.No>(BuildPlanner.Decide(built));
        Assert.Contains(no.Reasons, reason => reason.Code == "base-unreadable" && reason.Text.Contains("AccessDeniedException", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ManagedImage_IsWatchedByVersion()
    {
        var first = await ReadAsync($"{Managed}/x.x.x", Built($"{Managed}/2026.1.1/1"));
        var second = await ReadAsync($"{Managed}/x.x.x", Built($"{Managed}/2026.2.1/1"));

        Assert.Equal((Digest.OfText($"{Managed}/2026.1.1/1"), $"{Managed}/2026.1.1/1"), (first.Base!.Digest, first.Base.ResolvedTo));
        Assert.NotEqual(first.Base.Digest, second.Base!.Digest);
        Assert.DoesNotContain(BuildPlanner.Decide(first).Reasons, reason => reason.Code == "base-partly-watched");
    }

    [Fact]
    public async Task OwnImage_GivesDigestOfNewestBuild()
    {
        var facts = await ReadAsync(
            $"{OwnImage}/1.x.x",
            Built($"{OwnImage}/1.0.0/3", $"{Account}.dkr.ecr.eu-west-1.amazonaws.com/images/runtime:1.0.0-3", $"{Ecr}images/runtime:1.0.0-3",
                $"{Ecr}images/runtime:latest"), Image("built"));

        Assert.Equal((Sample.Digest("built"), $"{Ecr}images/runtime:1.0.0-3"), (facts.Base!.Digest, facts.Base.Reference!.ToString()));
    }

    [Fact]
    public async Task OwnImage_WithoutAvailableBuild_NothingIsBuiltAndReasonSaysWhy() =>
        AssertMissing(
            $"there is no available image {OwnImage}/x.x.x", await ReadAsync($"{OwnImage}/x.x.x", wire => wire.Refuse("ResourceNotFoundException", 404)));

    private static void AssertMissing(string why, BuildFacts facts) =>
        Assert.Equal(("base-missing", why), (BuildPlanner.Decide(facts).Reasons[0].Code, BuildPlanner.Decide(facts).Reasons[0].Text));

    private static async Task<BuildFacts> ReadAsync(string parent, params Action<Wire>[] answers)
    {
        var wire = new Wire()
            .Answer(
                $$"""{"imagePipeline":{"arn":"{{Scope.PipelineArn("their-pipeline")}}","name":"their-pipeline","containerRecipeArn":"arn:aws:imagebuilder:eu-central-1:123456789012:container-recipe/app/1.0.0"} }""")
            .Answer($$"""{"containerRecipe":{"version":"1.0.0","parentImage":"{{parent}}"} }""")
            .Answer("""{"imageSummaryList":[]}""");
        foreach (var answer in answers)
        {
            answer(wire);
        }

        return await new FleetReader(Catalog, wire.ImageBuilder, wire.Registry, Scope, wire.Parameters).Builds
            .ReadAsync(Catalog.Images[0], null, Now, Sample.Cancel);
    }

    // 2026-01-05T08:00:00Z
    private static Action<Wire> Parameter(string value) =>
        wire => wire.Answer($$"""{"Parameter":{"Type":"String","Value":"{{value}}","LastModifiedDate":1767600000} }""");

    private static Action<Wire> Image(string of) =>
        wire => wire.Answer($$"""{"imageDetails":[{"imageDigest":"{{Sample.DigestText(of)}}","imagePushedAt":1767000000,"imageTags":["x"]}]}""");

    private static Action<Wire> Built(string arn, params string[] uris) => wire => wire.Answer(
        $$"""{"image":{"arn":"{{arn}}","type":"DOCKER","dateCreated":"2026-01-04T08:00:00Z","outputResources":{"containers":[{"region":"eu-central-1","imageUris":[{{string.Join(',', uris.Select(Sample.Json))}}]}]} } }""");
}
