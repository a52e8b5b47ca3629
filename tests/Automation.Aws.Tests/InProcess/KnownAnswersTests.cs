using Amazon.ECR;
using Amazon.ECR.Model;
using Automation.Local.InProcess;
using Automation.LocalCloud;
using Automation.LocalCloud.Ecr;
using Automation.LocalCloud.Hosting;
using Automation.LocalCloud.Wire;

namespace Automation.Aws.Tests.InProcess;

/// <summary>When a client in this process asks the cloud again. A rehearsal must decide as if it always did.</summary>
public sealed class KnownAnswersTests : IDisposable
{
    private const string OtherRepository = "images/other";

    private readonly AdapterFixture _cloud = new AdapterFixture().CreateRepository();
    private readonly Wire _wire;
    private readonly AmazonECRClient _ecr;
    private int _counted;

    public KnownAnswersTests()
    {
        _wire = new Wire(new InProcessHandler(_cloud.Cloud));
        _ecr = new CloudClients(_wire.CallAsync, "AKID", new KnownAnswers(_cloud.Cloud)).Ecr(Sample.Region);
        _cloud.Call("CreateRepository", $$"""{"repositoryName":"{{OtherRepository}}"}""");
        _cloud.Push("one", "stable");
        _cloud.Cloud.BeforeCall = (_, operation, _) => _counted += operation == "DescribeImages" ? 1 : 0;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _ecr.Dispose();
        _cloud.Dispose();
    }

    [Fact]
    public async Task SameCall_IsSentOnceAndCountedTwice()
    {
        var first = await ReadAsync();
        var second = await ReadAsync();

        Assert.Equal((1, 2), (_wire.Sent, _counted));
        Assert.Equal(first.ImageDetails.Single().ImageDigest, second.ImageDetails.Single().ImageDigest);
    }

    [Fact]
    public async Task CallOfAnotherContent_IsSent()
    {
        await ReadAsync();
        await _ecr.DescribeImagesAsync(new DescribeImagesRequest { RepositoryName = Sample.Repository, MaxResults = 1 }, Token);
        await _ecr.DescribeImagesAsync(new DescribeImagesRequest { RepositoryName = OtherRepository }, Token);

        Assert.Equal(3, _wire.Sent);
    }

    [Fact]
    public async Task OtherCaller_IsAuthorisedForItself()
    {
        await ReadAsync();
        using var other = new CloudClients(_wire.CallAsync, "ANOTHER", new KnownAnswers(_cloud.Cloud)).Ecr(Sample.Region);

        await other.DescribeImagesAsync(new DescribeImagesRequest { RepositoryName = Sample.Repository }, Token);

        Assert.Equal(2, _wire.Sent);
    }

    public static TheoryData<string> Changes => ["push", "pull", "delete", "scan", "findings", "settings", "registry", "tag"];

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task ChangeOfTheRepository_IsSeen(string change)
    {
        await ReadAsync();

        switch (change)
        {
            case "push":
                _cloud.Push("two");
                break;
            case "pull":
                await _cloud.Ecr.BatchGetImageAsync(
                    new BatchGetImageRequest { RepositoryName = Sample.Repository, ImageIds = [new ImageIdentifier { ImageTag = "stable" }] }, Token);
                break;
            case "delete":
                _cloud.Call("BatchDeleteImage", $$"""{"repositoryName":"{{Sample.Repository}}","imageIds":[{"imageTag":"stable"} ]}""");
                break;
            case "scan":
                _cloud.Call("StartImageScan", $$"""{"repositoryName":"{{Sample.Repository}}","imageId":{"imageTag":"stable"} }""");
                break;
            case "findings":
                _cloud.Cloud.Run(() => _cloud.Cloud.Ecr.Findings = [new FindingsRule(null, "images/*", null, [])]);
                break;
            case "settings":
                _cloud.Call("PutImageTagMutability", $$"""{"repositoryName":"{{Sample.Repository}}","imageTagMutability":"IMMUTABLE"}""");
                break;
            case "registry":
                _cloud.Call("PutRegistryScanningConfiguration", """{"scanType":"BASIC","rules":[]}""");
                break;
            default:
                _cloud.Push("one", "latest");
                break;
        }

        await ReadAsync();
        Assert.Equal(2, _wire.Sent);
    }

    [Fact]
    public async Task ChangeOfAnotherRepository_ChangesNothing()
    {
        await ReadAsync();
        _cloud.Call("PutImageTagMutability", $$"""{"repositoryName":"{{OtherRepository}}","imageTagMutability":"IMMUTABLE"}""");

        await ReadAsync();

        Assert.Equal(1, _wire.Sent);
    }

    [Fact]
    public async Task InjectedFault_IsNotHiddenByAKnownAnswer()
    {
        await ReadAsync();
        _cloud.Cloud.Run(() => _cloud.Cloud.Faults.Add(new FaultRule(FaultKind.Error, Service: "ecr", Count: 1, Code: "ServerException", Status: 500)));

        await Assert.ThrowsAnyAsync<AmazonECRException>(ReadAsync);
    }

    [Fact]
    public async Task RefusedCall_IsSentAgain()
    {
        Task<DescribeImagesResponse> MissingAsync() => _ecr.DescribeImagesAsync(
            new DescribeImagesRequest { RepositoryName = Sample.Repository, ImageIds = [new ImageIdentifier { ImageTag = "none" }] }, Token);

        await Assert.ThrowsAsync<ImageNotFoundException>(MissingAsync);
        await Assert.ThrowsAsync<ImageNotFoundException>(MissingAsync);

        Assert.Equal(2, _wire.Sent);
    }

    /// <summary>Tokens of pages expire after a day.</summary>
    [Fact]
    public async Task AnswerOfYesterday_IsReadAgain()
    {
        await ReadAsync();
        await _cloud.Cloud.AdvanceAsync(TimeSpan.FromHours(13), Token);

        await ReadAsync();

        Assert.Equal(2, _wire.Sent);
    }

    private Task<DescribeImagesResponse> ReadAsync() =>
        _ecr.DescribeImagesAsync(new DescribeImagesRequest { RepositoryName = Sample.Repository }, Token);

    private sealed class Wire(InProcessHandler cloud)
    {
        public int Sent { get; private set; }

        public ValueTask<WireResponse> CallAsync(WireRequest request, CancellationToken cancellationToken)
        {
            Sent++;
            return cloud.CallAsync(request, cancellationToken);
        }
    }
}
