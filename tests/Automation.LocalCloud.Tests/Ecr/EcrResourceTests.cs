using System.Text.Json.Nodes;
using Automation.LocalCloud.CloudFormation;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.Ecr;

public sealed class EcrResourceTests : IDisposable
{
    private readonly RegistryFixture _registry = new();

    public void Dispose() => _registry.Dispose();

    [Fact]
    public void Create_WithEveryProperty_CreatesTheRepository()
    {
        var resource = Create("""
            {"RepositoryName":"team/web","ImageTagMutability":"IMMUTABLE_WITH_EXCLUSION",
             "ImageTagMutabilityExclusionFilters":[{"ImageTagMutabilityExclusionFilterType":"WILDCARD","ImageTagMutabilityExclusionFilterValue":"latest*"}],
             "ImageScanningConfiguration":{"ScanOnPush":"true"},"EncryptionConfiguration":{"EncryptionType":"KMS","KmsKey":"key"},
             "LifecyclePolicy":{"LifecyclePolicyText":"{\"rules\":[{\"rulePriority\":1,\"selection\":{\"tagStatus\":\"any\",\"countType\":\"imageCountMoreThan\",\"countNumber\":1},\"action\":{\"type\":\"expire\"}}]}"},
             "RepositoryPolicyText":{"Statement":[{"Effect":"Allow","Principal":"*","Action":"ecr:BatchGetImage"}]},
             "Tags":[{"Key":"a","Value":"b"}],"EmptyOnDelete":true}
            """);

        Assert.Equal("team/web", resource.PhysicalId);
        Assert.Equal("arn:aws:ecr:eu-west-1:123456789012:repository/team/web", resource.Attributes["Arn"]);
        Assert.Equal("123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/web", resource.Attributes["RepositoryUri"]);
        var repository = _registry.Call("DescribeRepositories", "{}")["repositories"]![0]!;
        Assert.Equal("IMMUTABLE_WITH_EXCLUSION", RegistryFixture.Text(repository["imageTagMutability"]));
        Assert.True(repository["imageScanningConfiguration"]!["scanOnPush"]!.GetValue<bool>());
        Assert.Equal("key", RegistryFixture.Text(repository["encryptionConfiguration"]!["kmsKey"]));
        _registry.Call("GetLifecyclePolicy", """{"repositoryName":"team/web"}""");
        _registry.Call("GetRepositoryPolicy", """{"repositoryName":"team/web"}""");
    }

    [Fact]
    public void Create_WithoutName_MakesOneFromStackAndLogicalId() =>
        Assert.Matches("^stack-images-[0-9a-f]{12}$", Create("{}").PhysicalId);

    [Fact]
    public void Create_NameThatExists_IsRefused()
    {
        Create("""{"RepositoryName":"web"}""");

        Assert.Equal("RepositoryAlreadyExistsException", Assert.Throws<AwsException>(() => Create("""{"RepositoryName":"web"}""")).Code);
    }

    [Fact]
    public void Create_BadLifecyclePolicy_LeavesNothingBehind()
    {
        Assert.Throws<AwsException>(() => Create("""{"RepositoryName":"web","LifecyclePolicy":{"LifecyclePolicyText":"{}"}}"""));

        Assert.Empty(_registry.Call("DescribeRepositories", "{}")["repositories"]!.AsArray());
    }

    [Fact]
    public void Delete_RepositoryWithImages_NeedsEmptyOnDelete()
    {
        Create("""{"RepositoryName":"kept"}""");
        Create("""{"RepositoryName":"gone","EmptyOnDelete":"true"}""");
        _registry.Push("kept", "v1", "a");
        _registry.Push("gone", "v1", "a");

        Assert.Equal("RepositoryNotEmptyException", Assert.Throws<AwsException>(() => Delete("kept")).Code);
        Delete("gone");

        Assert.Single(_registry.Call("DescribeRepositories", "{}")["repositories"]!.AsArray());
    }

    private IResourceType Type => _registry.Cloud.Ecr.ResourceTypes.Single(type => type.Name == "AWS::ECR::Repository");

    private Resource Create(string properties)
    {
        var parsed = (JsonObject)JsonNode.Parse(properties)!;
        Assert.Empty(parsed.Select(pair => pair.Key).Except(Type.Properties));
        return _registry.Cloud.Run(() => Type.Create(new ResourceRequest(
            "Stack", "Images", RegistryFixture.Region, "123456789012", parsed, new Dictionary<string, string>())));
    }

    private void Delete(string name) => _registry.Cloud.Run(() => Type.Delete(name, RegistryFixture.Region));
}
