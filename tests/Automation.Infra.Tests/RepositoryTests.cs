using System.Text.Json.Nodes;

namespace Automation.Infra.Tests;

/// <summary>Which tags ECR itself holds fast.</summary>
public sealed class RepositoryTests
{
    [Fact]
    public void FloatingTagsThatAreSpeltOut_AreAllThatMoves()
    {
        var repository = RepositoryOf("{version}.{build}", "latest", "stable");

        Assert.Equal("IMMUTABLE_WITH_EXCLUSION", repository["ImageTagMutability"]!.ToString());
        Assert.Equal(["latest", "stable", "edge"], Filters(repository));
    }

    [Theory]
    [InlineData("{version}-{build}", "{major}.{minor}", "*-*")]
    [InlineData("{version}.{build}", "{major}", "*-*", "*.*")]
    [InlineData("v{version}.{date:yyyyMMddHHmmss}", "{major}", "*-*", "v*.*")]
    public void FloatingTagsWithAVariablePart_LeaveTheVersionTagsHeldFast(string version, string floating, params string[] filters)
    {
        var repository = RepositoryOf(version, floating);

        Assert.Equal("MUTABLE_WITH_EXCLUSION", repository["ImageTagMutability"]!.ToString());
        Assert.Equal(filters, Filters(repository));
    }

    [Fact]
    public void ContainerTag_ThatLooksLikeAVersionTag_CanStillBeMovedByImageBuilder() =>
        Assert.Equal(["*.*"], Filters(RepositoryOf(Catalog("{version}.{build}", ["{major}"], "edge-build"))));

    [Fact]
    public void VersionTag_ThatCannotBeToldFromAFloatingOne_IsWarnedOf()
    {
        var said = Assert.Single(Synthesis.Messages(Catalog("{version}.{build}", ["{major}.{minor}"])));

        Assert.StartsWith("WARNING: app: ECR cannot tell the version tag '{version}.{build}' from the tags that move (1.1, edge)", said, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Synthesis.Catalogs), MemberType = typeof(Synthesis))]
    public void Synth_HasNoWarnings(string catalog) => Assert.Empty(Synthesis.Messages(File.ReadAllText(Synthesis.CatalogFile(catalog))));

    private static JsonObject RepositoryOf(string version, params string[] floating) => RepositoryOf(Catalog(version, floating));

    private static JsonObject RepositoryOf(string catalog) =>
        Synthesis.With(new StackOptions(), catalog).Of("AWS::ECR::Repository").Single(repository => repository.Properties["RepositoryName"]!.ToString() == "images/app").Properties;

    private static IEnumerable<string> Filters(JsonObject repository) =>
        repository["ImageTagMutabilityExclusionFilters"]!.AsArray().Select(filter => filter!["ImageTagMutabilityExclusionFilterValue"]!.ToString());

    private static string Catalog(string version, string[] floating, string containerTag = "edge") => new JsonObject
    {
        ["images"] = new JsonArray(new JsonObject
        {
            ["name"] = "app",
            ["from"] = "public.ecr.aws/amazonlinux/amazonlinux:2023",
            ["repository"] = "images/app",
            ["pipeline"] = new JsonObject { ["containerTags"] = new JsonArray(containerTag) },
            ["promote"] = new JsonObject { ["versionTags"] = new JsonArray(version), ["floatingTags"] = new JsonArray([.. floating.Select(tag => JsonValue.Create(tag))]) },
        }),
    }.ToJsonString();
}
