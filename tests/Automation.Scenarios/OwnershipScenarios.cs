using System.Globalization;
using System.Text.Json.Nodes;
using Amazon.Imagebuilder;
using Amazon.Imagebuilder.Model;
using Automation.LocalCloud;
using static Automation.Scenarios.Arrangements;

namespace Automation.Scenarios;

/// <summary>The owner of an image: retention deletes only what the automation and its pipeline made.</summary>
public sealed class OwnershipScenarios
{
    private static readonly TimeSpan LongAfterTheGrace = TimeSpan.FromDays(3);

    public static TheoryData<string> Strangers => ["CreateImage from our recipe", "a second pipeline with our recipe", "another recipe"];

    /// <summary>In ECR it looks like ours: the repository is ours, and Image Builder writes its own tag for every build.</summary>
    [Theory]
    [MemberData(nameof(Strangers))]
    public async Task BuildThatAnotherPipelinePushedToTheRepository_IsKept(string stranger)
    {
        var fleet = await EdgeAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        var before = (await fleet.ImagesAsync("images/edge")).Select(image => image.ImageDigest).ToHashSet();

        await BuildAsync(fleet, stranger);
        await cloud.SettleAsync();
        var theirs = Assert.Single(await fleet.ImagesAsync("images/edge"), image => !before.Contains(image.ImageDigest)).ImageDigest;
        await cloud.AdvanceAsync(LongAfterTheGrace);
        var result = await PruneAsync(fleet, "late");

        Assert.Contains(await fleet.ImagesAsync("images/edge"), image => image.ImageDigest == theirs);
        Assert.Equal(1, result["kept"]!["others-build"]!.GetValue<int>());
    }

    /// <summary>Its record exists only in the Region in which it was built. With our version it takes over our build's tag, if the
    /// repository allows that.</summary>
    [Theory]
    [InlineData("3.0.0")]
    [InlineData("1.0.0")]
    public async Task BuildThatAnotherRecipeOfAnotherRegionPushed_IsKept(string version)
    {
        var fleet = await EdgeAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        await BaseImage.PushAsync(cloud.Ecr(cloud.Region), "golden/base", "theirs", "of somebody else");

        var theirs = cloud.ImageBuilderIn("eu-west-1");
        var recipe = await theirs.CreateContainerRecipeAsync(new CreateContainerRecipeRequest
        {
            Name = "tools",
            SemanticVersion = version,
            ContainerType = "DOCKER",
            ParentImage = $"123456789012.dkr.ecr.{cloud.Region}.amazonaws.com/golden/base:theirs",
            PlatformOverride = "Linux",
            DockerfileTemplateData = "FROM {{{ imagebuilder:parentImage }}}\n{{{ imagebuilder:environments }}}\n{{{ imagebuilder:components }}}\n",
            Components = [new ComponentConfiguration { ComponentArn = "arn:aws:imagebuilder:eu-west-1:aws:component/update-linux/x.x.x" }],
            TargetRepository = new TargetContainerRepository { RepositoryName = "images/edge", Service = "ECR" },
            ClientToken = "tools",
        }, TestContext.Current.CancellationToken);
        await CreateImageAsync(theirs, recipe.ContainerRecipeArn);
        await cloud.SettleAsync();
        var image = (await fleet.TagsAsync("images/edge", "eu-west-1"))[$"{version}-1"];
        Assert.NotEqual(image, (await fleet.TagsAsync("images/edge"))["1.0.0-1"]);
        await cloud.AdvanceAsync(LongAfterTheGrace);
        await PruneAsync(fleet, "late");

        Assert.Contains(await fleet.ImagesAsync("images/edge", "eu-west-1"), left => left.ImageDigest == image);
    }

    /// <summary>Our build without its record, which a person deleted, has no owner, and is deleted after the grace period.</summary>
    [Fact]
    public async Task BuildWithoutRecord_IsDeletedAfterItsGracePeriod()
    {
        var (fleet, orphan) = await OrphanAsync();
        await using var cloud = fleet.Cloud;

        await PruneAsync(fleet, "late");

        Assert.DoesNotContain(await fleet.ImagesAsync("images/edge"), image => image.ImageDigest == orphan);
    }

    [Theory]
    [InlineData("GetImage", "AccessDeniedException", 403)]
    [InlineData("GetImage", "ThrottlingException", 429)]
    [InlineData("GetImage", "ServiceException", 500)]
    [InlineData("ListImageBuildVersions", "AccessDeniedException", 403)]
    [InlineData("ListImages", "ForbiddenException", 403)]
    public async Task OwnerOfABuildCannotBeRead_KeepsItWithTheReasonAndPrunesTheRest(string operation, string error, int status)
    {
        var (fleet, orphan) = await OrphanAsync();
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(new FaultRule(FaultKind.Error, Service: "imagebuilder", Operation: operation, Count: null, Code: error, Status: status));

        var result = await PruneAsync(fleet, "unread");
        Assert.Contains(await fleet.ImagesAsync("images/edge"), image => image.ImageDigest == orphan);
        Assert.Equal(2, result["kept"]!["build-unknown"]!.GetValue<int>());
        Assert.DoesNotContain("1.0.0-2", (await fleet.TagsAsync("images/edge")).Keys);

        await cloud.ClearFaultsAsync();
        await PruneAsync(fleet, "read");
        Assert.DoesNotContain(await fleet.ImagesAsync("images/edge"), image => image.ImageDigest == orphan);
    }

    [Theory]
    [InlineData("keep", true)]
    [InlineData("ignore", false)]
    public async Task ForeignTagOfADeploymentTool_KeepsTheBuildUnlessTheCatalogIgnoresForeignTags(string foreignTags, bool kept)
    {
        var fleet = await EdgeAsync(foreignTags);
        await using var cloud = fleet.Cloud;
        await ReleasesAsync(fleet, 1);
        var first = (await fleet.TagsAsync("images/edge"))["1.0.0-1"];
        await fleet.RetagAsync("images/edge", first, "prod");
        await ReleasesAsync(fleet, 4, from: 2);

        await cloud.AdvanceAsync(LongAfterTheGrace);
        await PruneAsync(fleet, "marks");
        await cloud.AdvanceAsync(TimeSpan.FromDays(2));
        var result = await PruneAsync(fleet, "deletes");

        Assert.Equal(kept, (await fleet.TagsAsync("images/edge")).GetValueOrDefault("prod") == first);
        Assert.Equal(kept, (await fleet.BuildsAsync("edge")).Any(build => build.Version == "1.0.0/1"));
        Assert.Equal(kept, result["kept"]!.AsObject().ContainsKey("foreign-tag"));
        Assert.DoesNotContain((await fleet.BuildsAsync("edge")), build => build.Version == "1.0.0/2");
    }

    /// <summary>
    /// An old build with 101 signatures, more than one call can delete, is about to be deleted. A protected tag is put on it right before any of
    /// the prune's calls takes effect. Either it stays with all its signatures, or it was deleted before the tag arrived.
    /// </summary>
    [Fact]
    public async Task TagOnASignedBuildDuringThePrune_AtAnyCall_SavesItsSignaturesToo()
    {
        const int Signatures = 101;
        var ends = new List<bool>();
        var (origin, digest) = await SignedAsync(Signatures);
        await using var beginning = origin.Cloud;
        for (var call = 0; ; call++)
        {
            var fleet = origin.Copy();
            await using var cloud = fleet.Cloud;
            bool? saved = null;
            var calls = 0;
            cloud.BeforeEachCall((service, _) => saved = service == "ecr" && calls++ == call ? cloud.TryTag("images/edge", digest, "keep-this") : saved);

            await fleet.BeginPruneAsync("raced");
            await cloud.SettleAsync();
            cloud.BeforeEachCall(null);
            if (saved is not { } there)
            {
                break;
            }

            var left = await fleet.ImagesAsync("images/edge");
            Assert.Equal(there, left.Any(image => image.ImageDigest == digest));
            Assert.True(!there || left.Count(image => image.SubjectManifestDigest == digest) == Signatures, $"tagged before call {call}: signatures are lost");
            ends.Add(there);
        }

        Assert.Equal([true, false], ends.Distinct());
    }

    /// <summary>Killed before or after any call, the prune finishes what it began, and never leaves an image without its signatures.</summary>
    [Theory]
    [InlineData(FaultKind.CrashBefore)]
    [InlineData(FaultKind.CrashAfter)]
    public async Task PruneKilledAtAnyCall_LeavesNoImageWithoutItsSignaturesAndTheNextFinishes(FaultKind kill)
    {
        var (origin, digest) = await SignedAsync(3);
        await using var beginning = origin.Cloud;
        for (var call = 0; ; call++)
        {
            var fleet = origin.Copy();
            await using var cloud = fleet.Cloud;
            await cloud.InjectAsync(new FaultRule(kill, Service: "ecr", Resource: "images/edge", Skip: call));
            await fleet.BeginPruneAsync("killed");
            await cloud.AdvanceAsync(TimeSpan.FromSeconds(1));
            var reached = await cloud.PendingFaultsAsync() == 0;
            await cloud.ClearFaultsAsync();
            var left = await fleet.ImagesAsync("images/edge");
            Assert.True(left.All(image => image.ImageDigest != digest) || left.Count(image => image.SubjectManifestDigest == digest) == 3, $"call {call}");

            await cloud.AdvanceAsync(TimeSpan.FromHours(1));
            await PruneAsync(fleet, "again");
            Assert.Equal(["1.0.0/3", "1.0.0/4"], (await fleet.BuildsAsync("edge")).Select(build => build.Version));
            Assert.Equal(2, (await fleet.ImagesAsync("images/edge")).Count);
            if (!reached)
            {
                Assert.InRange(call, 8, 30);
                return;
            }
        }
    }

    /// <summary>Four builds. The first two are due to be deleted, and the first one is signed.</summary>
    private static async Task<(Fleet Fleet, string Digest)> SignedAsync(int signatures)
    {
        var fleet = await EdgeAsync(options: TestCloud.ForCopies);
        await ReleasesAsync(fleet, 4);
        var digest = (await fleet.TagsAsync("images/edge"))["1.0.0-1"];
        await SignAsync(fleet, digest, signatures);
        await fleet.Cloud.AdvanceAsync(LongAfterTheGrace);
        await PruneAsync(fleet, "marks");
        await fleet.Cloud.AdvanceAsync(TimeSpan.FromDays(2));
        return (fleet, digest);
    }

    private static async Task<Fleet> EdgeAsync(string foreignTags = "keep", CloudOptions? options = null)
    {
        var text = TestCloud.CatalogOf("two-regions")
            .Replace("\"maxDeletePercent\": 100", $"\"maxDeletePercent\": 100, \"protectedTags\": [ \"keep-*\" ], \"foreignTags\": \"{foreignTags}\"",
                StringComparison.Ordinal);
        var fleet = await TestCloud.StartAsync("two-regions", text: text, options: options);
        await fleet.CreateRepositoryAsync("eu-west-1", "images/edge");
        return fleet;
    }

    private static async Task ReleasesAsync(Fleet fleet, int to, int from = 1)
    {
        for (var release = from; release <= to; release++)
        {
            await fleet.PushAndSettleAsync($"2026.{release}");
        }
    }

    /// <summary>Four builds. A person deleted the record of the first one; the second one is due too.</summary>
    private static async Task<(Fleet Fleet, string Orphan)> OrphanAsync()
    {
        var fleet = await EdgeAsync();
        await ReleasesAsync(fleet, 4);
        var orphan = (await fleet.TagsAsync("images/edge"))["1.0.0-1"];
        await fleet.Cloud.ImageBuilder.DeleteImageAsync(new DeleteImageRequest { ImageBuildVersionArn = (await fleet.BuildsAsync("edge"))[0].Arn });
        await fleet.Cloud.AdvanceAsync(LongAfterTheGrace);
        await MarkAsync(fleet, "1.0.0/2");
        await fleet.Cloud.AdvanceAsync(TimeSpan.FromDays(2));
        return (fleet, orphan);
    }

    private static async Task MarkAsync(Fleet fleet, string version) => await fleet.Cloud.ImageBuilder.TagResourceAsync(new TagResourceRequest
    {
        ResourceArn = (await fleet.BuildsAsync("edge")).Single(build => build.Version == version).Arn,
        Tags = new()
        {
            ["automation:superseded-at"] = (await fleet.Cloud.NowAsync()).UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)
        },
    });

    private static async Task BuildAsync(Fleet fleet, string stranger)
    {
        var pipeline =
            (await fleet.Cloud.ImageBuilder.GetImagePipelineAsync(new GetImagePipelineRequest { ImagePipelineArn = fleet.PipelineArn("edge") })).ImagePipeline;
        var recipe = stranger switch
        {
            "another recipe" => await fleet.CreateRecipeAsync("tools", "3.0.0", "images/edge", Base(fleet.Cloud.Region)),
            _ => pipeline.ContainerRecipeArn,
        };
        if (stranger != "a second pipeline with our recipe")
        {
            await CreateImageAsync(fleet.Cloud.ImageBuilder, recipe);
            return;
        }

        var second = (await fleet.Cloud.ImageBuilder.CreateImagePipelineAsync(new CreateImagePipelineRequest
        {
            Name = "theirs",
            ContainerRecipeArn = recipe,
            InfrastructureConfigurationArn = pipeline.InfrastructureConfigurationArn,
            ClientToken = "theirs",
        })).ImagePipelineArn;
        await fleet.Cloud.ImageBuilder.StartImagePipelineExecutionAsync(
            new StartImagePipelineExecutionRequest { ImagePipelineArn = second, ClientToken = "start-theirs" });
    }

    private static async Task CreateImageAsync(IAmazonImagebuilder imageBuilder, string recipe)
    {
        var infrastructure = await imageBuilder.CreateInfrastructureConfigurationAsync(
            new CreateInfrastructureConfigurationRequest { Name = "theirs", InstanceProfileName = "theirs", ClientToken = "theirs" });
        await imageBuilder.CreateImageAsync(new CreateImageRequest
        {
            ContainerRecipeArn = recipe,
            InfrastructureConfigurationArn = infrastructure.InfrastructureConfigurationArn,
            ClientToken = "theirs",
        });
    }

    private static async Task SignAsync(Fleet fleet, string digest, int signatures)
    {
        var ecr = fleet.Cloud.Ecr(fleet.Cloud.Region);
        for (var number = 1; number <= signatures; number++)
        {
            await BaseImage.PushAsync(ecr, "images/edge", null, $"signature {number}", subject: new JsonObject
            {
                ["mediaType"] = "application/vnd.oci.image.manifest.v1+json",
                ["digest"] = digest,
                ["size"] = 500,
            });
        }
    }

    private static string Base(string region) => $"123456789012.dkr.ecr.{region}.amazonaws.com/golden/base:stable";
}
