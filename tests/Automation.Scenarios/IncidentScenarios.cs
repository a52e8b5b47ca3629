using System.Text.Json.Nodes;
using Amazon.ECR.Model;
using Amazon.Imagebuilder.Model;
using Automation.LocalCloud;
using Automation.LocalCloud.ImageBuilder;
using static Automation.Scenarios.Arrangements;

namespace Automation.Scenarios;

/// <summary>Mails about lasting problems: one when the incident begins, one when it needs a person, one when it
/// ends; and again when it returns.</summary>
public sealed class IncidentScenarios
{
    [Fact]
    public async Task PipelineIsMissingTwice_IsReportedTwiceWithItsEnds()
    {
        var fleet = await AdoptedAsync();
        await using var cloud = fleet.Cloud;
        await cloud.AdvanceAsync(2 * Day);
        Assert.Equal(["build-stuck: by-name"], await fleet.AlertsAsync());

        await fleet.CreatePipelineAsync("their-pipeline", "images/by-name", Parent(fleet));
        await cloud.AdvanceAsync(3 * Hour);
        await cloud.ImageBuilder.DeleteImagePipelineAsync(
            new DeleteImagePipelineRequest { ImagePipelineArn = fleet.PipelineArn("their-pipeline") }, TestContext.Current.CancellationToken);
        await cloud.AdvanceAsync(2 * Day);

        Assert.Equal(["build-stuck: by-name", "resolved: by-name (pipeline-missing)", "build-stuck: by-name"], await fleet.AlertsAsync());
    }

    [Fact]
    public async Task MailsFailWhenItBegins_IsReportedLaterAndOnlyOnce()
    {
        var fleet = await AdoptedAsync();
        await using var cloud = fleet.Cloud;
        await fleet.CreatePipelineAsync("their-pipeline", "images/by-name", Parent(fleet));
        await cloud.AdvanceAsync(3 * Hour);
        var before = await fleet.AlertsAsync();
        await cloud.InjectAsync(MailDown());
        await cloud.ImageBuilder.DeleteImagePipelineAsync(
            new DeleteImagePipelineRequest { ImagePipelineArn = fleet.PipelineArn("their-pipeline") }, TestContext.Current.CancellationToken);
        await cloud.AdvanceAsync(7 * Hour);
        Assert.Equal(before, await fleet.AlertsAsync());

        await cloud.ClearFaultsAsync();
        await cloud.AdvanceAsync(2 * Day);

        Assert.Equal([.. before, "build-stuck: by-name"], await fleet.AlertsAsync());
    }

    /// <summary>Single messages are not lost either: a rejection, a hold, a cancelled build, a rollback.</summary>
    [Theory]
    [InlineData("rejected: vault 1.0.0/1")]
    [InlineData("cancelled: runtime 1.0.0/1")]
    [InlineData("rolled-back: edge 1.0.0/1")]
    [InlineData("held: edge 1.0.0/3")]
    public async Task MailsFailForADayDuringSingleMessages_AreSentLater(string subject)
    {
        var fleet = await TestCloud.StartAsync(
            subject.Contains("vault", StringComparison.Ordinal)
                ? "approval"
                : subject.Contains("edge", StringComparison.Ordinal) ? "two-regions" : "Automation");
        await using var cloud = fleet.Cloud;
        var down = MailDown();
        switch (subject.Split(' ')[0])
        {
            case "rejected:":
                await fleet.PushAndSettleAsync("2026.1");
                await cloud.InjectAsync(down);
                await cloud.CallAsync("states", "AWSStepFunctions.SendTaskFailure", new JsonObject
                {
                    ["taskToken"] = await fleet.TokenAsync(Assert.Single(await fleet.ExecutionsAsync("release-vault")).ExecutionArn),
                    ["error"] = "Rejected",
                    ["cause"] = "no",
                });
                break;
            case "cancelled:":
                await fleet.PushBaseAsync("2026.1");
                await cloud.AdvanceAsync(TimeSpan.FromMinutes(8));
                await cloud.InjectAsync(down);
                await fleet.CancelAsync(Assert.Single(await fleet.BuildsAsync("runtime")).Arn, "00000000-0000-4000-8000-000000000003");
                break;
            default:
                await fleet.CreateRepositoryAsync("eu-west-1", "images/edge");
                await fleet.PushAndSettleAsync("2026.1");
                await fleet.PushAndSettleAsync("2026.2");
                if (subject.StartsWith("held", StringComparison.Ordinal))
                {
                    await fleet.RollbackAsync("edge", "1.0.0/1");
                    await cloud.InjectAsync(down);
                    await fleet.PushBaseAsync("2026.3");
                    break;
                }

                await cloud.InjectAsync(down);
                await fleet.BeginRollbackAsync("edge", "1.0.0/1");
                break;
        }

        await cloud.AdvanceAsync(Day);
        Assert.DoesNotContain(subject, await fleet.AlertsAsync());

        await cloud.ClearFaultsAsync();
        await cloud.AdvanceAsync(Day);

        Assert.Single(await fleet.AlertsAsync(), said => said == subject);
    }

    /// <summary>If an incident ended before its beginning could be mailed, neither is mailed; all others are.</summary>
    [Fact]
    public async Task IncidentEndsWhileMailsFail_ItsEndIsReportedLater()
    {
        var fleet = await AdoptedAsync();
        await using var cloud = fleet.Cloud;
        await cloud.AdvanceAsync(3 * Hour);
        Assert.Equal(["build-stuck: by-name"], await fleet.AlertsAsync());
        await cloud.InjectAsync(MailDown());
        await fleet.CreatePipelineAsync("their-pipeline", "images/by-name", Parent(fleet));
        await cloud.AdvanceAsync(3 * Day);

        await cloud.ClearFaultsAsync();
        await cloud.AdvanceAsync(2 * Hour);

        Assert.Equal(["build-stuck: by-name", "resolved: by-name (pipeline-missing)"], await fleet.AlertsAsync());
    }

    [Fact]
    public async Task BuildKeepsFailing_IsReportedAtItsBeginningWhenAPersonIsNeededAndAtItsEnd()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(new BuildOutcome("runtime", "Insufficient capacity.", Kind: BuildFailureKind.Infrastructure, Builds: 3));
        await fleet.PushAndSettleAsync("2026.1");
        await cloud.AdvanceAsync(3 * Day);
        Assert.Equal(["build-failed: runtime 1.0.0/1", "build-stuck: runtime"], await fleet.AlertsAsync());

        await fleet.PushAndSettleAsync("2026.2");
        await cloud.AdvanceAsync(2 * Hour);

        Assert.Equal(["build-failed: runtime 1.0.0/1", "build-stuck: runtime", "resolved: runtime (build-stuck)"], await fleet.AlertsAsync());
    }

    [Fact]
    public async Task BuildFailsOnceAndThenSucceeds_IsReportedAtItsBeginningAndEnd()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(new BuildOutcome("runtime", "Insufficient capacity.", Kind: BuildFailureKind.Infrastructure, Builds: 1));
        await fleet.PushAndSettleAsync("2026.1");
        await cloud.AdvanceAsync(2 * Day);

        Assert.Equal(["build-failed: runtime 1.0.0/1", "resolved: runtime (build-failed)"], await fleet.AlertsAsync());
    }

    [Fact]
    public async Task PermissionToBuildIsMissingForDays_IsReportedOnceWithItsEnd()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(new FaultRule(
            FaultKind.Error, Service: "imagebuilder", Operation: "StartImagePipelineExecution", Count: null, Code: "AccessDeniedException", Status: 403));
        await fleet.PushBaseAsync("2026.1");
        await cloud.AdvanceAsync(4 * Day);
        Assert.Equal(["failed: runtime"], await fleet.AlertsAsync());

        await cloud.ClearFaultsAsync();
        await cloud.AdvanceAsync(26 * Hour);

        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("runtime")).Release);
        Assert.Equal(["failed: runtime", "resolved: runtime (build-not-started)"], await fleet.AlertsAsync());
    }

    /// <summary>A release begins and fails every hour.</summary>
    [Fact]
    public async Task OneRegionIsDownForTwoDays_IsReportedOnceWithItsEnd()
    {
        var fleet = await TestCloud.StartAsync("two-regions");
        await using var cloud = fleet.Cloud;
        await fleet.CreateRepositoryAsync("eu-west-1", "images/edge");
        await cloud.InjectAsync(
            new FaultRule(FaultKind.Error, Service: "ecr", Operation: "PutImage", Resource: "\"latest\"", Skip: 1, Count: null, Status: 503));
        await fleet.PushBaseAsync("2026.1");
        await cloud.AdvanceAsync(2 * Day);
        Assert.Single(await fleet.AlertsAsync());

        await cloud.ClearFaultsAsync();
        await cloud.AdvanceAsync(3 * Hour);

        Assert.Equal("promoted", Assert.Single(await fleet.BuildsAsync("edge")).Release);
        Assert.Equal(["failed: edge 1.0.0/1", "resolved: edge (release-failing)"], await fleet.AlertsAsync());
    }

    /// <summary>It is reported once for any number of images there. Builds continue, and so does everything in the other Region.</summary>
    [Fact]
    public async Task OneRegionCannotBeReadForTwoDays_IsReportedOnceAndTheOtherContinues()
    {
        var fleet = await TestCloud.StartAsync("two-regions");
        await using var cloud = fleet.Cloud;
        await fleet.CreateRepositoryAsync("eu-west-1", "images/edge");
        await fleet.PushAndSettleAsync("2026.1");
        await cloud.InjectAsync(RegistryDown());
        await cloud.AdvanceAsync(2 * Day);
        Assert.Equal(["region-unreadable: eu-west-1"], await fleet.AlertsAsync());
        Assert.Empty(await fleet.DeadLettersAsync());

        // A tag that is deleted in the responding Region is restored there.
        await fleet.DeleteTagAsync("images/edge", "latest");
        await cloud.AdvanceAsync(3 * Hour);
        var tags = await fleet.TagsAsync("images/edge");
        Assert.Equal(tags["1.0.0-1"], tags["latest"]);

        // A new base is built, and its promotion waits.
        await fleet.PushBaseAsync("2026.2");
        await cloud.AdvanceAsync(5 * Hour);
        Assert.Equal("AVAILABLE", (await fleet.BuildsAsync("edge"))[1].Status);
        Assert.Equal(tags["latest"], (await fleet.TagsAsync("images/edge"))["latest"]);

        await cloud.ClearFaultsAsync();
        await cloud.AdvanceAsync(3 * Hour);

        Assert.Equal("promoted", (await fleet.BuildsAsync("edge"))[1].Release);
        var alerts = await fleet.AlertsAsync();
        Assert.Single(alerts, subject => subject == "region-unreadable: eu-west-1");
        Assert.Single(alerts, subject => subject == "resolved: eu-west-1 (region-unreadable)");
        Assert.Equal(2, alerts.Count);
        Assert.Empty(await fleet.DeadLettersAsync());
    }

    /// <summary>Earlier builds are missing in the new Region, and nothing copies them there.</summary>
    [Fact]
    public async Task RegionIsAddedWithoutImages_IsReportedOnceWithItsEnd()
    {
        var before = TestCloud.CatalogOf("Automation");
        var fleet = await TestCloud.StartAsync(text: before);
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        await fleet.CreateRepositoryAsync("eu-west-1", "images/app");

        cloud.Redeploy(
            _ => before.Replace("\"repository\": \"images/app\",", "\"repository\": \"images/app\", \"regions\": [ \"us-east-1\", \"eu-west-1\" ],",
                StringComparison.Ordinal));
        await cloud.AdvanceAsync(3 * Day);
        Assert.Single(await fleet.AlertsAsync());

        cloud.Redeploy(_ => before);
        await cloud.AdvanceAsync(3 * Hour);
        var alerts = await fleet.AlertsAsync();
        Assert.Equal(2, alerts.Count);
        Assert.StartsWith("resolved: app", alerts[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task ImageIsDeleted_IsReportedOnceWithItsEnd()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        var image = (await fleet.ImagesAsync("images/app")).Single(each => each.ImageTags?.Contains("latest") == true);
        await cloud.Ecr(cloud.Region)
            .BatchDeleteImageAsync(
                new BatchDeleteImageRequest { RepositoryName = "images/app", ImageIds = [new ImageIdentifier { ImageDigest = image.ImageDigest }] },
                TestContext.Current.CancellationToken);

        await cloud.AdvanceAsync(3 * Day);
        Assert.Single(await fleet.AlertsAsync());

        await fleet.PushAndSettleAsync("2026.2");
        await cloud.AdvanceAsync(3 * Hour);
        var alerts = await fleet.AlertsAsync();
        Assert.Equal(2, alerts.Count);
        Assert.StartsWith("resolved: app", alerts[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task RepositoryIsRenamed_IsReportedOnce()
    {
        var fleet = await TestCloud.StartAsync("two-regions", text: TestCloud.CatalogOf("two-regions"));
        await using var cloud = fleet.Cloud;
        await fleet.CreateRepositoryAsync("eu-west-1", "images/edge");
        await fleet.PushAndSettleAsync("2026.1");

        cloud.Redeploy(text => text.Replace("images/edge", "images/renamed", StringComparison.Ordinal));
        await cloud.AdvanceAsync(3 * Day);

        Assert.InRange((await fleet.AlertsAsync()).Count, 1, 2);
        Assert.Single((await fleet.AlertsAsync()).Distinct());
    }

    [Fact]
    public async Task PersonCancelsABuild_IsReportedOnceAndNotRetriedUntilANewBase()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushBaseAsync("2026.1");
        await cloud.AdvanceAsync(TimeSpan.FromMinutes(8));
        var running = Assert.Single(await fleet.BuildsAsync("runtime"));
        await fleet.CancelAsync(running.Arn, "00000000-0000-4000-8000-000000000003");
        await cloud.AdvanceAsync(2 * Day);

        var cancelled = Assert.Single(await fleet.BuildsAsync("runtime"));
        Assert.Equal(("CANCELLED", "cancelled"), (cancelled.Status, cancelled.Release));
        Assert.Equal(["cancelled: runtime 1.0.0/1"], await fleet.AlertsAsync());

        var digest = await fleet.PushAndSettleAsync("2026.2");
        Assert.Equal(digest, (await fleet.BuildsAsync("runtime"))[1].BaseDigest);
        Assert.Equal("promoted", (await fleet.BuildsAsync("runtime"))[1].Release);
    }

    [Fact]
    public async Task RecordOfTheOnlyBuildIsDeleted_ABuildExistsAgainWithinHours()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        for (var round = 1; round <= 2; round++)
        {
            await cloud.AdvanceAsync(3 * Hour);
            var build = Assert.Single(await fleet.BuildsAsync("runtime"));
            Assert.Equal(("AVAILABLE", "promoted"), (build.Status, build.Release));
            await cloud.ImageBuilder.DeleteImageAsync(new DeleteImageRequest { ImageBuildVersionArn = build.Arn }, TestContext.Current.CancellationToken);
        }

        await cloud.AdvanceAsync(3 * Hour);
        Assert.Equal("AVAILABLE", Assert.Single(await fleet.BuildsAsync("runtime")).Status);
    }

    /// <summary>The used token was for another base.</summary>
    [Fact]
    public async Task RecordOfTheNewestBuildIsDeletedAndAnotherBaseArrives_IsBuiltWithinHours()
    {
        var fleet = await TestCloud.StartAsync();
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        await cloud.ImageBuilder.DeleteImageAsync(
            new DeleteImageRequest { ImageBuildVersionArn = Assert.Single(await fleet.BuildsAsync("runtime")).Arn }, TestContext.Current.CancellationToken);

        var digest = await fleet.PushBaseAsync("2026.2");
        await cloud.AdvanceAsync(3 * Hour);

        Assert.Equal((digest, "promoted"),
            (Assert.Single(await fleet.BuildsAsync("runtime")).BaseDigest, Assert.Single(await fleet.BuildsAsync("runtime")).Release));
    }

    /// <summary>Only the record of the failure shows it, long after other bases were built.</summary>
    [Fact]
    public async Task BaseThatFailedPermanently_ReturnsAfterRetentionHasPruned_IsNotBuiltAgain()
    {
        var text = TestCloud.CatalogOf("two-regions").Replace(", \"eu-west-1\"", "", StringComparison.Ordinal)
            .Replace("\"keepLast\": 2", "\"mode\": \"delete\", \"failedDays\": 1, \"keepLast\": 2", StringComparison.Ordinal);
        var fleet = await TestCloud.StartAsync("two-regions", text: text);
        await using var cloud = fleet.Cloud;
        await cloud.InjectAsync(new BuildOutcome("edge", "Component update-linux failed.", Kind: BuildFailureKind.Component, Builds: 1));
        var bad = await fleet.PushAndSettleAsync("2026.1");
        await fleet.PushAndSettleAsync("2026.2");
        await cloud.AdvanceAsync(8 * Day);

        await fleet.RetagAsync("golden/base", bad, "stable");
        await cloud.AdvanceAsync(2 * Day);

        Assert.DoesNotContain(await fleet.BuildsAsync("edge"), build => build.BaseDigest == bad && build.Status != "FAILED");
        Assert.Single(await fleet.BuildsAsync("edge"), build => build.BaseDigest == bad);
    }

    /// <summary>The catalog has an adopted pipeline that does not exist.</summary>
    private static async Task<Fleet> AdoptedAsync()
    {
        var fleet = await TestCloud.StartAsync("adopted", text: One(TestCloud.CatalogOf("adopted")));
        await fleet.PushAndSettleAsync("2026.1");
        return fleet;
    }

    // Only the image without a pipeline.
    private static string One(string catalog)
    {
        var root = JsonNode.Parse(catalog)!;
        root["images"]!.AsArray().RemoveAt(1);
        return root.ToJsonString();
    }

    private static string Parent(Fleet fleet) => $"123456789012.dkr.ecr.{fleet.Cloud.Region}.amazonaws.com/golden/base:stable";
}
