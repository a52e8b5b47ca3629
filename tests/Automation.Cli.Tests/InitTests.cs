using Automation.Cli.Init;
using Automation.Core.Catalog;

namespace Automation.Cli.Tests;

/// <summary>The first catalog: from what an account has, or from four answers. Each draft is a catalog without a fault.</summary>
public sealed class InitTests
{
    private static readonly DateTimeOffset Monday = new(2026, 1, 5, 3, 0, 0, TimeSpan.Zero);

    private static readonly FoundPipeline Base = new(
        "Base Image_2023", "base-image", "public.ecr.aws/amazonlinux/amazonlinux:2023", "golden/base", "cron(0 3 ? * MON *)", "Europe/Berlin", true,
        ["eu-west-1"], [],
        [
            new FoundImage(Digest('b'), Monday, ["1.0.0-2", "v1.0.0.2", "1.0.0-20260105.2", "1.0", "stable"]),
            new FoundImage(Digest('a'), Monday.AddDays(-7), ["1.0.0-1", "v1.0.0.1", "1.0.0-20251229.1", "keep-for-audit"]),
        ]);

    private static readonly FoundPipeline App = new(
        "app", "app", "123456789012.dkr.ecr.eu-west-1.amazonaws.com/golden/base:stable", "images/app", null, null, false,
        ["eu-central-1", "eu-west-1"], ["latest"],
        [new FoundImage(Digest('c'), Monday, ["2.1.0-7", "2", "latest"])]);

    [Fact]
    public void Survey_BecomesAnAdoptingCatalog_WithLineageTagsSchedulesAndRegions()
    {
        var text = CatalogDraft.Of(new AccountSurvey("123456789012", "eu-west-1", [App, Base], ["golden/base", "images/app"], [("ami", "it builds an AMI")]));

        var catalog = ImageCatalog.Parse(text);
        var (app, golden) = (catalog.Find("app")!, catalog.Find("base-image-2023")!);
        Assert.Equal(("golden/base:stable", "app"), (app.From!.ToString(), app.Pipeline is PipelineSpec.Adopted { Recipe: var recipe } ? recipe : null));
        Assert.Equal(["latest", "{major}"], app.Promote.FloatingTags.Select(tag => tag.Text).Order(StringComparer.Ordinal));
        Assert.Equal(["eu-west-1", "eu-central-1"], app.Regions);
        Assert.Equal(["v{version}.{build}", "{version}-{date:yyyyMMdd}.{build}"],
            golden.Promote.VersionTags.Select(tag => tag.Text).Order(StringComparer.Ordinal));
        Assert.Equal(["stable", "{major}.{minor}"], golden.Promote.FloatingTags.Select(tag => tag.Text).Order(StringComparer.Ordinal));
        Assert.Equal(("cron(0 3 ? * MON *)", "Europe/Berlin"), (golden.Build.Schedule!.Text, golden.Build.TimeZone.ToString()));
        Assert.All(catalog.Images, image => Assert.Equal(RetentionMode.Report, image.Retain.Mode));
        Assert.Contains("// The pipeline is disabled in Image Builder", text, StringComparison.Ordinal);
        Assert.Contains("// The pipeline's distribution moves latest itself, before any gate.", text, StringComparison.Ordinal);
        Assert.Contains("// Tags that follow no template, which count as foreign and are kept: keep-for-audit.", text, StringComparison.Ordinal);
        Assert.Contains("// Left out: ami, it builds an AMI.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Survey_FloatingTagsOnAnOlderBuild_AreRecognisedAndNoted()
    {
        var pipeline = App with
        {
            Images =
            [
                new FoundImage(Digest('c'), Monday, ["1.2.0-3"]),
                new FoundImage(Digest('b'), Monday.AddDays(-7), ["1.2.0-2", "latest", "1", "1.2", "keep-for-audit"]),
                new FoundImage(Digest('a'), Monday.AddDays(-14), ["1.1.0-1", "1.1", "before-migration"]),
            ],
        };

        var text = CatalogDraft.Of(new AccountSurvey("123456789012", "eu-west-1", [pipeline], ["golden/base", "images/app"], []));

        var app = ImageCatalog.Parse(text).Find("app")!;
        Assert.Equal(["latest", "{major}", "{major}.{minor}"], app.Promote.FloatingTags.Select(tag => tag.Text).Order(StringComparer.Ordinal));
        Assert.Contains("// latest is on 1.2.0/2, 1 is on 1.2.0/2, 1.2 is on 1.2.0/2, not on the newest build.", text, StringComparison.Ordinal);
        Assert.Contains("which count as foreign and are kept: keep-for-audit, before-migration.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Survey_BasesThatNoPipelineBuilds_AreListedWithTheTagsThatAreUsed()
    {
        var text = CatalogDraft.Of(new AccountSurvey("123456789012", "eu-west-1", [App], ["golden/base", "images/app"], []));

        var repository = Assert.Single(ImageCatalog.Parse(text).Repositories);
        Assert.Equal(("golden/base", true, "stable"), (repository.Name, repository.Existing, Assert.Single(repository.WatchTags).Text));
    }

    [Fact]
    public void Names_AreMadeDistinctAndFitting()
    {
        var pipelines = new[] { "ab_", "Very long name of a pipeline that nobody can read", "App x", "_app x" }
            .Select((name, i) => App with { Name = name, Repository = $"images/{i}", ParentImage = null });

        var catalog = ImageCatalog.Parse(CatalogDraft.Of(new AccountSurvey("123456789012", "eu-west-1", [.. pipelines], [], [])));

        Assert.Equal(["app-x", "app-x-2", "image-ab", "very-long-name-of-a-pipeline-tha"],
            catalog.Images.Select(image => image.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("public.ecr.aws/amazonlinux/amazonlinux:2023", 0)]
    [InlineData("golden/base:stable", 1)]
    [InlineData("ssm:/imagebuilder/base", 0)]
    public void New_IsACatalogWithADockerfile(string from, int repositories)
    {
        var catalog = ImageCatalog.Parse(CatalogDraft.New("app", from, "images/app", "cron(0 3 ? * SUN *)"));

        Assert.Equal((repositories, from), (catalog.Repositories.Count, catalog.Images[0].BaseText));
        Assert.Contains("imagebuilder:parentImage", ((PipelineSpec.Defined)catalog.Images[0].Pipeline).Dockerfile, StringComparison.Ordinal);
        Assert.Equal(RetentionMode.Report, catalog.Images[0].Retain.Mode);
    }

    [Fact]
    public async Task Init_OfAnAccount_WritesWhatTheCloudHas_AndNeverOverwrites()
    {
        await using var fleet = await CommandFixture.StartAsync();
        await fleet.PushBaseAsync("one");
        await fleet.BuildAsync();
        await fleet.PutTagAsync("1.0.0/1", "latest");
        var folder = Directory.CreateTempSubdirectory("automation-init-");
        try
        {
            var file = Path.Combine(folder.FullName, "catalog.json");
            var first = await fleet.RunAsync("init", file);
            var text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
            var second = await fleet.RunAsync("init", file);

            Assert.Equal(0, first.ExitCode);
            Assert.Contains($"wrote {file}: 2 images", first.Output, StringComparison.Ordinal);
            var catalog = ImageCatalog.Parse(text);
            Assert.Equal(["app", "app-web"], catalog.Images.Select(image => image.Name));
            Assert.Equal(["latest"], catalog.Find("app")!.Promote.FloatingTags.Select(tag => tag.Text));
            Assert.Equal("golden/base:stable", catalog.Find("app")!.From!.ToString());
            Assert.Equal("images/app:latest", catalog.Find("app-web")!.From!.ToString());
            Assert.Equal(1, second.ExitCode);
            Assert.EndsWith("exists and is not changed; name another file: automation init FILE.", second.Error.Trim(), StringComparison.Ordinal);
            Assert.Equal(text, await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("golden/base:stable", null, "push the base here: that starts a build")]
    [InlineData("public.ecr.aws/docker/library/alpine:3", "rate(7 days)", "the base is not in this account: only the schedule starts builds")]
    [InlineData("public.ecr.aws/docker/library/alpine:3", null,
        "the base is not in this account and there is no schedule: only `automation build` starts builds")]
    public void New_SaysWhatStartsABuild(string from, string? schedule, string comment)
    {
        var text = CatalogDraft.New("app", from, "images/app", schedule);

        Assert.Contains($"// {comment}\n", text, StringComparison.Ordinal);
        Assert.Single(ImageCatalog.Parse(text).Images);
    }

    [Theory]
    [InlineData("cdk.json", "next: read it; automation cloud --catalog my.json runs it on this machine", "next: npx aws-cdk@2 deploy -c catalog=my.json deploys it")]
    [InlineData("other.json", "next: read it; in a clone of the repository, automation cloud --catalog /", "next: in a clone of the repository, npx aws-cdk@2 deploy -c catalog=/")]
    public async Task New_EndsWithCommandsThatWorkThere(string beside, string first, string second)
    {
        var run = await NewAsync("web\ngolden/base:stable\n\nnone\n", beside);

        Assert.Equal((0, ""), (run.ExitCode, run.Error.Split("]: ")[^1]));
        var lines = run.Output.Split('\n');
        Assert.Equal("wrote my.json: 1 image, 1 base repository, nothing is deleted", lines[0]);
        Assert.StartsWith(first, lines[1], StringComparison.Ordinal);
        Assert.StartsWith(second, lines[2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("My App\n", "Name of the image: 'My App' ", 1)]
    [InlineData("web\nhello world\n\nnone\n", "Base image: 'hello world' is not an image reference", 2)]
    [InlineData("web\n\nUPPER\nnone\n", "ECR repository for its builds: ", 3)]
    [InlineData("web\n\n\nnever\n", "Schedule besides new bases, or none: 'never' is not a schedule", 4)]
    public async Task New_InAPipe_StopsAtTheFirstWrongAnswer(string answers, string fault, int questions)
    {
        var run = await NewAsync(answers, "cdk.json");

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        var parts = run.Error.Split("]: ");
        Assert.Equal(questions + 1, parts.Length);
        Assert.StartsWith(fault, parts[^1], StringComparison.Ordinal);
        Assert.EndsWith(". Nothing was written.", parts[^1].TrimEnd(), StringComparison.Ordinal);
        Assert.DoesNotContain("..", parts[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task New_InAFolderThatDoesNotExist_IsRefusedBeforeTheQuestions()
    {
        var run = await CommandRun.OfAsync(
            TimeProvider.System, ["init", "--new", "nowhere/my.json"], AppContext.BaseDirectory, TestContext.Current.CancellationToken);

        Assert.Equal((1, "nowhere/my.json cannot be written: its folder does not exist."), (run.ExitCode, run.Error.Trim()));
    }

    [Fact]
    public async Task New_OfAFileThatExists_NamesTheCommandForAnother()
    {
        var run = await NewAsync("", "my.json");

        Assert.Equal((1, "my.json exists and is not changed; name another file: automation init --new FILE."), (run.ExitCode, run.Error.Trim()));
    }

    /// <param name="beside">A file in the folder.</param>
    private static async Task<CommandRun> NewAsync(string answers, string beside)
    {
        var folder = Directory.CreateTempSubdirectory("automation-init-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, beside), "{}", TestContext.Current.CancellationToken);
            return await CommandRun.OfAsync(
                TimeProvider.System, ["init", "--new", "my.json"], folder.FullName, TestContext.Current.CancellationToken, input: answers);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Init_OfAnAccountWithoutPipelines_PointsToNew()
    {
        await using var fleet = await CommandFixture.StartAsync(stack: null);

        var run = await fleet.RunAsync("init", Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()));

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("Account 123456789012 has no container pipeline in us-east-1. automation init --new", run.Error, StringComparison.Ordinal);
    }

    private static string Digest(char letter) => $"sha256:{new string(letter, 64)}";
}
