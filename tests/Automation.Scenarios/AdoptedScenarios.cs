
namespace Automation.Scenarios;

/// <summary>What adopted pipelines bring with them: their own distribution configuration, or a base image outside ECR.</summary>
public sealed class AdoptedScenarios
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task DistributionMovesAFloatingTag_IsReportedOnceAndNoChildFollowsBeforeThePromotion()
    {
        var fleet = await ParentAndChildAsync("\"floatingTags\": [ \"latest\" ], \"soakHours\": 24", "latest");
        await using var cloud = fleet.Cloud;
        await fleet.PushBaseAsync("2026.1");
        await cloud.AdvanceAsync(4 * Hour);

        var parent = (await fleet.TagsAsync("images/by-name"))["1.0.0-1"];
        Assert.Equal(parent, (await fleet.TagsAsync("images/by-name"))["latest"]);
        Assert.Empty(await fleet.BuildsAsync("other-pipeline"));

        await cloud.AdvanceAsync(26 * Hour);
        var child = Assert.Single(await fleet.BuildsAsync("other-pipeline"));
        Assert.Equal((parent, "promoted"), (child.BaseDigest, child.Release));

        await cloud.AdvanceAsync(TimeSpan.FromDays(2));
        var told = Assert.Single(await fleet.AlertsAsync(), subject => subject.Contains("gate-bypassed", StringComparison.Ordinal));
        Assert.Contains(":distribution-configuration/their-pipeline puts latest on every build before any gate: remove them from its containerTags",
            await fleet.MessageAsync(told), StringComparison.Ordinal);
        Assert.Empty(await fleet.DeadLettersAsync());
    }

    [Fact]
    public async Task ForeignImageUnderAFloatingTag_NoChildFollows()
    {
        var fleet = await ParentAndChildAsync("\"floatingTags\": [ \"latest\" ]");
        await using var cloud = fleet.Cloud;
        await fleet.PushAndSettleAsync("2026.1");
        await cloud.AdvanceAsync(2 * Hour);
        Assert.Single(await fleet.BuildsAsync("other-pipeline"));

        await BaseImage.PushAsync(fleet.Cloud.Ecr(cloud.Region), "images/by-name", "latest", "foreign");
        await cloud.SettleAsync();
        await cloud.AdvanceAsync(4 * Hour);

        Assert.Single(await fleet.BuildsAsync("other-pipeline"));
        Assert.DoesNotContain(await fleet.ExecutionsAsync(), execution => execution.Status == "FAILED");
        Assert.Empty(await fleet.DeadLettersAsync());
    }

    /// <summary>The account has a repository of that name, but its contents belong to others.</summary>
    [Fact]
    public async Task BaseOnDockerHub_IsBuiltOnScheduleFromNoDigestOfTheAccount()
    {
        var fleet = await TestCloud.StartAsync("adopted", text: TestCloud.CatalogOf("adopted")
            .Replace("\"pipeline\": \"their-pipeline\",", "\"pipeline\": \"their-pipeline\", \"build\": { \"schedule\": \"rate(1 day)\" },",
                StringComparison.Ordinal));
        await using var cloud = fleet.Cloud;
        await fleet.CreatePipelineAsync("their-pipeline", "images/by-name", "golden/base:stable");
        await fleet.PushAndSettleAsync("2026.1");
        await cloud.AdvanceAsync(49 * Hour);

        var builds = await fleet.BuildsAsync("their-pipeline");
        Assert.InRange(builds.Count, 3, 4);
        Assert.All(builds, build => Assert.Null(build.BaseDigest));
        Assert.Equal("first", builds[0].Cause);
        Assert.All(builds.Skip(1), build => Assert.StartsWith("slot:", build.Cause, StringComparison.Ordinal));
    }

    /// <summary>The parent is <c>by-name</c>, the child <c>by-arn</c>.</summary>
    private static async Task<Fleet> ParentAndChildAsync(string promote, params string[] containerTags)
    {
        var fleet = await TestCloud.StartAsync("adopted", text: Replaced(TestCloud.CatalogOf("adopted"), "\"floatingTags\": [ \"latest\" ]", promote)
            .Replace("\"from\": \"golden/base:stable\",", "", StringComparison.Ordinal));
        var host = $"123456789012.dkr.ecr.{fleet.Cloud.Region}.amazonaws.com";
        await fleet.CreatePipelineAsync("their-pipeline", "images/by-name", $"{host}/golden/base:stable", containerTags);
        await fleet.CreatePipelineAsync("other-pipeline", "images/by-arn", $"{host}/images/by-name:latest");
        return fleet;
    }

    // Only the first of them.
    private static string Replaced(string text, string old, string by) =>
        text.IndexOf(old, StringComparison.Ordinal) is var at and >= 0 ? text[..at] + by + text[(at + old.Length)..] : throw new ArgumentException(old);
}
