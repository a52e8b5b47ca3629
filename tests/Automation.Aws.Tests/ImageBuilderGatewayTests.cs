using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Images;

namespace Automation.Aws.Tests;

public sealed class ImageBuilderGatewayTests
{
    private const string PipelineArn = "arn:aws:imagebuilder:eu-central-1:123456789012:image-pipeline/app";
    private const string BuildArn = "arn:aws:imagebuilder:eu-central-1:123456789012:image/app/1.0.0/3";
    private const string RecipeArn = "arn:aws:imagebuilder:eu-central-1:123456789012:container-recipe/app/1.2.0";

    [Theory]
    [InlineData("app")]
    [InlineData(PipelineArn)]
    public async Task FindPipeline_NameOrArn_ReadsPipelineAndRecipe(string nameOrArn)
    {
        var wire = new Wire().Answer(Pipeline("""
            "status":"ENABLED","tags":{"automation:hold":"rolled back","automation:hold-scope":"promotion"}
            """)).Answer(Recipe());

        var pipeline = await wire.ImageBuilder.FindPipelineAsync(nameOrArn, null, Sample.Cancel);

        Assert.Equal(
            new PipelineFacts(PipelineArn, "app", true, RecipeVersion.Parse("1.2.0"), "golden/base:stable", new Hold("rolled back", HoldScope.Promotion),
                Recipe: "app"),
            pipeline);
        Assert.Equal(["GET /GetImagePipeline", "GET /GetContainerRecipe"], wire.Operations);
        Assert.Equal($"?imagePipelineArn={PipelineArn}", wire.Sent[0].Query);
        Assert.Equal($"?containerRecipeArn={RecipeArn}", wire.Sent[1].Query);
    }

    [Fact]
    public async Task FindPipeline_Disabled_IsNotEnabled() =>
        Assert.False((await new Wire().Answer(Pipeline("\"status\":\"DISABLED\"")).Answer(Recipe()).ImageBuilder
            .FindPipelineAsync("app", null, Sample.Cancel))!.Enabled);

    [Fact]
    public async Task FindPipeline_DoesNotExist_IsNull() =>
        Assert.Null(await new Wire().Refuse("ResourceNotFoundException", 404).ImageBuilder.FindPipelineAsync("app", null, Sample.Cancel));

    [Fact]
    public async Task FindPipeline_AmiPipeline_IsNullAndReadsNoRecipe()
    {
        var wire = new Wire().Answer(
            $$"""{"imagePipeline":{"arn":"{{PipelineArn}}","name":"app","imageRecipeArn":"arn:aws:imagebuilder:eu-central-1:123456789012:image-recipe/app/1.0.0"} }""");

        Assert.Null(await wire.ImageBuilder.FindPipelineAsync("app", null, Sample.Cancel));
        Assert.Single(wire.Sent);
    }

    [Theory]
    [InlineData("ResourceNotFoundException", 404)]
    [InlineData("ForbiddenException", 403)]
    public async Task FindPipeline_RecipeCannotBeRead_IsPermanent(string code, int status) =>
        await Assert.ThrowsAsync<PermanentException>(() =>
            new Wire().Answer(Pipeline("\"status\":\"ENABLED\"")).Refuse(code, status).ImageBuilder.FindPipelineAsync("app", null, Sample.Cancel));

    [Fact]
    public async Task ListBuilds_SeveralPages_ReadsAllWithTheMaximumPageSize()
    {
        var wire = new Wire()
            .Answer($$"""{"imageSummaryList":[{{Summary(1)}}],"nextToken":"two"}""")
            .Answer($$"""{"imageSummaryList":[{{Summary(2)}}]}""");

        var builds = await wire.ImageBuilder.ListBuildsAsync(PipelineArn, Sample.Cancel);

        Assert.Equal(["1.0.0/1", "1.0.0/2"], builds.Select(build => build.Version.ToString()));
        Assert.Equal(["POST /ListImagePipelineImages", "POST /ListImagePipelineImages"], wire.Operations);
        Assert.All(wire.Sent, sent => Assert.Equal((PipelineArn, "25"), (sent.Text("imagePipelineArn"), sent.Text("maxResults"))));
        Assert.Equal("two", wire.Sent[1].Text("nextToken"));
    }

    [Fact]
    public async Task ListBuilds_AmiBuilds_AreOmitted() =>
        Assert.Empty(await new Wire().Answer($$"""{"imageSummaryList":[{{Summary(1, "AVAILABLE", type: "AMI")}}]}""").ImageBuilder
            .ListBuildsAsync(PipelineArn, Sample.Cancel));

    [Fact]
    public async Task ListBuilds_Build_HasTheValuesOfItsTags()
    {
        var wire = new Wire().Answer($$"""
            {"imageSummaryList":[{{Summary(3, more: $$"""
                "tags":{"automation:base-digest":"{{Sample.DigestText("base")}}","automation:cause":"base:x","automation:attempt":"2","automation:release":"promoted","automation:release-at":"2026-01-05T10:00:00Z","automation:digest":"{{Sample.DigestText("a")}}","automation:promoted-at":"2026-01-05T10:00:00Z"}
                """)}}]}
            """);

        var build = Assert.Single(await wire.ImageBuilder.ListBuildsAsync(PipelineArn, Sample.Cancel));

        Assert.Equal((BuildState.Available, Sample.Digest("base"), Sample.Digest("a"), 2), (build.State, build.BaseDigest, build.Digest, build.Attempt));
        Assert.Equal(ReleaseState.Promoted, build.Release!.State);
        Assert.Equal(new DateTimeOffset(2026, 1, 5, 8, 0, 0, TimeSpan.Zero), build.CreatedAt);
    }

    [Theory]
    [InlineData("""{"status":"FAILED","reason":"no"}""", FailureKind.Unknown)]
    [InlineData("""{"status":"FAILED","reason":"no","failureContext":{}}""", FailureKind.Unknown)]
    [InlineData("""{"status":"FAILED","reason":"no","failureContext":{"componentFailure":{"exitCode":1}}}""", FailureKind.Permanent)]
    [InlineData("""{"status":"FAILED","reason":"no","failureContext":{"distributionFailure":{"errorCode":"Throttled"}}}""", FailureKind.Transient)]
    public async Task ListBuilds_FailedBuild_SaysWhetherARetryCanHelp(string state, FailureKind expected)
    {
        var summary = $$"""{"arn":"{{BuildArn}}","type":"DOCKER","dateCreated":"2026-01-05T08:00:00Z","state":{{state}} }""";
        var build = Assert.Single(await new Wire().Answer($$"""{"imageSummaryList":[{{summary}}]}""").ImageBuilder.ListBuildsAsync(PipelineArn, Sample.Cancel));

        Assert.Equal((BuildState.Failed, "no", expected), (build.State, build.FailureReason, build.FailureKind));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"imageSummaryList":[]}""")]
    public async Task ListBuilds_None_IsEmpty(string answer) =>
        Assert.Empty(await new Wire().Answer(answer).ImageBuilder.ListBuildsAsync(PipelineArn, Sample.Cancel));

    [Fact]
    public async Task ListBuilds_SecondPageFails_FailsInsteadOfReturningHalfAHistory() => await Assert.ThrowsAsync<TransientException>(() =>
        new Wire().Answer($$"""{"imageSummaryList":[{{Summary(1)}}],"nextToken":"two"}""").Refuse("CallRateLimitExceededException", 429)
            .ImageBuilder.ListBuildsAsync(PipelineArn, Sample.Cancel));

    [Theory]
    [InlineData("ResourceNotFoundException", 404)]
    public async Task FindBuild_DoesNotExist_IsNull(string code, int status) =>
        Assert.Null(await new Wire().Refuse(code, status).ImageBuilder.FindBuildAsync(BuildArn, Sample.Cancel));

    [Theory]
    [InlineData("ForbiddenException", 403, typeof(PermanentException))]
    [InlineData("InvalidRequestException", 400, typeof(PermanentException))]
    [InlineData("ServiceUnavailableException", 503, typeof(TransientException))]
    public async Task FindBuild_CannotBeRead_IsNotNull(string code, int status, Type expected)
    {
        var fault =
            await Assert.ThrowsAnyAsync<AutomationException>(() => new Wire().Refuse(code, status).ImageBuilder.FindBuildAsync(BuildArn, Sample.Cancel));

        Assert.Equal(expected, fault.GetType());
    }

    [Theory]
    [InlineData("DOCKER", true)]
    [InlineData("AMI", false)]
    public async Task FindBuild_Exists_HasItsOutputs(string type, bool isContainer)
    {
        var wire = new Wire().Answer(
            $$"""{"image":{"arn":"{{BuildArn}}","type":"{{type}}","sourcePipelineArn":"{{PipelineArn}}","state":{"status":"AVAILABLE"} } }""");

        var build = await wire.ImageBuilder.FindBuildAsync(BuildArn, Sample.Cancel);

        Assert.Equal((isContainer, PipelineArn, "1.0.0/3", "AVAILABLE"), (build!.IsContainer, build.PipelineArn, build.Version.ToString(), build.Status));
        Assert.Equal($"?imageBuildVersionArn={BuildArn}", wire.Sent[0].Query);
    }

    /// <summary>The permissions cover only the named recipe. A missing permission must not prevent the message about the difference.</summary>
    [Fact]
    public async Task FindPipeline_AnotherRecipeThanNamed_ReturnsItsNameWithoutReadingIt()
    {
        var wire = new Wire().Answer(Pipeline("\"status\":\"ENABLED\""));

        var pipeline = await wire.ImageBuilder.FindPipelineAsync("app", "another", Sample.Cancel);

        Assert.Equal(("app", "1.2.0", ""), (pipeline!.Recipe, pipeline.RecipeVersion.ToString(), pipeline.ParentImage));
        Assert.Single(wire.Sent);
    }

    [Fact]
    public async Task FindBuild_ArnWithoutBuildNumber_IsPermanent() => await Assert.ThrowsAsync<PermanentException>(() =>
        new Wire().Answer("""{"image":{"arn":"arn:aws:imagebuilder:eu-central-1:123456789012:image/app/1.0.0","type":"DOCKER"}}""").ImageBuilder
            .FindBuildAsync(BuildArn, Sample.Cancel));

    [Fact]
    public async Task StartBuild_SendsTokenAndTags()
    {
        var wire = new Wire().Answer($$"""{"imageBuildVersionArn":"{{BuildArn}}"}""");

        var arn =
            await wire.ImageBuilder.StartBuildAsync(PipelineArn, "token-1", new Dictionary<string, string> { ["automation:image"] = "app" }, Sample.Cancel);

        Assert.Equal(BuildArn, arn);
        Assert.Equal("PUT /StartImagePipelineExecution", wire.Sent[0].Operation);
        Assert.Equal((PipelineArn, "token-1", """{"automation:image":"app"}"""),
            (wire.Sent[0].Text("imagePipelineArn"), wire.Sent[0].Text("clientToken"), wire.Sent[0].Text("tags")));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"clientToken":"token-1","requestId":"1"}""")]
    [InlineData("""{"imageBuildVersionArn":""}""")]
    public async Task StartBuild_RepeatedResponseWithoutBuild_FindsItByItsTags(string answer)
    {
        var wire = new Wire().Answer(answer).Answer($$"""
            {"imageSummaryList":[
             {"arn":"{{BuildArn[..^1]}}1","tags":{"automation:cause":"base:x","automation:attempt":"1"},"state":{"status":"FAILED"} },
             {"arn":"{{BuildArn[..^1]}}2"},
             {"tags":{"automation:cause":"base:x","automation:attempt":"2"} },
             {"arn":"{{BuildArn[..^1]}}3","tags":{"automation:cause":"base:x","automation:attempt":"2","team":"blue"},"state":{"status":"BUILDING"} }]}
            """);

        var arn = await wire.ImageBuilder.StartBuildAsync(
            PipelineArn, "token-1", new Dictionary<string, string> { ["automation:cause"] = "base:x", ["automation:attempt"] = "2" }, Sample.Cancel);

        Assert.Equal($"{BuildArn[..^1]}3", arn);
        Assert.Equal(["PUT /StartImagePipelineExecution", "POST /ListImagePipelineImages"], wire.Operations);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"imageSummaryList":[]}""")]
    public async Task StartBuild_ResponseWithoutBuildThatIsNotListedYet_IsTransient(string list) => await Assert.ThrowsAsync<TransientException>(() =>
        new Wire().Answer("{}").Answer(list).ImageBuilder
            .StartBuildAsync(PipelineArn, "token-1", new Dictionary<string, string> { ["automation:image"] = "app" }, Sample.Cancel));

    [Fact]
    public async Task FindPipeline_ResponseWithoutOptionalMembers_IsStillRead()
    {
        var wire = new Wire().Answer("""{"imagePipeline":{"containerRecipeArn":"arn:aws:imagebuilder:eu-central-1:123456789012:container-recipe/app/1.0.0"}}""")
            .Answer("{}");

        var pipeline = await wire.ImageBuilder.FindPipelineAsync("app", null, Sample.Cancel);

        Assert.Equal((PipelineArn, "app", ""), (pipeline!.Arn, pipeline.Name, pipeline.ParentImage));
        Assert.Null(await new Wire().Answer("{}").ImageBuilder.FindPipelineAsync("app", null, Sample.Cancel));
    }

    [Fact]
    public async Task ListBuilds_BuildWithoutDate_IsNamed() => Assert.Contains(
        BuildArn,
        (await Assert.ThrowsAsync<PermanentException>(
            () => new Wire().Answer($$"""{"imageSummaryList":[{"arn":"{{BuildArn}}"}]}""").ImageBuilder.ListBuildsAsync(PipelineArn, Sample.Cancel))).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("\"status\":\"DISABLED\",\"consecutiveFailures\":5", 5)]
    [InlineData("\"status\":\"DISABLED\",\"consecutiveFailures\":2,\"schedule\":{\"autoDisablePolicy\":{\"failureCount\":2}}", 2)]
    [InlineData("\"status\":\"DISABLED\",\"consecutiveFailures\":4", null)]
    [InlineData("\"status\":\"DISABLED\"", null)]
    [InlineData("\"status\":\"ENABLED\",\"consecutiveFailures\":5", null)]
    public async Task FindPipeline_DisabledByImageBuilder_HasTheNumberOfFailures(string members, int? failures) => Assert.Equal(
        failures, (await new Wire().Answer(Pipeline(members)).Answer(Recipe()).ImageBuilder.FindPipelineAsync("app", null, Sample.Cancel))!.DisabledAfter);

    [Theory]
    [InlineData("ServiceQuotaExceededException", 402, typeof(QuotaExceededException))]
    [InlineData("CallRateLimitExceededException", 429, typeof(TransientException))]
    [InlineData("ResourceInUseException", 400, typeof(TransientException))]
    [InlineData("ResourceNotFoundException", 404, typeof(PermanentException))]
    [InlineData("IdempotentParameterMismatchException", 400, typeof(BuildConflictException))]
    public async Task StartBuild_Refused_HasTheRightExceptionFamily(string code, int status, Type expected)
    {
        var fault = await Assert.ThrowsAnyAsync<AutomationException>(() =>
            new Wire().Refuse(code, status).ImageBuilder.StartBuildAsync(PipelineArn, "token-1", new Dictionary<string, string>(), Sample.Cancel));

        Assert.Equal(expected, fault.GetType());
    }

    [Fact]
    public async Task DeleteBuild_DoesNotExist_IsNotAFault()
    {
        var wire = new Wire().Refuse("ResourceNotFoundException", 404);

        Assert.Null(await wire.ImageBuilder.DeleteBuildAsync(BuildArn, Sample.Cancel));

        Assert.Equal("DELETE /DeleteImage", wire.Sent[0].Operation);
    }

    [Fact]
    public async Task DeleteBuild_InUse_IsReportedAndNotAFault() => Assert.Equal(
        "ResourceDependencyException: because", await new Wire().Refuse("ResourceDependencyException").ImageBuilder.DeleteBuildAsync(BuildArn, Sample.Cancel));

    [Fact]
    public async Task DeleteBuild_NotAllowed_IsPermanent() => await Assert.ThrowsAsync<PermanentException>(() =>
        new Wire().Refuse("ForbiddenException", 403).ImageBuilder.DeleteBuildAsync(BuildArn, Sample.Cancel));

    [Fact]
    public async Task TagAndUntag_AreSentToTheArn()
    {
        var wire = new Wire().Answer("{}").Answer("{}");

        await wire.ImageBuilder.TagAsync(BuildArn, new Dictionary<string, string> { ["automation:release"] = "running" }, Sample.Cancel);
        await wire.ImageBuilder.UntagAsync(BuildArn, ["automation:superseded-at"], Sample.Cancel);

        Assert.Equal("""{"automation:release":"running"}""", wire.Sent[0].Text("tags"));
        Assert.Equal("?tagKeys=automation:superseded-at", wire.Sent[1].Query);
        Assert.All(wire.Sent, sent => Assert.EndsWith("/3", Uri.UnescapeDataString(sent.Operation), StringComparison.Ordinal));
    }

    [Fact]
    public async Task ListRecipeBases_SeveralPages_ReturnsOwnRecipesOfAll()
    {
        var wire = new Wire()
            .Answer($$"""{"containerRecipeSummaryList":[{"arn":"{{RecipeArn}}","parentImage":"golden/base:stable"}],"nextToken":"two"}""")
            .Answer("""{"containerRecipeSummaryList":[{"arn":"r2","parentImage":"public.ecr.aws/amazonlinux/amazonlinux:2023"}]}""");

        var bases = await wire.ImageBuilder.ListRecipeBasesAsync(Sample.Region, Sample.Cancel);

        Assert.Equal(["golden/base:stable", "public.ecr.aws/amazonlinux/amazonlinux:2023"], bases.Select(recipe => recipe.ParentImage));
        Assert.All(wire.Sent, sent => Assert.Equal(("Self", "25"), (sent.Text("owner"), sent.Text("maxResults"))));
    }

    private static string Pipeline(string more) =>
        $$"""{"imagePipeline":{"arn":"{{PipelineArn}}","name":"app","containerRecipeArn":"{{RecipeArn}}",{{more}} } }""";

    private static string Recipe() => $$"""{"containerRecipe":{"arn":"{{RecipeArn}}","version":"1.2.0","parentImage":"golden/base:stable"} }""";

    private static string Summary(int build, string state = "AVAILABLE", string type = "DOCKER", string more = "\"tags\":{}") =>
        $$"""{"arn":"arn:aws:imagebuilder:eu-central-1:123456789012:image/app/1.0.0/{{build}}","type":"{{type}}","dateCreated":"2026-01-05T08:00:00Z","state":{"status":"{{state}}"},{{more}} }""";
}
