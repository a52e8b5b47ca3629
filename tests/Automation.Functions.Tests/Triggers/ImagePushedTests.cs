using Automation.Core;
using Automation.Core.Builds;
using Automation.Core.Catalog;
using Automation.Functions.Events;

namespace Automation.Functions.Tests.Triggers;

public sealed class ImagePushedTests
{
    private const string Ecr = $"{FunctionHarness.Account}.dkr.ecr.{FunctionHarness.Region}.amazonaws.com/";

    [Fact]
    public async Task Push_WatchedBase_StartsTheDependantsBuildNamedByTheDigest()
    {
        var harness = new FunctionHarness();
        var digest = harness.Registry.Push("golden/base", "base", FunctionHarness.Now, ["stable"]);

        var decision = Assert.Single((await harness.ImagePushed(Push("golden/base", "stable"))).Decisions);

        Assert.Equal(("runtime", "started", $"build-runtime_{digest.Short12}_1"), (decision.Subject, decision.Decision, decision.Execution));
        Assert.Equal("""{"action":"build","image":"runtime"}""", harness.Workflow.Started[decision.Execution!]);
    }

    [Fact]
    public async Task Push_Twice_StartsOnce()
    {
        var harness = new FunctionHarness();
        harness.Registry.Push("golden/base", "base", FunctionHarness.Now, ["stable"]);

        await harness.ImagePushed(Push("golden/base", "stable"));
        var second = await harness.ImagePushed(Push("golden/base", "stable"));

        Assert.Equal("already-started", Assert.Single(second.Decisions).Decision);
        Assert.Single(harness.Workflow.Started);
    }

    [Fact]
    public async Task Push_DigestWasBuilt_SaysNoWithTheReason()
    {
        var harness = new FunctionHarness();
        var digest = harness.Registry.Push("golden/base", "base", FunctionHarness.Now.AddHours(-2), ["stable"]);
        var build = harness.Built("runtime", "1.0.0/1");
        harness.Change(build.Arn, record => record with { BaseDigest = digest, Slot = FunctionHarness.Now });

        var decision = Assert.Single((await harness.ImagePushed(Push("golden/base", "stable"))).Decisions);

        Assert.Equal("no", decision.Decision);
        Assert.Equal("base-already-built", decision.Reasons[0].Code);
        Assert.Empty(harness.Workflow.Started);
    }

    [Fact]
    public async Task Push_EventNamesAnotherDigest_TheRegistryDecides()
    {
        var harness = new FunctionHarness();
        var digest = harness.Registry.Push("golden/base", "what is there now", FunctionHarness.Now, ["stable"]);

        var decision = Assert.Single((await harness.ImagePushed(Push("golden/base", "stable", digest: FunctionHarness.Digest("an old push").Value))).Decisions);

        Assert.Contains(digest.Short12, decision.Execution, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("golden/base", "dev", "no-dependants")]
    [InlineData("somebody/elses", "stable", "no-dependants")]
    [InlineData("golden/base", "", "no-tag")]
    [InlineData("golden/base", null, "no-tag")]
    public async Task Push_NotForUs_SaysWhy(string repository, string? tag, string code)
    {
        var harness = new FunctionHarness();

        var decision = Assert.Single((await harness.ImagePushed(Push(repository, tag))).Decisions);

        Assert.Equal(("not-ours", code), (decision.Decision, decision.Reasons[0].Code));
        Assert.Contains(harness.Log, line => line.Contains(code, StringComparison.Ordinal));
        Assert.Empty(harness.Workflow.Started);
    }

    [Theory]
    [InlineData("DELETE", "SUCCESS", "not-a-push")]
    [InlineData("UPDATE_STORAGE_CLASS", "SUCCESS", "not-a-push")]
    [InlineData("push", "SUCCESS", "not-a-push")]
    [InlineData("PUSH", "FAILURE", "push-failed")]
    [InlineData("PUSH", null, "push-failed")]
    public async Task Event_NotASuccessfulPush_IsNotOurs(string action, string? result, string code)
    {
        var pushed = Push("golden/base", "stable");
        var decision = Assert.Single(
            (await new FunctionHarness().ImagePushed(pushed with { Detail = pushed.Detail! with { ActionType = action, Result = result } })).Decisions);

        Assert.Equal(("not-ours", code), (decision.Decision, decision.Reasons[0].Code));
    }

    [Theory]
    [InlineData("aws.s3", "ECR Image Action")]
    [InlineData("AWS.ECR", "ECR Image Action")]
    [InlineData("aws.ecr", "ECR Image Scan")]
    [InlineData("aws.ecr", "ECR Referrer Action")]
    [InlineData("aws.s3", "ECR Replication Action")]
    [InlineData("aws.ecr", null)]
    [InlineData(null, "ECR Image Action")]
    [InlineData(null, null)]
    public async Task Event_FromAnotherSource_IsInvalidAndNamesTheSource(string? source, string? detailType)
    {
        var fault = await Assert.ThrowsAsync<InvalidEventException>(() =>
            new FunctionHarness().ImagePushed(Push("golden/base", "stable") with { Source = source, DetailType = detailType }));

        Assert.Contains(source is null ? "(missing)" : $"\"{source}\"", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"source":"aws.ecr","detail-type":"ECR Image Action"}""")]
    [InlineData("""{"source":"aws.ecr","detail-type":"ECR Image Action","time":"2026-01-05T08:00:00Z","detail":{}}""")]
    [InlineData("""{"source":"aws.ecr","detail-type":"ECR Image Action","time":"2026-01-05T08:00:00Z","detail":null}""")]
    [InlineData("""{"source":"aws.ecr","detail-type":"ECR Image Action","time":"2026-01-05T08:00:00Z","detail":{"repository-name":"a/b"}}""")]
    [InlineData("""{"source":"aws.ecr","detail-type":"ECR Image Action","detail":{"repository-name":"a/b","action-type":"PUSH"}}""")]
    [InlineData("""{"source":"aws.ecr","detail-type":"ECR Image Action","time":"2026-01-05T08:00:00Z","detail":{"repository-name":"","action-type":"PUSH"}}""")]
    [InlineData(
        """{"source":"aws.ecr","detail-type":"ECR Image Action","time":"2026-01-05T08:00:00Z","detail":{"repository-name":"../etc","action-type":"PUSH"}}""")]
    [InlineData(
        """{"source":"aws.ecr","detail-type":"ECR Image Action","time":"2026-01-05T08:00:00Z","detail":{"repository-name":"a/b","action-type":"PUSH","result":"SUCCESS","image-tag":"no tag"}}""")]
    public async Task Event_RequiredMemberIsMissing_IsInvalid(string json) =>
        await Assert.ThrowsAsync<InvalidEventException>(() => new FunctionHarness().ImagePushed(FunctionHarness.Read<EcrEvent>(json)));

    [Theory]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("""{"time":"yesterday"}""")]
    [InlineData("""{"detail":{"repository-name":7}}""")]
    [InlineData("""{"source":"\ud800"}""")]
    public void Event_WithAnotherStructure_IsRefused(string json) => Assert.StartsWith(
        "This function cannot read the event: ", Assert.Throws<InvalidEventException>(() => FunctionHarness.Read<EcrEvent>(json)).Message,
        StringComparison.Ordinal);

    /// <summary>The samples of the documentation, with one of our repositories.</summary>
    [Theory]
    [InlineData(
        """{"version":"0","id":"c8b133b1-6029-ee73-e2a1-4f466b8ba999","detail-type":"ECR Replication Action","source":"aws.ecr","account":"123456789012","time":"2024-05-08T20:44:54Z","region":"us-east-1","resources":["arn:aws:ecr:us-east-1:123456789012:repository/golden/base"],"detail":{"result":"SUCCESS","repository-name":"golden/base","image-digest":"sha256:7f5b2640fe6fb4f46592dfd3410c4a79dac4f89e4782432e0378abcd1234","source-account":"123456789012","action-type":"REPLICATE","source-region":"us-west-2","image-tag":"stable"}}""")]
    [InlineData(
        """{"version":"0","id":"85fc3613-e913-7fc4-a80c-a3753e4aa9ae","detail-type":"ECR Pull Through Cache Action","source":"aws.ecr","account":"123456789012","time":"2023-02-28T02:36:48Z","region":"us-west-2","resources":["arn:aws:ecr:us-west-2:123456789012:repository/golden/base"],"detail":{"rule-version":"1","sync-status":"SUCCESS","ecr-repository-prefix":"golden","repository-name":"golden/base","upstream-registry-url":"public.ecr.aws","image-tag":"stable","image-digest":"sha256:4aa08ef415aecc80814cb42fa41b658480779d80c77ab15EXAMPLE"}}""")]
    public async Task Arrival_ByReplicationOrPullThroughCache_StartsLikeAPush(string json)
    {
        var harness = new FunctionHarness();
        var digest = harness.Registry.Push("golden/base", "base", FunctionHarness.Now, ["stable"]);

        var decision = Assert.Single((await harness.ImagePushed(FunctionHarness.Read<EcrEvent>(json))).Decisions);

        Assert.Equal(("runtime", "started", $"build-runtime_{digest.Short12}_1"), (decision.Subject, decision.Decision, decision.Execution));
    }

    [Theory]
    [InlineData("ECR Replication Action", "REPLICATE", "FAILED", null, "push-failed")]
    [InlineData("ECR Replication Action", "PUSH", "SUCCESS", null, "not-a-push")]
    [InlineData("ECR Image Action", "REPLICATE", "SUCCESS", null, "not-a-push")]
    [InlineData("ECR Pull Through Cache Action", null, null, "FAILED", "push-failed")]
    [InlineData("ECR Pull Through Cache Action", null, "SUCCESS", null, "push-failed")]
    public async Task Arrival_FailedOrOther_IsNotOurs(string detailType, string? action, string? result, string? status, string code)
    {
        var arrived = Push("golden/base", "stable") with { DetailType = detailType };
        arrived = arrived with { Detail = arrived.Detail! with { ActionType = action, Result = result, SyncStatus = status } };

        var decision = Assert.Single((await new FunctionHarness().ImagePushed(arrived)).Decisions);

        Assert.Equal(("not-ours", code), (decision.Decision, decision.Reasons[0].Code));
    }

    [Fact]
    public async Task Event_HugeNames_AreQuotedInShort()
    {
        var huge = new string('x', 200_000);

        var source =
            await Assert.ThrowsAsync<InvalidEventException>(() => new FunctionHarness().ImagePushed(Push("golden/base", "stable") with { Source = huge }));
        var repository = await Assert.ThrowsAsync<InvalidEventException>(() => new FunctionHarness().ImagePushed(Push(huge, "stable")));
        var tag = await Assert.ThrowsAsync<InvalidEventException>(() => new FunctionHarness().ImagePushed(Push("golden/base", huge)));

        Assert.All([source, repository, tag], fault => Assert.InRange(fault.Message.Length, 1, 500));
    }

    [Fact]
    public async Task Event_HugeActionOrIgnoredTag_IsAnsweredInShort()
    {
        var pushed = Push("golden/base", new string('t', 200_000));
        pushed = pushed with { Detail = pushed.Detail! with { ActionType = new string('A', 200_000) } };

        var decision = Assert.Single((await new FunctionHarness().ImagePushed(pushed)).Decisions);

        Assert.InRange(decision.Subject.Length + decision.Reasons[0].Text.Length, 1, 1000);
    }

    /// <summary>ECR allows dots in the first part of a name.</summary>
    [Theory]
    [InlineData("my.team/base")]
    [InlineData("1.0.0/0a")]
    public async Task Push_RepositoryWithADotInItsFirstPart_IsThatRepository(string repository)
    {
        var harness = new FunctionHarness(ImageCatalog.Parse("""
            {"repositories":[{"name":"X"}],"images":[
             {"name":"from","from":"X:stable","repository":"images/from"},
             {"name":"watches","from":"X:other","repository":"images/watches","build":{"watch":["X:sta*"]}}]}
            """.Replace("X", repository, StringComparison.Ordinal)));
        harness.Registry.Push(repository, "base", FunctionHarness.Now, ["stable"]);
        harness.Registry.Push(repository, "other", FunctionHarness.Now, ["other"]);

        Assert.Equal(["from", "watches"], (await harness.ImagePushed(Push(repository, "stable"))).Decisions.Select(decision => decision.Subject));
        Assert.Equal("not-ours", Assert.Single((await new FunctionHarness().ImagePushed(Push(repository, "stable"))).Decisions).Decision);
    }

    [Theory]
    [InlineData("1.0.0/0")]
    [InlineData("my--team/a__b")]
    public async Task Push_AnyValidRepositoryName_IsAnswered(string repository) =>
        Assert.Equal("not-ours", Assert.Single((await new FunctionHarness().ImagePushed(Push(repository, "stable"))).Decisions).Decision);

    [Fact]
    public async Task Push_AdoptedPipelineWithThatParent_IsADependant()
    {
        var harness = Adopted(FunctionHarness.Ecr("golden/base:stable"));
        harness.Registry.Push("golden/base", "base", FunctionHarness.Now, ["stable"]);

        Assert.Equal("started", Assert.Single((await harness.ImagePushed(Push("golden/base", "stable"))).Decisions).Decision);
    }

    [Theory]
    [InlineData("golden/base:stable")] // Docker Hub's
    [InlineData(Ecr + "golden/base:other")]
    [InlineData(Ecr + "golden/base:stable@sha256:0d9a7c9e4b6f1a2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f6071829304")]
    [InlineData("public.ecr.aws/golden/base:stable")]
    [InlineData("arn:aws:imagebuilder:us-east-1:aws:image/amazon-linux/x.x.x")]
    public async Task Push_AdoptedPipelineWithAnotherParent_IsNotADependant(string parent) =>
        Assert.Equal("not-ours", Assert.Single((await Adopted(parent).ImagePushed(Push("golden/base", "stable"))).Decisions).Decision);

    [Fact]
    public async Task Push_OneDependantCannotBeRead_TheOthersAreStarted()
    {
        var harness = new FunctionHarness(TwoOnOneBase());
        harness.Registry.Push("golden/base", "base", FunctionHarness.Now, ["stable"]);
        harness.Builder.Denied = "pipeline one";

        var fault = await Assert.ThrowsAsync<PermanentException>(() => harness.ImagePushed(Push("golden/base", "stable")));

        Assert.Contains("pipeline one", fault.Message, StringComparison.Ordinal);
        Assert.StartsWith("build-two_", Assert.Single(harness.Workflow.Started.Keys), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Push_OneDependantPermanentOneTransient_IsTransient()
    {
        var harness = new FunctionHarness(TwoOnOneBase());
        harness.Builder.Denied = "pipeline one";
        harness.Builder.Fault = call => call.StartsWith("builds", StringComparison.Ordinal) ? new TransientException("throttled") : null;

        var fault = await Assert.ThrowsAsync<TransientException>(() => harness.ImagePushed(Push("golden/base", "stable")));

        Assert.Contains("throttled", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Push_WatchedTag_StartsTheBuildOnce()
    {
        var harness = Watching();
        var digest = harness.Registry.Push("golden/tools", "tools 2", FunctionHarness.Now, ["v2"]);

        var first = Assert.Single((await harness.ImagePushed(Push("golden/tools", "v2"))).Decisions);
        var second = Assert.Single((await harness.ImagePushed(Push("golden/tools", "v2"))).Decisions);

        Assert.Equal(("app", "started", $"build-app_watched-{digest.Short12}_1"), (first.Subject, first.Decision, first.Execution));
        Assert.Equal("already-started", second.Decision);
        Assert.Equal("new-watched-image", first.Reasons[0].Code);
    }

    [Theory]
    [InlineData("golden/tools", "edge")]
    [InlineData("golden/tools", "sha256-v1")]
    [InlineData("golden/other", "v2")]
    [InlineData("images/certs", "1.0.0-7")]
    public async Task Push_NoPatternMatches_IsNotOurs(string repository, string tag)
    {
        var harness = Watching();

        var decision = Assert.Single((await harness.ImagePushed(Push(repository, tag))).Decisions);

        Assert.Equal(("not-ours", "no-dependants"), (decision.Decision, decision.Reasons[0].Code));
    }

    [Fact]
    public async Task Push_OlderThanTheNewestWatchedImage_ChangesNothing()
    {
        var harness = Watching();
        harness.Registry.Push("golden/tools", "tools 0", FunctionHarness.Now.AddDays(-3), ["v0"]);

        var decision = Assert.Single((await harness.ImagePushed(Push("golden/tools", "v0"))).Decisions);

        Assert.Equal("no", decision.Decision);
        Assert.Contains(decision.Reasons, reason => reason.Code == "watched-covered");
    }

    /// <summary>A promotion comes hours after the push, because of the gate, an approval or the soak. An app built in between has the previous image.</summary>
    [Theory]
    [InlineData(Core.Builds.ReleaseState.Promoted, "started", "new-watched-image")]
    [InlineData(Core.Builds.ReleaseState.Blocked, "no", "base-not-promoted")]
    public async Task Push_FloatingTagOnAnEarlierPush_StartsTheBuildIfPromoted(Core.Builds.ReleaseState state, string answer, string code)
    {
        var harness = Watching();
        var promoted = harness.Built("certs", "1.0.0/2", FunctionHarness.Now.AddHours(-6));
        harness.Builder.Builds[^1] = ("their-pipeline", promoted with { Release = new Core.Builds.ReleaseMark(state, 1, FunctionHarness.Now) });
        harness.Registry.Move(FunctionHarness.Region, "images/certs", harness.Registry.On("images/certs", promoted.Version.Tag)!, "latest");

        var decision = Assert.Single((await harness.ImagePushed(Push("images/certs", "latest"))).Decisions);

        Assert.Equal(("app", answer, code), (decision.Subject, decision.Decision, decision.Reasons[0].Code));
    }

    [Fact]
    public async Task Push_WatchedImageIsAlsoTheBaseOfAnAdoptedPipeline_IsProcessedOnce()
    {
        var harness = new FunctionHarness(ImageCatalog.Parse("""
            {"repositories":[{"name":"golden/base"}],"images":[{"name":"theirs","repository":"images/theirs","pipeline":"their-pipeline","build":{"watch":["golden/base:s*"]}}]}
            """));
        harness.Registry.Push("golden/base", "base", FunctionHarness.Now, ["stable"]);

        Assert.Single((await harness.ImagePushed(Push("golden/base", "stable"))).Decisions);
    }

    /// <summary>The adopted recipe's base was not known at synth.</summary>
    [Fact]
    public async Task Push_WatchedImageIsBuiltOnTheWatcher_IsRefused()
    {
        var harness = Watching(FunctionHarness.Ecr("images/app:1"));
        harness.Registry.Push("golden/tools", "tools 2", FunctionHarness.Now, ["v2"]);

        var decision = Assert.Single((await harness.ImagePushed(Push("golden/tools", "v2"))).Decisions);

        Assert.Equal(("no", "lineage-cycle"), (decision.Decision, decision.Reasons[0].Code));
        Assert.EndsWith("app -> certs -> app", decision.Reasons[0].Text, StringComparison.Ordinal);
        Assert.Empty(harness.Workflow.Started);
    }

    /// <summary><c>app</c>, built five hours ago with <c>golden/tools:v1</c> and the first <c>certs</c>, which an adopted pipeline builds.</summary>
    private static FunctionHarness Watching(string parentOfCerts = "public.ecr.aws/x/y:1")
    {
        var harness = new FunctionHarness(ImageCatalog.Parse("""
            {"repositories":[{"name":"golden/base"},{"name":"golden/tools"}],"images":[
             {"name":"app","from":"golden/base:stable","repository":"images/app","build":{"watch":["golden/tools:v*","images/certs:latest"]}},
             {"name":"certs","repository":"images/certs","pipeline":"their-pipeline","promote":{"floatingTags":["latest"]}}]}
            """));
        harness.Registry.Create("golden/tools");
        harness.Builder.Pipelines.RemoveAll(pipeline => pipeline.Name == "their-pipeline");
        harness.Builder.Pipelines.Add(
            new PipelineFacts(FunctionHarness.PipelineArn("their-pipeline"), "their-pipeline", true, Core.Images.RecipeVersion.Parse("1.0.0"), parentOfCerts));
        var with = new Dictionary<string, Core.Images.Digest>
        {
            [harness.Catalog.Images[0].Build.Watch[0].Id] = harness.Registry.Push("golden/tools", "tools 1", FunctionHarness.Now.AddDays(-2), ["v1"]),
            [harness.Catalog.Images[0].Build.Watch[1].Id] = harness.Registry.Push("images/certs", "certs 1", FunctionHarness.Now.AddDays(-2), ["latest"]),
        };
        var digest = harness.Registry.Push("golden/base", "base", FunctionHarness.Now.AddDays(-2), ["stable"]);
        harness.Change(harness.Built("app", "1.0.0/1", FunctionHarness.Now.AddHours(-5)).Arn, record => record with { BaseDigest = digest, Watched = with });
        return harness;
    }

    private static FunctionHarness Adopted(string parent)
    {
        var harness = new FunctionHarness(ImageCatalog.Parse("""{"images":[{"name":"theirs","repository":"images/theirs","pipeline":"their-pipeline"}]}"""));
        harness.Builder.Pipelines.Clear();
        harness.Builder.Pipelines.Add(
            new PipelineFacts(FunctionHarness.PipelineArn("their-pipeline"), "their-pipeline", true, Core.Images.RecipeVersion.Parse("1.0.0"), parent));
        return harness;
    }

    private static ImageCatalog TwoOnOneBase() => ImageCatalog.Parse("""
        {"repositories":[{"name":"golden/base","watchTags":["stable"]}],"images":[
         {"name":"one","from":"golden/base:stable","repository":"images/one","pipeline":{"recipeVersion":"1.0.0"}},
         {"name":"two","from":"golden/base:stable","repository":"images/two","pipeline":{"recipeVersion":"1.0.0"}}]}
        """);

    private static EcrEvent Push(string repository, string? tag, string? digest = null) => new()
    {
        Source = "aws.ecr",
        DetailType = "ECR Image Action",
        Time = FunctionHarness.Now,
        Detail = new EcrImageAction { Result = "SUCCESS", ActionType = "PUSH", RepositoryName = repository, ImageTag = tag, ImageDigest = digest },
    };
}
