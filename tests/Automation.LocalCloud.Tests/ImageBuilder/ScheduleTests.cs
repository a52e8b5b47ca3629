using System.Globalization;
using System.Text.Json.Nodes;
using Automation.LocalCloud.ImageBuilder;
using Automation.LocalCloud.Wire;
using Xunit;
using static Automation.LocalCloud.Tests.ImageBuilder.ImageBuilderFixture;

namespace Automation.LocalCloud.Tests.ImageBuilder;

public sealed class ScheduleTests : IDisposable
{
    private const string Daily = "cron(0 9 * * ? *)";
    private readonly ImageBuilderFixture _cloud = new();

    [Fact]
    public async Task Schedule_MatchOnly_BuildsEveryTime()
    {
        _cloud.CreateRepository("app");
        var pipeline = _cloud.CreatePipeline(more: Schedule(Daily, "EXPRESSION_MATCH_ONLY"));
        await _cloud.IdleAsync();
        Assert.Empty(_cloud.Images(pipeline));

        await _cloud.PassAsync(TimeSpan.FromDays(3));

        var images = _cloud.Images(pipeline);
        Assert.Equal(3, images.Count);
        Assert.All(images, image => Assert.Equal("SCHEDULED", image!["buildType"]!.GetValue<string>()));
        Assert.Equal("2026-01-05T09:00:00.000Z", images[0]!["dateCreated"]!.GetValue<string>());
        var shown = _cloud.Ok("GetImagePipeline", new { imagePipelineArn = pipeline })["imagePipeline"]!;
        Assert.Equal("2026-01-08T09:00:00.000Z", shown["dateNextRun"]!.GetValue<string>());
        Assert.Equal("AVAILABLE", shown["lastRunStatus"]!.GetValue<string>());
    }

    [Fact]
    public async Task LastRunStatus_FollowsTheRunningBuild()
    {
        _cloud.CreateRepository("app");
        var pipeline = _cloud.CreatePipeline();
        Assert.Null(Status());
        _cloud.Ok("StartImagePipelineExecution", new { imagePipelineArn = pipeline, clientToken = "run" });
        Assert.Equal("PENDING", Status());
        await _cloud.IdleAsync();
        Assert.Equal("AVAILABLE", Status());

        string? Status() => _cloud.Ok("GetImagePipeline", new { imagePipelineArn = pipeline })["imagePipeline"]!["lastRunStatus"]?.GetValue<string>();
    }

    [Fact]
    public async Task Schedule_DependencyUpdates_BuildsOnceAndNotForANewDigestInEcr()
    {
        _cloud.CreateRepository("app");
        _cloud.CreateRepository("base");
        _cloud.Push("base", "1", "first");
        var pipeline = _cloud.CreatePipeline(parent: $"{Host}/base:1", more: Schedule(Daily, null));
        await _cloud.PassAsync(TimeSpan.FromDays(2));
        _cloud.Push("base", "1", "second");

        await _cloud.PassAsync(TimeSpan.FromDays(2));

        Assert.Single(_cloud.Images(pipeline));
        Assert.Equal(3, _cloud.Entries.Count(entry => entry.Kind == "schedule-skipped"));
    }

    [Fact]
    public async Task Schedule_DependencyUpdates_BuildsWhenAWildcardResolvesToANewVersion()
    {
        _cloud.CreateRepository("app");
        var recipe = _cloud.CreateRecipe();
        var pipeline = _cloud.Ok("CreateImagePipeline", new JsonObject
        {
            ["name"] = "app",
            ["containerRecipeArn"] = Arn("container-recipe/app/1.x.x"),
            ["infrastructureConfigurationArn"] = _cloud.CreateInfrastructure(),
            ["schedule"] = new JsonObject { ["scheduleExpression"] = Daily },
        })["imagePipelineArn"]!.GetValue<string>();
        await _cloud.PassAsync(TimeSpan.FromDays(2));
        Assert.Single(_cloud.Images(pipeline));
        _cloud.CreateRecipe(version: "1.1.0");

        await _cloud.PassAsync(TimeSpan.FromDays(2));

        Assert.Equal([recipe.Replace("container-recipe", "image", StringComparison.Ordinal) + "/1", Arn("image/app/1.1.0/1")],
            _cloud.Images(pipeline).Select(image => image!["arn"]!.GetValue<string>()));
    }

    [Fact]
    public async Task DisabledPipeline_RunsOnlyByHand()
    {
        _cloud.CreateRepository("app");
        var more = Schedule(Daily, "EXPRESSION_MATCH_ONLY");
        more["status"] = "DISABLED";
        var pipeline = _cloud.CreatePipeline(more: more);
        await _cloud.PassAsync(TimeSpan.FromDays(3));
        Assert.Empty(_cloud.Images(pipeline));

        _cloud.Start(pipeline);

        Assert.Single(_cloud.Images(pipeline));
    }

    [Fact]
    public async Task FailingSchedule_DisablesThePipelineAndSaysSo()
    {
        _cloud.Cloud.ImageBuilder.Outcomes.Add(new BuildOutcome("app", "always"));
        var more = Schedule(Daily, "EXPRESSION_MATCH_ONLY");
        more["schedule"]!["autoDisablePolicy"] = new JsonObject { ["failureCount"] = 2 };
        var pipeline = _cloud.CreatePipeline(more: more);
        _cloud.Start(pipeline);

        await _cloud.PassAsync(TimeSpan.FromDays(5));

        Assert.Equal(3, _cloud.Images(pipeline).Count);
        var shown = _cloud.Ok("GetImagePipeline", new { imagePipelineArn = pipeline })["imagePipeline"]!;
        Assert.Equal("DISABLED", shown["status"]!.GetValue<string>());
        Assert.Equal(2, shown["consecutiveFailures"]!.GetValue<int>());
        var published = Assert.Single(
            _cloud.Events, item => item["detail-type"]!.GetValue<string>() == "EC2 Image Builder Image Pipeline Automatically Disabled");
        Assert.Equal("""{"consecutive-failures":"2"}""", published["detail"]!.ToJsonString());
        _cloud.Ok("UpdateImagePipeline",
            new
            {
                imagePipelineArn = pipeline,
                containerRecipeArn = Arn("container-recipe/app/1.0.0"),
                infrastructureConfigurationArn = Arn("infrastructure-configuration/app")
            });
        Assert.Equal(0, _cloud.Ok("GetImagePipeline", new { imagePipelineArn = pipeline })["imagePipeline"]!["consecutiveFailures"]!.GetValue<int>());
    }

    [Theory]
    [InlineData("cron(0 9 * * ? *)", "UTC", "2026-01-05T09:00:00Z")]
    [InlineData("cron(0 9 ? * 1 *)", "UTC", "2026-01-11T09:00:00Z")]
    [InlineData("cron(0 9 ? * 2#1 *)", "UTC", "2026-01-05T09:00:00Z")]
    [InlineData("cron(0 0 * * SUN)", "UTC", "2026-01-11T00:00:00Z")]
    [InlineData("cron(0 9 L * ? *)", "UTC", "2026-01-31T09:00:00Z")]
    [InlineData("cron(0 9 * * ? *)", "America/New_York", "2026-01-05T14:00:00Z")]
    [InlineData("cron(0 0 1 1 ? 2030)", "UTC", "2030-01-01T00:00:00Z")]
    [InlineData("cron(* * * * ? 2028-2029)", "UTC", "2028-01-01T00:00:00Z")]
    [InlineData("cron(0 0 1 1 ? 2020)", "UTC", null)]
    [InlineData("rate(2 hours)", null, "2026-01-05T10:00:00Z")]
    public void ScheduleExpression_GivesTheNextTime(string expression, string? timezone, string? expected) => Assert.Equal(
        expected is null ? null : DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture),
        PipelineSchedules.Parse(expression, timezone).Next(new DateTimeOffset(2026, 1, 5, 8, 0, 0, TimeSpan.Zero)));

    [Theory]
    [InlineData("cron(0 9 1 * 2 *)", "UTC")]
    [InlineData("cron(0 9 ? * 0 *)", "UTC")]
    [InlineData("cron(0 25 * * ? *)", "UTC")]
    [InlineData("cron(0 9 * * ? soon)", "UTC")]
    [InlineData("rate(0 days)", "UTC")]
    [InlineData("rate(1 fortnight)", "UTC")]
    [InlineData("cron(0 9 * * ? *)", "Mars/Base")]
    public void ScheduleExpression_Invalid_IsRefused(string expression, string timezone) =>
        Assert.Throws<AwsException>(() => PipelineSchedules.Parse(expression, timezone));

    public void Dispose() => _cloud.Dispose();
}
