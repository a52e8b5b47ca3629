using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Core.Images;
using Automation.Core.Ports;
using Automation.Core.Promotion;
using Automation.Core.Retention;

namespace Automation.Aws.Tests;

public sealed class FleetReaderTests
{
    private const string Account = "123456789012";
    private static readonly DateTimeOffset Now = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);
    private static readonly AwsScope Scope = new("aws", Sample.Region, Account);

    private static readonly ImageCatalog Catalog = ImageCatalog.Parse("""
        {"repositories":[{"name":"golden/base","watchTags":["stable"]}],"images":[
         {"name":"app","from":"golden/base:stable","repository":"images/app","pipeline":{"recipeVersion":"1.0.0"},"promote":{"floatingTags":["latest"]}}]}
        """);

    private static readonly ImageSpec App = Catalog.Images[0];
    private static readonly PipelineFacts Own = new(Scope.PipelineArn("app"), "app", true, RecipeVersion.Parse("1.0.0"), "golden/base:stable");

    /// <summary>The account's registry in the form of a recipe.</summary>
    private const string Ecr = $"{Account}.dkr.ecr.{Sample.Region}.amazonaws.com/";

    [Theory]
    [InlineData("golden/base:stable", Sample.Region)]
    [InlineData("123456789012.dkr.ecr.eu-west-1.amazonaws.com/golden/base:stable", "eu-west-1")]
    [InlineData("999999999999.dkr.ecr.eu-west-1.amazonaws.com/golden/base:stable", null)]
    [InlineData("public.ecr.aws/amazonlinux/amazonlinux:2023", null)]
    public void RegionOf_Reference_IsTheRegionOfTheAccountsRegistry(string reference, string? region) =>
        Assert.Equal(region, Scope.RegionOf(ImageReference.Parse(reference)));

    [Fact]
    public async Task BuildFacts_BaseInOwnRegistry_HasItsCurrentDigest()
    {
        var wire = Pipeline(Ecr + "golden/base:stable").Answer(NoBuilds).Answer(Image("base", "2026-01-05T08:00:00Z"));

        var facts = await Reader(wire).Builds.ReadAsync(App, null, Now, Sample.Cancel);

        Assert.Equal(Sample.Digest("base"), facts.Base!.Digest);
        Assert.Equal("""[{"imageTag":"stable"}]""", wire.Sent[^1].Text("imageIds"));
        Assert.Equal("golden/base", wire.Sent[^1].Text("repositoryName"));
    }

    /// <summary>The account has repositories with these names, but their contents belong to others.</summary>
    [Theory]
    [InlineData("debian:bookworm-slim")]
    [InlineData("golden/base:stable")]
    [InlineData("docker.io/golden/base:stable")]
    [InlineData("public.ecr.aws/golden/base:stable")]
    [InlineData("999999999999.dkr.ecr.eu-central-1.amazonaws.com/golden/base:stable")]
    [InlineData("golden/base:{{tag}}")]
    public async Task BuildFacts_BaseOutsideTheAccountsEcr_HasNoDigestAndIsNotRequested(string parent)
    {
        var wire = Pipeline(parent).Answer(NoBuilds);

        var facts = await Reader(wire).Builds.ReadAsync(App, null, Now, Sample.Cancel);

        Assert.Null(facts.Base);
        Assert.Equal(3, wire.Sent.Count);
    }

    [Fact]
    public async Task BuildFacts_BaseInAnotherRegionOfTheAccount_IsRequestedThere()
    {
        var wire = Pipeline($"{Account}.dkr.ecr.eu-west-1.amazonaws.com/golden/base:stable").Answer(NoBuilds).Answer(Image("base", "2026-01-05T08:00:00Z"));

        await Reader(wire).Builds.ReadAsync(App, null, Now, Sample.Cancel);

        Assert.Equal("api.ecr.eu-west-1.amazonaws.com", wire.Sent[^1].Host);
    }

    [Fact]
    public async Task BuildFacts_PinnedBase_IsRequestedByDigest()
    {
        var wire = Pipeline($"{Ecr}golden/base:stable@{Sample.DigestText("base")}").Answer(NoBuilds).Answer(Image("base", "2026-01-05T08:00:00Z"));

        await Reader(wire).Builds.ReadAsync(App, null, Now, Sample.Cancel);

        Assert.Equal($$"""[{"imageDigest":"{{Sample.DigestText("base")}}"}]""", wire.Sent[^1].Text("imageIds"));
    }

    [Theory]
    [InlineData("public.ecr.aws/amazonlinux/amazonlinux:2023")]
    [InlineData("999999999999.dkr.ecr.eu-west-1.amazonaws.com/golden/base:stable")]
    public async Task BuildFacts_BaseCannotBeCompared_IsUnknownAndNotRequested(string parent)
    {
        var wire = Pipeline(parent).Answer(NoBuilds);

        Assert.Null((await Reader(wire).Builds.ReadAsync(App, null, Now, Sample.Cancel)).Base);
        Assert.DoesNotContain("DescribeImages", wire.Operations);
    }

    [Fact]
    public async Task BuildFacts_BaseDoesNotExist_IsMissing()
    {
        var facts = await Reader(Pipeline(Ecr + "golden/base:stable").Answer(NoBuilds).Refuse("ImageNotFoundException")).Builds
            .ReadAsync(App, null, Now, Sample.Cancel);

        Assert.NotNull(facts.Base);
        Assert.Null(facts.Base.Digest);
    }

    [Fact]
    public async Task BuildFacts_BaseCannotBeRead_Fails() => await Assert.ThrowsAsync<PermanentException>(() =>
        Reader(Pipeline(Ecr + "golden/base:stable").Answer(NoBuilds).Refuse("AccessDeniedException")).Builds.ReadAsync(App, null, Now, Sample.Cancel));

    [Fact]
    public async Task BuildFacts_PatternsOfOneRepository_ShareOneList()
    {
        var wire = Based().Answer($$"""
            {"imageDetails":[{"imageDigest":"{{Sample.DigestText("v1")}}","imagePushedAt":{{Seconds("2026-01-05T08:00:00Z")}},"imageTags":["v1"]},
                             {"imageDigest":"{{Sample.DigestText("v2")}}","imagePushedAt":{{Seconds("2026-01-05T09:00:00Z")}},"imageTags":["v2","edge","sha256-{{Sample.DigestText("v2")[7..]}}"]}],"nextToken":"two"}
            """).Answer($$"""
            {"imageDetails":[{"imageDigest":"{{Sample.DigestText("sig")}}","imagePushedAt":{{Seconds("2026-01-05T10:00:00Z")}},"imageTags":["sha256-{{Sample.DigestText("v2")[7..]}}.sig"]}]}
            """);

        var facts = await Reader(wire).Builds.ReadAsync(Watching("golden/tools:v*", "golden/tools:*", "golden/tools:rc*"), null, Now, Sample.Cancel);

        Assert.Equal([("v2", Sample.Digest("v2")), ("v2", Sample.Digest("v2")), null],
            facts.Watched.Select(watched => watched.Newest is { } image ? (image.Tag, image.Digest) : ((string, Digest)?)null));
        Assert.Equal(["golden/base", "golden/tools", "golden/tools"], wire.Sent.Skip(3).Select(sent => sent.Text("repositoryName")));
        Assert.Equal([null, "1000", "1000"], wire.Sent.Skip(3).Select(sent => sent.Text("maxResults")));
    }

    [Fact]
    public async Task BuildFacts_OneTagAfterQuietTime_IsRequestedAlone()
    {
        var wire = Based().Answer(Image("v1", "2026-01-05T08:00:00Z", "v1")).Refuse("ImageNotFoundException").Refuse("RepositoryNotFoundException");

        var facts = await Reader(wire).Builds.ReadAsync(Watching("golden/tools:v1", "golden/tools:v2", "golden/gone:v1"), null, Now, Sample.Cancel);

        Assert.Equal([Sample.Digest("v1"), null, null], facts.Watched.Select(watched => watched.Newest?.Digest));
        Assert.All(facts.Watched, watched => Assert.Null(watched.Unreadable));
        Assert.Equal("""[{"imageTag":"v1"}]""", wire.Sent[4].Text("imageIds"));
    }

    [Fact]
    public async Task BuildFacts_OneTagWithinQuietTime_HasItsChangeTime()
    {
        var wire = Based()
            .Answer(Image("v1", "2026-01-05T11:58:00Z", "v1"))
            .Answer($$"""
                {"imageDetails":[{"imageDigest":"{{Sample.DigestText("old")}}","imagePushedAt":{{Seconds("2026-01-05T11:56:00Z")}} },
                                 {"imageDigest":"{{Sample.DigestText("v1")}}","imagePushedAt":{{Seconds("2026-01-05T11:58:00Z")}},"imageTags":["v1"]}]}
                """);
        var app = Watching("golden/tools:v1");

        var watched = Assert.Single(
            (await Reader(wire).Builds.ReadAsync(app with { Build = app.Build with { QuietMinutes = 5 } }, null, Now, Sample.Cancel)).Watched);

        Assert.Equal((Sample.Digest("v1"), Now.AddMinutes(-4)), (watched.Newest!.Digest, watched.WaitingSince));
    }

    [Fact]
    public async Task BuildFacts_WatchedRepositoryCannotBeRead_GivesReasonAndReadsTheOthers()
    {
        var wire = Based().Refuse("AccessDeniedException").Answer(Image("v1", "2026-01-05T08:00:00Z", "v1"));

        var facts = await Reader(wire).Builds.ReadAsync(Watching("golden/secret:v1", "golden/tools:v1"), null, Now, Sample.Cancel);

        Assert.Contains("AccessDeniedException", facts.Watched[0].Unreadable, StringComparison.Ordinal);
        Assert.Equal(Sample.Digest("v1"), facts.Watched[1].Newest?.Digest);
        Assert.Contains(BuildPlanner.Decide(facts with { Builds = [Build(1) with { BaseDigest = Sample.Digest("base"), CreatedAt = Now }] }).Reasons,
            reason => reason.Code == "watched-unreadable");
    }

    [Fact]
    public async Task BuildFacts_WatchedRepositoryIsThrottled_IsTransient() => await Assert.ThrowsAsync<TransientException>(() =>
        Reader(Based().Refuse("ThrottlingException")).Builds.ReadAsync(Watching("golden/tools:v*"), null, Now, Sample.Cancel));

    [Fact]
    public async Task Pipeline_DoesNotExist_IsPermanentAndNamesImageAndPipeline()
    {
        var fault = await Assert.ThrowsAsync<PermanentException>(() =>
            Reader(new Wire().Refuse("ResourceNotFoundException", 404)).Pipelines.GetAsync(App, Sample.Cancel));

        Assert.Contains("'app'", fault.Message, StringComparison.Ordinal);
        Assert.Contains(Sample.Region, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("App")]
    public void Image_NotInTheCatalog_ListsKnownImages(string? name)
    {
        var fault = Assert.Throws<ImageNotInCatalogException>(() => Reader(new Wire()).Image(name));

        Assert.EndsWith("It has: app.", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RetentionFacts_NoRepository_HasNothingToPrune() => Assert.Null(
        await Reader(new Wire().Refuse("RepositoryNotFoundException")).Retention.ReadAsync(App, Sample.Region, Own, [], Sources([]), Now, Sample.Cancel));

    [Theory]
    [InlineData(Sample.Region, true)]
    [InlineData("eu-west-1", false)]
    public async Task RetentionFacts_Region_OwnsRecordsOnlyInTheHomeRegion(string region, bool owns)
    {
        var wire = new Wire().Answer("""{"imageDetails":[]}""");

        var facts = await Reader(wire).Retention.ReadAsync(App, region, Own, [], Sources([]), Now, Sample.Cancel);

        Assert.Equal(owns, facts!.OwnsRecords);
    }

    [Fact]
    public async Task RetentionFacts_HomeRegionWithoutPromotion_HasOnlyRecordsAndMakesNoEcrCall()
    {
        var abroad = App with { Regions = ["eu-west-1", "eu-west-1"] };
        var wire = new Wire();

        var facts = await Reader(wire).Retention.ReadAsync(abroad, Sample.Region, Own, [Build(3)], Sources([]), Now, Sample.Cancel);

        Assert.Equal((true, false, 0, 1), (facts!.OwnsRecords, facts.HasRepository, facts.Images.Count, facts.Builds.Count));
        Assert.Empty(wire.Sent);
        Assert.Equal(["eu-west-1", Sample.Region], Reader(wire).Retention.RegionsOf(abroad));
        Assert.Equal([Sample.Region], Reader(wire).Retention.RegionsOf(App));
    }

    [Fact]
    public async Task RetentionFacts_OneSourceDoesNotKnow_SaysWhyAndDiscardsTheOthers()
    {
        var wire = new Wire().Answer("""{"imageDetails":[]}""");
        IUsageSource[] sources = [
            new Source(new UsageAnswer([new Usage(Sample.Digest("a"), ReasonCode.InUse, "runs")])), new Source(UsageAnswer.DoesNotKnow("ECS does not answer"))
        ];

        var facts = await Reader(wire).Retention.ReadAsync(App, Sample.Region, Own, [], Sources(sources), Now, Sample.Cancel);

        Assert.Equal("ECS does not answer", facts!.UsageUnknown);
    }

    [Fact]
    public async Task RetentionFacts_SeveralSources_CombinesAll()
    {
        var wire = new Wire().Answer("""{"imageDetails":[]}""");
        IUsageSource[] sources = [.. new[] { "a", "b" }.Select(of => new Source(new UsageAnswer([new Usage(Sample.Digest(of), ReasonCode.InUse, "runs")])))];

        var facts = await Reader(wire).Retention.ReadAsync(App, Sample.Region, Own, [], Sources(sources), Now, Sample.Cancel);

        Assert.Equal([Sample.Digest("a"), Sample.Digest("b")], facts!.Usages.Select(usage => usage.Image));
        Assert.Null(facts.UsageUnknown);
    }

    [Fact]
    public async Task BuildFacts_NoPipeline_IsNotAFaultAndMakesNoFurtherCall()
    {
        var wire = new Wire().Refuse("ResourceNotFoundException", 404);

        var facts = await Reader(wire).Builds.ReadAsync(App, null, Now, Sample.Cancel);

        Assert.Equal((false, "app", 0), (facts.Pipeline.Exists, facts.Pipeline.Name, facts.Builds.Count));
        Assert.Single(wire.Sent);
    }

    [Fact]
    public async Task PromotionFacts_TagOnDigestWithoutRecord_HasVersionOfItsOwnTag()
    {
        var wire = new Wire()
            .Answer("""{"repositories":[{"repositoryName":"images/app"}]}""")
            .Refuse("ImageNotFoundException")
            .Answer(Image("old", "2026-01-01T08:00:00Z"))
            .Answer($$"""{"imageDetails":[{"imageDigest":"{{Sample.DigestText("new")}}"}]}""")
            .Answer($$"""{"imageDetails":[{"imageDigest":"{{Sample.DigestText("old")}}","imageTags":["latest","nightly","1.0.0-2"]}]}""");

        var facts = await Reader(wire).Releases.PromotionFactsAsync(
            App, new Candidate(ImageVersion.Parse("1.0.0/3"), Sample.Digest("new"), Now), Sample.Region, null, [], Now, Sample.Cancel);

        Assert.Equal(Sample.Digest("old"), Assert.Single(facts.Repository.Tags).Value);
        Assert.Equal(ImageVersion.Parse("1.0.0/2"), facts.Versions[Sample.Digest("old")]);
        Assert.Equal([Sample.Digest("new")], facts.PresentImages);
    }

    private const string NoBuilds = """{"imageSummaryList":[]}""";

    private static FleetReader Reader(Wire wire) => new(Catalog, wire.ImageBuilder, wire.Registry, Scope);

    private static RetentionSources Sources(IReadOnlyList<IUsageSource> usages) => new(usages, new BuildOwnerReader(new Wire().ImageBuilder, Scope));

    private static Wire Based() => Pipeline(Ecr + "golden/base:stable").Answer(NoBuilds).Answer(Image("base", "2026-01-05T08:00:00Z"));

    private static ImageSpec Watching(params string[] watched) =>
        App with
        {
            Build = new BuildRules { Watch = [.. watched.Select(text => WatchedTags.TryParse(text, out var tags) ? tags : throw new ArgumentException(text))] }
        };

    private static Wire Pipeline(string parent) => new Wire()
        .Answer(
            $$"""{"imagePipeline":{"arn":"{{Scope.PipelineArn("app")}}","name":"app","containerRecipeArn":"arn:aws:imagebuilder:eu-central-1:123456789012:container-recipe/app/1.0.0"} }""")
        .Answer($$"""{"containerRecipe":{"version":"1.0.0","parentImage":"{{parent}}"} }""");

    private static string Image(string of, string pushed, string tag = "stable") =>
        $$"""{"imageDetails":[{"imageDigest":"{{Sample.DigestText(of)}}","imagePushedAt":{{Seconds(pushed)}},"imageTags":["{{tag}}"]}]}""";

    private static long Seconds(string time) => DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeSeconds();

    private static BuildRecord Build(int number) => new()
    {
        Version = new ImageVersion(1, 0, 0, number),
        Arn = $"arn:aws:imagebuilder:eu-central-1:123456789012:image/app/1.0.0/{number}",
        State = BuildState.Available,
        CreatedAt = Now.AddDays(-1),
    };

    private sealed class Source(UsageAnswer answer) : IUsageSource
    {
        public Task<UsageAnswer> AskAsync(RetentionFacts facts, CancellationToken cancellationToken) => Task.FromResult(answer);
    }
}
