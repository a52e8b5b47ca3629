using System.Text.Json.Nodes;
using Automation.LocalCloud;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Hosting;

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
        var said = Assert.Single(Synthesis.Warnings(Catalog("{version}.{build}", ["{major}.{minor}"])));

        Assert.StartsWith("WARNING: app: ECR cannot tell the version tag '{version}.{build}' from the tags that move (1.1, edge)", said, StringComparison.Ordinal);
    }

    [Fact]
    public void HoldTags_False_LeavesEveryRepositoryMutable() =>
        Assert.All(Synthesis.With(new StackOptions { HoldTags = false }).Of("AWS::ECR::Repository"), repository => Assert.Equal("MUTABLE", repository.Properties["ImageTagMutability"]!.ToString()));

    [Theory]
    [MemberData(nameof(Synthesis.Catalogs), MemberType = typeof(Synthesis))]
    public void Synth_HasNoWarnings(string catalog) => Assert.Empty(Synthesis.Warnings(File.ReadAllText(Synthesis.CatalogFile(catalog))));

    // Wherever an image is promoted to, its tags are held, scanned, kept and encrypted alike.
    [Fact]
    public void RepositoryInAnotherRegion_IsLikeTheOneOfTheStack_WithTheKeyOfItsRegion()
    {
        const string Here = "arn:aws:kms:us-east-1:123456789012:key/here";
        const string There = "arn:aws:kms:eu-west-1:123456789012:key/mrk-there";
        var options = new StackOptions { Region = "us-east-1", RepositoryKeys = [Here, There] };
        var here = Assert.Single(Synthesis.With(options, File.ReadAllText(Synthesis.CatalogFile("two-regions"))).Of("AWS::ECR::Repository"), each => each.Properties["RepositoryName"]!.ToString() == "images/edge");
        var stack = new Template(JsonNode.Parse(Synthesis.Text("two-regions", "eu-west-1", options))!.AsObject());
        var there = Assert.Single(stack.Of("AWS::ECR::Repository"));

        Assert.Equal("RetainExceptOnCreate", stack.DeletionPolicyOf(there.Id));
        Assert.Equal((Here, There), (Key(here.Properties), Key(there.Properties)));
        Assert.Equal(here.Properties.ToJsonString().Replace(Here, There, StringComparison.Ordinal), there.Properties.ToJsonString());

        static string Key(JsonObject repository) => repository["EncryptionConfiguration"]!["KmsKey"]!.ToString();
    }

    // A key is of one Region, and ECR takes none of another: better at synth than in the middle of a deployment.
    [Fact]
    public void RepositoryInARegionWithoutAKey_IsRefused() =>
        Assert.Contains(
            "is in eu-west-1, where there are repositories too",
            Assert.Throws<StackOptionsException>(() => Synthesis.Text("two-regions", "eu-west-1", new StackOptions { Region = "us-east-1", RepositoryKeys = ["arn:aws:kms:us-east-1:123456789012:key/here"] })).Message,
            StringComparison.Ordinal);

    [Fact]
    public void StackOfAnotherRegion_IsDeployed_AndIsItsRepositoriesOnly()
    {
        using var cloud = new Cloud(new CloudOptions(), new InProcessFunctionHost());
        var stack = cloud.Run(() => cloud.Stacks.Create(new StackSource("Automation-eu-west-1", Synthesis.Text("two-regions", "eu-west-1", new StackOptions())) { Region = "eu-west-1" }));

        Assert.Equal("CREATE_COMPLETE", stack.Status);
        Assert.Equal("AWS::ECR::Repository", Assert.Single(stack.Resources).Type);
        Assert.Contains(":eu-west-1:", stack.Id, StringComparison.Ordinal);
    }

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
