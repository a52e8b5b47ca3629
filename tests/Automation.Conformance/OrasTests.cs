using System.Text.Json.Nodes;
using Automation.Core.Builds;
using Automation.Core.Images;
using Automation.Core.Promotion;
using Automation.Core.Workflow;

namespace Automation.Conformance;

/// <summary><c>oras</c> reads what promotions write, and moves artifacts between repositories. Skipped where it is not installed.</summary>
public sealed class OrasTests
{
    private const string Statement = "application/vnd.in-toto+json";
    private const string Bill = "application/spdx+json";

    [Fact]
    public async Task Statement_IsDiscoveredUnderItsImageAndPulledAsAFile()
    {
        await using var user = await StartAsync();
        await user.AttachAsync(StatementOf(user.Image));

        var referrer = Assert.Single(await DiscoverAsync(user, user.Of("v1")))!;
        await user.RunAsync("oras", "pull", "--plain-http", user.Of(referrer["digest"]!.ToString()));

        Assert.Equal(Statement, referrer["artifactType"]!.ToString());
        Assert.Equal("https://slsa.dev/provenance/v1", referrer["annotations"]!["in-toto.io/predicate-type"]!.ToString());
        var statement = JsonNode.Parse(user.Read("promotion.json"))!;
        Assert.Equal(user.Image.Value[7..], statement["subject"]![0]!["digest"]!["sha256"]!.ToString());
        Assert.Equal("release-app_1-0-0-1", statement["predicate"]!["automation_promotion"]!["execution"]!.ToString());
    }

    [Fact]
    public async Task Discover_ByArtifactType_ShowsOnlyThatType()
    {
        await using var user = await StartAsync();
        await user.AttachAsync(StatementOf(user.Image));
        user.Write("sbom.json", "{}");
        await user.RunAsync("oras", "attach", "--plain-http", "--artifact-type", Bill, user.Of("v1"), $"sbom.json:{Bill}");

        Assert.Equal(2, (await DiscoverAsync(user, user.Of("v1"))).Count);
        var bill = Assert.Single(await DiscoverAsync(user, user.Of("v1"), "--artifact-type", Bill))!;

        Assert.Equal(Bill, bill["artifactType"]!.ToString());
        Assert.Empty(await DiscoverAsync(user, user.Of(bill["digest"]!.ToString())));
    }

    [Fact]
    public async Task RecursiveCopy_TakesTheReferrersAlong()
    {
        await using var user = await StartAsync();
        await user.AttachAsync(StatementOf(user.Image));
        user.Ecr("CreateRepository", """{"repositoryName":"team/copy"}""");

        await user.RunAsync("oras", "cp", "-r", "--from-plain-http", "--to-plain-http", user.Of("v1"), user.Of("v1", "team/copy"));

        Assert.Equal(user.Image.Value, (await user.RunAsync("oras", "resolve", "--plain-http", user.Of("v1", "team/copy"))).Trim());
        Assert.Equal(Statement, Assert.Single(await DiscoverAsync(user, user.Of("v1", "team/copy")))!["artifactType"]!.ToString());
    }

    [Fact]
    public async Task Artifact_IsPushedTaggedAndPulled_AndGoesWithItsLastTag()
    {
        await using var user = await StartAsync();
        user.Write("notes.txt", "hello");

        await user.RunAsync("oras", "push", "--plain-http", "--artifact-type", "application/x-notes", user.Of("notes"), "notes.txt:text/plain");
        await user.RunAsync("oras", "tag", "--plain-http", user.Of("notes"), "newest");
        File.Delete(user.PathOf("notes.txt"));
        await user.RunAsync("oras", "pull", "--plain-http", user.Of("newest"));

        Assert.Equal("hello", user.Read("notes.txt"));
        Assert.Equal(["newest", "notes", "v1"], (await user.RunAsync("oras", "repo", "tags", "--plain-http", $"{user.Registry}/team/app")).Split('\n')[..3]);
        await user.RunAsync("oras", "manifest", "delete", "--plain-http", "--force", user.Of("newest"));
        Assert.Contains("not found", await user.FailAsync("oras", "pull", "--plain-http", user.Of("newest")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Repositories_AreListed()
    {
        await using var user = await StartAsync();

        Assert.Equal("team/app", (await user.RunAsync("oras", "repo", "ls", "--plain-http", user.Registry)).Trim());
    }

    [Fact]
    public async Task RepositoryThatDoesNotExist_IsNamed()
    {
        await using var user = await StartAsync();
        user.Write("notes.txt", "hello");

        var errors = await user.FailAsync("oras", "push", "--plain-http", user.Of("v1", "team/none"), "notes.txt:text/plain");

        Assert.Contains("The repository with name 'team/none' does not exist", errors, StringComparison.Ordinal);
    }

    private static Task<RegistryUser> StartAsync() => RegistryUser.StartAsync("oras");

    /// <summary>The direct referrers. Version 1.3 calls the member <c>referrers</c>, older ones <c>manifests</c>.</summary>
    private static async Task<JsonArray> DiscoverAsync(RegistryUser user, string image, params string[] options)
    {
        var answer = JsonNode.Parse(await user.RunAsync("oras", ["discover", "--plain-http", "--format", "json", .. options, image]))!;
        return (answer["referrers"] ?? answer["manifests"])?.AsArray() ?? [];
    }

    /// <summary>The statement that a promotion writes.</summary>
    private static Attachment StatementOf(Digest image)
    {
        var at = new DateTimeOffset(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);
        var build = new BuildRecord { Version = ImageVersion.Parse("1.0.0/1"), Arn = "arn:build", State = BuildState.Available, CreatedAt = at, Digest = image };
        var pipeline = new PipelineFacts("arn:pipeline", "app", true, RecipeVersion.Parse("1.0.0"), "golden/base:stable", Recipe: "app");
        var state = new LifecycleState
        {
            Action = WorkflowActions.Release,
            Image = "app",
            Version = "1.0.0/1",
            Release = new InspectImageResult("releasable", build.Arn, "1.0.0/1", at, RegistryUser.Repository, [], null, false, []),
        };
        return PromotionStatement.Of(state, image, build, pipeline, "release-app_1-0-0-1", at);
    }
}
