using System.Text.Json.Nodes;
using Xunit;

namespace Automation.LocalCloud.Tests.Ecr;

public sealed class RegistryPolicyTests : IDisposable
{
    private readonly RegistryFixture _registry = new();

    public void Dispose() => _registry.Dispose();

    [Theory]
    [InlineData(""" "ecr:ReplicateImage" """)]
    [InlineData(""" ["ecr:CreateRepository","ecr:ReplicateImage"] """)]
    [InlineData(""" "ecr:*" """)]
    [InlineData(""" "ecr:DescribeImages" """)]
    public void Policy_IsReturnedAsWrittenUntilItIsDeleted(string actions)
    {
        var policy = Policy(actions);

        Assert.Equal(policy, Put(policy));
        Assert.Equal(policy, RegistryFixture.Text(_registry.Call("GetRegistryPolicy", "{}")["policyText"]));
        Assert.Equal("RegistryPolicyNotFoundException", _registry.Fail("GetRegistryPolicy", "{}", "us-east-1").Code);
        Assert.Equal(policy, RegistryFixture.Text(_registry.Call("DeleteRegistryPolicy", "{}")["policyText"]));
        Assert.Equal(
            ("RegistryPolicyNotFoundException", "Registry policy does not exist in the registry with id '123456789012'"), _registry.Fail("GetRegistryPolicy", "{}"));
        Assert.Equal("RegistryPolicyNotFoundException", _registry.Fail("DeleteRegistryPolicy", "{}").Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Action":"ecr:ReplicateImage","Resource":"*"}]}""")]
    [InlineData("""{"Statement":[{"Effect":"Perhaps","Principal":"*","Action":"ecr:ReplicateImage","Resource":"*"}]}""")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Principal":"*","Action":["ecr:ReplicateImage","s3:GetObject"],"Resource":"*"}]}""")]
    [InlineData("""{"Statement":[{"Effect":"Allow","Effect":"Deny","Principal":"*","Action":"ecr:ReplicateImage","Resource":"*"}]}""")]
    public void Policy_Malformed_IsRefused(string policy) => Assert.Equal(
        ("InvalidParameterException", "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid registry policy provided'"),
        _registry.Fail("PutRegistryPolicy", new JsonObject { ["policyText"] = policy }.ToJsonString()));

    [Fact]
    public void Setting_HasItsDefaultUntilItIsPut()
    {
        Assert.Equal("""{"name":"BLOB_MOUNTING","value":"DISABLED"}""", Setting("BLOB_MOUNTING"));
        Assert.Equal("""{"name":"REGISTRY_POLICY_SCOPE","value":"V2"}""", Setting("REGISTRY_POLICY_SCOPE"));

        _registry.Call("PutAccountSetting", """{"name":"BLOB_MOUNTING","value":"ENABLED"}""");

        Assert.Equal("""{"name":"BLOB_MOUNTING","value":"ENABLED"}""", Setting("BLOB_MOUNTING"));
    }

    [Theory]
    [InlineData("""{"name":"BLOB_MOUNTING","value":"yes"}""")]
    [InlineData("""{"name":"BASIC_SCAN_TYPE_VERSION","value":"CLAIR"}""")]
    [InlineData("""{"name":"COLOUR","value":"red"}""")]
    public void Setting_Unknown_IsRefused(string input) => Assert.Equal("InvalidParameterException", _registry.Fail("PutAccountSetting", input).Code);

    [Fact]
    public void OtherAccountsRegistry_IsTheEmbeddedCloudsLimit()
    {
        const string Foreign = "the embedded cloud has no registry '109876543210'";
        Assert.Contains(
            Foreign, _registry.Fail("CreateRepository", """{"repositoryName":"app","registryId":"109876543210"}""").Message, StringComparison.Ordinal);
        Assert.Contains(Foreign, _registry.Fail("DescribeRepositories", """{"registryId":"109876543210"}""").Message, StringComparison.Ordinal);
    }

    private string Setting(string name) => _registry.Call("GetAccountSetting", $$"""{"name":"{{name}}"}""").ToJsonString();

    private string Put(string policy) =>
        RegistryFixture.Text(_registry.Call("PutRegistryPolicy", new JsonObject { ["policyText"] = policy }.ToJsonString())["policyText"]);

    private static string Policy(string actions) =>
        $$"""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":{{actions.Trim()}},"Resource":"*"}]}""";
}
