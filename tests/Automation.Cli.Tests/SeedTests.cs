using Amazon.ECR.Model;

namespace Automation.Cli.Tests;

public sealed class SeedTests
{
    [Fact]
    public async Task Seed_MissingBase_GetsOnePlaceholder()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.PushBaseAsync("one");

        var first = await fleet.RunAsync("seed");
        var second = await fleet.RunAsync("seed");

        Assert.Equal((0, 0), (first.ExitCode, second.ExitCode));
        Assert.Equal(["golden/base:stable has an image", "images/app:latest has no image; a placeholder takes its place until the first push"], Lines(first));
        Assert.Equal(["golden/base:stable has an image", "images/app:latest has a placeholder until the first push"], Lines(second));
        var image = Assert.Single(
            (await fleet.Ecr.DescribeImagesAsync(
                new DescribeImagesRequest { RepositoryName = "images/app" }, TestContext.Current.CancellationToken)).ImageDetails);
        Assert.Equal(["automation-placeholder", "latest"], image.ImageTags.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Seed_AfterTheFirstPush_RemovesThePlaceholderAndNoTaggedImage()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.RunAsync("seed");
        Assert.Equal(["automation-placeholder,stable"], await ImagesAsync(fleet));
        await fleet.PushBaseAsync("one");

        var seeded = await fleet.RunAsync("seed");
        var again = await fleet.RunAsync("seed");

        Assert.Equal("golden/base:stable has an image; its placeholder was removed", Lines(seeded)[0]);
        Assert.Equal("golden/base:stable has an image", Lines(again)[0]);
        Assert.Equal(["stable"], await ImagesAsync(fleet));
        await fleet.Ecr.PutImageAsync(await ManifestAsync(fleet, "automation-placeholder"), TestContext.Current.CancellationToken);
        await fleet.Ecr.PutImageAsync(await ManifestAsync(fleet, "mine"), TestContext.Current.CancellationToken);

        await fleet.RunAsync("seed");

        Assert.Equal(["automation-placeholder,mine,stable"], await ImagesAsync(fleet));
    }

    [Fact]
    public async Task Placeholder_IsNotABase()
    {
        await using var fleet = await CommandFixture.StartAsync();

        await fleet.RunAsync("seed");

        Assert.Matches(@"app +build +no: .*golden/base:stable", (await fleet.RunAsync("plan", "app")).Output);
    }

    private static async Task<PutImageRequest> ManifestAsync(CommandFixture fleet, string tag)
    {
        var image = Assert.Single((await fleet.Ecr.BatchGetImageAsync(
            new BatchGetImageRequest { RepositoryName = "golden/base", ImageIds = [new ImageIdentifier { ImageTag = "stable" }] },
            TestContext.Current.CancellationToken)).Images);
        return new PutImageRequest
        {
            RepositoryName = "golden/base",
            ImageManifest = image.ImageManifest,
            ImageManifestMediaType = image.ImageManifestMediaType,
            ImageTag = tag
        };
    }

    private static async Task<IEnumerable<string>> ImagesAsync(CommandFixture fleet) =>
        (await fleet.Ecr.DescribeImagesAsync(new DescribeImagesRequest { RepositoryName = "golden/base" }, TestContext.Current.CancellationToken)).ImageDetails
            .Select(image => string.Join(',', image.ImageTags.Order(StringComparer.Ordinal)));

    private static string[] Lines(CommandRun run) => run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
