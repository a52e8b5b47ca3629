using System.Text.Json.Nodes;
using Xunit;

namespace Automation.LocalCloud.Tests.Ecr;

public sealed class CreationTemplateTests : IDisposable
{
    private const string There = "us-east-1";
    private const string Role = "arn:aws:iam::123456789012:role/repositories";
    private const string Expire = """{"rules":[{"rulePriority":1,"selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":1},"action":{"type":"expire"}}]}""";
    private readonly RegistryFixture _registry = new();

    public void Dispose() => _registry.Dispose();

    [Fact]
    public void Template_IsDescribedUpdatedAndDeleted()
    {
        var created = Template("golden", "REPLICATION", ("description", "base images"), ("imageTagMutability", "IMMUTABLE"));
        Assert.Equal("IMMUTABLE", RegistryFixture.Text(created["imageTagMutability"]));
        Assert.Equal("AES256", RegistryFixture.Text(created["encryptionConfiguration"]!["encryptionType"]));
        Assert.Equal("TemplateAlreadyExistsException", Refused("CreateRepositoryCreationTemplate", """{"prefix":"golden","appliedFor":["REPLICATION"]}"""));

        _registry.Call("UpdateRepositoryCreationTemplate", """{"prefix":"golden","appliedFor":["PULL_THROUGH_CACHE"]}""");

        Template("images", "CREATE_ON_PUSH");
        var described = _registry.Call("DescribeRepositoryCreationTemplates", """{"prefixes":["golden"]}""")["repositoryCreationTemplates"]!.AsArray();
        var golden = Assert.Single(described)!;
        Assert.Equal("""["PULL_THROUGH_CACHE"]""", golden["appliedFor"]!.ToJsonString());
        Assert.Equal("base images", RegistryFixture.Text(golden["description"]));
        Assert.Equal("IMMUTABLE", RegistryFixture.Text(golden["imageTagMutability"]));
        _registry.Call("DeleteRepositoryCreationTemplate", """{"prefix":"golden"}""");
        Assert.Equal("TemplateNotFoundException", Refused("UpdateRepositoryCreationTemplate", """{"prefix":"golden"}"""));
        Assert.Equal("TemplateNotFoundException", Refused("DeleteRepositoryCreationTemplate", """{"prefix":"golden"}"""));
    }

    [Fact]
    public void Templates_AreListedInPages()
    {
        Template("a", "REPLICATION");
        Template("b", "REPLICATION");

        var first = _registry.Call("DescribeRepositoryCreationTemplates", """{"maxResults":1}""");
        var second = _registry.Call("DescribeRepositoryCreationTemplates", new JsonObject { ["nextToken"] = RegistryFixture.Text(first["nextToken"]) }.ToJsonString());

        Assert.Equal("a", RegistryFixture.Text(Assert.Single(first["repositoryCreationTemplates"]!.AsArray())!["prefix"]));
        Assert.Equal("b", RegistryFixture.Text(Assert.Single(second["repositoryCreationTemplates"]!.AsArray())!["prefix"]));
        Assert.False(second.ContainsKey("nextToken"));
    }

    [Theory]
    [InlineData("""{"prefix":"a","appliedFor":["SOMETIMES"]}""")]
    [InlineData("""{"prefix":"a","appliedFor":["REPLICATION"],"lifecyclePolicy":"{}"}""")]
    [InlineData("""{"prefix":"a","appliedFor":["REPLICATION"],"repositoryPolicy":"{}"}""")]
    [InlineData("""{"prefix":"a","appliedFor":["REPLICATION"],"imageTagMutability":"MUTABLE_WITH_EXCLUSION"}""")]
    [InlineData("""{"prefix":"A","appliedFor":["REPLICATION"]}""")]
    public void Template_Faulty_IsRefused(string input) => Assert.Equal("InvalidParameterException", Refused("CreateRepositoryCreationTemplate", input));

    [Fact]
    public async Task PushToAMissingRepository_CreatesItAsTheTemplateSays()
    {
        Template("images", "CREATE_ON_PUSH", ("lifecyclePolicy", Expire), ("customRoleArn", Role), ("imageTagMutability", "MUTABLE"));
        Template("images/strict", "CREATE_ON_PUSH", ("imageTagMutability", "IMMUTABLE"));

        Assert.Equal(202, _registry.Registry("POST", "/v2/images/app/blobs/uploads/").Status);
        Assert.Equal(202, _registry.Registry("POST", "/v2/images/strict/app/blobs/uploads/").Status);

        Assert.Equal("MUTABLE", Mutability("images/app"));
        Assert.Equal("IMMUTABLE", Mutability("images/strict/app"));
        _registry.Push("images/app", "1", "one");
        _registry.Push("images/app", "2", "two");
        await _registry.Cloud.AdvanceAsync(TimeSpan.FromDays(2), TestContext.Current.CancellationToken);
        Assert.Equal(
            """["2"]""",
            Assert.Single(_registry.Call("DescribeImages", """{"repositoryName":"images/app"}""")["imageDetails"]!.AsArray())!["imageTags"]!.ToJsonString());
    }

    [Theory]
    [InlineData("POST", "/v2/other/app/blobs/uploads/")]
    [InlineData("POST", "/v2/images/blobs/uploads/")]
    [InlineData("GET", "/v2/images/app/tags/list")]
    public void PushWithoutATemplate_AndPull_CreateNothing(string method, string path)
    {
        Template("images", "CREATE_ON_PUSH");
        Template("other", "REPLICATION");

        Assert.Equal(404, _registry.Registry(method, path).Status);
        Assert.Empty(_registry.Call("DescribeRepositories", "{}")["repositories"]!.AsArray());
    }

    [Fact]
    public void Replication_CreatesTheRepositoryByTheTemplateOfItsRegion()
    {
        Replicate();
        Template("ROOT", "REPLICATION", There, ("imageTagMutability", "IMMUTABLE"));
        Template("ROOT", "PULL_THROUGH_CACHE", There, ("imageTagMutability", "IMMUTABLE"), isNew: false);
        _registry.CreateRepository("golden/base");
        _registry.Push("golden/base", "1", "one");
        Assert.Equal("MUTABLE", Mutability("golden/base", There));

        Template("ROOT", "REPLICATION", There, ("imageTagMutability", "IMMUTABLE"), isNew: false);
        _registry.CreateRepository("golden/other");
        _registry.Push("golden/other", "1", "one");

        Assert.Equal("IMMUTABLE", Mutability("golden/other", There));
    }

    [Fact]
    public void TemplateWithTagsAndWithoutARole_FailsToCreate()
    {
        Replicate();
        _registry.Call(
            "CreateRepositoryCreationTemplate", """{"prefix":"ROOT","appliedFor":["REPLICATION"],"resourceTags":[{"Key":"team","Value":"base"}]}""", There);
        _registry.CreateRepository("golden/base");

        var (digest, _) = _registry.Push("golden/base", "1", "one");

        Assert.Equal("RepositoryNotFoundException", _registry.Fail("DescribeImages", """{"repositoryName":"golden/base"}""", There).Code);
        Assert.Equal("FAILED", RegistryFixture.Text(Statuses("golden/base", digest)[0]!["status"]));
        _registry.Call("UpdateRepositoryCreationTemplate", $$"""{"prefix":"ROOT","customRoleArn":"{{Role}}"}""", There);
        _registry.Push("golden/base", "2", "two");
        Assert.Equal(
            """[{"Key":"team","Value":"base"}]""",
            _registry.Call("ListTagsForResource", """{"resourceArn":"arn:aws:ecr:us-east-1:123456789012:repository/golden/base"}""", There)["tags"]!.ToJsonString());
    }

    [Fact]
    public void ReplicationStatus_NamesEachDestinationOfTheLatestPush()
    {
        _registry.CreateRepository("golden/base");
        var (before, _) = _registry.Push("golden/base", "1", "one");
        Replicate();

        var (after, _) = _registry.Push("golden/base", "2", "two");

        Assert.Empty(Statuses("golden/base", before));
        Assert.Equal("""[{"region":"us-east-1","registryId":"123456789012","status":"COMPLETE"}]""", Statuses("golden/base", after).ToJsonString());
        Assert.Equal(
            "ImageNotFoundException", Refused("DescribeImageReplicationStatus", """{"repositoryName":"golden/base","imageId":{"imageTag":"3"}}"""));
    }

    private JsonArray Statuses(string repository, string digest) => _registry.Call(
        "DescribeImageReplicationStatus", $$$"""{"repositoryName":"{{{repository}}}","imageId":{"imageDigest":"{{{digest}}}"}}""")["replicationStatuses"]!.AsArray();

    private string Mutability(string repository, string region = RegistryFixture.Region) => RegistryFixture.Text(
        _registry.Call("DescribeRepositories", $$"""{"repositoryNames":["{{repository}}"]}""", region)["repositories"]![0]!["imageTagMutability"]);

    private JsonNode Template(string prefix, string reason, params ReadOnlySpan<(string Name, string Value)> members) =>
        Put("CreateRepositoryCreationTemplate", prefix, reason, RegistryFixture.Region, members);

    private void Template(string prefix, string reason, string region, (string Name, string Value) member, bool isNew = true) =>
        Put(isNew ? "CreateRepositoryCreationTemplate" : "UpdateRepositoryCreationTemplate", prefix, reason, region, member);

    private JsonNode Put(string operation, string prefix, string reason, string region, params ReadOnlySpan<(string Name, string Value)> members)
    {
        var input = new JsonObject { ["prefix"] = prefix, ["appliedFor"] = new JsonArray(reason) };
        foreach (var (name, value) in members)
        {
            input[name] = value;
        }

        return _registry.Call(operation, input.ToJsonString(), region)["repositoryCreationTemplate"]!;
    }

    private string Refused(string operation, string input) => _registry.Fail(operation, input).Code;

    private void Replicate() => _registry.Call(
        "PutReplicationConfiguration",
        """{"replicationConfiguration":{"rules":[{"destinations":[{"region":"us-east-1","registryId":"123456789012"}]}]}}""");
}
