using System.Net;

namespace Automation.Aws.Tests;

public sealed class EcrPullTests
{
    [Fact]
    public async Task ListCacheRules_ReadsAllPages()
    {
        var wire = new Wire()
            .Answer("""{"pullThroughCacheRules":[{"ecrRepositoryPrefix":"docker-hub","upstreamRegistryUrl":"registry-1.docker.io"},{}],"nextToken":"two"}""")
            .Answer("""{"pullThroughCacheRules":[{"ecrRepositoryPrefix":"ROOT"}]}""");

        var rules = await wire.Registry.ListCacheRulesAsync(Sample.Region, Sample.Cancel);

        Assert.Equal(["docker-hub", "ROOT"], rules.Select(rule => rule.Prefix));
        Assert.Equal("registry-1.docker.io", rules[0].Upstream);
        Assert.Equal("two", wire.Sent[1].Text("nextToken"));
    }

    [Fact]
    public async Task ListCacheRules_ResponseWithoutRules_IsEmpty() =>
        Assert.Empty(await new Wire().Answer("{}").Registry.ListCacheRulesAsync(Sample.Region, Sample.Cancel));

    [Fact]
    public async Task Pull_RequestsTheTagWithEveryManifestType()
    {
        var wire = new Wire().Answer($$$"""{"images":[{"imageId":{"imageDigest":"{{{Sample.DigestText("a")}}}","imageTag":"3.20"},"imageManifest":"{}"}]}""");

        var pulled = await wire.Registry.PullAsync(Sample.Region, "docker-hub/library/alpine", "3.20", Sample.Cancel);

        Assert.Equal((Sample.Digest("a"), null), (pulled.Digest, pulled.Failure));
        Assert.Equal("BatchGetImage", wire.Sent[0].Operation);
        Assert.Equal("""[{"imageTag":"3.20"}]""", wire.Sent[0].Text("imageIds"));
        Assert.Equal(4, wire.Sent[0].Texts("acceptedMediaTypes").Length);
    }

    [Theory]
    [InlineData("""{"failures":[{"failureCode":"UpstreamTooManyRequests","failureReason":"slow down"}]}""", "UpstreamTooManyRequests: slow down")]
    [InlineData("{}", "ECR returned neither an image nor a reason")]
    [InlineData("""{"images":[{}]}""", "ECR returned neither an image nor a reason")]
    public async Task Pull_ResponseWithoutImage_SaysWhy(string answer, string failure) =>
        Assert.Equal(failure, (await new Wire().Answer(answer).Registry.PullAsync(Sample.Region, Sample.Repository, "3.20", Sample.Cancel)).Failure);

    [Theory]
    [InlineData("UnableToGetUpstreamImageException")]
    [InlineData("RepositoryNotFoundException")]
    [InlineData("LimitExceededException")]
    public async Task Pull_Refused_IsNotAFault(string code) =>
        Assert.Equal("because", (await new Wire().Refuse(code).Registry.PullAsync(Sample.Region, Sample.Repository, "3.20", Sample.Cancel)).Failure);

    [Fact]
    public async Task Pull_Throttled_IsTransient() => await Assert.ThrowsAsync<Core.TransientException>(() =>
        new Wire().Answer("{}", HttpStatusCode.TooManyRequests, "ThrottlingException").Registry
            .PullAsync(Sample.Region, Sample.Repository, "3.20", Sample.Cancel));
}
