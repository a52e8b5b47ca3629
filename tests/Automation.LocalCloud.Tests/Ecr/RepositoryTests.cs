using System.Text.Json.Nodes;
using Xunit;

namespace Automation.LocalCloud.Tests.Ecr;

public sealed class RepositoryTests : IDisposable
{
    private const string Arn = "arn:aws:ecr:eu-west-1:123456789012:repository/web";
    private readonly RegistryFixture _registry = new();

    public RepositoryTests() => _registry.CreateRepository("web");

    public void Dispose() => _registry.Dispose();

    [Fact]
    public void Create_Repository_ShowsAllItsSettings()
    {
        var repository = _registry.Call("DescribeRepositories", """{"repositoryNames":["web"]}""")["repositories"]![0]!;

        Assert.True(JsonNode.DeepEquals(repository, JsonNode.Parse("""
            {"repositoryArn":"arn:aws:ecr:eu-west-1:123456789012:repository/web","registryId":"123456789012","repositoryName":"web",
             "repositoryUri":"123456789012.dkr.ecr.eu-west-1.amazonaws.com/web","createdAt":1767600000,"imageTagMutability":"MUTABLE",
             "imageScanningConfiguration":{"scanOnPush":false},"encryptionConfiguration":{"encryptionType":"AES256"}}
            """)));
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("Web")]
    [InlineData("a")]
    [InlineData("a//b")]
    [InlineData("web/")]
    [InlineData("web\n")]
    public void Create_InvalidName_IsRefusedAndCreatesNothing(string name)
    {
        var input = new JsonObject { ["repositoryName"] = name }.ToJsonString();

        var (code, message) = _registry.Fail("CreateRepository", input);

        Assert.Equal("InvalidParameterException", code);
        Assert.StartsWith("Invalid parameter at 'repositoryName' failed to satisfy constraint: '", message, StringComparison.Ordinal);
        Assert.Single(_registry.Call("DescribeRepositories", "{}")["repositories"]!.AsArray());
    }

    [Theory]
    [InlineData(""" "imageTagMutability":"IMMUTABLE_WITH_EXCLUSION" """, "InvalidParameterException")]
    [InlineData(""" "imageTagMutabilityExclusionFilters":[{"filterType":"WILDCARD","filter":"a*"}] """, "InvalidParameterException")]
    [InlineData(""" "imageTagMutability":"MUTABLE_WITH_EXCLUSION","imageTagMutabilityExclusionFilters":[{"filterType":"WILDCARD","filter":"a*b*c*"}] """,
        "InvalidParameterException")]
    [InlineData(""" "imageTagMutability":"SOMETIMES" """, "InvalidParameterException")]
    [InlineData(""" "encryptionConfiguration":{"encryptionType":"AES256","kmsKey":"k"} """, "InvalidParameterException")]
    [InlineData(""" "tags":[{"Key":"aws:x","Value":"y"}] """, "InvalidTagParameterException")]
    [InlineData(""" "imageScanningConfiguration":true """, "SerializationException")]
    public void Create_InvalidSettings_AreRefused(string settings, string code) =>
        Assert.Equal(code, _registry.Fail("CreateRepository", $$"""{"repositoryName":"other",{{settings}}}""").Code);

    [Fact]
    public void Create_NameThatExists_IsRefused()
    {
        var (code, message) = _registry.Fail("CreateRepository", """{"repositoryName":"web"}""");

        Assert.Equal("RepositoryAlreadyExistsException", code);
        Assert.Equal("The repository with name 'web' already exists in the registry with id '123456789012'", message);
    }

    [Fact]
    public void Delete_RepositoryWithImages_NeedsForce()
    {
        _registry.Push("web", "v1", "a");

        Assert.Equal("RepositoryNotEmptyException", _registry.Fail("DeleteRepository", """{"repositoryName":"web"}""").Code);
        _registry.Call("DeleteRepository", """{"repositoryName":"web","force":true}""");
        Assert.Equal("RepositoryNotFoundException", _registry.Fail("DeleteRepository", """{"repositoryName":"web"}""").Code);
    }

    [Fact]
    public void Find_RegistryOfAnotherAccount_IsNotFound()
    {
        var (code, message) = _registry.Fail("ListImages", """{"repositoryName":"web","registryId":"999999999999"}""");

        Assert.Equal("RepositoryNotFoundException", code);
        Assert.EndsWith("does not exist in the registry with id '999999999999'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Describe_PageByPage_ShowsEachRepositoryOnce()
    {
        foreach (var name in new[] { "zz", "aa", "mm" })
        {
            _registry.CreateRepository(name);
        }

        var names = new List<string>();
        string? token = null;
        do
        {
            var page = _registry.Call("DescribeRepositories", $$"""{"maxResults":1{{(token is null ? "" : $",\"nextToken\":\"{token}\"")}}}""");
            names.AddRange(page["repositories"]!.AsArray().Select(item => RegistryFixture.Text(item!["repositoryName"])));
            token = page["nextToken"]?.GetValue<string>();
        }
        while (token is not null);

        Assert.Equal(["aa", "mm", "web", "zz"], names);
    }

    [Theory]
    [InlineData("made up")]
    [InlineData("bGlzdC94CjE=")]
    public void List_ForeignToken_IsRefused(string token) =>
        Assert.Equal("InvalidParameterException", _registry.Fail("ListImages", $$"""{"repositoryName":"web","nextToken":"{{token}}"}""").Code);

    [Fact]
    public void Tags_AddedAndRemoved_AreListed()
    {
        _registry.Call("TagResource", $$"""{"resourceArn":"{{Arn}}","tags":[{"Key":"a","Value":"1"},{"Key":"b","Value":"2"}]}""");
        _registry.Call("UntagResource", $$"""{"resourceArn":"{{Arn}}","tagKeys":["a"]}""");

        var tags = _registry.Call("ListTagsForResource", $$"""{"resourceArn":"{{Arn}}"}""")["tags"]!;

        Assert.Equal("""[{"Key":"b","Value":"2"}]""", tags.ToJsonString());
    }

    [Theory]
    [InlineData("web", "InvalidParameterException")]
    [InlineData("arn:aws:ecr:us-east-1:123456789012:repository/web", "RepositoryNotFoundException")]
    [InlineData("arn:aws:ecr:eu-west-1:123456789012:repository/../web", "RepositoryNotFoundException")]
    public void Tags_OfAnUnknownRepository_AreRefused(string arn, string code) =>
        Assert.Equal(code, _registry.Fail("ListTagsForResource", $$"""{"resourceArn":"{{arn}}"}""").Code);

    [Fact]
    public void Tags_MoreThanFifty_AreTooMany()
    {
        var tags = string.Join(',', Enumerable.Range(0, 51).Select(i => $$"""{"Key":"k{{i}}","Value":""}"""));

        Assert.Equal("TooManyTagsException", _registry.Fail("TagResource", $$"""{"resourceArn":"{{Arn}}","tags":[{{tags}}]}""").Code);
        Assert.Equal("[]", _registry.Call("ListTagsForResource", $$"""{"resourceArn":"{{Arn}}"}""")["tags"]!.ToJsonString());
    }

    [Theory]
    [InlineData("NoSuchOperation", "{}", "UnknownOperationException")]
    [InlineData("ListImages", "{", "SerializationException")]
    [InlineData("ListImages", "[]", "SerializationException")]
    [InlineData("ListImages", """{"repositoryName":7}""", "SerializationException")]
    [InlineData("ListImages", "{}", "InvalidParameterException")]
    [InlineData("ListImages", """{"repositoryName":"web","maxResults":0}""", "InvalidParameterException")]
    [InlineData("ListImages", """{"repositoryName":"web","maxResults":1001}""", "InvalidParameterException")]
    [InlineData("ListImages", """{"repositoryName":"web","filter":{"tagStatus":"SOME"}}""", "InvalidParameterException")]
    public void Call_InvalidRequest_GetsTheServicesError(string operation, string input, string code) =>
        Assert.Equal(code, _registry.Fail(operation, input).Code);

    [Fact]
    public void Call_BodyExceedsTheServicesLimit_IsTooLarge() => Assert.Equal(413, _registry.Send("ListImages", new string(' ', 33 * 1024 * 1024)).Status);

    [Fact]
    public void RepositoryPolicy_SetReadAndDeleted_IsReturnedUnchanged()
    {
        const string Policy = """{"Statement":[{"Effect":"Allow","Principal":"*","Action":"ecr:BatchGetImage"}]}""";
        Assert.Equal("RepositoryPolicyNotFoundException", _registry.Fail("GetRepositoryPolicy", """{"repositoryName":"web"}""").Code);
        Assert.Equal("InvalidParameterException", _registry.Fail("SetRepositoryPolicy", """{"repositoryName":"web","policyText":"{}"}""").Code);

        _registry.Call("SetRepositoryPolicy", new JsonObject { ["repositoryName"] = "web", ["policyText"] = Policy }.ToJsonString());

        Assert.Equal(Policy, RegistryFixture.Text(_registry.Call("GetRepositoryPolicy", """{"repositoryName":"web"}""")["policyText"]));
        Assert.Equal(Policy, RegistryFixture.Text(_registry.Call("DeleteRepositoryPolicy", """{"repositoryName":"web"}""")["policyText"]));
    }

    [Fact]
    public void AuthorizationToken_NamesTheServingHost()
    {
        var data = _registry.Call("GetAuthorizationToken", "{}")["authorizationData"]![0]!;

        Assert.Equal("http://" + RegistryFixture.Host, RegistryFixture.Text(data["proxyEndpoint"]));
        Assert.Equal(1767600000 + (12 * 3600), data["expiresAt"]!.GetValue<decimal>());
    }
}
