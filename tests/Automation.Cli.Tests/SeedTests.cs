using Amazon.ECR.Model;

namespace Automation.Cli.Tests;

public sealed class SeedTests
{
    [Fact]
    public async Task Seed_PutsAPlaceholderWhereABaseIsMissing_AndNeverTwice()
    {
        await using var fleet = await TestFleet.StartAsync();
        await fleet.PushBaseAsync("one");

        var first = await fleet.RunAsync("seed");
        var second = await fleet.RunAsync("seed");

        Assert.Equal((0, 0), (first.ExitCode, second.ExitCode));
        Assert.Equal(["golden/base:stable has an image", "images/app:latest has no image: a placeholder stands in until the first push"], Lines(first));
        Assert.Equal(["golden/base:stable has an image", "images/app:latest has an image"], Lines(second));
        var image = Assert.Single((await fleet.Ecr.DescribeImagesAsync(new DescribeImagesRequest { RepositoryName = "images/app" }, TestContext.Current.CancellationToken)).ImageDetails);
        Assert.Equal(["automation-placeholder", "latest"], image.ImageTags.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Placeholder_IsNoBase()
    {
        await using var fleet = await TestFleet.StartAsync();

        await fleet.RunAsync("seed");

        Assert.Matches(@"there is no image \S*golden/base:stable", (await fleet.RunAsync("plan", "app")).Output);
    }

    private static string[] Lines(CommandRun run) => run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
