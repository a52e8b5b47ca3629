using System.Text.Json.Nodes;
using Automation.Core.Images;
using Automation.LocalCloud;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Hosting;

namespace Automation.Infra.Tests;

/// <summary>The tags that ECR itself protects.</summary>
public sealed class RepositoryTests
{
    private const string Hex = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("{version}-{build}", "{major}.{minor}", "1.0.x", "1.0.*-*")]
    [InlineData("{version}-{build}", "latest", "1.0.x", "1.0.*-*")]
    [InlineData("{version}.{build}", "{major}", "1.0.x", "1.0.*-*", "1.0.*.*")]
    [InlineData("v{version}.{date:yyyyMMddHHmmss}", "{major}", "1.0.x", "1.0.*-*", "v1.0.*.*")]
    [InlineData("r{major}-{digest12}", "latest", "1.0.x", "1.0.*-*", "r1-*")]
    [InlineData("{version}-{build}", "latest", "1.2.3", "1.2.*-*", "1.1.*-*", "1.0.*-*")]
    [InlineData("{version}-{build}", "latest", "3.0.x", "3.0.*-*", "2.*-*", "1.*-*")]
    public void VersionTags_AreProtectedByFiltersForTheNewestRecipesFirst(string version, string floating, string recipe, params string[] filters)
    {
        var repository = RepositoryOf(Catalog(version, [floating], recipe: recipe));

        Assert.Equal("MUTABLE_WITH_EXCLUSION", repository["ImageTagMutability"]!.ToString());
        Assert.Equal(filters, Filters(repository));
        Assert.All(filters, filter => Assert.InRange(filter.Count(c => c == '*'), 0, 2));
        Assert.InRange(filters.Length, 1, 5);
    }

    /// <summary>cosign writes its tags again whenever it adds a signature; deployment tools move theirs.</summary>
    [Theory]
    [InlineData("{version}-{build}", "latest")]
    [InlineData("{version}-{build}", "{major}.{minor}")]
    [InlineData("{version}.{build}", "{major}-slim")]
    [InlineData("v{version}.{date:yyyyMMddHHmmss}", "{version}-alpine")]
    [InlineData("{version}-{date:yyyyMMdd}.{build}", "stable")]
    [InlineData("{version}-{build}", null)]
    public void OtherTags_StayMovable(string version, string? floating)
    {
        var filters = Filters(RepositoryOf(Catalog(version, floating is null ? [] : [floating]))).Select(TagPattern.Parse).ToList();

        string[] others = [$"sha256-{Hex}", $"sha256-{Hex}.sig", $"sha256-{Hex}.att", $"sha256-{Hex}.sbom", "edge", "latest", "1.0", "1", "prod", "feature-x",
            "1-slim", "1.0-slim"];
        Assert.All(others, tag => Assert.DoesNotContain(filters, filter => filter.Matches(tag)));
        Assert.Contains(
            filters, filter =>
                filter.Matches(version == "{version}-{build}"
                    ? "1.0.7-23"
                    : TagTemplate.Parse(version).Render(ImageVersion.Parse("1.0.7/23"), DateTimeOffset.UnixEpoch, Digest.Parse("sha256:" + Hex))));
    }

    [Fact]
    public void ContainerTag_LooksLikeAVersionTag_CanStillBeMovedByImageBuilder() =>
        Assert.Equal(["1.0.*.r*"], Filters(RepositoryOf(Catalog("{version}.r{build}", ["{major}"], "1.0.0-build"))));

    [Theory]
    [InlineData("{version}-{build}", "{version}-slim", "(1.0.0-slim, 1.0.12-slim, edge, signatures such as sha256-….sig)")]
    [InlineData("{digest12}", "latest", "(latest, edge, signatures such as sha256-….sig)")]
    public void VersionTag_IndistinguishableFromAMovableTag_GivesAWarning(string version, string floating, string movable)
    {
        var said = Assert.Single(Synthesis.Warnings(Catalog(version, [floating])));

        Assert.StartsWith($"WARNING: app: ECR's wildcards cannot tell the version tag '{version}' from tags that must stay movable {movable}", said,
            StringComparison.Ordinal);
    }

    [Fact]
    public void HoldTags_False_LeavesEveryRepositoryMutable() =>
        Assert.All(Synthesis.With(new StackOptions { HoldTags = false }).Of("AWS::ECR::Repository"),
            repository => Assert.Equal("MUTABLE", repository.Properties["ImageTagMutability"]!.ToString()));

    [Theory]
    [MemberData(nameof(Synthesis.Catalogs), MemberType = typeof(Synthesis))]
    public void Synth_HasNoWarnings(string catalog) => Assert.Empty(Synthesis.Warnings(File.ReadAllText(Synthesis.CatalogFile(catalog))));

    // In every Region of an image, its tags are protected, scanned, kept and encrypted in the same way.
    [Fact]
    public void RepositoryInAnotherRegion_IsLikeTheStacksOneWithItsRegionsKey()
    {
        const string Here = "arn:aws:kms:us-east-1:123456789012:key/here";
        const string There = "arn:aws:kms:eu-west-1:123456789012:key/mrk-there";
        var options = new StackOptions { Region = "us-east-1", RepositoryKeys = [Here, There] };
        var here = Assert.Single(Synthesis.With(options, File.ReadAllText(Synthesis.CatalogFile("two-regions"))).Of("AWS::ECR::Repository"),
            each => each.Properties["RepositoryName"]!.ToString() == "images/edge");
        var stack = new Template(JsonNode.Parse(Synthesis.Text("two-regions", "eu-west-1", options))!.AsObject());
        var there = Assert.Single(stack.Of("AWS::ECR::Repository"));

        Assert.Equal("RetainExceptOnCreate", stack.DeletionPolicyOf(there.Id));
        Assert.Equal((Here, There), (Key(here.Properties), Key(there.Properties)));
        Assert.Equal(here.Properties.ToJsonString().Replace(Here, There, StringComparison.Ordinal), there.Properties.ToJsonString());

        static string Key(JsonObject repository) => repository["EncryptionConfiguration"]!["KmsKey"]!.ToString();
    }

    // A key belongs to one Region, and ECR does not accept another Region's. Synth reports this, not the deployment.
    [Fact]
    public void RepositoryInARegionWithoutKey_IsRefused() =>
        Assert.Contains(
            "is in eu-west-1, where there are repositories too",
            Assert.Throws<StackOptionsException>(
                () => Synthesis.Text("two-regions", "eu-west-1",
                    new StackOptions { Region = "us-east-1", RepositoryKeys = ["arn:aws:kms:us-east-1:123456789012:key/here"] })).Message,
            StringComparison.Ordinal);

    [Fact]
    public void StackOfAnotherRegion_DeploysOnlyItsRepositories()
    {
        using var cloud = new Cloud(new CloudOptions(), new InProcessFunctionHost());
        var stack = cloud.Run(
            () => cloud.Stacks.Create(
                new StackSource("Automation-eu-west-1", Synthesis.Text("two-regions", "eu-west-1", new StackOptions())) { Region = "eu-west-1" }));

        Assert.Equal("CREATE_COMPLETE", stack.Status);
        Assert.Equal("AWS::ECR::Repository", Assert.Single(stack.Resources).Type);
        Assert.Contains(":eu-west-1:", stack.Id, StringComparison.Ordinal);
    }

    private static JsonObject RepositoryOf(string catalog) =>
        Synthesis.With(new StackOptions(), catalog).Of("AWS::ECR::Repository")
            .Single(repository => repository.Properties["RepositoryName"]!.ToString() == "images/app").Properties;

    private static IEnumerable<string> Filters(JsonObject repository) =>
        repository["ImageTagMutabilityExclusionFilters"]!.AsArray().Select(filter => filter!["ImageTagMutabilityExclusionFilterValue"]!.ToString());

    private static string Catalog(string version, string[] floating, string containerTag = "edge", string recipe = "1.0.x") => new JsonObject
    {
        ["images"] = new JsonArray(new JsonObject
        {
            ["name"] = "app",
            ["from"] = "public.ecr.aws/amazonlinux/amazonlinux:2023",
            ["repository"] = "images/app",
            ["pipeline"] = new JsonObject { ["recipeVersion"] = recipe, ["containerTags"] = new JsonArray(containerTag) },
            ["promote"] = new JsonObject
            {
                ["versionTags"] = new JsonArray(version),
                ["floatingTags"] = new JsonArray([.. floating.Select(tag => JsonValue.Create(tag))])
            },
        }),
    }.ToJsonString();
}
