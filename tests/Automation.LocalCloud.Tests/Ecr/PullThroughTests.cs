using System.Text.Json.Nodes;
using Automation.LocalCloud.Wire;
using Xunit;

namespace Automation.LocalCloud.Tests.Ecr;

public sealed class PullThroughTests : IDisposable
{
    private const string Alpine = "mirror/library/alpine";
    private readonly RegistryFixture _registry = new();

    public PullThroughTests()
    {
        _registry.Call("CreatePullThroughCacheRule", """{"ecrRepositoryPrefix":"mirror","upstreamRegistryUrl":"public.ecr.aws"}""");
        Order("""{"registry":"public.ecr.aws","repository":"library/alpine","tag":"3.20","content":"one"}""");
    }

    public void Dispose() => _registry.Dispose();

    [Fact]
    public async Task Pull_NotCached_CreatesTheRepositoryAndPublishesACacheAction()
    {
        var image = Pull();

        Assert.Equal("""{"imageDigest":"DIGEST","imageTag":"3.20"}""".Replace("DIGEST", Digest(image), StringComparison.Ordinal),
            image["imageId"]!.ToJsonString());
        await _registry.Settle();
        var told = Assert.Single(_registry.Events);
        Assert.Equal("ECR Pull Through Cache Action", told.DetailType);
        Assert.Equal([$"arn:aws:ecr:eu-west-1:123456789012:repository/{Alpine}"], told.Resources);
        Assert.True(JsonNode.DeepEquals(told.Detail, JsonNode.Parse($$"""
            {"rule-version":"1","sync-status":"SUCCESS","ecr-repository-prefix":"mirror","repository-name":"{{Alpine}}","upstream-registry-url":"public.ecr.aws","image-tag":"3.20","image-digest":"{{Digest(image)}}"}
            """)));
    }

    [Fact]
    public async Task Pull_ChecksUpstreamOnceIn24Hours()
    {
        var first = Digest(Pull());
        Order("""{"registry":"public.ecr.aws","repository":"library/alpine","tag":"3.20","content":"two"}""");
        await AdvanceAsync(23.9);
        Assert.Equal(first, Digest(Pull()));

        await AdvanceAsync(0.2);

        Assert.NotEqual(first, Digest(Pull()));
        Assert.Equal(2, _registry.Journal.Count(entry => entry.Kind == "upstream-asked"));
    }

    [Fact]
    public async Task WithoutAPull_NothingIsRenewed()
    {
        var first = Digest(Pull());
        Order("""{"registry":"public.ecr.aws","repository":"library/alpine","tag":"3.20","content":"two"}""");

        await AdvanceAsync(100);

        var described = _registry.Call("DescribeImages", $$$"""{"repositoryName":"{{{Alpine}}}","imageIds":[{"imageTag":"3.20"}]}""")["imageDetails"]![0]!;
        Assert.Equal(first, RegistryFixture.Text(described["imageDigest"]));
    }

    [Fact]
    public async Task UpstreamIsDown_CachedImagesAreServedAndOthersRefused()
    {
        var first = Digest(Pull());
        Order("""{"registry":"public.ecr.aws","unavailable":true}""");
        await AdvanceAsync(25);

        Assert.Equal(first, Digest(Pull()));
        Assert.Equal("UnableToGetUpstreamImageException", _registry.Fail("BatchGetImage", Ask("3.21")).Code);
        await _registry.Settle();
        Assert.Contains(_registry.Events, told => RegistryFixture.Text(told.Detail["sync-status"]) == "FAILURE");
    }

    [Fact]
    public void TagMissingUpstream_IsNotFound()
    {
        Pull();

        var failure = _registry.Call("BatchGetImage", Ask("9.9"))["failures"]![0]!;
        Assert.Equal("ImageNotFound", RegistryFixture.Text(failure["failureCode"]));
    }

    [Fact]
    public async Task ImmutableTags_AreNotRenewed()
    {
        var first = Digest(Pull());
        _registry.Call("PutImageTagMutability", $$"""{"repositoryName":"{{Alpine}}","imageTagMutability":"IMMUTABLE"}""");
        Order("""{"registry":"public.ecr.aws","repository":"library/alpine","tag":"3.20","content":"two"}""");
        await AdvanceAsync(25);

        Assert.Equal(first, Digest(Pull()));
    }

    [Fact]
    public void RepositoryWithoutARule_IsNotFound() => Assert.Equal(
        "RepositoryNotFoundException",
        _registry.Fail("BatchGetImage", """{"repositoryName":"mirrors/library/alpine","imageIds":[{"imageTag":"3.20"}]}""").Code);

    [Fact]
    public void ManifestGet_OfTheDistributionEndpoint_IsAlsoAPull()
    {
        var response = _registry.Cloud.Run(() => _registry.Cloud.Ecr.Find(RegistryFixture.Region, Alpine, "3.20"));
        Assert.Null(response);

        Assert.Equal(200, _registry.Registry("GET", $"/v2/{Alpine}/manifests/3.20").Status);
    }

    [Fact]
    public void Rules_AreListedAndDeleted()
    {
        _registry.Call("CreatePullThroughCacheRule", """{"ecrRepositoryPrefix":"k8s","upstreamRegistryUrl":"registry.k8s.io","upstreamRegistry":"k8s"}""");

        var rules = _registry.Call("DescribePullThroughCacheRules", "{}")["pullThroughCacheRules"]!.AsArray();
        Assert.Equal(["k8s", "mirror"], rules.Select(rule => RegistryFixture.Text(rule!["ecrRepositoryPrefix"])));
        Assert.Equal(["k8s", "ecr-public"], rules.Select(rule => RegistryFixture.Text(rule!["upstreamRegistry"])));

        _registry.Call("DeletePullThroughCacheRule", """{"ecrRepositoryPrefix":"k8s"}""");
        Assert.Single(_registry.Call("DescribePullThroughCacheRules", "{}")["pullThroughCacheRules"]!.AsArray());
        Assert.Equal("PullThroughCacheRuleNotFoundException", _registry.Fail("DescribePullThroughCacheRules", """{"ecrRepositoryPrefixes":["k8s"]}""").Code);
        Assert.Equal("PullThroughCacheRuleNotFoundException", _registry.Fail("DeletePullThroughCacheRule", """{"ecrRepositoryPrefix":"k8s"}""").Code);
    }

    [Fact]
    public void Rule_IsUpdatedWithACredentialAndARole()
    {
        const string Secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:ecr-pullthroughcache/docker";
        _registry.Call("CreatePullThroughCacheRule", """
            {"ecrRepositoryPrefix":"peer","upstreamRegistryUrl":"210987654321.dkr.ecr.eu-west-1.amazonaws.com","customRoleArn":"arn:aws:iam::123456789012:role/old"}
            """);

        var updated = _registry.Call("UpdatePullThroughCacheRule", $$"""
            {"ecrRepositoryPrefix":"peer","credentialArn":"{{Secret}}","customRoleArn":"arn:aws:iam::123456789012:role/new"}
            """);

        Assert.Equal("arn:aws:iam::123456789012:role/new", RegistryFixture.Text(updated["customRoleArn"]));
        var rule = _registry.Call("DescribePullThroughCacheRules", """{"ecrRepositoryPrefixes":["peer"]}""")["pullThroughCacheRules"]![0]!;
        Assert.Equal(Secret, RegistryFixture.Text(rule["credentialArn"]));
        Assert.Equal("arn:aws:iam::123456789012:role/new", RegistryFixture.Text(rule["customRoleArn"]));
        Assert.Equal("PullThroughCacheRuleNotFoundException", _registry.Fail("UpdatePullThroughCacheRule", """{"ecrRepositoryPrefix":"k8s"}""").Code);
    }

    [Fact]
    public void Rule_IsValidWhileItsUpstreamAnswers()
    {
        const string Rule = """{"ecrRepositoryPrefix":"mirror"}""";
        Assert.True(_registry.Call("ValidatePullThroughCacheRule", Rule)["isValid"]!.GetValue<bool>());

        Order("""{"registry":"public.ecr.aws","unavailable":true}""");

        var failed = _registry.Call("ValidatePullThroughCacheRule", Rule);
        Assert.False(failed["isValid"]!.GetValue<bool>());
        Assert.Equal("The upstream registry public.ecr.aws is not available.", RegistryFixture.Text(failed["failure"]));
        Assert.Equal("PullThroughCacheRuleNotFoundException", _registry.Fail("ValidatePullThroughCacheRule", """{"ecrRepositoryPrefix":"k8s"}""").Code);
    }

    [Fact]
    public void Pull_NotCached_CreatesTheRepositoryAsTheTemplateSays()
    {
        _registry.Call("CreateRepositoryCreationTemplate", """{"prefix":"mirror","appliedFor":["PULL_THROUGH_CACHE"],"imageTagMutability":"IMMUTABLE"}""");

        Pull();

        Assert.Equal("IMMUTABLE", RegistryFixture.Text(
            _registry.Call("DescribeRepositories", "{}")["repositories"]![0]!["imageTagMutability"]));
    }

    [Theory]
    [InlineData("""{"ecrRepositoryPrefix":"mirror","upstreamRegistryUrl":"public.ecr.aws"}""", "PullThroughCacheRuleAlreadyExistsException")]
    [InlineData("""{"ecrRepositoryPrefix":"x1","upstreamRegistryUrl":"registry.example.com"}""", "UnsupportedUpstreamRegistryException")]
    [InlineData("""{"ecrRepositoryPrefix":"x1","upstreamRegistryUrl":"registry-1.docker.io"}""", "InvalidParameterException")]
    [InlineData("""{"ecrRepositoryPrefix":"Bad Prefix","upstreamRegistryUrl":"public.ecr.aws"}""", "InvalidParameterException")]
    [InlineData("""{"ecrRepositoryPrefix":"x1","upstreamRegistryUrl":"quay.io","upstreamRegistry":"k8s"}""", "InvalidParameterException")]
    public void Create_InvalidRule_IsRefused(string input, string code) => Assert.Equal(code, _registry.Fail("CreatePullThroughCacheRule", input).Code);

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"registry":"quay.io","repository":"a","tag":"b"}""")]
    [InlineData("""{"registry":"quay.io","unavailable":"yes"}""")]
    [InlineData("""{"registry":"quay.io","image":"a"}""")]
    public void Request_Invalid_IsRefused(string order) => Assert.Equal("ValidationException", Assert.Throws<AwsException>(() => Order(order)).Code);

    private Task AdvanceAsync(double hours) => _registry.Cloud.AdvanceAsync(TimeSpan.FromHours(hours), TestContext.Current.CancellationToken);

    private JsonObject Order(string order) => _registry.Cloud.Run(() => _registry.Cloud.Ecr.SetUpstreams((JsonObject)JsonNode.Parse(order)!));

    private JsonNode Pull() => _registry.Call("BatchGetImage", Ask("3.20"))["images"]![0]!;

    private static string Ask(string tag) => $$$"""{"repositoryName":"{{{Alpine}}}","imageIds":[{"imageTag":"{{{tag}}}"}]}""";

    private static string Digest(JsonNode image) => RegistryFixture.Text(image["imageId"]!["imageDigest"]);
}
