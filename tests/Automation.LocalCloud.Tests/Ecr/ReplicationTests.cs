using System.Text.Json.Nodes;
using Xunit;

namespace Automation.LocalCloud.Tests.Ecr;

public sealed class ReplicationTests : IDisposable
{
    private const string There = "us-east-1";
    private readonly RegistryFixture _registry = new();

    public void Dispose() => _registry.Dispose();

    [Fact]
    public async Task Push_IsReplicatedWithItsTagAndReportedInTheOtherRegion()
    {
        Replicate(There, "golden");
        _registry.CreateRepository("golden/base");
        _registry.CreateRepository("images/app");
        var (digest, manifest) = _registry.Push("golden/base", "stable", "one");
        _registry.Push("images/app", "1", "app");

        var copied = _registry.Call("BatchGetImage", """{"repositoryName":"golden/base","imageIds":[{"imageTag":"stable"}]}""", There)["images"]![0]!;
        Assert.Equal(manifest, RegistryFixture.Text(copied["imageManifest"]));
        Assert.Equal("RepositoryNotFoundException", _registry.Fail("DescribeImages", """{"repositoryName":"images/app"}""", There).Code);
        await _registry.Settle();
        var told = Assert.Single(_registry.Events, told => told.DetailType == "ECR Replication Action");
        Assert.Equal([$"arn:aws:ecr:{There}:123456789012:repository/golden/base"], told.Resources);
        Assert.True(JsonNode.DeepEquals(told.Detail, JsonNode.Parse($$"""
            {"result":"SUCCESS","repository-name":"golden/base","image-digest":"{{digest}}","action-type":"REPLICATE","image-tag":"stable","source-account":"123456789012","source-region":"eu-west-1"}
            """)));
    }

    [Fact]
    public void ReplicatedImage_IsNotReplicatedAgain()
    {
        Replicate(There);
        Replicate("us-east-2", region: There);
        _registry.CreateRepository("golden/base");

        _registry.Push("golden/base", "stable", "one");

        Assert.Equal("RepositoryNotFoundException", _registry.Fail("DescribeImages", """{"repositoryName":"golden/base"}""", "us-east-2").Code);
    }

    [Fact]
    public void Tag_MovesWithTheNextPushUnlessImmutableThere()
    {
        Replicate(There);
        _registry.CreateRepository("golden/base");
        _registry.CreateRepository("images/app");
        _registry.CreateRepository("images/app", "\"imageTagMutability\":\"IMMUTABLE\"", There);
        var first = _registry.Push("images/app", "latest", "one").Digest;
        _registry.Push("images/app", "latest", "two");
        _registry.Push("golden/base", "stable", "one");
        var second = _registry.Push("golden/base", "stable", "two").Digest;

        Assert.Equal(first, DigestThere("images/app", "latest"));
        Assert.Equal(second, DigestThere("golden/base", "stable"));
    }

    [Fact]
    public void Configuration_IsDescribedAndReplacedByTheNext()
    {
        Replicate(There, "golden");

        Assert.Equal(
            """{"rules":[{"destinations":[{"region":"us-east-1","registryId":"123456789012"}],"repositoryFilters":[{"filter":"golden","filterType":"PREFIX_MATCH"}]}]}""",
            _registry.Call("DescribeRegistry", "{}")["replicationConfiguration"]!.ToJsonString());
        _registry.Call("PutReplicationConfiguration", """{"replicationConfiguration":{"rules":[]}}""");
        Assert.Equal("""{"rules":[]}""", _registry.Call("DescribeRegistry", "{}")["replicationConfiguration"]!.ToJsonString());
    }

    [Fact]
    public void Configuration_WithoutFilters_IsDescribedWithoutThem()
    {
        Replicate(There);

        Assert.Equal(
            """{"rules":[{"destinations":[{"region":"us-east-1","registryId":"123456789012"}]}]}""",
            _registry.Call("DescribeRegistry", "{}")["replicationConfiguration"]!.ToJsonString());
    }

    [Fact]
    public void Configuration_ToTheRegistryItself_IsRefused() => Assert.Equal(
        ("InvalidParameterException",
            "Invalid parameter at 'replicationConfiguration' failed to satisfy constraint: 'Replication destination cannot be the same as the source registry'"),
        _registry.Fail("PutReplicationConfiguration", Rules("eu-west-1", null)));

    private string DigestThere(string repository, string tag) => RegistryFixture.Text(
        _registry.Call("DescribeImages", $$$"""{"repositoryName":"{{{repository}}}","imageIds":[{"imageTag":"{{{tag}}}"}]}""",
            There)["imageDetails"]![0]!["imageDigest"]);

    private void Replicate(string to, string? prefix = null, string region = RegistryFixture.Region) =>
        _registry.Call("PutReplicationConfiguration", Rules(to, prefix), region);

    private static string Rules(string to, string? prefix) => new JsonObject
    {
        ["replicationConfiguration"] = new JsonObject
        {
            ["rules"] = new JsonArray(new JsonObject
            {
                ["destinations"] = new JsonArray(new JsonObject { ["region"] = to, ["registryId"] = "123456789012" }),
                ["repositoryFilters"] = prefix is null ? null : new JsonArray(new JsonObject { ["filter"] = prefix, ["filterType"] = "PREFIX_MATCH" }),
            }),
        },
    }.ToJsonString();
}
